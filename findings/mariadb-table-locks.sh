#!/bin/bash
# What: which of MariaDB's own counters show that five statements wait for an InnoDB table that somebody holds with LOCK TABLES ... WRITE.
# Version: Debian 12, mariadb-server 10.11.
# Guess, written down before running: Table_locks_waited grows by five; that is what it is called.
# Seen: Table_locks_waited, Innodb_row_lock_waits, Innodb_row_lock_current_waits and Innodb_row_lock_time stay 0 while they wait and after. They
#   wait for a lock on the table's definition, which only the list of processes knows: "Waiting for table metadata lock".
# What it means for a load test: dashboards of the usual counters are calm while the whole site stands. Threads_running rises, as it does for any
#   other reason. Reading information_schema.PROCESSLIST shows it, and needs the right PROCESS: without it the list is silently of oneself alone.
set -e
dir=$(mktemp -d); chmod 777 "$dir"; trap 'kill $pid 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
port=$((20000 + RANDOM % 20000)); me=$(id -un)
mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db --user="$me" >/dev/null 2>&1
mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/sock" --port=$port --bind-address=127.0.0.1 --user="$me" >"$dir/log" 2>&1 & pid=$!
ask() { mariadb --no-defaults --user=root --socket="$dir/sock" --skip-column-names --execute="$1"; }
for _ in $(seq 150); do ask 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.2; done
ask "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY) ENGINE=InnoDB; CREATE USER plain@localhost"
counters() { ask "SHOW GLOBAL STATUS WHERE Variable_name IN ('Table_locks_waited', 'Innodb_row_lock_waits', 'Innodb_row_lock_current_waits', 'Innodb_row_lock_time')" | awk '{sum += $2} END {print sum}'; }
waiting="SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE = 'Waiting for table metadata lock'"
ask "LOCK TABLES shop.t WRITE; SELECT SLEEP(8)" >/dev/null & holder=$!
sleep 1
for _ in 1 2 3 4 5; do ask "SELECT * FROM shop.t" >/dev/null & done
for _ in $(seq 50); do [ "$(ask "$waiting")" = 5 ] && break; sleep 0.1; done
listed=$(ask "$waiting"); during=$(counters)
blind=$(mariadb --no-defaults --user=plain --socket="$dir/sock" --skip-column-names --execute="SELECT COUNT(*) FROM information_schema.PROCESSLIST")
wait $holder; sleep 1; after=$(counters)
echo "in the list of processes: $listed wait; sum of the four counters: $during while they wait, $after after; without PROCESS the list has $blind line"
[ "$listed $during $after $blind" = "5 0 0 1" ] || { echo "this is not what was seen before"; exit 1; }
