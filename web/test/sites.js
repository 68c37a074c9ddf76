// Records what Chromium asks for when it visits a small site: the cases of internal/page/testdata, whose README describes their form.
//
//   node test/sites.js OUT SITE.json...
//
// A SITE is a case; requests that it has are recorded anew. Each is visited twice, with an empty cache: with scripts off, and with scripts on for
// with_scripts; a case that says "scripts": "enabled" has the requests of the latter. The results go into the folder OUT. CHROMIUM names another browser;
// with TABS=4 four sites are visited at once, each on hosts of its own; QUIET=2000 waits longer for latecomers, where the machine is busy.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const [out, ...sites] = process.argv.slice(2)
const QUIET = Number(process.env.QUIET ?? 700) // ms without a request, after which a visit is over: more where the machine does other things too
const LOADED = 20_000 // ms: how long a page is waited for that is never there in whole
const LONG = 60_000 // ms: a bound against a page that never rests

const pause = (ms) => new Promise((done) => setTimeout(done, ms))

/** Site serves the files of a case on its three origins, and keeps what was asked for. */
class Site {
  log = []
  open = 0
  last = 0
  served = {}

  constructor(site) {
    this.site = site
    this.servers = [1, 2, 3].map(() => createServer((q, a) => void this.answer(q, a)))
  }

  /** listen takes hosts of the site's own where others are visited at the same time, by its place among them: cookies know no ports. */
  async listen(place) {
    const host = `127.0.0.${place + 1}`
    const [a, b, c] = this.servers
    for (const s of [a, c]) await new Promise((done) => s.listen(0, host, done))
    const port = a.address().port
    if (place > 0) await new Promise((done, failed) => b.on('error', failed).listen(port, '127.0.0.1', done))
    this.origins = { A: `http://${host}:${port}`, B: `http://${place > 0 ? `at${place}.` : ''}localhost:${port}`, C: `http://${host}:${c.address().port}` }
  }

  close() {
    for (const s of this.servers) {
      s.close()
      s.closeAllConnections()
    }
  }

  fill(text) {
    return text.replace(/\{\{([ABC])\}\}/g, (_, o) => this.origins[o])
  }

  unfill(text) {
    for (const [o, at] of Object.entries(this.origins)) text = text.replaceAll(at, `{{${o}}}`)
    return text
  }

  /** file is what an address answers this time, its dates and origins filled in. */
  file(path) {
    const given = this.site.files[path]
    if (given === undefined) return { status: 404, headers: { 'Content-Type': 'text/plain' }, body: Buffer.from('not found') }
    const kept = (this.served[path] ??= { n: 0, at: Date.now() })
    const f = Array.isArray(given) ? given[Math.min(kept.n++, given.length - 1)] : given
    const headers = {}
    for (const [name, value] of Object.entries(f.headers ?? {})) {
      const dated = this.fill(value).replace(/\{\{date:(-?\d+)\}\}/g, (_, s) => new Date(kept.at + s * 1000).toUTCString())
      headers[name] = dated.includes('\n') ? dated.split('\n') : dated
    }
    return { ...f, status: f.status ?? 200, headers, body: f.base64 === undefined ? Buffer.from(this.fill(f.body ?? '')) : Buffer.from(f.base64, 'base64') }
  }

  async answer(request, response) {
    this.open++
    this.last = Date.now()
    const h = request.headers
    const f = this.file(request.url)
    let { status, body } = f
    if (status === 200) {
      const etag = f.headers.ETag
      const since = f.headers['Last-Modified']
      if (h['if-none-match'] ? h['if-none-match'] === etag : h['if-modified-since'] && h['if-modified-since'] === since) {
        status = 304
        body = Buffer.alloc(0)
      } else if (h.range) {
        status = 206
        const from = Number(/\d+/.exec(h.range)?.[0] ?? 0)
        f.headers['Content-Range'] = `bytes ${from}-${body.length - 1}/${body.length}`
        body = body.subarray(from)
      }
    }
    this.log.push(this.row(request, status))
    await pause(f.delay_ms ?? this.site.latency_ms ?? 20)
    response.writeHead(status, status === 304 || status === 204 ? f.headers : { ...f.headers, 'Content-Length': body.length })
    response.end(body)
    this.open--
    this.last = Date.now()
  }

  /** row is a request as the cases write it: without the Accept that its kind always has. */
  row(request, status) {
    const h = request.headers
    const origin = Object.entries(this.origins).find(([, at]) => at === `http://${h.host}`)?.[0] ?? ''
    const row = { origin, path: request.url, dest: h['sec-fetch-dest'], mode: h['sec-fetch-mode'], site: h['sec-fetch-site'] }
    row.from = h['if-none-match'] || h['if-modified-since'] ? 'conditional' : 'network'
    row.status = status
    row.order_group = 0
    const names = {
      referer: 'referer', origin_header: 'origin', cookie: 'cookie', range: 'range', if_none_match: 'if-none-match', if_modified_since: 'if-modified-since',
      cache_control: 'cache-control', sec_purpose: 'sec-purpose', user: 'sec-fetch-user', upgrade: 'upgrade-insecure-requests',
      storage_access: 'sec-fetch-storage-access',
    }
    for (const [ours, theirs] of Object.entries(names)) if (h[theirs] !== undefined) row[ours] = this.unfill(h[theirs])
    if (h.accept !== usual(row)) row.accept = h.accept
    return row
  }

  /** rest waits until nothing is asked for any more. */
  async rest(more) {
    this.last = Date.now()
    const end = Date.now() + LONG
    while (Date.now() < end && (this.open > 0 || Date.now() - this.last < QUIET)) await pause(50)
    await pause(more)
    while (Date.now() < end && this.open > 0) await pause(50)
  }
}

function usual({ mode, dest }) {
  if (mode === 'navigate') {
    return 'text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7'
  }
  if (dest === 'image') return 'image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8'
  return dest === 'style' ? 'text/css,*/*;q=0.1' : '*/*'
}

/** Browser is a Chromium, driven over a pipe by its own protocol. */
class Browser {
  waiting = new Map()
  ids = { last: 0 }
  seen = new Map() // by window: what it asks for, with Chromium's priorities, and how many pages were there in whole

  next() {
    return ++this.ids.last
  }

  async start(scripts) {
    this.dir = mkdtempSync(join(tmpdir(), 'sites-'))
    mkdirSync(join(this.dir, 'Default'))
    writeFileSync(join(this.dir, 'Default/Preferences'), JSON.stringify({ profile: { block_third_party_cookies: false, cookie_controls_mode: 0 } }))
    const args = [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--window-size=1280,720', '--remote-debugging-pipe', `--user-data-dir=${this.dir}`,
    ]
    if (!scripts) args.push('--blink-settings=scriptEnabled=false')
    this.process = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', [...args, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
    this.over = new Promise((done) => this.process.on('exit', done))
    const [, , , to, from] = this.process.stdio
    this.to = to
    let text = ''
    from.setEncoding('utf8').on('data', (piece) => {
      const messages = (text + piece).split('\0')
      text = messages.pop()
      for (const m of messages) this.take(JSON.parse(m))
    })
    await this.call('Target.getTargets')
  }

  /** tab opens one more window. */
  async tab() {
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank', newWindow: true })
    const tab = Object.create(this) // the same browser, with a session of its own
    tab.session = (await this.call('Target.attachToTarget', { targetId, flatten: true })).sessionId
    tab.own = { asked: [], loads: 0 }
    this.seen.set(tab.session, tab.own)
    await tab.call('Page.enable')
    await tab.call('Network.enable')
    await tab.call('Emulation.setDeviceMetricsOverride', { width: 1280, height: 720, deviceScaleFactor: 1, mobile: false })
    return tab
  }

  take(m) {
    if (m.method === 'Network.requestWillBeSent') this.seen.get(m.sessionId)?.asked.push(m.params.request)
    if (m.method === 'Page.loadEventFired' && this.seen.has(m.sessionId)) this.seen.get(m.sessionId).loads++
    this.waiting.get(m.id)?.(m)
    this.waiting.delete(m.id)
  }

  async call(method, params = {}) {
    const id = this.next()
    const answer = new Promise((done) => this.waiting.set(id, done))
    this.to.write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`)
    const m = await Promise.race([answer, pause(LONG).then(() => ({ error: { message: `no answer in ${LONG / 1000} s` } }))])
    if (m.error && method !== 'Page.navigate' && method !== 'Page.captureScreenshot') throw new Error(`${method}: ${m.error.message}`)
    return m.result
  }

  /** fresh forgets what the browser has from sites before. Each site has ports of its own, and so nothing else to share. */
  async fresh() {
    await this.call('Page.navigate', { url: 'about:blank' })
    await this.call('Network.clearBrowserCache')
    await this.call('Network.clearBrowserCookies')
  }

  async version() {
    return (await this.call('Browser.getVersion')).product.replace(/^\w+\//, 'Chromium ')
  }

  async stop() {
    this.process.stdio[3].write(`${JSON.stringify({ id: this.next(), method: 'Browser.close' })}\0`)
    await Promise.race([this.over, pause(5000).then(() => this.process.kill('SIGKILL'))])
    try {
      rmSync(this.dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    } catch {
      // it still writes there: the folder is one of those for passing things
    }
  }

  async click(path) {
    const { root } = await this.call('DOM.getDocument')
    const { nodeId } = await this.call('DOM.querySelector', { nodeId: root.nodeId, selector: `a[href="${path}"]` })
    if (!nodeId) throw new Error(`no link to ${path}`)
    await this.call('DOM.scrollIntoViewIfNeeded', { nodeId })
    const [x, y, x2, , , y2] = (await this.call('DOM.getContentQuads', { nodeId })).quads[0]
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.call('Input.dispatchMouseEvent', { type, x: (x + x2) / 2, y: (y + y2) / 2, button: 'left', clickCount: 1 })
    }
  }

  async visit(site, v) {
    const url = site.origins[v.origin ?? 'A'] + v.path
    switch (v.kind) {
      case 'reload':
        return this.call('Page.reload')
      case 'link':
        return this.click(v.path)
      case 'back': {
        const { currentIndex, entries } = await this.call('Page.getNavigationHistory')
        return this.call('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id })
      }
      case 'again': {
        const { loads } = this.own
        await this.call('Page.navigate', { url: 'about:blank' })
        for (const end = Date.now() + LOADED; this.own.loads === loads && Date.now() < end; ) await pause(50)
        this.own.loads = loads
      }
    }
    return this.call('Page.navigate', { url, transitionType: 'typed' })
  }
}

/** record visits a site and gives the requests of each visit. */
async function record(given, browser, place) {
  const site = new Site(given)
  await site.listen(place)
  try {
    if (place === 0) await browser.fresh()
    const icons = Object.values(given.files).flat().some((f) => /rel="?(shortcut )?icon/.test(f.body ?? ''))
    const visits = []
    for (const v of given.visits) {
      site.log = []
      browser.own.asked.length = 0
      const { loads } = browser.own
      await browser.visit(site, v)
      for (const end = Date.now() + LOADED; browser.own.loads === loads && Date.now() < end; ) await pause(50)
      await site.rest(0)
      await browser.call('Page.captureScreenshot', { format: 'jpeg' }) // what is lazy is looked for when a frame is drawn
      await site.rest(v.settle_ms ?? given.settle_ms ?? 0)
      for (const row of site.log) {
        const i = browser.own.asked.findIndex((r) => r.url.replace(/#.*/, '') === site.origins[row.origin] + row.path)
        if (i >= 0) row.priority = browser.own.asked.splice(i, 1)[0].initialPriority
      }
      visits.push(site.log.filter((r) => r.origin !== '' && (icons || r.path !== '/favicon.ico')))
    }
    return visits
  } finally {
    site.close()
  }
}

/** beyond is what a list has more than another, once for each time. */
function beyond(list, other) {
  const rest = other.map((r) => `${r.origin} ${r.path}`)
  return list.map((r) => `${r.origin} ${r.path}`).filter((r) => {
    const i = rest.indexOf(r)
    if (i >= 0) rest.splice(i, 1)
    return i < 0
  })
}

/** text writes a case with one line for each file and request. */
function text({ files, visits, ...head }) {
  const one = (v) => JSON.stringify(v)
  const lines = (list, indent) => list.map((x) => `\n${indent}${x}`).join(',')
  const seen = visits.map(({ requests, ...v }) => `${one(v).slice(0, -1)},"requests":[${lines(requests.map(one), '   ')}\n  ]}`)
  const all = Object.entries(files).map(([path, f]) => `${one(path)}: ${one(f)}`)
  return `{${Object.entries(head).map(([k, v]) => `\n ${one(k)}: ${one(v)},`).join('')}\n "files": {${lines(all, '  ')}\n },\n "visits": [${lines(seen, '  ')}\n ]\n}\n`
}

mkdirSync(out, { recursive: true })
const browsers = [new Browser(), new Browser()]
const places = Number(process.env.TABS ?? 1) // how many sites are visited at once

/** work records sites, one after another, in one window of each browser. */
async function work(place) {
  const tabs = await Promise.all(browsers.map((b) => b.tab()))
  for (let name = sites.shift(); name; name = sites.shift()) {
    const { visits, files, ...site } = JSON.parse(readFileSync(name, 'utf8'))
    const given = { ...site, browser: await browsers[0].version(), scripts: site.scripts ?? 'disabled', files }
    given.visits = visits.map(({ requests: _r, with_scripts: _w, connections: _c, ...v }) => v)
    const [off, on] = await Promise.all(tabs.map((b, i) => record(given, b, place && 2 * place + i)))
    given.visits = given.visits.map((v, i) =>
      given.scripts === 'enabled' ? { ...v, requests: on[i] } : { ...v, with_scripts: { more: beyond(on[i], off[i]), less: beyond(off[i], on[i]) }, requests: off[i] },
    )
    writeFileSync(join(out, basename(name)), text(given))
    console.log(`${basename(name)}: ${off.map((v, i) => `${v.length} (${on[i].length})`).join(' ')}`)
    if (places > 1) place += places // no site finds what one before has left
  }
}

try {
  await Promise.all([browsers[0].start(false), browsers[1].start(true)])
  await Promise.all(Array.from({ length: places }, (_, i) => work(places > 1 ? i + 1 : 0)))
} finally {
  await Promise.all(browsers.map((b) => b.stop()))
}
