#!/usr/bin/env bash
# What:    a POST over a kept connection that the server closes when it has read it, without an answer: who sends it again by himself.
# Version: Debian 12's chromium 156.0.8078.108 and curl 7.88.1, go 1.26, node 20 (its http module; it also plays the server).
# Guess:   (written before it was run) nobody: RFC 9110, 9.2.2, has clients not repeat what is not idempotent unless they know that it was not
#          carried out.
# Seen:    Chromium and curl send it a second time over a new connection, and the page and the shell hear of nothing but success. Go and Node fail
#          with EOF and ECONNRESET.
# Means:   where a server closes kept connections at a bad moment (a reload, a short keep-alive time), load tools report errors that visitors of a site
#          never see, and the site carries out orders twice that no load tool sends twice. Count at the server when it matters.
set -euo pipefail
chromium --version 2>/dev/null | grep -q 'Chromium 156\.' || { echo "this is not Chromium 156" >&2; exit 2; }
curl --version | grep -q '^curl 7\.88\.1' || { echo "this is not curl 7.88.1 (Debian 12's curl)" >&2; exit 2; }
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/main.go" <<'GO'
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	first, err := http.Get(os.Args[1] + "/get")
	if err != nil {
		panic(err)
	}
	io.Copy(io.Discard, first.Body)
	first.Body.Close()
	_, err = http.Post(os.Args[1]+"/order", "text/plain", strings.NewReader("x=1"))
	fmt.Println(err)
}
GO
(cd "$dir" && go build -o post main.go)
cat >"$dir/see.js" <<'JS'
const net = require('net'), http = require('http'), { spawn } = require('child_process');
const dir = process.argv[2];
const page = '<!doctype html><link rel=icon href=data:,><script>fetch("/order", {method: "POST", body: "x=1"}).then(() => fetch("/done"))</script>';
let orders = 0;
const server = net.createServer(c => {
  let text = '', n = 0;
  c.on('error', () => {});
  c.on('data', data => {
    text += data;
    for (let end; (end = text.indexOf('\r\n\r\n')) >= 0;) {
      const length = /content-length: (\d+)/i.exec(text.slice(0, end)), all = end + 4 + (length ? +length[1] : 0);
      if (text.length < all) return;
      const line = text.slice(0, text.indexOf('\r\n'));
      text = text.slice(all);
      if (line.startsWith('POST') && (orders++, n > 0)) return c.destroy();
      const body = line.startsWith('GET / ') ? page : 'ok';
      n++;
      c.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ' + body.length + '\r\n\r\n' + body);
    }
  });
});
const run = (name, command, args) => new Promise(done => {
  orders = 0;
  const c = spawn(command, args, { stdio: 'ignore', timeout: 60000 });
  c.on('exit', () => { console.log(`${name}: ${orders}`); done(); });
});
server.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  await run('Chromium', 'chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--user-data-dir=' + dir + '/profile', '--virtual-time-budget=5000', '--dump-dom', url + '/']);
  await run('curl', 'curl', ['-q', '-s', url + '/get', '--next', '-s', '-d', 'x=1', url + '/order']);
  await run('Go', dir + '/post', [url]);
  orders = 0;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method, path) => new Promise(done => {
    const q = http.request(url + path, { method, agent }, s => { s.resume(); s.on('end', () => setImmediate(done)); });
    q.on('error', done);
    q.end(method === 'POST' ? 'x=1' : undefined);
  });
  await ask('GET', '/get');
  await ask('POST', '/order');
  console.log(`Node: ${orders}`);
  process.exit();
});
JS
seen=$(timeout 150 node "$dir/see.js" "$dir")
echo "$seen"
[ "$seen" = "Chromium: 2
curl: 2
Go: 1
Node: 1" ] || { echo "no longer so" >&2; exit 1; }
