#!/usr/bin/env bash
# What:    how many answers a client gets over one connection from Apache (MaxKeepAliveRequests 100, its default) and nginx (keepalive_requests 100).
# Version: Debian 12's apache2 2.4 and nginx 1.22.1, python 3 (the client).
# Guess:   (written before it was run) 100 from both, the last with "Connection: close".
# Seen:    101 from Apache and 100 from nginx, the last with "Connection: close" in both.
# Means:   connections per request of two servers that are set alike differ by one in a hundred, and a client that closes by itself after the hundredth,
#          to be ahead of the server, never sees Apache's "close". Whoever works out handshakes from the settings is off by one.
set -euo pipefail
/usr/sbin/apache2 -v 2>/dev/null | grep -q 'Apache/2\.4\.' || { echo "this needs Debian 12's apache2 2.4" >&2; exit 2; }
/usr/sbin/nginx -v 2>&1 | grep -q 'nginx/1\.22\.1' || { echo "this is not nginx 1.22.1 (Debian 12's nginx)" >&2; exit 2; }
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'kill $(cat "$dir"/pid* 2>/dev/null) 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
port=$((20000 + RANDOM % 10000))
echo ok >"$dir/file"
cat >"$dir/apache" <<CONF
ServerRoot $dir
ServerName localhost
PidFile $dir/pid-apache
ErrorLog $dir/errors
Listen 127.0.0.1:$port
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
User nobody
Group nogroup
DocumentRoot $dir
CONF
cat >"$dir/nginx" <<CONF
error_log $dir/errors; pid $dir/pid-nginx;
events {}
http {
	access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
	keepalive_requests 100;
	server { listen 127.0.0.1:$((port + 1)); root $dir; }
}
CONF
/usr/sbin/apache2 -f "$dir/apache" -k start 2>/dev/null
/usr/sbin/nginx -c "$dir/nginx" 2>/dev/null
for p in 0 1; do for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$((port + p))") 2>/dev/null && break; sleep 0.1; done; done
answers() {
	python3 - "$1" <<'PY'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
for n in range(1, 300):
    c.request("GET", "/file")
    answer = c.getresponse()
    answer.read()
    if (answer.getheader("Connection") or "").lower() == "close":
        break
print(n)
PY
}
seen="Apache: $(answers $port), nginx: $(answers $((port + 1)))"
echo "$seen"
[ "$seen" = "Apache: 101, nginx: 100" ] || { echo "no longer so" >&2; exit 1; }
