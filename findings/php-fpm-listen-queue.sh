#!/bin/bash
# What: "listen queue" on the status page of PHP-FPM while ten requests wait for the only process, with the pool listening on a TCP port and on a Unix socket.
# Version: Debian 12, php8.2-fpm 8.2.
# Guess, written down before running: ten in both cases; the page says nothing of a difference.
# Seen: on the TCP port the ten that wait, and the length of the queue. On the Unix socket, which is what Debian sets up, both are 0 whatever waits.
# What it means for a load test: a queue of 0 on the page is no sign that nobody waits. "active processes" at its most, and the times of answers, are.
set -e
fpm=$(ls /usr/sbin/php-fpm* | tail -1)
dir=$(mktemp -d); chmod 777 "$dir"; trap 'kill $pid 2>/dev/null; wait $pid 2>/dev/null; rm -rf "$dir"' EXIT
cat > "$dir/ask.py" <<'PY'
import json, socket, struct, sys, time
where, folder = sys.argv[1], sys.argv[2]
def connect():
    if where.startswith("/"):
        s = socket.socket(socket.AF_UNIX); s.connect(where)
    else:
        s = socket.create_connection(("127.0.0.1", int(where)))
    return s
def record(kind, body): return struct.pack("!BBHHBB", 1, kind, 1, len(body), 0, 0) + body
def send(s, params):
    text = b"".join(struct.pack("!BB", len(k), len(v)) + k.encode() + v.encode() for k, v in params.items())
    s.sendall(record(1, struct.pack("!HB5x", 1, 0)) + record(4, text) + record(4, b"") + record(5, b""))
def read(s):
    out = b""
    while chunk := s.recv(65536): out += chunk
    return out
def params(script, query=""):
    return {"SCRIPT_FILENAME": script, "SCRIPT_NAME": script, "REQUEST_METHOD": "GET", "QUERY_STRING": query}
waiting = []
for i in range(11):  # one is served, ten wait
    s = connect(); send(s, params(folder + "/slow.php")); waiting.append(s)
    time.sleep(0.3 if i == 0 else 0.02)
most = None
for i in range(12):  # the process manager looks once a second
    time.sleep(0.3)
    status = socket.create_connection(("127.0.0.1", int(sys.argv[3]))); send(status, params("/status", "json"))
    page = read(status)
    page = json.loads(page[page.index(b"{"):page.rindex(b"}") + 1])
    now = (page["listen queue"], page["listen queue len"], page["active processes"])
    most = now if most is None else max(most, now)
print(most[2], most[0], most[1])
for s in waiting: s.close()
PY
echo '<?php usleep(8000000); echo "ok";' > "$dir/slow.php"
seen() { # the address that the pool listens at
	cat > "$dir/fpm.conf" <<CONF
[global]
error_log = $dir/log
daemonize = no
[www]
user = nobody
group = nogroup
listen = $1
listen.mode = 0666
listen.backlog = 64
pm = static
pm.max_children = 1
pm.status_path = /status
pm.status_listen = 127.0.0.1:$2
CONF
	"$fpm" -F -y "$dir/fpm.conf" >/dev/null 2>&1 & pid=$!
	for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null && break; sleep 0.1; done
	python3 "$dir/ask.py" "${1#127.0.0.1:}" "$dir" "$2"
	kill $pid; wait $pid 2>/dev/null || true
}
port=$((20000 + RANDOM % 20000))
tcp=$(seen "127.0.0.1:$port" $((port + 1))); unix=$(seen "$dir/sock" $((port + 2)))
echo "active, queue, length of the queue, on a TCP port: $tcp"
echo "the same on a Unix socket: $unix"
[ "$tcp" = "1 10 64" ] && [ "$unix" = "1 0 0" ] || { echo "this is not what was seen before"; exit 1; }
