#!/usr/bin/env bash
# What:    Chromium; a style sheet that 103 Early Hints preload and the page then links to, with and without Cache-Control.
# Version: Debian 12's chromium 156.0.8078.108, node 20 (its http2 serves the page), openssl 3.
# Guess:   (written before it was run) the sheet is fetched once, by the hint, and the page uses what came; a preload in the document or in a
#          Link field of the answer is used so whatever its freshness.
# Seen:    with "max-age=60" it is. Without any word of freshness it is fetched twice in full: once for the hint, with "priority: u=0, i", and
#          once more for the page, with "u=0". What hints bring lies in the HTTP cache alone, under its rules, until the page comes.
# Means:   hints for what may not be kept (no-store, or no validator and no lifetime: a sheet made by a framework in development) double the
#          requests to it. Whoever measures a site's load over HTTP/2 and leaves hints out sees half of them.
set -euo pipefail
chromium --version 2>/dev/null | grep -q 'Chromium 156\.' || { echo "this is not Chromium 156" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key" -out "$dir/cert" -days 2 -subj /CN=localhost 2>/dev/null
openssl x509 -in "$dir/cert" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64 >"$dir/spki"
cat >"$dir/see.js" <<'JS'
const http2 = require('http2'), fs = require('fs'), { spawn } = require('child_process');
const dir = process.argv[2], log = [];
const server = http2.createSecureServer({ key: fs.readFileSync(dir + '/key'), cert: fs.readFileSync(dir + '/cert') });
server.on('stream', (s, h) => {
  const path = h[':path'];
  log.push(path + ' (' + h.priority + ')');
  if (path !== '/') {
    const fields = { ':status': 200, 'content-type': 'text/css' };
    if (path === '/kept.css') fields['cache-control'] = 'max-age=60';
    s.respond(fields);
    return s.end('p{color:red}');
  }
  s.additionalHeaders({ ':status': 103, link: '</kept.css>; rel=preload; as=style, </plain.css>; rel=preload; as=style' });
  setTimeout(() => {
    s.respond({ ':status': 200, 'content-type': 'text/html' });
    s.end('<!doctype html><link rel=icon href=data:,><link rel=stylesheet href=/kept.css><link rel=stylesheet href=/plain.css><p>x');
  }, 1500);
});
server.listen(0, '127.0.0.1', () => {
  const c = spawn('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-quic',
    '--ignore-certificate-errors-spki-list=' + fs.readFileSync(dir + '/spki', 'utf8').trim(), '--user-data-dir=' + dir + '/profile', '--dump-dom', 'https://localhost:' + server.address().port + '/'], { stdio: 'ignore' });
  c.on('exit', () => {
    const seen = log.slice(1).sort().join(', ');
    console.log(seen);
    process.exit(seen === '/kept.css (u=0, i), /plain.css (u=0), /plain.css (u=0, i)' ? 0 : 1);
  });
});
JS
timeout 120 node "$dir/see.js" "$dir" || { echo "no longer so" >&2; exit 1; }
