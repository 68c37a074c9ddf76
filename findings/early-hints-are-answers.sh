#!/usr/bin/env bash
# What:    tools of HTTP/1.1 at a server that sends 103 Early Hints at once and the answer half a second later: what they count, and when the first byte was.
# Version: Debian 12's curl 7.88.1, hey 0.1.4, wrk 4.1.0, httperf 0.9.0 and h2load 1.52.0, python 3 (the server).
# Guess:   (written before it was run) all pass over the 103, as RFC 9110, 15.2, has it: one answer for each request, and the first byte is of the answer.
# Seen:    wrk and httperf count the 103 as an answer and ask again at once, so they make twice the requests they wait for. curl's time_starttransfer
#          and hey's "resp wait" (GotFirstResponseByte of Go's httptrace, on which k6 and others stand as well) are the 103's. Only h2load waits.
# Means:   switching hints on makes a site look twice as fast to wrk, and its time to first byte vanish for everything built on Go or curl,
#          while no visitor sees the page sooner for that. Compare with and without hints by the whole time of a request.
set -euo pipefail
need() { dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null | grep -q "^$2" || { echo "this needs Debian 12's $1 $2" >&2; exit 2; }; }
need curl 7.88.1; need hey 0.1.4; need wrk 4.1.0; need httperf 0.9.0; need nghttp2-client 1.52.0
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
cat >"$dir/server.py" <<'PY'
import socket, sys, threading, time
def serve(c):
    f = c.makefile("rb")
    while f.readline():
        while f.readline().strip():
            pass
        try:
            c.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style\r\n\r\n")
            time.sleep(0.5)
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            return
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1], "w").write(str(s.getsockname()[1]))
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
PY
python3 "$dir/server.py" "$dir/port" 2>/dev/null & pid=$!
for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
port=$(cat "$dir/port") url="http://127.0.0.1:$(cat "$dir/port")/"
when() { awk -v t="$1" 'BEGIN {print (t < 0.4) ? "hints" : "answer"}'; }
seen="curl's first byte: $(when "$(curl -q -s -o /dev/null -w '%{time_starttransfer}' "$url")")
hey's first byte: $(when "$(timeout 20 hey -n 4 -c 1 "$url" | awk '/resp wait/ {print $3}')")
h2load's first byte: $(when "$(timeout 20 h2load --h1 -n 4 -c 1 "$url" | awk '/1st byte/ {sub("ms", "", $5); print $5 / 1000}')")
httperf's answers: $(timeout 20 httperf --server 127.0.0.1 --port "$port" --num-conns 1 --num-calls 4 2>/dev/null | awk '/^Reply status/ {print $3, $4}')
wrk: more than one answer in each half second: $(timeout 20 wrk -t1 -c1 -d4s "$url" | awk '/requests in/ {print ($1 > 11) ? "yes" : "no"}')"
echo "$seen"
[ "$seen" = "curl's first byte: hints
hey's first byte: hints
h2load's first byte: answer
httperf's answers: 1xx=2 2xx=2
wrk: more than one answer in each half second: yes" ] || { echo "no longer so" >&2; exit 1; }
