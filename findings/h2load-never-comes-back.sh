#!/usr/bin/env bash
# What:    h2load with 5000 requests over one HTTP/2 connection to nginx, which ends a connection after 1000 (keepalive_requests) with GOAWAY and NO_ERROR.
# Version: Debian 12's nghttp2-client 1.52.0 and nginx 1.22.1.
# Guess:   (written before it was run) it connects again, as its HTTP/1.1 side does, and makes 5000 requests.
# Seen:    1000 succeed; the other 4000 are counted as errored without having been sent; status 0. With -D, a time in place of a number, the connection does
#          nothing for the rest of it, and "req/s" is 1000 for each connection divided by that time, whatever the server can do.
# Means:   figures of nginx over HTTP/2 that h2load made with its defaults are figures of keepalive_requests. Set that far above the number of requests
#          of a connection, and look at "errored" first.
set -euo pipefail
need() { dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null | grep -q "^$2" || { echo "this needs Debian 12's $1 $2" >&2; exit 2; }; }
need nginx 1.22.1; need nghttp2-client 1.52.0
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
port=$((20000 + RANDOM % 10000))
cat >"$dir/conf" <<CONF
daemon off; error_log $dir/errors; pid $dir/pid;
events {}
http {
	access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
	server { listen 127.0.0.1:$port http2; location / { return 200 ok; } }
}
CONF
/usr/sbin/nginx -c "$dir/conf" 2>/dev/null & pid=$!
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
status=0
timeout 50 h2load -n 5000 -c 1 "http://127.0.0.1:$port/" >"$dir/out" || status=$?
seen="$(grep '^requests:' "$dir/out"); status $status"
echo "$seen"
[ "$seen" = "requests: 5000 total, 1000 started, 1000 done, 1000 succeeded, 4000 failed, 4000 errored, 0 timeout; status 0" ] || { echo "no longer so" >&2; exit 1; }
