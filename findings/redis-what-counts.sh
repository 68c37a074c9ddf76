#!/usr/bin/env bash
# What:    Redis; what INFO counts: total_commands_processed over a Lua script of a hundred calls, and keyspace_hits and keyspace_misses over
#          commands that read no value.
# Version: Debian 12's redis-server 7.0.15.
# Guess:   (written before it was run) the script is one command. A field that its hash does not have is a miss; EXISTS and TTL, which read no
#          value, are neither.
# Seen:    the script is 101 commands, so instantaneous_ops_per_sec counts its insides as well. The absent field is a hit, since its key is there;
#          EXISTS and TTL of an absent key are misses.
# Means:   "operations a second" of a site whose cart is a script is not what clients send, and cannot be set against the load's own count. A cache
#          of fields in one hash has a hit ratio of 100 % whatever it lacks, and a lock that is polled with EXISTS pulls the ratio down.
set -euo pipefail
redis-server --version | grep -q 'v=7\.0\.' || { echo "this is not Redis 7.0 (Debian's redis-server)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
redis-server --port 0 --unixsocket "$dir/sock" --save '' >/dev/null & pid=$!
ask() { redis-cli -s "$dir/sock" "$@"; }
count() { ask info stats | tr -d '\r' | awk -F: -v name="$1" '$1 == name {print $2}'; }
for _ in $(seq 100); do ask ping >/dev/null 2>&1 && break; sleep 0.1; done
before=$(count total_commands_processed)
ask eval 'for i = 1, 100 do redis.call("SET", "k", i) end' 0 >/dev/null
after=$(count total_commands_processed)
script=$((after - before - 1)) # the first INFO is among them
ask hset cart a 1 >/dev/null
ask config resetstat >/dev/null
ask hget cart absent >/dev/null
hash="$(count keyspace_hits) hit, $(count keyspace_misses) misses"
ask config resetstat >/dev/null
ask exists absent >/dev/null
ask ttl absent >/dev/null
absent="$(count keyspace_hits) hits, $(count keyspace_misses) misses"
seen="script: $script commands; absent field: $hash; EXISTS and TTL: $absent"
echo "$seen"
[ "$seen" = "script: 101 commands; absent field: 1 hit, 0 misses; EXISTS and TTL: 0 hits, 2 misses" ] || { echo "no longer so" >&2; exit 1; }
