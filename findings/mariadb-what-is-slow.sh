#!/usr/bin/env bash
# What:    MariaDB's Slow_queries with long_query_time = 1: what becomes of a statement that waits two seconds for a lock of a row, of one that waits for a
#          lock of a table's definition, and of one whose client does not read for two seconds.
# Version: Debian 12's mariadb-server 10.11.
# Guess:   (written before it was run) those that wait are slow. Sending is the client's affair and is not counted.
# Seen:    the wait for the row and the slow client count; the wait for the definition (LOCK TABLES, ALTER TABLE) does not, however long it is.
# Means:   a standstill behind an ALTER TABLE leaves the slow log empty, and a load test that reads large answers slowly, or a backend short of CPU,
#          fills it with statements that are quick. Times of the slow log are those of the connection, not of the database's work.
set -euo pipefail
mariadbd --version | grep -q '10\.11\.' || { echo "this is not MariaDB 10.11 (Debian 12's mariadb-server)" >&2; exit 2; }
dir=$(mktemp -d)
chmod 777 "$dir"
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
me=$(id -un)
mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db --user="$me" >/dev/null 2>&1
mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/sock" --skip-networking --user="$me" --long-query-time=1 >"$dir/log" 2>&1 &
ask() { mariadb --no-defaults --user=root --socket="$dir/sock" --skip-column-names --quick --execute="$1"; }
for _ in $(seq 150); do ask 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.2; done
ask "CREATE DATABASE d; USE d; CREATE TABLE t (i INT PRIMARY KEY, s VARCHAR(1000)) ENGINE=InnoDB; INSERT INTO t SELECT seq, REPEAT('x', 1000) FROM seq_1_to_50000"
slow() { ask "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'SLOW_QUERIES'"; }
state() { for _ in $(seq 100); do [ "$(ask "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE $1")" = 1 ] && return; sleep 0.1; done; echo "never: $1" >&2; exit 1; }
# Whoever holds a lock does so without a statement of its own under way: an idle connection, fed through a pipe.
held() { # what takes the lock, what waits for it, and how the one that waits is seen in the list
	local before after
	mkfifo "$dir/pipe"
	mariadb --no-defaults --user=root --socket="$dir/sock" <"$dir/pipe" >/dev/null & local holder=$!
	exec 4>"$dir/pipe"
	echo "$1" >&4
	state "COMMAND = 'Sleep'"
	sleep 0.3
	before=$(slow)
	ask "$2" >/dev/null 4>&- & local waiter=$!
	state "$3"
	sleep 2
	exec 4>&-
	wait $waiter $holder
	rm "$dir/pipe"
	after=$(slow)
	echo $((after - before))
}
row=$(held "BEGIN; UPDATE d.t SET s = 'a' WHERE i = 1;" "UPDATE d.t SET s = 'b' WHERE i = 1" "INFO LIKE 'UPDATE%' AND COMMAND = 'Query'")
definition=$(held "LOCK TABLES d.t WRITE;" "SELECT s FROM d.t WHERE i = 2" "STATE = 'Waiting for table metadata lock'")
before=$(slow)
mkfifo "$dir/out"
ask "SELECT * FROM d.t" >"$dir/out" & reader=$!
exec 5<"$dir/out" # nobody reads it yet
state "STATE = 'Writing to net'"
sleep 2
cat <&5 >/dev/null
exec 5<&-
wait $reader
seen="row: $row, definition: $definition, slow reader: $(($(slow) - before))"
echo "$seen"
[ "$seen" = "row: 1, definition: 0, slow reader: 1" ] || { echo "no longer so" >&2; exit 1; }
