#!/usr/bin/env bash
# What:    pgbench with a script of "SELECT 1" and "\sleep 500 ms", the way to give its users time to think: what its "latency average" is.
# Version: Debian 12's postgresql-15 (pgbench 15).
# Guess:   (written before it was run) the latency of the database: the pause is the script's own and is taken out, as wrk and vegeta have it.
# Seen:    more than 500 ms, the pause with everything else. What the database took is only in the lines of --report-per-command.
# Means:   with think time pgbench's average, its percentiles from --log and its --latency-limit are about the pause. They cannot be set against a
#          load tool whose waits are outside of what it times.
set -euo pipefail
bin=/usr/lib/postgresql/15/bin
"$bin/pgbench" --version 2>/dev/null | grep -q ' 15\.' || { echo "this is not pgbench 15 (Debian 12's postgresql-15)" >&2; exit 2; }
dir=$(mktemp -d)
chmod 777 "$dir"
as=$([ "$(id -u)" = 0 ] && echo "setpriv --reuid=nobody --regid=nogroup --clear-groups" || true) # the server does not start as root
trap '$as "$bin/pg_ctl" -D "$dir/data" stop -m immediate >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
$as "$bin/initdb" -D "$dir/data" -U me -A trust >/dev/null 2>&1
$as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir -c listen_addresses=''" start >/dev/null
printf 'SELECT 1;\n\\sleep 500 ms\n' >"$dir/script"
"$bin/pgbench" -h "$dir" -U me -n -f "$dir/script" -t 4 --report-per-command postgres >"$dir/out" 2>/dev/null
average=$(awk '/^latency average/ {print ($4 >= 500) ? "500 ms or more" : "below 500 ms"}' "$dir/out")
select=$(awk '/SELECT 1;/ && NF > 2 {print ($1 < 250) ? "below 250 ms" : "250 ms or more"}' "$dir/out")
seen="latency average: $average, the statement alone: $select"
echo "$seen"
[ "$seen" = "latency average: 500 ms or more, the statement alone: below 250 ms" ] || { echo "no longer so" >&2; exit 1; }
