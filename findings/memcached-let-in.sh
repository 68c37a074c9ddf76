#!/usr/bin/env bash
# What:    memcached; how many clients "-c 100" lets in, with 1, 4 and 8 threads.
# Version: Debian 12's memcached 1.6.18, python 3 (the clients).
# Guess:   (written before it was run) 100, or 99 because the listening socket is one; threads have nothing to do with it.
# Seen:    87, 75 and 59: 9 and four more for each thread are kept back for the server's own descriptors. "stats" says max_connections 100 and
#          curr_connections 75 while the 76th is refused, with "ERROR Too many open connections".
# Means:   the ceiling that a dashboard draws at max_connections is never touched; on a machine of 64 threads the default of 1024 ends at 759. Whoever
#          sizes pools, or looks for what was full in a load test, takes 9 + 4 threads off, or watches rejected_connections.
set -euo pipefail
memcached --version | grep -q '1\.6\.18' || { echo "this is not memcached 1.6.18 (Debian's memcached)" >&2; exit 2; }
dir=$(mktemp -d)
chmod 777 "$dir"
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
cat >"$dir/clients.py" <<'PY'
import socket, sys
clients, let_in, said = [], 0, ""
for i in range(101):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(sys.argv[1])
    clients.append(s)
    try:
        s.sendall(b"stats\r\n")
    except BrokenPipeError:  # refused, and said so before it was asked
        pass
    answer = b""
    while not answer.endswith((b"END\r\n", b"connections\r\n")):
        more = s.recv(65536)
        if not more:
            break
        answer += more
    if not answer.startswith(b"STAT"):
        said = answer.decode().strip()
        break
    let_in, last = let_in + 1, dict(line.split()[1:3] for line in answer.decode().split("\r\n")[:-2])
print(let_in, "of", last["max_connections"], "then:", said)
PY
seen=""
for threads in 1 4 8; do
	memcached -s "$dir/sock$threads" -u nobody -c 100 -t $threads & pid=$!
	for _ in $(seq 100); do [ -S "$dir/sock$threads" ] && break; sleep 0.1; done
	seen+="$threads: $(python3 "$dir/clients.py" "$dir/sock$threads")"$'\n'
	kill $pid
	wait $pid || true
done
echo -n "$seen"
[ "$seen" = "1: 87 of 100 then: ERROR Too many open connections
4: 75 of 100 then: ERROR Too many open connections
8: 59 of 100 then: ERROR Too many open connections
" ] || { echo "no longer so" >&2; exit 1; }
