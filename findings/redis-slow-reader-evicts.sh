#!/usr/bin/env bash
# What:    Redis as a cache (maxmemory 100 MB, allkeys-lru) with 50 MB of keys, and one client that asks for 75 MB of them and does not read.
# Version: Debian 12's redis-server 7.0.15, python 3 (the client).
# Guess:   (written before it was run) no key goes: the cache is half full, and what waits for clients is apart, under client-output-buffer-limit, which
#          has no limit for ordinary clients.
# Seen:    hundreds of keys are evicted. What waits for ordinary clients is part of used_memory and counts against maxmemory.
# Means:   clients that are short of CPU, such as a load generator or an application under load, empty the cache that they ask, and the hit ratio falls for
#          all, as if the cache were too small. mem_clients_normal beside evicted_keys tells; "maxmemory-clients" bounds it.
set -euo pipefail
redis-server --version | grep -q 'v=7\.0\.' || { echo "this is not Redis 7.0 (Debian's redis-server)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
redis-server --port 0 --unixsocket "$dir/sock" --save '' --maxmemory 100mb --maxmemory-policy allkeys-lru >/dev/null & pid=$!
for _ in $(seq 100); do redis-cli -s "$dir/sock" ping >/dev/null 2>&1 && break; sleep 0.1; done
seen=$(timeout 50 python3 - "$dir/sock" <<'PY'
import socket, sys, time
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    return s
admin = connect()
replies = admin.makefile("rb")
def info(name):
    admin.sendall(b"INFO everything\r\n")
    text = replies.read(int(replies.readline()[1:]) + 2).decode()
    return int(next(line for line in text.split("\r\n") if line.startswith(name + ":")).split(":")[1])
for i in range(1000):
    admin.sendall(b"SET k%d %s\r\n" % (i, b"x" * 50_000))
    replies.readline()
print("evicted before:", info("evicted_keys"), end="; ")
slow = connect()
slow.sendall(b"".join(b"GET k%d\r\n" % (i % 1000) for i in range(1500)))
for _ in range(100):
    if info("evicted_keys") >= 100:
        break
    time.sleep(0.1)
print("a hundred or more after:", info("evicted_keys") >= 100, "- while answers that wait take more than 20 MB:", info("mem_clients_normal") > 20_000_000)
PY
)
echo "$seen"
[ "$seen" = "evicted before: 0; a hundred or more after: True - while answers that wait take more than 20 MB: True" ] || { echo "no longer so" >&2; exit 1; }
