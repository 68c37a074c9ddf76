#!/usr/bin/env bash
# What:    a client with ten local ports that connects five times a second and closes first, to 127.0.0.1 and to another address of the same machine.
# Version: Linux 6.1 to 6.18 with its default of tcp_tw_reuse (2), in a network namespace of its own (needs root), iproute2, python 3.
# Guess:   (written before it was run) the ten ports are in TIME_WAIT for 60 s, so the eleventh connection fails, to either address.
# Seen:    to 127.0.0.1 all thirty come about: a port may be used again after one second. To the other address ten come about and then "Cannot assign
#          requested address". The difference is the address and not the device, which is "lo" for both.
# Means:   a load test of fresh connections that runs for hours against 127.0.0.1 fails within a minute when the same is done against a real address: 28,000
#          ports in 60 s are 470 connections a second to one target. Try on a network address what will run against one.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "this needs root for a network namespace" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/client.py" <<'PY'
import socket, sys, threading, time
server = socket.create_server((sys.argv[1], 8000))
def serve(c):
    c.recv(1)
    c.close()
def accept():
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
threading.Thread(target=accept, daemon=True).start()
for n in range(30):
    try:
        socket.create_connection((sys.argv[1], 8000)).close()
    except OSError as e:
        print(f"{sys.argv[1]}: {n}, then {e.strerror}")
        break
    time.sleep(0.2)
else:
    print(f"{sys.argv[1]}: all 30")
PY
seen=$(timeout 60 unshare --net bash -euc '
	ip link set lo up
	ip address add 10.99.0.1/32 dev lo
	[ "$(cat /proc/sys/net/ipv4/tcp_tw_reuse)" = 2 ] || { echo "tcp_tw_reuse is not at its default of 2" >&2; exit 2; }
	echo "40000 40009" >/proc/sys/net/ipv4/ip_local_port_range
	python3 "$0" 127.0.0.1
	python3 "$0" 10.99.0.1' "$dir/client.py")
echo "$seen"
[ "$seen" = "127.0.0.1: all 30
10.99.0.1: 10, then Cannot assign requested address" ] || { echo "no longer so" >&2; exit 1; }
