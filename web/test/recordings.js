// Writes the recordings that the tests of import read: what Playwright's recordHar makes of one small site, in each of its forms.
//
//   node test/recordings.js ../internal/importer/har/testdata/playwright
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'

const folder = resolve(process.argv[2] ?? 'recordings')
let visits = 0

/** token is another one in each visit, and always the same in the same one. */
const token = (what) => createHash('sha256').update(`${what} of visit ${visits}`).digest('base64url').slice(0, 24)

const page = (body) => `<!doctype html><title>A shop</title><link rel=icon href="data:,"><link rel=stylesheet href=/style.css>${body}`
const routes = {
  'GET /': () => [200, 'text/html', page(`<img src=/pixel.gif><iframe src=/frame></iframe><form id=login method=post action=/login>
<input type=hidden name=csrf value=${token('csrf')}><input name=email><input type=password name=password><button>Log in</button></form>
<script>const s = new WebSocket('ws://' + location.host + '/socket?key=' + document.querySelector('[name=csrf]').value)
s.onmessage = (m) => {
  if (m.data == 'place') setTimeout(() => s.send(JSON.stringify({ type: 'join', id: 7, csrf: document.querySelector('[name=csrf]').value })), 400)
  else if (m.data.includes('joined')) { s.send(new Uint8Array([0, 1, 254, 255])); document.title = 'place' }
}</script>`)],
  'GET /frame': () => [200, 'text/html', '<!doctype html><p>A frame'],
  'GET /style.css': () => [200, 'text/css', 'p{color:teal}', { 'cache-control': 'max-age=600' }],
  'GET /pixel.gif': () => [200, 'image/gif', Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64'), { 'cache-control': 'max-age=600' }],
  'POST /login': (body) => body.includes(token('csrf')) ? [302, 'text/html', '', { location: '/shop', 'set-cookie': ['sid=1; Path=/; HttpOnly', 'seen=2; Path=/'] }] : [403, 'text/plain', 'no'],
  'GET /shop': () => [200, 'text/html', page(`<form id=photo method=post action=/photo enctype=multipart/form-data><input type=hidden name=key value=${token('photo')}><input type=file name=file><button>Send</button></form>
<script>fetch('/api/nonce').then((r) => r.json()).then(({ nonce }) => fetch('/api/cart', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Nonce': nonce }, body: JSON.stringify({ id: 7, nonce }) })).then((r) => r.json()).then(() => { document.title = 'in the cart' })
const gone = new AbortController(); fetch('/api/slow', { signal: gone.signal }).catch(() => {}); setTimeout(() => gone.abort(), 50)</script>`)],
  'GET /api/nonce': () => [200, 'application/json', JSON.stringify({ nonce: token('nonce') })],
  'POST /api/cart': (body) => body.includes(token('nonce')) ? [201, 'application/json', '{"ok":true}'] : [403, 'text/plain', 'no'],
  'POST /photo': (body) => body.includes(token('photo')) ? [200, 'text/html', page('<p>Thank you')] : [403, 'text/plain', 'no'],
}

const server = createServer((request, response) => {
  if (request.url === '/api/slow') return
  const parts = []
  request.on('data', (b) => parts.push(b)).on('end', () => {
    const [status, type, body, more] = routes[`${request.method} ${request.url}`]?.(Buffer.concat(parts).toString()) ?? [404, 'text/plain', 'not here']
    response.writeHead(status, { 'content-type': type, ...more })
    response.end(body)
  })
})
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.on('error', () => {})
  socket.on('data', (b) => {
    const text = Buffer.from(b.subarray(6, 6 + (b[1] & 127)).map((c, i) => c ^ b[2 + i % 4])).toString()
    if (!text.includes('join')) return
    if (!text.includes(token('csrf'))) return socket.end()
    for (const one of ['{"type":"tick"}', '{"type":"joined","id":7}']) socket.write(Buffer.from([0x81, one.length, ...Buffer.from(one)]))
  })
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
  socket.write(Buffer.from([0x81, 5, ...Buffer.from('place')]))
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const site = `http://127.0.0.1:${server.address().port}`

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
for (const [name, recordHar] of Object.entries({
  'embed.har': { content: 'embed' }, 'attach.zip': { content: 'attach' }, 'attach/visit.har': { content: 'attach' }, 'omit.har': { content: 'omit' },
  'minimal.har': { mode: 'minimal', content: 'embed' }, 'filtered.har': { content: 'embed', urlFilter: /\/(api|shop)/ },
})) {
  visits++
  const path = join(folder, name)
  rmSync(path.endsWith('visit.har') ? join(path, '..') : path, { recursive: true, force: true })
  mkdirSync(join(path, '..'), { recursive: true })
  const context = await browser.newContext({ recordHar: { path, ...recordHar } })
  const tab = await context.newPage()
  tab.setDefaultTimeout(60_000)
  await tab.goto(`${site}/`)
  await tab.waitForFunction(() => document.title === 'place')
  await tab.fill('[name=email]', `visitor${visits}@example.org`)
  await tab.fill('[name=password]', `a-secret-of-${visits}`)
  await tab.click('#login button')
  await tab.waitForFunction(() => document.title === 'in the cart')
  await tab.waitForTimeout(300)
  await tab.setInputFiles('[type=file]', { name: 'me.txt', mimeType: 'text/plain', buffer: Buffer.from('a picture of me') })
  await tab.click('#photo button')
  await tab.waitForSelector('text=Thank you')
  await context.close()
}
await browser.close()
server.closeAllConnections()
server.close()
