#!/usr/bin/env bash
# What:    redis-benchmark -P 3; the latency of a command whose answer comes one or two seconds after the first of its batch.
# Version: Debian 12's redis-tools 7.0.15, python 3 (a server that answers the first command at once, the next a second later each).
# Guess:   (written before it was run) each command counts until its own answer: minimum about 0 ms, maximum about 2,000 ms. "-n 4" sends four.
# Seen:    all three count as answered with the first: the maximum is below 200 ms, and 4 seconds of waiting for six answers are in no percentile.
#          "-n 4 -P 3" sends six, says "6 requests completed", and has the latencies of four.
# Means:   with -P the percentiles are those of the first answer of a batch. A server that falls behind within a batch looks as quick as ever, so
#          such figures cannot be compared with those of a client that times each command.
set -euo pipefail
redis-benchmark --version | grep -q ' 7\.0\.' || { echo "this is not redis-benchmark 7.0 (Debian's redis-tools)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
cat >"$dir/server.py" <<'PY'
import socket, sys, threading, time
def serve(c):
    while data := c.recv(65536):
        for _ in range(data.count(b"CONFIG")):
            c.sendall(b"*2\r\n$4\r\nsave\r\n$0\r\n\r\n")
        for i in range(data.count(b"PING")):
            time.sleep(1 if i else 0)
            c.sendall(b"+PONG\r\n")
s = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1], "w").write(str(s.getsockname()[1]))
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
PY
python3 "$dir/server.py" "$dir/port" & pid=$!
for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
timeout 30 redis-benchmark -h 127.0.0.1 -p "$(cat "$dir/port")" -c 1 -n 4 -P 3 -t ping_mbulk | tr '\r' '\n' >"$dir/out"
sent=$(sed -n 's/^ *\([0-9]*\) requests completed in .*/\1/p' "$dir/out")
took=$(sed -n 's/.* requests completed in \([0-9]*\)\..*/\1/p' "$dir/out")
timed=$(sed -n 's/^100\.000%.*count \([0-9]*\)).*/\1/p' "$dir/out" | head -1)
most=$(awk '/avg +min +p50/ {getline; print $6 < 200 ? "below 200 ms" : "200 ms or more"}' "$dir/out")
seen="$sent completed in $took s, $timed of them timed, maximum $most"
echo "$seen"
[ "$seen" = "6 completed in 4 s, 4 of them timed, maximum below 200 ms" ] || { echo "no longer so" >&2; exit 1; }
