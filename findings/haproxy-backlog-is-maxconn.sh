#!/usr/bin/env bash
# What:    HAProxy; the listen backlog of a frontend with "maxconn 3", of one without, and of one with "maxconn 3" and "backlog 100".
# Version: Debian 12's haproxy 2.6.12, ss of iproute2.
# Guess:   (written before it was run) net.core.somaxconn in all but the last: "maxconn" is a limit of HAProxy's own, and connections above it wait
#          in the kernel's queue, which is as long as the system allows.
# Seen:    3, the system's limit, and 100. The maxconn of a frontend is its backlog as well.
# Means:   a frontend with a small maxconn does not hold a rush back for a moment, it drops SYN packets: clients see connect times of 1, 3 and 7
#          seconds and "no connection", as if a firewall stood there, while HAProxy's own queue times are 0. "backlog" beside "maxconn" mends it.
set -euo pipefail
haproxy -v | grep -q 'version 2\.6\.12' || { echo "this is not HAProxy 2.6.12 (Debian's haproxy)" >&2; exit 2; }
dir=$(mktemp -d)
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT
port=$((20000 + RANDOM % 10000))
cat >"$dir/conf" <<CONF
defaults
	mode http
	timeout connect 1s
	timeout client 1s
	timeout server 1s
frontend small
	maxconn 3
	bind 127.0.0.1:$port
frontend plain
	bind 127.0.0.1:$((port + 1))
frontend both
	maxconn 3
	backlog 100
	bind 127.0.0.1:$((port + 2))
CONF
haproxy -db -f "$dir/conf" 2>/dev/null & pid=$!
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$((port + 2))") 2>/dev/null && break; sleep 0.1; done
backlog() { ss -Hltn "sport = :$1" | awk '{print $3}'; } # for a listening socket Send-Q is its backlog
plain=$(backlog $((port + 1)))
[ "$plain" = "$(cat /proc/sys/net/core/somaxconn)" ] && plain="somaxconn"
seen="maxconn 3: $(backlog $port), none: $plain, both: $(backlog $((port + 2)))"
echo "$seen"
[ "$seen" = "maxconn 3: 3, none: somaxconn, both: 100" ] || { echo "no longer so" >&2; exit 1; }
