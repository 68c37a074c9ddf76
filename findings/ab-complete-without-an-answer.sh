#!/usr/bin/env bash
# What:    ab at a server that reads each request and closes the connection without sending a byte.
# Version: Debian 12's apache2-utils 2.4, python 3 (the server).
# Guess:   (written before it was run) twenty failed requests, and a status other than 0.
# Seen:    "Complete requests: 20", "Failed requests: 0", a rate and percentiles, status 0. The only sign is "Total transferred: 0 bytes".
# Means:   a site whose workers die under load gets faster by ab's figures, as an answer of nothing is a quick one. Read "Total transferred", or divide it by
#          the number of requests.
set -euo pipefail
ab -V | grep -q 'Version 2\.3 ' || { echo "this is not ab 2.3 (Debian 12's apache2-utils)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
cat >"$dir/server.py" <<'PY'
import socket, sys
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1], "w").write(str(s.getsockname()[1]))
while True:
    c, _ = s.accept()
    c.recv(65536)
    c.close()
PY
python3 "$dir/server.py" "$dir/port" & pid=$!
for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
status=0
timeout 50 ab -n 20 -c 2 "http://127.0.0.1:$(cat "$dir/port")/" >"$dir/out" 2>/dev/null || status=$?
seen="$(sed -n 's/^\(Complete requests\|Failed requests\|Total transferred\): */\1: /p' "$dir/out" | paste -sd, | sed 's/,/, /g'); status $status"
echo "$seen"
[ "$seen" = "Complete requests: 20, Failed requests: 0, Total transferred: 0 bytes; status 0" ] || { echo "no longer so" >&2; exit 1; }
