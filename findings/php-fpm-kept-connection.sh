#!/usr/bin/env bash
# What:    PHP-FPM's status page over a pool of one process that has served five requests over one FastCGI connection, which the web server keeps
#          (nginx: fastcgi_keep_conn on) and does not use at the moment.
# Version: Debian 12's php8.2-fpm 8.2, python 3 (the web server's side).
# Guess:   (written before it was run) one accepted connection; the process counts as idle.
# Seen:    six accepted connections, as requests are counted and the wait for the next one is one already; the process is "active"; and in a pool of
#          one "max active processes" is 6 (as "active processes" is for up to a second). Who comes over another connection waits until the first is closed.
# Means:   kept connections take processes from everybody else without doing anything, and "active processes" then says nothing about work. A pool
#          needs a process for each connection that the web server keeps, and a ceiling drawn at max_children is passed by the page's own maximum.
set -euo pipefail
dpkg-query -W -f '${Version}\n' php8.2-fpm 2>/dev/null | grep -q '^8\.2\.' || { echo "this needs Debian 12's php8.2-fpm" >&2; exit 2; }
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'kill $pid 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
port=$((20000 + RANDOM % 10000))
echo '<?php echo "ok";' >"$dir/ok.php"
cat >"$dir/conf" <<CONF
[global]
error_log = $dir/log
daemonize = no
[www]
user = nobody
group = nogroup
listen = 127.0.0.1:$port
pm = static
pm.max_children = 1
pm.status_path = /status
pm.status_listen = 127.0.0.1:$((port + 1))
CONF
cat >"$dir/ask.py" <<'PY'
import json, socket, struct, sys, time
port, script = int(sys.argv[1]), sys.argv[2]
def connect(p): return socket.create_connection(("127.0.0.1", p), timeout=2)
def record(kind, body): return struct.pack("!BBHHBB", 1, kind, 1, len(body), 0, 0) + body
def send(s, path, query="", keep=0):
    fields = {"SCRIPT_FILENAME": path, "SCRIPT_NAME": path, "REQUEST_METHOD": "GET", "QUERY_STRING": query}
    text = b"".join(struct.pack("!BB", len(k), len(v)) + k.encode() + v.encode() for k, v in fields.items())
    s.sendall(record(1, struct.pack("!HB5x", 1, keep)) + record(4, text) + record(4, b"") + record(5, b""))
def read(s):
    f, out = s.makefile("rb"), b""
    while True:
        _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", f.read(8))
        body = f.read(length + padding)[:length]
        if kind == 3:
            return out
        out += body
kept = connect(port)
for _ in range(5):
    send(kept, script, keep=1)
    assert read(kept).endswith(b"ok")
for _ in range(50):  # it counts up with each request, and is set right once a second
    status = connect(port + 1)
    send(status, "/status", "json")
    text = read(status)
    page = json.loads(text[text.index(b"{"):])
    if page["active processes"] == 1:
        break
    time.sleep(0.2)
print(*(f"{name}: {page[name]}," for name in ("accepted conn", "idle processes", "active processes", "max active processes")), end=" ")
other = connect(port)
send(other, script)
try:
    print("another is answered,", read(other)[-2:].decode())
except TimeoutError:
    kept.close()
    other.settimeout(20)
    print("another waits, and when the first is closed gets", read(other)[-2:].decode())
PY
php-fpm8.2 -F -y "$dir/conf" >/dev/null 2>&1 & pid=$!
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null && break; sleep 0.1; done
seen=$(python3 "$dir/ask.py" $port "$dir/ok.php")
echo "$seen"
[ "$seen" = "accepted conn: 6, idle processes: 0, active processes: 1, max active processes: 6, another waits, and when the first is closed gets ok" ] ||
	{ echo "no longer so" >&2; exit 1; }
