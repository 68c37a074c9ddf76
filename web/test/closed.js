// When seconds of a run come to be on the page: prints [second, ms since 1970] of each. Usage: node closed.js URL SECONDS. It waits for the page, and ends
// when the run was seen for so many seconds.
import { chromium } from 'playwright-core'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [url, seconds] = process.argv.slice(2)
const pause = (ms) => new Promise((r) => setTimeout(r, ms))
const dir = mkdtempSync(join(tmpdir(), 'stampede-closed-'))
const context = await chromium.launchPersistentContext(dir, {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, viewport: { width: 1400, height: 1000 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
try {
  const page = await context.newPage() // a browser takes seconds of the processor to start, and stands elsewhere in life
  for (let i = 0; ; i++) {
    if ((await fetch(new URL('healthz', url)).catch(() => ({ ok: false }))).ok) break
    if (i > 3000) throw new Error('the page never opened')
    await pause(100)
  }
  await page.goto(url)
  await page.locator('#course').waitFor({ timeout: 60_000 })
  await page.evaluate(() => {
    const course = document.getElementById('course')
    globalThis.seen = []
    let last = Number(course.dataset.end)
    new MutationObserver(() => {
      const end = Number(course.dataset.end)
      if (end > last) globalThis.seen.push([(last = end), Date.now()])
    }).observe(course, { attributes: true })
  })
  await pause(Number(seconds) * 1000)
  console.log(JSON.stringify(await page.evaluate(() => globalThis.seen)))
} finally {
  await context.close()
  rmSync(dir, { recursive: true, force: true })
}
