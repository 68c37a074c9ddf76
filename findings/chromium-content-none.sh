#!/usr/bin/env bash
# What:    Chromium; the background of ::before where it has no content, "content: none" and "content: normal".
# Version: Debian 12's chromium 156.0.8078.108, node 20 (only to serve the page).
# Guess:   (written before it was run) a pseudo-element that makes no box asks for no background. All three make none (CSS Generated Content,
#          2: none and normal are the same for ::before).
# Seen:    the one without content asks for nothing. The two that say in so many words that there is nothing ask for their image, although the
#          page has no such box; an element with "display: none" would not.
# Means:   "content: none" over an icon does not save its request, as sites that turn icons off for a theme believe. A loader that asks
#          whether a box is made guesses wrong; what counts is whether "content" was declared at all.
set -euo pipefail
chromium --version 2>/dev/null | grep -q 'Chromium 156\.' || { echo "this is not Chromium 156" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/see.js" <<'JS'
const http = require('http'), { spawn } = require('child_process');
const page = `<!doctype html><link rel=icon href=data:,><style>
#a::before{background:url(/absent.png)}
#b::before{content:none;background:url(/none.png)}
#c::before{content:normal;background:url(/normal.png)}
#d{display:none;background:url(/hidden.png)}
#e::before{content:"";background:url(/empty.png)}
</style><p id=a>x<p id=b>x<p id=c>x<p id=d>x<p id=e>x`;
const log = [];
const server = http.createServer((q, s) => {
  log.push(q.url);
  s.setHeader('Content-Type', q.url === '/' ? 'text/html' : 'image/png');
  s.end(q.url === '/' ? page : '');
});
server.listen(0, '127.0.0.1', () => {
  const c = spawn('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--user-data-dir=' + process.argv[2], '--screenshot=' + process.argv[2] + '.png', 'http://127.0.0.1:' + server.address().port + '/'], { stdio: 'ignore' });
  c.on('exit', () => {
    const seen = log.slice(1).sort().join(' ');
    console.log(seen);
    process.exit(seen === '/empty.png /none.png /normal.png' ? 0 : 1);
  });
});
JS
timeout 120 node "$dir/see.js" "$dir/profile" || { echo "no longer so" >&2; exit 1; }
