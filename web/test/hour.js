// What the page costs in a browser. Usage: node hour.js PROGRAM [hour|day], where PROGRAM is the built test/hour.
//
//   hour   an update of a run of 100 names and an hour, with all its charts in sight; how long until the page is ready
//   day    twelve hours played back: does the heap grow, is anything missing after the network was gone and the tab asleep
import { chromium } from 'playwright-core'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [program, what = 'hour'] = process.argv.slice(2)
const DAY = Number(process.env.DAY ?? 43_200) // s of the run that is played back
const PLAY = Number(process.env.PLAY ?? 150) // s that the playback takes
const SECONDS = Number(process.env.SECONDS ?? 30)
const flags = what === 'day' ? ['-names', '20', '-past', '0', '-speed', String(DAY / PLAY), '-until', String(DAY)] : []
const p = spawn(program, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
const url = await new Promise((resolve) => p.stdout.on('data', (b) => { const m = /(http:\S+)/.exec(String(b)); if (m) resolve(m[1]) }))
const dir = mkdtempSync(join(tmpdir(), 'stampede-hour-'))
const context = await chromium.launchPersistentContext(dir, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, viewport: { width: 1400, height: Number(process.env.HEIGHT ?? 2200) },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
let status = 0
try {
  if (what === 'day') await day()
  else await hour()
} catch (e) {
  console.error(e)
  status = 1
}
await context.close()
p.kill()
rmSync(dir, { recursive: true, force: true })
process.exit(status)

async function metrics(cdp) {
  return Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]))
}

async function hour() {
  const readies = []
  let page
  for (let i = 0; i < 3; i++) {
    page = await context.newPage()
    await page.addInitScript(() => {
      globalThis.long = []
      new PerformanceObserver((l) => globalThis.long.push(...l.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'longtask', buffered: true })
      new MutationObserver((_, o) => { if (document.querySelector('#course .u-over')) { globalThis.ready = performance.now(); o.disconnect() } }).observe(document, { childList: true, subtree: true })
    })
    await page.goto(url)
    await page.locator('#course .u-over').first().waitFor()
    readies.push(Math.round(await page.evaluate(() => globalThis.ready)))
    if (i < 2) await page.close()
  }
  await page.waitForTimeout(4000) // the courses of names have come
  const opening = await page.evaluate(() => globalThis.long.splice(0))
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const costs = []
  let before = await metrics(cdp)
  for (let i = 0; i < SECONDS; i++) {
    await page.waitForTimeout(1000)
    const after = await metrics(cdp)
    costs.push((after.TaskDuration - before.TaskDuration) * 1000)
    before = after
  }
  costs.sort((a, b) => a - b)
  const long = await page.evaluate(() => globalThis.long)
  console.log(`page ready after ${readies.join(', ')} ms (reach 1000); long tasks while it opens: ${opening.join(', ') || 'none'} ms`)
  console.log(`an update takes ${costs[costs.length >> 1].toFixed(0)} ms of the main thread in the median, ${costs.at(-1).toFixed(0)} at most (reach 40); long tasks: ${long.join(', ') || 'none'} ms (reach 100); heap ${(before.JSHeapUsedSize / 1e6).toFixed(0)} MB`)
}

async function day() {
  const page = await context.newPage()
  await page.goto(url)
  await page.locator('#course .u-over').first().waitFor()
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable')
  const heap = async () => { // what is left after a collection, of which one alone does not find everything
    for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage')
    return (await metrics(cdp)).JSHeapUsedSize / 1e6
  }
  const end = async () => Number(await page.locator('#course').getAttribute('data-end'))
  const until = async (second, ms) => {
    const begun = Date.now()
    while ((await end()) < second) {
      if (Date.now() - begun > ms) throw new Error(`the page is at second ${await end()} and never came to ${second}`)
      await page.waitForTimeout(200)
    }
  }
  const heaps = []
  const sample = async (...parts) => {
    for (const part of parts) {
      await until(DAY * part, PLAY * 2000)
      heaps.push(await heap())
    }
  }
  await sample(0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4) // all that a page makes once is made by then
  await context.setOffline(true)
  await page.waitForTimeout(5000)
  await context.setOffline(false)
  await sample(0.5, 0.55)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 20 }) // a tab that hardly gets to do anything
  await page.waitForTimeout(5000)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  await sample(0.65)
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' }) // a tab that sleeps
  await new Promise((r) => setTimeout(r, 10_000))
  await cdp.send('Page.setWebLifecycleState', { state: 'active' })
  await sample(0.75, 0.8, 0.85, 0.9, 0.95, 1)
  const sent = Number(await page.locator('#course').getAttribute('data-requests'))
  const { total } = await (await fetch(new URL('api/v1/runs/current/rows', url))).json()
  const growth = Math.max(...heaps) / heaps[0] - 1
  console.log(`${DAY / 3600} h played back in ${PLAY} s: heap ${heaps.map((h) => h.toFixed(1)).join(', ')} MB, ${(growth * 100).toFixed(0)} % more at most (reach 20); ${sent} requests in the charts of ${total.count}`)
  if (sent !== total.count) throw new Error('the charts miss something')
}
