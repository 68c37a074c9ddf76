#!/usr/bin/env bash
# What:    siege; three requests to an address that redirects to another, where the first takes 1 s and the second 0.2 s.
# Version: Debian 12's siege 4.0.7, python 3 (the server).
# Guess:   (written before it was run) three transactions with a response time of 1.2 s, since it follows redirects by itself.
# Seen:    six successful transactions with a response time of 0.60 s; the longest is 1.00.
# Means:   behind a redirect, of a login or from http to https, siege reports twice the rate and half the time that anybody has. Compare with other tools only
#          at addresses that answer themselves.
set -euo pipefail
siege --version 2>&1 | grep -q 'SIEGE 4\.0\.7' || { echo "this is not siege 4.0.7 (Debian's siege)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
cat >"$dir/server.py" <<'PY'
import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do_GET(self):
        time.sleep(1 if self.path == "/old" else 0.2)
        self.send_response(302 if self.path == "/old" else 200)
        self.send_header("Location", "/new") if self.path == "/old" else None
        self.send_header("Content-Length", "0")
        self.end_headers()
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
open(sys.argv[1], "w").write(str(s.server_address[1]))
s.serve_forever()
PY
python3 "$dir/server.py" "$dir/port" & pid=$!
for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
HOME="$dir" timeout 40 siege -b -c 1 -r 3 -j "http://127.0.0.1:$(cat "$dir/port")/old" >"$dir/out" 2>/dev/null
value() { sed -n "s/.*\"$1\":[^0-9]*\([0-9.]*\).*/\1/p" "$dir/out"; }
seen="$(value transactions) transactions, $(value successful_transactions) successful, mean below the longest by a quarter or more: $(awk -v a="$(value response_time)" -v b="$(value longest_transaction)" 'BEGIN {print (a > 0 && a < b * 0.75) ? "yes" : "no"}')"
echo "$seen"
[ "$seen" = "6 transactions, 6 successful, mean below the longest by a quarter or more: yes" ] || { echo "no longer so" >&2; exit 1; }
