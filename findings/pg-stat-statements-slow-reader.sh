#!/usr/bin/env bash
# What:    PostgreSQL's pg_stat_statements: the time of a statement whose client reads its answer only after three seconds.
# Version: Debian 12's postgresql-15 with its contrib modules.
# Guess:   (written before it was run) total_exec_time is the time of the executor, some milliseconds; waiting for the client to read is not in it.
# Seen:    more than 3,000 ms. While it waits pg_stat_activity has it as "active" with wait_event ClientWrite.
# Means:   in a load test whose clients, or whose backend between them, are short of CPU, the database's own list names the statements with the largest
#          answers as the slowest. Before an index is built, look whether wait_event is ClientWrite.
set -euo pipefail
bin=/usr/lib/postgresql/15/bin
"$bin/postgres" --version 2>/dev/null | grep -q ' 15\.' || { echo "this is not PostgreSQL 15 (Debian 12's postgresql-15)" >&2; exit 2; }
dir=$(mktemp -d)
chmod 777 "$dir"
as=$([ "$(id -u)" = 0 ] && echo "setpriv --reuid=nobody --regid=nogroup --clear-groups" || true) # the server does not start as root
trap '$as "$bin/pg_ctl" -D "$dir/data" stop -m immediate >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
$as "$bin/initdb" -D "$dir/data" -U me -A trust >/dev/null 2>&1
$as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir -c listen_addresses='' -c shared_preload_libraries=pg_stat_statements" start >/dev/null
ask() { psql -X -h "$dir" -U me -At postgres "$@"; }
ask -q -c "CREATE EXTENSION pg_stat_statements; CREATE TABLE t AS SELECT i, repeat('x', 1000) s FROM generate_series(1, 50000) i"
mkfifo "$dir/out"
ask -c "COPY (SELECT * FROM t) TO STDOUT" >"$dir/out" & reader=$!
exec 5<"$dir/out" # nobody reads it yet
event=""
for _ in $(seq 100); do
	event=$(ask -c "SELECT wait_event FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%'")
	[ "$event" = ClientWrite ] && break
	sleep 0.1
done
sleep 3
cat <&5 >/dev/null
wait $reader
long=$(ask -c "SELECT total_exec_time >= 3000 FROM pg_stat_statements WHERE query LIKE 'COPY%'")
seen="while nobody reads: $event; three seconds or more in pg_stat_statements: $long"
echo "$seen"
[ "$seen" = "while nobody reads: ClientWrite; three seconds or more in pg_stat_statements: t" ] || { echo "no longer so" >&2; exit 1; }
