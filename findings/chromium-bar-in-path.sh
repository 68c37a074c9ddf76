#!/usr/bin/env bash
# What:    Chromium; which characters of a path and of a query it percent-encodes.
# Version: Debian 12's chromium 156.0.8078.108, node 20 (only to serve the page).
# Guess:   (written down after a first look, so take it for what one would expect) as the URL standard of WHATWG has it: in a path " # < > ? ^ ` { } and spaces, in the query of http
#          " # < > ' and spaces. A bar stays as it is in both, as it does in curl.
# Seen:    the query is as guessed. In the path the bar is sent as %7C as well.
# Means:   logs and signatures over the target of a request differ between Chromium and what follows the standard to the letter. A load
#          generator that is to ask for what visitors ask for encodes the bar in paths, and braces and the caret in paths only.
set -euo pipefail
chromium --version 2>/dev/null | grep -q 'Chromium 156\.' || { echo "this is not Chromium 156" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/see.js" <<'JS'
const http = require('http'), { spawn } = require('child_process');
const page = `<!doctype html><link rel=icon href=data:,><script>new Image().src="/p|^{}\`\\"'<>x?q|^{}\`\\"'<>"</script>`;
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
    const seen = log.slice(1).join(' ');
    console.log(seen);
    process.exit(seen === "/p%7C%5E%7B%7D%60%22'%3C%3Ex?q|^{}`%22%27%3C%3E" ? 0 : 1);
  });
});
JS
timeout 120 node "$dir/see.js" "$dir/profile" || { echo "no longer so" >&2; exit 1; }
