#!/usr/bin/env bash
# What:    the socket option SO_MAX_PACING_RATE on a TCP connection over loopback, whose device has no queueing discipline ("noqueue").
# Version: Linux 6.1 to 6.18, python 3.
# Guess:   (written before it was run) without the fq discipline, which the manual of tc names for it, the option does nothing.
# Seen:    it holds: 2 MB at 500,000 bytes a second take more than two seconds, where they take a moment without it. TCP paces itself if nobody else does.
# Means:   a slow line can be had for each connection by one setsockopt, without root, namespaces or netem: by a test server for all its clients, or
#          by a load generator for its uploads. It is the rate of what this side sends, not of what it receives.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "this is not Linux" >&2; exit 2; }
seen=$(timeout 50 python3 - <<'PY'
import socket, threading, time
SO_MAX_PACING_RATE = 47
def seconds(rate):
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    sender, _ = server.accept()
    if rate:
        sender.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, rate)
    def send():
        sender.sendall(bytes(2_000_000))
        sender.close()
    begun = time.monotonic()
    threading.Thread(target=send).start()
    got = 0
    while data := client.recv(65536):
        got += len(data)
    assert got == 2_000_000
    return time.monotonic() - begun
fast = min(seconds(0) for _ in range(5))
slow = seconds(500_000)
print("paced over 2 s:", slow > 2, "- and without at least four times as fast:", fast * 4 < slow)
PY
)
echo "$seen"
[ "$seen" = "paced over 2 s: True - and without at least four times as fast: True" ] || { echo "no longer so" >&2; exit 1; }
