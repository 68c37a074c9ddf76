// What an update of the page costs in a browser, of a run of 100 names and an hour. Usage: node hour.js PROGRAM, the built test/hour.
import { chromium } from 'playwright-core'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const p = spawn(process.argv[2], ['127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
const url = await new Promise((resolve) => p.stdout.on('data', (b) => { const m = /(http:\S+)/.exec(String(b)); if (m) resolve(m[1]) }))
const dir = mkdtempSync(join(tmpdir(), 'stampede-hour-'))
const context = await chromium.launchPersistentContext(dir, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, viewport: { width: 1400, height: 1000 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
})
const page = await context.newPage()
const begun = Date.now()
await page.goto(url)
await page.locator('#course .u-over').first().waitFor()
console.log(`page ready ${Date.now() - begun} ms`)
const cdp = await context.newCDPSession(page)
await cdp.send('Performance.enable')
const busy = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]))
await page.evaluate(() => { globalThis.long = []; new PerformanceObserver((l) => globalThis.long.push(...l.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'longtask' }) })
const seconds = Number(process.env.SECONDS ?? 30)
const before = await busy()
const from = Number(await page.locator('#course').getAttribute('data-end'))
await page.waitForTimeout(seconds * 1000)
const after = await busy()
const updates = Number(await page.locator('#course').getAttribute('data-end')) - from
const long = await page.evaluate(() => globalThis.long)
console.log(`${updates} updates in ${seconds} s, ${(((after.TaskDuration - before.TaskDuration) * 1000) / updates).toFixed(1)} ms of the main thread each (reach 40), long tasks ${long.length}: ${long.join(' ')}; heap ${(after.JSHeapUsedSize / 1e6).toFixed(0)} MB`)
await context.close()
p.kill()
rmSync(dir, { recursive: true, force: true })
process.exit(0)
