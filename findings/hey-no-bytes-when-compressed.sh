#!/usr/bin/env bash
# What:    "Total data" of hey for an address that answers with 1000 bytes, plain, compressed and in chunks.
# Version: Debian 12's hey 0.1.4, python 3 (the server).
# Guess:   (written before it was run) it counts what came: 4000 bytes for four answers, and fewer when they are compressed.
# Seen:    4000 bytes for the plain ones. For those in chunks, and for compressed ones with a Content-Length, the line is not there at all: it adds up
#          the lengths that answers announce, and Go, which unpacks by itself, announces none.
# Means:   hey asks for compression without being told to, so for most sites it shows no bytes, and what it shows for others is what was announced. Whoever
#          compares how much tools have transferred finds hey with nothing; bytes are to be read at the server.
set -euo pipefail
dpkg-query -W -f '${Version}\n' hey 2>/dev/null | grep -q '^0\.1\.4' || { echo "this needs Debian 12's hey 0.1.4" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
cat >"$dir/server.py" <<'PY'
import gzip, http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do_GET(self):
        body = bytes(1000)
        self.send_response(200)
        if self.path == "/gzip":
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            body = b"3e8\r\n" + body + b"\r\n0\r\n\r\n"
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
open(sys.argv[1], "w").write(str(s.server_address[1]))
s.serve_forever()
PY
python3 "$dir/server.py" "$dir/port" & pid=$!
for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
seen=""
for path in plain gzip chunks; do
	timeout 30 hey -n 4 -c 1 "http://127.0.0.1:$(cat "$dir/port")/$path" >"$dir/out"
	seen+="$path: $(sed -n 's/.*\[200\][[:space:]]*//p' "$dir/out"), $(sed -n 's/ *Total data:[[:space:]]*//p' "$dir/out"); "
done
echo "$seen"
[ "$seen" = "plain: 4 responses, 4000 bytes; gzip: 4 responses, ; chunks: 4 responses, ; " ] || { echo "no longer so" >&2; exit 1; }
