#!/usr/bin/env bash
# What:    the rate of http_reqs in k6's summary for ten requests in about a second, when setup() takes four seconds and teardown() two.
# Version: k6 v1.8.1 (from PATH, or built by go install), python 3 (the site).
# Guess:   (written before it was run) about 10/s: a rate is over the time in which there was load.
# Seen:    about 1.4/s: it is over all seven seconds. iteration_duration, beside it, leaves setup and teardown out.
# Means:   a test that logs in or makes its data in setup() shows a rate that nobody drove, the lower the shorter the run, and "rate" of any counter is
#          so; a threshold such as http_reqs: ["rate>9"] fails for it. Divide the count by the scenario's own duration.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill ${pid:-} 2>/dev/null || true; rm -rf "$dir"' EXIT
k6=$(command -v k6 || true)
if ! "${k6:-false}" version 2>/dev/null | grep -q 'v1\.8\.1'; then
	GOBIN="$dir" go install go.k6.io/k6@v1.8.1
	k6="$dir/k6"
fi
mkdir "$dir/site"
python3 -u -m http.server --bind 127.0.0.1 --directory "$dir/site" 0 >"$dir/log" 2>/dev/null & pid=$!
for _ in $(seq 100); do grep -q 'port' "$dir/log" && break; sleep 0.1; done
cat >"$dir/test.js" <<'JS'
import http from 'k6/http';
import { sleep } from 'k6';
export const options = { vus: 1, iterations: 10 };
export const setup = () => sleep(4);
export default () => { http.get(__ENV.URL); sleep(0.1); };
export const teardown = () => sleep(2);
JS
url="http://127.0.0.1:$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$dir/log")/"
timeout 50 "$k6" run --quiet --no-usage-report --env URL="$url" "$dir/test.js" >"$dir/out" 2>/dev/null
seen=$(awk '/http_reqs\.*:/ {sub("/s", "", $3); print $2, "requests, a rate", ($3 < 10 / 6) ? "over setup and teardown as well" : "over the load"}' "$dir/out")
echo "$seen"
[ "$seen" = "10 requests, a rate over setup and teardown as well" ] || { echo "no longer so" >&2; exit 1; }
