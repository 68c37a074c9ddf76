#!/usr/bin/env bash
# What:    a client that shuts its side of the connection down when it has sent its request, as "nc -N" does and HTTP allows, at nginx: for a file, and for
#          a page that comes from a backend after half a second; and at HAProxy and Caddy for the latter.
# Version: Debian 12's nginx 1.22.1, haproxy 2.6.12, caddy 2.6.2, python 3 (backend and client).
# Guess:   (written before it was run) all are answered: the client can still read.
# Seen:    nginx answers for the file and not for the page: it takes the half for the whole, drops the backend's answer, closes and logs 499. HAProxy
#          and Caddy answer.
# Means:   a load tool or script that half-closes measures static files well and sees every proxied page fail, and nginx' log blames an impatient client.
#          499 in a load test's logs says that the client's side was shut, not that it gave up.
set -euo pipefail
need() { dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null | grep -q "^$2" || { echo "this needs Debian 12's $1 $2" >&2; exit 2; }; }
need nginx 1.22.1; need haproxy 2.6.12; need caddy 2.6.2
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
port=$((20000 + RANDOM % 10000))
echo file >"$dir/file"
cat >"$dir/backend.py" <<'PY'
import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_GET(self):
        time.sleep(0.5)
        self.send_response(200)
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PY
cat >"$dir/client.py" <<'PY'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
s.sendall(f"GET {sys.argv[2]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
s.shutdown(socket.SHUT_WR)
print(s.recv(65536)[9:12].decode() or "no answer")
PY
cat >"$dir/nginx" <<CONF
daemon off; error_log $dir/errors; pid $dir/pid;
events {}
http {
	log_format s '\$status'; access_log $dir/log s;
	client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
	server { listen 127.0.0.1:$((port + 1)); location /file { root $dir; } location / { proxy_pass http://127.0.0.1:$port; } }
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
ask() { python3 "$dir/client.py" $((port + $1)) "$2"; }
seen="nginx, a file: $(ask 1 /file); nginx, a page: $(ask 1 /page), logged $(tail -1 "$dir/log"); HAProxy: $(ask 2 /page); Caddy: $(ask 3 /page)"
echo "$seen"
[ "$seen" = "nginx, a file: 200; nginx, a page: no answer, logged 499; HAProxy: 200; Caddy: 200" ] || { echo "no longer so" >&2; exit 1; }
