// The page that stampede serves, in a real browser: every button, two browsers, a cut network, a restarted server, many names, names that
// would be markup. Usage: node console.js CROWD [SHOTS], where CROWD is the built program test/crowd.
import { chromium } from 'playwright-core'
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [crowd, shots] = process.argv.slice(2)
const dir = mkdtempSync(join(tmpdir(), 'stampede-console-'))
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

// Tests spend their time waiting for runs, so several go on at once. Each has a folder, browsers and programs of its own.
const LANES = Number(process.env.LANES ?? 3)
const storage = new AsyncLocalStorage()
const own = () => storage.getStore() // { home, browsers, programs, noise, said }

const say = (text) => own().said.push(text)
const ledger = () => join(own().home, 'runs.db')

/** command runs the program to its end and gives its exit status. */
const command = (...args) => new Promise((resolve, reject) => {
  const p = spawn(crowd, args, { cwd: dir, stdio: 'ignore' })
  own().programs.push(p)
  p.on('error', reject)
  p.on('exit', resolve)
})

/** serve starts a server and gives its address. */
async function serve(...args) {
  const p = spawn(crowd, ['serve', '--ledger', ledger(), ...args], { cwd: own().home, stdio: ['ignore', 'pipe', 'pipe'] })
  own().programs.push(p)
  let said = ''
  const url = await new Promise((resolve, reject) => {
    const hear = (b) => {
      said += b
      const m = /the page is at (http:\/\/\S+)/.exec(said)
      if (m) resolve(m[1])
    }
    p.stdout.on('data', hear)
    p.stderr.on('data', hear)
    p.on('exit', () => reject(new Error(`it ended: ${said}`)))
  })
  return { p, url, said: () => said }
}

/** free is a port that nothing listens on, below those that the system gives to connections: one of them may be in use a moment later. */
const free = () => new Promise((resolve) => {
  const port = 10_000 + Math.floor(Math.random() * 22_000)
  const s = createServer()
  s.on('error', () => resolve(free()))
  s.listen(port, '127.0.0.1', () => s.close(() => resolve(port)))
})

const gone = (p) => new Promise((r) => (p.exitCode === null && p.signalCode === null ? p.on('exit', r) : r()))

async function end(server) {
  server.p.kill('SIGINT')
  await gone(server.p)
}

/** browser is a person with a browser of their own. */
async function browser(name, options = {}) {
  const context = await chromium.launchPersistentContext(join(own().home, `profile-${own().browsers.length}`), {
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: ARGS, viewport: { width: 1400, height: 1000 }, ...options,
  })
  own().browsers.push(context)
  context.setDefaultTimeout(60_000) // a busy machine is slow, and proves nothing by that
  const page = await context.newPage()
  listen(page, name)
  await page.addInitScript((who) => localStorage.setItem('stampede.who', who), name)
  return page
}

/** listen fails the test for whatever a page complains of. */
function listen(page, name) {
  const { noise } = own()
  page.on('pageerror', (e) => noise.push(`${name}: ${e.message}`))
  page.on('console', (m) => {
    if (m.type() === 'error' && !/Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|ERR_INCOMPLETE/.test(m.text())) noise.push(`${name}: ${m.text()}`)
  })
}

const api = async (server, path) => (await fetch(new URL(path, server.url))).json()
const course = (page) => page.locator('#course')
const seconds = async (page) => Number(await course(page).getAttribute('data-end'))
const until = async (what, is, ms = 60_000) => {
  const begun = Date.now()
  while (!(await is())) {
    if (Date.now() - begun > ms) throw new Error(`never: ${what}`)
    await new Promise((r) => setTimeout(r, 60))
  }
}
const shot = async (page, name) => {
  if (!shots) return
  for (const width of [380, 1400]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 1000 })
      await page.emulateMedia({ colorScheme })
      await page.waitForTimeout(350)
      await page.screenshot({ path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    }
  }
  await page.setViewportSize({ width: 1400, height: 1000 })
  await page.emulateMedia({ colorScheme: 'light' })
}

const axe = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
async function accessible(page, where) {
  await page.evaluate(axe)
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(60)
    const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations)
    const bad = found.filter((v) => v.impact === 'serious' || v.impact === 'critical')
    assert.deepEqual(bad.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120) + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`), [], `${where}, ${colorScheme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

const narrow = async (page, where) => {
  await page.setViewportSize({ width: 380, height: 800 })
  await page.waitForTimeout(120)
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(over <= 1, `${where} is ${over} px too wide for 380`)
  await page.setViewportSize({ width: 1400, height: 1000 })
}

/** start fills the form in and sends it. */
async function start(page, fields) {
  const again = page.getByRole('button', { name: 'New run' })
  await page.locator('#f-users').or(again).first().waitFor()
  if (await again.isVisible()) await again.click()
  for (const [key, value] of Object.entries(fields)) {
    const f = page.locator(`#f-${key}`)
    if (!(await f.isVisible())) await page.locator('summary', { hasText: 'More' }).first().click()
    if (!(await f.isVisible())) for (const s of await page.locator('details details > summary').all()) await s.click()
    await f.fill(value)
  }
  await page.getByRole('button', { name: 'Start', exact: true }).click()
}

/** underWay waits for a run that was started, also where it is over before a busy machine has shown that it goes on. */
const underWay = (page) => page.locator('.controls').or(page.getByRole('button', { name: 'New run' })).first().waitFor()

const tests = {
  async 'a run from the form to the ledger'() {
    const server = await serve('--web', '127.0.0.1:0')
    const ann = await browser('Ann')
    await ann.goto(server.url)
    await ann.getByText('Who comes').waitFor()
    assert.equal(await ann.locator('main i').count(), 0, 'the name of the test became markup')
    for (const label of ['Users', 'Spawn rate', 'Rate', 'Run time', 'Host', 'Tags', 'Thresholds', 'Changes', 'Focus', 'Notes', 'Links']) await ann.getByLabel(label, { exact: true }).first().waitFor()
    await ann.locator('.type', { hasText: 'Guest' }).getByText('89.1 %').waitFor()
    await ann.fill('#f-users', '0:1,30s:50,1m:20')
    await ann.locator('svg[aria-label^="Users over the run: at most 50"]').waitFor()
    await ann.fill('#f-users', 'many')
    await ann.locator('#h-users .wrong').waitFor()
    assert.match(await ann.locator('#h-users').innerText(), /--users many/)
    await ann.fill('#f-users', '10')
    await ann.fill('#f-rate', '5')
    await ann.getByText('--users and --rate contradict each other').first().waitFor()
    await ann.fill('#f-rate', '')
    await ann.locator('.drawing svg, .card svg').first().waitFor()
    await accessible(ann, 'the form')
    await narrow(ann, 'the form')
    await shot(ann, 'form')
    await start(ann, { users: '10', thresholds: 'p95 < 5s', changes: 'the first one' })
    const clicked = Date.now()
    await ann.locator('.tiles').waitFor()
    await until('the first figures', async () => /[1-9]/.test(await ann.locator('.tile').nth(1).locator('dd').first().innerText()))
    const took = Date.now() - clicked
    await until('the first second', async () => /[1-9]/.test(await ann.locator('.tile', { hasText: 'Requests' }).locator('dd').first().innerText()))
    say(`   first figures ${took} ms after Start, those of the first second after ${Date.now() - clicked} ms`)
    const bob = await browser('Bob')
    await bob.goto(server.url)
    await bob.locator('.controls').waitFor()
    await until('charts at Bob’s', async () => (await seconds(bob)) >= 2)
    await ann.locator('#level').fill('14')
    await ann.getByRole('button', { name: 'Set', exact: true }).click()
    await bob.getByText('users set to 14 (from 10), by Ann').first().waitFor()
    await bob.getByRole('button', { name: 'Pause', exact: true }).click()
    await ann.getByRole('button', { name: 'Resume', exact: true }).click()
    await ann.locator('input[type=range]').fill('12')
    await ann.getByRole('button', { name: 'Set', exact: true }).click()
    await ann.getByText('users set to 12 (from 14), by Ann').first().waitFor()
    await bob.fill('#note', 'deployed <b>the cache</b>')
    await bob.getByRole('button', { name: 'Annotate' }).click()
    await ann.getByText('deployed <b>the cache</b>, by Bob').first().waitFor()
    for (const name of ['Log', 'Wall clock', 'p50', 'rate', 'failures', 'Linear', 'Elapsed']) await ann.locator('#course').getByRole('button', { name, exact: true }).first().click()
    await accessible(ann, 'a run that goes on')
    await narrow(ann, 'a run that goes on')
    await shot(ann, 'now')
    await bob.getByRole('button', { name: 'Stop', exact: true }).click()
    await bob.getByRole('button', { name: 'Stop it now' }).click()
    await ann.getByRole('button', { name: 'New run' }).waitFor()
    await ann.getByText('Percentiles').first().waitFor()
    const { run } = await api(server, 'api/v1/status')
    const result = await api(server, `api/v1/runs/${run}/report.json`)
    await until('the page has what the file has', async () => (await ann.locator('.tile', { hasText: 'Requests' }).innerText()).replaceAll(',', '').includes(`${result.total.count} in all`))
    assert.equal(await seconds(ann) > 3, true)
    for (const row of result.requests.slice(0, 5)) {
      const line = ann.locator('tr', { hasText: row.name }).first()
      assert.ok((await line.innerText()).replaceAll(',', '').includes(String(row.count)), `${row.name}: ${row.count}`)
    }
    assert.equal(await ann.evaluate(() => globalThis.hacked), undefined)
    await shot(ann, 'over')
    await ann.getByRole('link', { name: 'Runs', exact: true }).click()
    await ann.locator('td[data-label="Users"]', { hasText: /^10, then 14, then 12$/ }).waitFor() // what the users became
    await end(server)
  },

  async 'the ledger: edit, filter, compare, baseline, delete, export, import'() {
    const server = await serve('--web', '127.0.0.1:0', '--cost', '36 10 x c7g.large')
    const page = await browser('Ann')
    await page.goto(server.url)
    for (let i = 0; i < 3; i++) {
      await start(page, { users: '8', 'run-time': i === 0 ? '2' : '13', changes: i === 0 ? 'the first one' : `run ${i + 1}` })
      await underWay(page)
      await page.getByRole('button', { name: 'New run' }).waitFor()
    }
    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    await page.locator('tbody tr').nth(2).waitFor()
    assert.equal(await page.locator('tbody tr').count(), 3)
    await page.getByRole('button', { name: 'Edit Notes' }).first().click()
    await page.getByRole('textbox', { name: 'Notes' }).fill('the cache was <i>cold</i>')
    await page.keyboard.press('Enter')
    await page.getByText('the cache was <i>cold</i>').waitFor()
    await until('the focus is where it was', () => page.evaluate(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Edit Notes')))
    await page.getByRole('button', { name: 'Edit Links' }).first().click()
    await page.getByRole('textbox', { name: 'Links' }).fill('https://wiki.example.org/tour javascript:alert(1)')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'wiki.example.org/tour' }).waitFor()
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0)
    await page.getByRole('button', { name: 'Edit Tags' }).first().click()
    await page.getByRole('textbox', { name: 'Tags' }).fill('tour cold')
    await page.keyboard.press('Enter')
    await page.fill('#search', 'cold tour')
    await until('one row', async () => (await page.locator('tbody tr').count()) === 1)
    await page.fill('#search', '')
    await until('all rows', async () => (await page.locator('tbody tr').count()) === 3)
    await page.getByRole('button', { name: 'Date' }).click()
    await until('the oldest first', async () => /the first one/.test(await page.locator('tbody tr').first().innerText()))
    await page.getByRole('button', { name: 'Date' }).click()
    await until('the latest first', async () => /run 3/.test(await page.locator('tbody tr').first().innerText()))
    assert.equal(await page.locator('td.results .badge', { hasText: /FAILED|INVALID/ }).count(), 3, 'how each went')
    await page.getByRole('button', { name: 'Baseline' }).nth(1).click()
    await page.locator('.badge', { hasText: 'baseline' }).waitFor()
    const costs = page.locator('td.results .muted[title*="10 x c7g.large"]', { hasText: /^0\.\d\d\sUSD$/ })
    assert.equal(await costs.count(), 3, 'what each came to')
    await accessible(page, 'the ledger')
    await narrow(page, 'the ledger')
    await page.setViewportSize({ width: 380, height: 800 })
    const [day, time] = await Promise.all([0, 1].map((i) => page.locator('tbody td.when').nth(i).evaluate((e) => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().toJSON() })))
    assert.ok(time.left - day.right >= 4, `day and time of a run stand apart on a phone: ${day.right} ${time.left}`)
    await page.setViewportSize({ width: 1400, height: 1000 })
    await shot(page, 'runs')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV', exact: true }).click()])
    const sheet = readFileSync(await file.path(), 'utf8')
    assert.match(sheet, /Date.*Time.*Changes.*Focus.*Users/)
    await page.locator('input[type=file]').setInputFiles({ name: 'old.csv', mimeType: 'text/csv', buffer: Buffer.from('Date,Time,Changes,Focus,Users,Users / Second,Results,Notes,Links\n2019-03-02,10:00,by hand,tour,500,20,it held,,\n') })
    await page.getByText('by hand').first().waitFor()
    await page.locator('tr', { hasText: 'by hand' }).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await until('what does no harm has the focus', () => page.evaluate(() => document.activeElement?.textContent === 'Keep'))
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('button', { name: 'Delete 1 for good' }).click()
    await until('it is gone', async () => (await page.locator('tr', { hasText: 'by hand' }).count()) === 0)
    for (const text of ['run 2', 'run 3']) await page.locator('tr', { hasText: text }).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Compare two' }).click()
    await page.getByText('Over time').waitFor()
    assert.equal(await page.locator('.sides tr', { hasText: 'Cost' }).getByText(/0\.\d\d USD/).count(), 2)
    await accessible(page, 'the comparison')
    await shot(page, 'compare')
    const kept = (await api(server, 'api/v1/runs?sort=started&order=asc')).runs.map((r) => r.id)
    const side = (id) => ({ id, name: 'x', started: '2026-11-10T02:30:00Z', duration_s: 13, changes: '<b>cold</b>' })
    const change = (name, old, now, change, low, high) => ({ name, outcome: 'REGRESSED', old, new: now, change, low, high, p: 0.001, reason: '' })
    const row = (name) => ({ type: name && 'GET', name, outcome: 'REGRESSED', reason: '', figures: [change('rate', 185, 144, 0.776, 0.75, 0.8), change('failures', 0, 0.01, 0.01, 0, 0.02), change('p95', 18.5, 76.3, 4.12, 3.9, 4.4)] })
    await page.route('**/api/v1/compare?*', (route) => route.fulfill({ json: { // how busy the machine is decides what is found of such short runs
      outcome: 'REGRESSED', reason: '', old: [side(kept[0]), side(kept[1])], new: [side(kept[2])], differences: [], missing: [], rows: [row(''), row('<i>/</i>')],
    } }))
    await page.goto(`${server.url}#/compare/${kept[0]},${kept[1]}/${kept[2]}`)
    await page.locator('.found .word', { hasText: 'REGRESSED' }).waitFor()
    await page.getByText('Of 1 name: 1 worse.').waitFor()
    const told = await page.locator('tr.total td.right').allInnerTexts()
    assert.deepEqual(told.map((t) => t.split('\n').map((l) => l.trim()).filter(Boolean)), [['-22.4 %', '-25.0 to -20.0 %', '185/s → 144/s'], ['+1 points', '0 to +2 points', '0 % → 1.0 %'], ['-'], ['+312.0 %', '+290.0 to +340.0 %', '18.5 ms → 76.3 ms'], ['-']])
    await page.getByText('Over time').waitFor()
    await until('a curve for each run', async () => (await page.locator('.chart .legend li').count()) === 3)
    await accessible(page, 'groups of runs')
    await narrow(page, 'groups of runs')
    await shot(page, 'groups')
    await page.unroute('**/api/v1/compare?*')
    await page.getByRole('link', { name: 'Trend' }).click()
    await page.getByText('a trend needs at least').waitFor()
    await page.getByRole('link', { name: 'Fleet' }).click()
    await page.getByText('carried out by this process alone').waitFor()
    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    await page.locator('tbody td.when a').first().click()
    await page.getByText('What is run').waitFor()
    await page.locator('dd', { hasText: /^0\.\d\d USD \(.*36 USD an hour: 10 x c7g\.large/ }).waitFor()
    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    const [book] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'XLSX', exact: true }).click()])
    await page.locator('input[type=file]').setInputFiles({ name: 'runs.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: readFileSync(await book.path()) })
    await page.getByText(/\d+ rows were taken in, \d+ were there already/).waitFor()
    await page.locator('tbody td.when a').first().click()
    await page.getByText('What is run').waitFor()
    await page.locator('summary', { hasText: 'Download' }).click()
    const [html] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'HTML', exact: true }).click()])
    assert.match(readFileSync(await html.path(), 'utf8'), /<!doctype html>/)
    await end(server)
  },

  async 'tokens: logging in, and a link for looking only'() {
    const server = await serve('--web', '127.0.0.1:0', '--web-token', 'a-token-for-all', '--web-read-token', 'a-token-to-look')
    const page = await browser('Ann')
    await page.goto(server.url)
    await page.fill('#token', 'something else')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('that token is not known here').waitFor()
    await accessible(page, 'logging in')
    await page.fill('#token', 'a-token-for-all')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor()
    await start(page, { users: '3' })
    await page.locator('.controls').waitFor()
    const looking = await browser('Eve')
    await looking.goto(`${server.url}#token=a-token-to-look`)
    await looking.getByText('looking only').waitFor()
    assert.ok(!looking.url().includes('a-token'), 'the token stays in the address')
    await looking.locator('.tiles').waitFor()
    assert.equal(await looking.locator('.controls').count(), 0)
    const refused = await looking.evaluate(async () => (await fetch('api/v1/runs/current/stop', { method: 'POST' })).status)
    assert.equal(refused, 403)
    await looking.getByRole('link', { name: 'Runs', exact: true }).click()
    await looking.locator('tbody tr').first().waitFor()
    assert.equal(await looking.getByRole('button', { name: /^Edit/ }).count(), 0)
    await looking.getByRole('link', { name: 'Schedules' }).click()
    await looking.getByText('No run comes by itself yet').waitFor()
    assert.equal(await looking.getByRole('button', { name: /Add|Run now|Switch|Delete/ }).count(), 0)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.locator('#token').waitFor()
    await end(server)
  },

  async 'many tabs, a cut network, a restarted server'() {
    const port = await free()
    const server = await serve('--web', `127.0.0.1:${port}`)
    const page = await browser('Ann')
    await page.goto(server.url)
    await start(page, { users: '5', changes: 'cut' })
    await page.locator('.controls').waitFor()
    const tabs = []
    for (let i = 0; i < 7; i++) {
      const tab = await page.context().newPage()
      listen(tab, `tab ${i}`)
      await tab.goto(server.url)
      await tab.locator('.controls').waitFor()
      tabs.push(tab)
    }
    await until('the last tab goes on', async () => (await seconds(tabs[6])) > 2)
    await tabs[6].getByRole('button', { name: 'Pause', exact: true }).click()
    await page.locator('.state .word .badge', { hasText: 'paused' }).waitFor()
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    for (const tab of tabs) await tab.close()
    const before = await seconds(page)
    await page.context().setOffline(true)
    await new Promise((r) => setTimeout(r, Number(process.env.CUT_MS ?? 20_000)))
    await page.context().setOffline(false)
    await until('it caught up', async () => (await seconds(page)) > before + Number(process.env.CUT_MS ?? 20_000) / 1000, 60_000)
    const [buckets, last] = await course(page).evaluate((e) => [Number(e.dataset.buckets), Number(e.dataset.end)])
    assert.ok(Math.abs(buckets - last) <= 2, `${buckets} buckets of ${last} s`)
    await end(server)
    await page.locator('.lost').waitFor()
    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    const again = await serve('--web', `127.0.0.1:${port}`)
    await page.locator('.lost').waitFor({ state: 'detached' })
    await page.locator('tbody td.text', { hasText: 'cut' }).waitFor() // what could not be read meanwhile is read when it is back
    assert.equal(await page.locator('.trouble').count(), 0)
    await page.getByRole('link', { name: 'Now', exact: true }).click()
    await start(page, { users: '4' }).catch(async () => { await page.reload(); await start(page, { users: '4' }) })
    await page.locator('.controls').waitFor()
    await until('it goes on after the restart', async () => (await seconds(page)) > 1)
    await end(again)
  },

  async 'five hundred names, names that are markup, no requests at all'() {
    const server = await serve('--web', '127.0.0.1:0')
    const page = await browser('Ann')
    await page.addInitScript(() => {
      globalThis.long = []
      new PerformanceObserver((l) => globalThis.long.push(...l.getEntries().map((e) => e.duration))).observe({ type: 'longtask' })
    })
    await page.goto(server.url)
    await start(page, { users: '200', names: '500', 'exclude-tags': 'idle' })
    await page.locator('.controls').waitFor()
    await until('all names', async () => /500|501/.test(await page.locator('h2', { hasText: 'Requests' }).innerText()))
    await page.evaluate(() => (globalThis.long.length = 0))
    await page.waitForTimeout(5000)
    const long = await page.evaluate(() => globalThis.long)
    say(`   500 names: model ${await course(page).getAttribute('data-took')} ms, ${long.length} long tasks of ${Math.round(Math.max(0, ...long))} ms at most in 5 s`)
    await page.getByRole('searchbox').first().fill('item/49')
    await until('the filter', async () => (await page.locator('tr', { hasText: '/item/49' }).count()) >= 10)
    await page.getByRole('searchbox').first().fill('img')
    await page.getByText('<img src=x onerror=').first().waitFor()
    await page.locator('#log p', { hasText: 'window.hacked=3' }).first().waitFor()
    assert.equal(await page.locator('main img').count(), 0)
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'Stop it now' }).click()
    await page.getByRole('button', { name: 'New run' }).waitFor()
    const fold = page.getByRole('button', { name: 'Fold names' })
    await page.getByRole('searchbox').first().fill('')
    if ((await fold.getAttribute('aria-pressed')) !== 'true') await fold.click()
    await page.locator('#requests').getByRole('button', { name: /^\/item\/ *500 names$/ }).click()
    await page.locator('#requests tbody').getByText('/item/007').waitFor()
    await page.getByRole('button', { name: /^All paths/ }).click()
    await until('one line for all of them', async () => (await page.locator('#requests tbody tr').count()) < 6)
    await start(page, { users: '1', 'run-time': '3', names: '5', tags: 'idle', 'exclude-tags': '' })
    await underWay(page)
    await page.getByRole('button', { name: 'New run' }).waitFor()
    await page.getByText('Nothing was measured').first().waitFor()
    await end(server)
  },

  async 'every figure is that of the file, for every model'() {
    const server = await serve('--web', '127.0.0.1:0')
    const page = await browser('Ann')
    await page.goto(server.url)
    const models = [{ users: '6' }, { rate: '60' }, { users: '0:1,1s:8,3s:4' }, { rate: '0:20,2s:80' }].slice(0, Number(process.env.MODELS ?? 4))
    let figures = 0
    for (let i = 0; i < Number(process.env.RUNS ?? models.length); i++) {
      const fields = { users: '', rate: '', 'run-time': '3', names: String(3 + (i % 5)), ...models[i % models.length] }
      await start(page, fields)
      await underWay(page)
      await page.getByRole('button', { name: 'New run' }).waitFor({ timeout: 60_000 })
      await page.locator('h2', { hasText: 'Percentiles' }).waitFor()
      const { run } = await api(server, 'api/v1/status')
      const result = await api(server, `api/v1/runs/${run}/report.json`)
      await until('the page of this run', async () => (await page.locator('.tile', { hasText: 'Requests' }).innerText()).replaceAll(',', '').includes(`${result.total.count} in all`))
      figures += await agrees(page, result, JSON.stringify(fields))
    }
    say(`   ${figures} figures of the page are those of the files`)
    await end(server)
  },

  async 'one stretch of time for charts and table, columns, the keyboard alone'() {
    const server = await serve('--web', '127.0.0.1:0')
    const page = await browser('Ann')
    await page.goto(server.url)
    await page.locator('#f-users').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter') // skip to the content
    await until('the content has the focus', async () => page.evaluate(() => document.activeElement?.id === 'main'))
    await until('users', async () => { await page.keyboard.press('Tab'); return page.evaluate(() => document.activeElement?.id === 'f-users') })
    await page.keyboard.press('Control+A')
    await page.keyboard.type('7')
    await page.keyboard.press('Enter')
    await page.locator('.controls').waitFor()
    await until('some seconds', async () => (await seconds(page)) >= 6)
    await page.locator('#course [role=application]').first().focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
    await until('the moment under the keyboard', async () => /^\d+:\d\d/.test(await page.locator('#course .moment').innerText()))
    await page.keyboard.press('+')
    const part = page.locator('#requests')
    await until('the table of that stretch', async () => (await part.getAttribute('data-to')) !== '')
    const { run } = await api(server, 'api/v1/status')
    const [from, to] = [await part.getAttribute('data-from'), await part.getAttribute('data-to')]
    const rows = await api(server, `api/v1/runs/${run}/rows?from=${from}&to=${to}`)
    assert.ok(rows.total.count > 0 && Number(to) - Number(from) < (await seconds(page)))
    await part.locator('table').first().scrollIntoViewIfNeeded() // out of sight it would stand still
    await until('its figures', async () => (await part.locator('tr.top').innerText()).replaceAll(',', '').includes(String(rows.total.count)))
    await page.locator('#course [role=application]').first().focus()
    await page.keyboard.press('Escape')
    await until('the whole run again', async () => (await part.getAttribute('data-to')) === '')
    await page.locator('summary', { hasText: 'Columns' }).click()
    await page.getByRole('checkbox', { name: 'p99.9' }).uncheck()
    await until('the column is gone', async () => (await part.locator('thead th', { hasText: 'p99.9' }).count()) === 0)
    await page.reload()
    await part.locator('thead th', { hasText: 'p99' }).first().waitFor()
    assert.equal(await part.locator('thead th', { hasText: 'p99.9' }).count(), 0, 'the choice of columns is kept')
    await page.setViewportSize({ width: 2560, height: 1440 })
    await until('charts side by side', async () => page.evaluate(() => new Set([...document.querySelectorAll('#course .grid figure')].map((f) => Math.round(f.getBoundingClientRect().left))).size >= 3))
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 1, 'too wide for 2560')
    if (shots) await page.screenshot({ path: join(shots, 'now-2560.png'), fullPage: true })
    await page.setViewportSize({ width: 1400, height: 1000 })
    await page.getByRole('button', { name: 'Stop', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Stop it now' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'New run' }).waitFor()
    await end(server)
  },

  async 'a trend, a comparison of groups, an INVALID run'() {
    for (let i = 0; i < 5; i++) await command('run', '--ledger', ledger(), '-u', '4', '-t', '2s', '--changes', `build ${i + 1}`)
    await command('run', '--ledger', ledger(), '--rate', '3000000', '-t', '2s', '--changes', 'far too much')
    const server = await serve('--web', '127.0.0.1:0')
    const page = await browser('Ann')
    await page.goto(`${server.url}#/runs`)
    await page.locator('tbody tr').nth(5).waitFor()
    await page.locator('tr', { hasText: 'far too much' }).locator('.badge', { hasText: 'INVALID' }).waitFor()
    await page.locator('tr', { hasText: 'far too much' }).locator('td.when a').first().click()
    await page.locator('.word', { hasText: 'INVALID' }).first().waitFor()
    await page.locator('.trust', { hasText: 'These numbers cannot be trusted' }).waitFor()
    await accessible(page, 'an INVALID run')
    await shot(page, 'invalid')
    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    for (const text of ['build 1', 'build 2', 'build 3', 'build 4']) await page.locator('tr', { hasText: text }).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Last against the others' }).click()
    await page.locator('.found, .trouble').first().waitFor()
    assert.match(await page.locator('.found, .trouble').first().innerText(), /SAME|REGRESSED|IMPROVED|INCONCLUSIVE|at least|seconds/)
    await page.getByRole('link', { name: 'Trend' }).click()
    const plan = page.locator('#plan')
    await plan.locator('option', { hasText: '5 runs' }).waitFor({ state: 'attached' })
    await plan.selectOption({ label: await plan.locator('option', { hasText: '5 runs' }).innerText() })
    const { runs } = await api(server, 'api/v1/runs?search=build')
    for (const figure of ['p95', 'p50', 'rate', 'failures', 'p99']) {
      // A run on a machine that is too busy is INVALID and left out, and of too few the page says so in the words of the API.
      const answer = await fetch(new URL(`api/v1/trend?run=${runs[0].plan_hash}&metric=${figure}`, server.url))
      const trend = await answer.json()
      await page.locator('#metric').selectOption(figure)
      if (answer.ok) {
        await page.locator(`svg[aria-label^="${figure} over ${trend.runs.length} runs"]`).waitFor()
        assert.equal(await page.locator('figure svg circle').count(), trend.runs.length)
      } else await page.getByText(trend.detail.slice(0, 60)).first().waitFor()
    }
    await page.route('**/api/v1/trend?*', (route) => route.fulfill({ json: { // five runs show no change: here are some that do
      test: 'x', plan_hash: 'x', metric: 'p95', unit: 'ms', better: 'less', left_out: [],
      runs: Array.from({ length: 12 }, (_, i) => ({ run: `r${i}`, started: `2026-11-${10 + i}T02:30:00Z`, changes: i === 7 ? 'cache <b>off</b>' : '', verdict: i === 3 ? 'SUSPECT' : 'VALID', value: i < 7 ? 100 + i : 150 + i })),
      changes: [{ index: 7, run: 'r7', changes: 'cache <b>off</b>', before: 103, after: 159, change: 0.54, worse: true, text: 'p95 +54 %' }],
    } }))
    await page.locator('#metric').selectOption('p95')
    await page.locator('.changes li', { hasText: 'cache <b>off</b>' }).getByText('p95 +54 %').waitFor()
    await page.locator('svg line.worse').waitFor({ state: 'attached' })
    assert.equal(await page.locator('figure svg line.level').count(), 2)
    await page.locator('figure svg circle').nth(7).hover()
    await page.locator('.moment', { hasText: '157 ms' }).waitFor()
    await accessible(page, 'a trend')
    await narrow(page, 'a trend')
    await shot(page, 'trend')
    await end(server)
  },

  async 'behind nginx, under a path'() {
    const port = await free()
    const front = await free()
    writeFileSync(join(dir, 'nginx.conf'), `daemon off; master_process off; pid ${join(dir, 'nginx.pid')}; error_log stderr crit; events {}
http { access_log off; client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fcgi; uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
server { listen 127.0.0.1:${front}; location /load/ { proxy_pass http://127.0.0.1:${port}; proxy_set_header Host $host:$server_port; proxy_buffering off; proxy_read_timeout 1h; } } }`)
    const nginx = spawn(process.env.NGINX ?? 'nginx', ['-c', join(dir, 'nginx.conf'), '-p', dir], { stdio: ['ignore', 'ignore', 'inherit'] })
    own().programs.push(nginx)
    const server = await serve('--web', `127.0.0.1:${port}`, '--web-base-path', '/load')
    const page = await browser('Ann')
    const url = `http://127.0.0.1:${front}/load/`
    await until('nginx answers', async () => (await fetch(`${url}healthz`).catch(() => ({ ok: false }))).ok)
    await page.goto(url)
    await start(page, { users: '4' })
    await page.locator('.controls').waitFor()
    await until('seconds through the proxy', async () => (await seconds(page)) >= 3)
    await page.locator('#level').fill('6')
    await page.getByRole('button', { name: 'Set', exact: true }).click()
    await page.getByText('users set to 6 (from 4), by Ann').first().waitFor()
    await page.locator('summary', { hasText: 'Download' }).click()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'stats.csv', exact: true }).click()])
    assert.match(readFileSync(await file.path(), 'utf8'), /^Type,Name,Request Count/)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'Stop it now' }).click()
    await page.getByRole('button', { name: 'New run' }).waitFor()
    await end(server)
  },

  async 'schedules: add, run now, off and on, accept, delete'() {
    const server = await serve('--web', '127.0.0.1:0')
    const page = await browser('Ann')
    await page.goto(server.url)
    await page.getByRole('link', { name: 'Schedules' }).click()
    await page.getByText('No run comes by itself yet').waitFor()
    await page.getByRole('button', { name: 'Add a schedule' }).click()
    await page.getByLabel('Name', { exact: true }).fill('nightly')
    await page.getByLabel('Cron').fill('61 2 * * *')
    await page.locator('#s-users').fill('many')
    await page.getByRole('button', { name: 'Add the schedule' }).click()
    await page.locator('#when-h-cron .wrong', { hasText: 'minute' }).waitFor()
    await page.locator('.wrong', { hasText: '--users many' }).waitFor()
    await accessible(page, 'a new schedule')
    await narrow(page, 'a new schedule')
    await shot(page, 'schedule-new')
    await page.getByRole('button', { name: 'Every night' }).click()
    assert.equal(await page.getByLabel('Cron').inputValue(), '30 2 * * *')
    await page.getByLabel('Time zone').fill('Europe/Berlin')
    await page.getByLabel('Run also when the machine is busy').check()
    await page.locator('#s-users').fill('3')
    await page.locator('#s-run-time').fill('2')
    await page.getByRole('button', { name: 'Add the schedule' }).click()
    await page.getByText('The first run of nightly comes').waitFor()
    const [kept] = (await api(server, 'api/v1/schedules')).schedules
    assert.deepEqual([kept.name, kept.cron, kept.tz, kept.on, kept.busy, kept.settings.users, kept.coming.length], ['nightly', '30 2 * * *', 'Europe/Berlin', true, true, ['3'], 35])
    assert.ok((await page.locator('.comes').count()) >= 25, 'the calendar shows what comes')
    const one = page.locator('section', { hasText: 'nightly' })
    await one.getByRole('button', { name: 'Switch off' }).click()
    await one.getByText('not while it is off').waitFor()
    assert.equal(await page.locator('.comes').count(), 0)
    await one.getByRole('button', { name: 'Switch on' }).click()
    await until('it comes again', async () => (await page.locator('.comes').count()) >= 25)
    await one.getByRole('button', { name: 'Run now' }).click()
    await one.getByRole('link', { name: 'the run' }).waitFor({ timeout: 60_000 })
    await until('what it came to', async () => /PASSED|FAILED|INVALID/.test(await one.locator('.last').innerText()), 60_000)
    await page.locator('.entry.was').first().waitFor()
    assert.equal(await one.getByRole('button', { name: 'Accept', exact: true }).isDisabled(), true, 'there is nothing to accept')
    await one.locator('summary', { hasText: 'Settings and what became' }).click()
    await one.locator('dd', { hasText: /^3$/ }).waitFor()
    await one.getByRole('button', { name: 'Accept from here' }).click()
    await one.locator('td', { hasText: 'accepted' }).waitFor()
    // Nights that got worse take a fortnight to come about: the page is told of one.
    await page.route('**/api/v1/schedules', async (route) => {
      const answer = await (await route.fetch()).json()
      answer.schedules[0].turns.forEach((t) => (t.words = 'PASSED: 3 users: 9/s. Beside the nights before: REGRESSED: p95 of <b>GET /</b> +38 %'))
      await route.fulfill({ json: answer })
    })
    await one.locator('.badge', { hasText: 'REGRESSED' }).first().waitFor()
    await page.locator('.entry.was.bad', { hasText: 'REGRESSED' }).waitFor()
    await accessible(page, 'schedules')
    await narrow(page, 'schedules')
    await shot(page, 'schedules')
    await one.getByRole('button', { name: 'Accept', exact: true }).click()
    await page.locator('.trouble', { hasText: 'no change of schedule nightly stands' }).waitFor() // the server knows better
    await page.unroute('**/api/v1/schedules')
    await one.getByRole('button', { name: 'Delete', exact: true }).click()
    await one.getByRole('button', { name: 'Keep' }).click()
    await one.getByRole('button', { name: 'Delete', exact: true }).click()
    await one.getByRole('button', { name: 'Delete it for good' }).click()
    await page.getByText('No run comes by itself yet').waitFor()
    assert.equal((await api(server, 'api/v1/schedules')).schedules.length, 0)
    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    await page.locator('tbody tr').first().waitFor()
    await end(server)
  },

  async 'a worker leaves when the page says so'() {
    const server = await serve('--web', '127.0.0.1:0')
    const page = await browser('Ann')
    await page.goto(server.url)
    await start(page, { users: '6', workers: '2' })
    await page.locator('.controls').waitFor()
    const rows = page.locator('#workers tbody tr')
    await until('both run', async () => (await rows.filter({ hasText: 'running' }).count()) === 2)
    await accessible(page, 'a run of two workers')
    await rows.first().getByRole('button', { name: 'Drain' }).click()
    await page.keyboard.press('Escape') // and is not drained
    await rows.first().getByRole('button', { name: 'Drain', exact: true }).click()
    await rows.first().getByRole('button', { name: /^Drain worker/ }).click()
    await page.getByText(/is to leave: drained by Ann/).first().waitFor()
    await until('one is left', async () => (await rows.filter({ hasText: 'running' }).count()) === 1)
    assert.equal(await rows.filter({ hasText: 'running' }).getByRole('button', { name: 'Drain' }).isDisabled(), true, 'the last one keeps the load')
    await page.getByRole('link', { name: 'Fleet' }).click()
    await rows.first().waitFor()
    await narrow(page, 'the fleet')
    await shot(page, 'fleet')
    await page.getByRole('link', { name: /^Now/ }).click()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'Stop it now' }).click()
    await page.getByRole('button', { name: 'New run' }).waitFor()
    const { run } = await api(server, 'api/v1/status')
    const result = await api(server, `api/v1/runs/${run}/report.json`)
    assert.equal(result.planned, result.sent + result.dropped + (result.lost ?? 0) + (result.not_started ?? 0), 'nothing is lost')
    await end(server)
  },

  async 'servers beside a run'() {
    let asked = 0
    const site = createServer((_, resp) => {
      asked++
      resp.setHeader('Content-Type', 'text/plain; version=0.0.4')
      resp.end(`# HELP queue_depth jobs that wait\n# TYPE queue_depth gauge\nqueue_depth ${asked}\n# TYPE pool_open gauge\npool_open 7\n`)
    })
    await new Promise((r) => site.listen(0, '127.0.0.1', r))
    writeFileSync(join(own().home, 'stampede.yaml'), `servers:\n  - app=exporter:http://127.0.0.1:${site.address().port}/metrics\n`)
    const server = await serve('--web', '127.0.0.1:0')
    const page = await browser('Ann')
    await page.goto(server.url)
    await start(page, { users: '4' })
    await page.locator('.controls').waitFor()
    const charts = page.locator('.servers figure')
    await until('a chart of the server', async () => (await charts.filter({ hasText: 'queue_depth' }).count()) === 1)
    const got = await api(server, 'api/v1/servers')
    const depth = got.servers[0].series.find((s) => s.name.includes('queue_depth'))
    assert.equal(got.servers[0].name, 'app')
    assert.ok(depth.points.length > 0 && depth.points.at(-1)[1] > 0)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'Stop it now' }).click()
    await page.getByRole('button', { name: 'New run' }).waitFor()
    await charts.filter({ hasText: 'pool_open' }).first().scrollIntoViewIfNeeded()
    await charts.filter({ hasText: 'pool_open' }).locator('canvas').first().waitFor()
    await accessible(page, 'servers')
    await shot(page, 'servers')
    await end(server)
    site.close()
  },
}

/** measured reads a time as the page writes it, in ns, and how far it may be off: half of its last digit. */
function measured(text) {
  const m = /^(?:> )?([\d,.]+) (ns|us|ms|s)/.exec(text.trim())
  if (!m) return null
  const unit = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }[m[2]]
  const digits = m[1].includes('.') ? m[1].length - m[1].indexOf('.') - 1 : 0
  return { ns: Number(m[1].replaceAll(',', '')) * unit, off: 0.5 * 10 ** -digits * unit * 1.001 + 500 }
}

/** agrees fails unless every figure of the table is what the file says: counts to the digit, times as far as they are written. */
async function agrees(page, result, where) {
  const heads = (await page.locator('#requests thead th').allInnerTexts()).map((t) => t.replace(/[▲▼]/g, '').trim())
  const headline = result.run.headline
  let figures = 0
  const lines = await page.locator('#requests tbody tr').evaluateAll((rows) => rows.map((r) => [...r.children].map((c) => c.textContent.trim())))
  for (const row of [...result.requests, ...(result.requests.length > 1 ? [{ ...result.total, type: '', name: 'All requests' }] : [])]) {
    const cells = lines.find((l) => l[0] === row.name || (row.type !== '' && l[0] === `${row.type}${row.name}`) || l[0] === `${row.type} ${row.name}`)
    assert.ok(cells, `${where}: no line for ${row.type} ${row.name} among ${lines.map((l) => l[0]).slice(0, 8).join(', ')}`)
    const cell = (head) => cells[heads.indexOf(head)]
    assert.equal(cell('Count').replaceAll(',', ''), String(row.count), `${where}: count of ${row.name}`)
    figures++
    for (const [head, key] of [['p50', 'p50'], ['p90', 'p90'], ['p95', 'p95'], ['p99', 'p99'], ['p99.9', 'p99_9'], ['Max', 'max'], ['Mean', 'mean'], ['Min', 'min']]) {
      const want = row[headline][key]
      const got = measured(cell(head))
      if (row[headline].count === 0 || want === undefined || want === null) continue
      assert.ok(got && Math.abs(got.ns - want * 1e6) <= got.off, `${where}: ${key} of ${row.name} is ${cell(head)} and not ${want} ms`)
      figures++
    }
  }
  assert.ok((await page.locator('.tile', { hasText: 'Requests' }).innerText()).replaceAll(',', '').includes(`${result.total.count} in all`), `${where}: all requests`)
  assert.ok((await page.locator('.tile', { hasText: 'Failed' }).innerText()).replaceAll(',', '').includes(`${result.total.failures} in all`), `${where}: all failures`)
  return figures
}

let failed = 0
const only = process.env.ONLY

/** carry runs one test and ends all that it started. */
async function carry(name, test) {
  const begun = Date.now()
  const { home, browsers, programs, noise, said } = own()
  mkdirSync(home)
  let result
  try {
    await test()
    assert.deepEqual(noise, [])
    result = `ok ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`
  } catch (e) {
    failed++
    result = `FAILED ${name}: ${e.stack}`
    const last = browsers.at(-1)?.pages().at(-1)
    if (last && shots) await last.screenshot({ path: join(shots, `failed-${failed}.png`), fullPage: true }).catch(() => {})
  }
  console.log([...said, result].join('\n'))
  for (const b of browsers) await b.close()
  for (const p of programs) {
    p.kill('SIGKILL')
    await gone(p)
  }
}

const waiting = Object.entries(tests).filter(([name]) => !only || name.includes(only))
let number = 0
await Promise.all(Array.from({ length: Math.min(LANES, waiting.length) }, async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    await storage.run({ home: join(dir, `test-${number++}`), browsers: [], programs: [], noise: [], said: [] }, carry, ...next)
  }
}))
rmSync(dir, { recursive: true, force: true })
process.exit(failed ? 1 : 0)
