#!/usr/bin/env bash
# What:    newman (Postman's runner) with a CSV file of data: what becomes of "007", a phone number, an article number "1e5" and a long number in a URL.
# Version: newman 6.2.1 from npm, node 20 (its engine, and the server that is asked).
# Guess:   (written before it was run) CSV has texts, so they go out as they stand.
# Seen:    7, 4930123, 100000 and 12345678901234567000: whatever looks like a number becomes one, of 53 bits. What stands in quotes stays ("0012").
# Means:   users 007 cannot log in, and a load test of a shop asks for articles that it does not have, fast and with 404. Data that came from Postman is
#          to be carried over as text, and figures of both compared only after a look at the server's log.
set -euo pipefail
node --version | grep -q '^v20\.' || { echo "this is not Node.js 20" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact newman@6.2.1 >/dev/null 2>&1
cat >data.csv <<'CSV'
user,phone,article,long,quoted
007,+4930123,1e5,12345678901234567890,"0012"
CSV
cat >see.js <<'JS'
const http = require('http'), newman = require('newman');
const log = [];
const server = http.createServer((q, s) => { log.push(q.url); s.end(); });
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}/?user={{user}}&phone={{phone}}&article={{article}}&long={{long}}&quoted={{quoted}}`;
  const collection = { info: { name: 'x', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' }, item: [{ name: 'a', request: { method: 'GET', url } }] };
  newman.run({ collection, iterationData: 'data.csv' }, error => {
    console.log(error || log.join(' '));
    process.exit();
  });
});
JS
seen=$(timeout 50 node see.js)
echo "$seen"
[ "$seen" = "/?user=7&phone=4930123&article=100000&long=12345678901234567000&quoted=0012" ] || { echo "no longer so" >&2; exit 1; }
