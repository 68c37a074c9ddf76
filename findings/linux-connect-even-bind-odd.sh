#!/usr/bin/env bash
# What:    Linux; the local ports of 200 connections to one address, and of 200 sockets bound to port 0.
# Version: Linux 6.1 to 6.18 with the range of ports that Debian 12 has (32768 to 60999), python 3.
# Guess:   (written before it was run) spread over the whole range, half of them odd.
# Seen:    all 200 connections have ports of the parity of the range's first port, here even; all 200 that were bound first have the other, odd.
#          The kernel tries one half to the end before it touches the other.
# Means:   with 14,116 connections to one target half the range is full, and each further connect() searches that half in vain before it finds one:
#          connecting gets slower long before ports run out. What binds to an address before it connects, to come from several, draws from the other
#          half, unless it asks for IP_BIND_ADDRESS_NO_PORT.
set -euo pipefail
[ "$(uname -s)" = Linux ] || { echo "this is not Linux" >&2; exit 2; }
seen=$(python3 - <<'PY'
import socket
first = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
server = socket.create_server(("127.0.0.1", 0), backlog=400)
clients = [socket.create_connection(server.getsockname()) for _ in range(200)]
bound = [socket.socket() for _ in range(200)]
for s in bound:
    s.bind(("127.0.0.1", 0))
for name, sockets in ("connected", clients), ("bound", bound):
    same = sum(s.getsockname()[1] % 2 == first % 2 for s in sockets)
    print(name + ":", same, "as the first port of the range,", len(sockets) - same, "not")
PY
)
echo "$seen"
[ "$seen" = "connected: 200 as the first port of the range, 0 not
bound: 0 as the first port of the range, 200 not" ] || { echo "no longer so" >&2; exit 1; }
