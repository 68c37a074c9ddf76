#!/usr/bin/env bash
# What:    curl --retry 3 at a server that answers 503 twice and then 200, with -o /dev/null and with -o FILE; and its %{time_total}.
# Version: Debian 12's curl 7.88.1, python 3 (the server, half a second an answer).
# Guess:   (written before it was run) in both cases it asks three times and ends with status 0, and time_total is the time of all three and the pauses.
# Seen:    with a file it does, and time_total is that of the last answer alone, 0.5 of 3.5 seconds. With /dev/null it asks once and ends with status
#          23: before it asks again it wants to cut off what it has written, and /dev/null cannot be cut. -f, which writes no bodies of errors, mends it.
# Means:   "curl --retry 10 -o /dev/null URL", as scripts wait for a site before a load test, gives up at the first 503 with a body. And a time that
#          curl prints after retries hides the bad tries.
set -euo pipefail
curl --version | grep -q '^curl 7\.88\.1' || { echo "this is not curl 7.88.1 (Debian 12's curl)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
cat >"$dir/server.py" <<'PY'
import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    count = {}
    def log_message(self, *a): pass
    def do_GET(self):
        n = self.count[self.path] = self.count.get(self.path, 0) + 1
        if self.path.startswith("/count"):
            body = str(self.count.get(self.path[6:], 0)).encode()
        else:
            time.sleep(0.5)
            body = b"x" * 1000
        self.send_response(503 if n < 3 and not self.path.startswith("/count") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
open(sys.argv[1], "w").write(str(s.server_address[1]))
s.serve_forever()
PY
python3 "$dir/server.py" "$dir/port" & pid=$!
for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
url="http://127.0.0.1:$(cat "$dir/port")"
ask() { # the path, where to write, more options
	local status=0 began=$SECONDS
	curl -q -s --retry 3 --retry-delay 2 "${@:3}" -o "$2" -w '%{time_total}' "$url$1" >"$dir/time" || status=$?
	echo -n "$1: asked $(curl -q -s "$url/count$1") times, status $status"
	[ $status != 0 ] || awk -v took=$((SECONDS - began)) '{print (took >= 4 && $1 < 2) ? ", time without the tries before" : ", time of all"}' "$dir/time"
}
seen="$(ask /file "$dir/file")
$(ask /null /dev/null)
$(ask /null-f /dev/null -f)"
echo "$seen"
[ "$seen" = "/file: asked 3 times, status 0, time without the tries before
/null: asked 1 times, status 23
/null-f: asked 3 times, status 0, time without the tries before" ] || { echo "no longer so" >&2; exit 1; }
