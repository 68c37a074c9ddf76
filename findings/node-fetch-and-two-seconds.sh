#!/usr/bin/env bash
# What:    ten requests, one right after another, of Node's fetch to Apache with "KeepAliveTimeout 2" and with 5; and of Node's http.Agent.
# Version: node 20 (undici 6), Debian 12's apache2 2.4.
# Guess:   (written before it was run) one connection each, or two: between two requests there are milliseconds and not seconds.
# Seen:    with 2 fetch makes ten connections, with 5 one or two; http.Agent one in both. fetch reads "Keep-Alive: timeout=2" in the answer and takes a second
#          off to be safe, and the one second that is left is none to it.
# Means:   sites that set a short keep-alive time, as busy ones of PHP do, see a connection, and with TLS a handshake, for each request of a load tool or a
#          backend built on fetch. The connections of such a test are not those of browsers, which keep theirs.
set -euo pipefail
node --version | grep -q '^v20\.' || { echo "this is not Node.js 20" >&2; exit 2; }
/usr/sbin/apache2 -v 2>/dev/null | grep -q 'Apache/2\.4\.' || { echo "this needs Debian 12's apache2 2.4" >&2; exit 2; }
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'kill $(cat "$dir"/pid* 2>/dev/null) 2>/dev/null || true; rm -rf "$dir"' EXIT
echo ok >"$dir/file"
cat >"$dir/ask.js" <<'JS'
const http = require('http');
const [, , url, how] = process.argv;
(async () => {
  const agent = new http.Agent({ keepAlive: true });
  for (let i = 0; i < 10; i++) {
    if (how === 'fetch') await (await fetch(url)).text();
    else await new Promise(done => http.get(url, { agent }, s => { s.resume(); s.on('end', () => setImmediate(done)); }));
  }
  process.exit();
})();
JS
seen=""
for seconds in 2 5; do
	port=$((20000 + RANDOM % 10000))
	cat >"$dir/conf" <<-CONF
		ServerRoot $dir
		ServerName localhost
		PidFile $dir/pid$seconds
		ErrorLog $dir/errors
		Listen 127.0.0.1:$port
		LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
		LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
		User nobody
		Group nogroup
		DocumentRoot $dir
		KeepAliveTimeout $seconds
		LogFormat %k number
		CustomLog $dir/log$seconds number
	CONF
	/usr/sbin/apache2 -f "$dir/conf" -k start 2>/dev/null
	for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done
	for how in fetch agent; do
		timeout 30 node "$dir/ask.js" "http://127.0.0.1:$port/file" $how
		for _ in $(seq 50); do [ "$(wc -l <"$dir/log$seconds")" = 10 ] && break; sleep 0.1; done
		fresh=$(grep -c '^0$' "$dir/log$seconds") # %k: how many requests the connection has had before
		seen+="$how, $seconds s: $([ "$fresh" -le 2 ] && echo "one or two" || echo "$fresh"); "
		: >"$dir/log$seconds"
	done
done
echo "$seen"
[ "$seen" = "fetch, 2 s: 10; agent, 2 s: one or two; fetch, 5 s: one or two; agent, 5 s: one or two; " ] || { echo "no longer so" >&2; exit 1; }
