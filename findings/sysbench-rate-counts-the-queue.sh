#!/usr/bin/env bash
# What:    sysbench with one thread, --rate=20 and an event that takes 100 ms, so half of what is due can be done: its average latency; and without a rate.
# Version: Debian 12's sysbench 1.0.20.
# Guess:   (written before it was run) 100 ms in both: --rate only says when to begin, and the time of an event is timed from its beginning.
# Seen:    with a rate about 780 ms in three seconds, and the more the longer it runs: events count from when they were due, so most of it is the wait
#          in sysbench's own queue. Without a rate 100 ms.
# Means:   sysbench with --rate is one of the few that do not leave out what coordinated omission leaves out. The same server, asked with and without
#          a rate, has latencies that must not be compared.
set -euo pipefail
sysbench --version | grep -q '1\.0\.20' || { echo "this is not sysbench 1.0.20 (Debian's sysbench)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/wait.lua" <<'LUA'
ffi.cdef[[int usleep(unsigned int);]]
function event() ffi.C.usleep(100000) end
LUA
average() { timeout 30 sysbench "$dir/wait.lua" --threads=1 --time=3 "$@" run 2>/dev/null | awk '$1 == "avg:" {print $2}'; }
with=$(average --rate=20)
without=$(average)
seen=$(awk -v with="$with" -v without="$without" 'BEGIN {print "with a rate at least three times as long:", (with >= 3 * without) ? "yes" : "no"}')
echo "$with ms and $without ms; $seen"
[ "$seen" = "with a rate at least three times as long: yes" ] || { echo "no longer so" >&2; exit 1; }
