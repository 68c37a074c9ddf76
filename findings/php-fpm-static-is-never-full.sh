#!/usr/bin/env bash
# What:    "max children reached" on PHP-FPM's status page while six requests wait for one process, with pm = static, ondemand and dynamic.
# Version: Debian 12's php8.2-fpm 8.2, with cgi-fcgi of Debian's libfcgi-bin 2.4.2 as its client.
# Guess:   (written before it was run) it grows in all three: the pool is full, and more than its children are wanted.
# Seen:    with ondemand and dynamic it is 1 however long and however often; with static it stays 0, and nothing is logged.
# Means:   the usual alarm on this counter is silent for static pools, which is what busy sites use, and is no measure of how badly the others are full.
#          In a static pool "idle processes: 0", seen several times, is the sign.
set -euo pipefail
need() { dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null | grep -q "^$2" || { echo "this needs Debian 12's $1 $2" >&2; exit 2; }; }
need php8.2-fpm 8.2; need libfcgi-bin 2.4.2
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$dir"' EXIT
port=$((20000 + RANDOM % 10000))
echo '<?php usleep(2500000);' >"$dir/slow.php"
ask() { REQUEST_METHOD=GET SCRIPT_NAME="$2" SCRIPT_FILENAME="$2" QUERY_STRING=json timeout 30 cgi-fcgi -bind -connect "127.0.0.1:$1"; }
reached() { ask $((port + 1)) /status | grep -o '"max children reached":[0-9]*' | cut -d: -f2; }
seen=""
for pm in static ondemand dynamic; do
	cat >"$dir/conf" <<-CONF
		[global]
		error_log = $dir/log
		daemonize = no
		[www]
		user = nobody
		group = nogroup
		listen = 127.0.0.1:$port
		pm = $pm
		pm.max_children = 1
		pm.start_servers = 1
		pm.min_spare_servers = 1
		pm.max_spare_servers = 1
		pm.status_path = /status
		pm.status_listen = 127.0.0.1:$((port + 1))
	CONF
	php-fpm8.2 -F -y "$dir/conf" >/dev/null 2>&1 & fpm=$!
	for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null && break; sleep 0.1; done
	for _ in 1 2 3 4 5 6; do ask $port "$dir/slow.php" >/dev/null 2>&1 & sleep 0.3; done # all at once may be one event to an idle pool
	sleep 6
	seen+="$pm: $(reached) "
	kill $fpm
	wait
	port=$((port + 2))
done
echo "$seen"
[ "$seen" = "static: 0 ondemand: 1 dynamic: 1 " ] || { echo "no longer so" >&2; exit 1; }
