#!/usr/bin/env bash
# What:    nginx, HAProxy and Caddy in front of a server that closes a kept connection when it has read a second request on it; what the proxy's client gets
#          for that second request, a GET and a POST.
# Version: Debian 12's nginx 1.22.1 (upstream with keepalive), haproxy 2.6.12 and caddy 2.6.2 as they are set up without a word on it, python 3.
# Guess:   (written before it was run) the proxy asks once more over a new connection, for a POST as well, as the connection was an old one.
# Seen:    for a GET nginx and Caddy do so. For a POST both answer 502. HAProxy asks no second time: it closes the client's connection without an
#          answer, for both, and leaves it to the client to ask again.
# Means:   a backend with a shorter keep-alive time than its proxy gives 502 behind two of them and "closed without an answer" behind the third, on few
#          requests in a thousand, and mostly at low load. That is the backend's, whatever it looks like; wrk and Go's client count it differently.
set -euo pipefail
need() { dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null | grep -q "^$2" || { echo "this needs Debian 12's $1 $2" >&2; exit 2; }; }
need nginx 1.22.1; need haproxy 2.6.12; need caddy 2.6.2
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
port=$((20000 + RANDOM % 10000))
cat >"$dir/backend.py" <<'PY'
import socket, sys, threading
def read(f):
    line, length = f.readline(), 0
    while (field := f.readline().lower()).strip():
        length = int(field[15:]) if field.startswith(b"content-length:") else length
    f.read(length)
    return line
def serve(c):
    f = c.makefile("rb")
    try:
        if read(f):
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            read(f)
    except OSError:
        pass
    f.close()
    c.close()
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
PY
cat >"$dir/client.py" <<'PY'
import socket, sys
def ask(s, method):
    s.sendall(f"{method} /{method} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {3 if method == 'POST' else 0}\r\n\r\n{'x=1' if method == 'POST' else ''}".encode())
    answer = s.recv(65536)
    while answer and b"\r\n\r\n" not in answer:
        answer += s.recv(65536)
    return answer[9:12].decode() or "closed"
for method in "GET", "POST":
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
    print(method, ask(s, "GET"), "then", ask(s, method), end="; ")
PY
cat >"$dir/nginx" <<CONF
daemon off; error_log $dir/errors; pid $dir/pid;
events {}
http {
	access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
	upstream backend { server 127.0.0.1:$port; keepalive 4; }
	server { listen 127.0.0.1:$((port + 1)); location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://backend; } }
}
CONF
cat >"$dir/haproxy" <<CONF
defaults
	mode http
	timeout connect 5s
	timeout client 20s
	timeout server 20s
listen all
	bind 127.0.0.1:$((port + 2))
	server backend 127.0.0.1:$port
CONF
printf '{\n\tadmin off\n\tauto_https off\n}\nhttp://:%s {\n\tbind 127.0.0.1\n\treverse_proxy 127.0.0.1:%s\n}\n' $((port + 3)) $port >"$dir/Caddyfile"
python3 "$dir/backend.py" $port &
nginx -c "$dir/nginx" 2>/dev/null &
haproxy -db -f "$dir/haproxy" 2>/dev/null &
HOME="$dir" caddy run --config "$dir/Caddyfile" --adapter caddyfile 2>/dev/null &
for p in 0 1 2 3; do for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$((port + p))") 2>/dev/null && break; sleep 0.1; done; done
seen="nginx: $(python3 "$dir/client.py" $((port + 1)))
HAProxy: $(python3 "$dir/client.py" $((port + 2)))
Caddy: $(python3 "$dir/client.py" $((port + 3)))"
echo "$seen"
[ "$seen" = "nginx: GET 200 then 200; POST 200 then 502; 
HAProxy: GET 200 then closed; POST 200 then closed; 
Caddy: GET 200 then 200; POST 200 then 502; " ] || { echo "no longer so" >&2; exit 1; }
