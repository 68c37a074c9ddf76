// Makes the pictures of docs/console.md that show a form and a run: of the demo test, in the browser, as somebody sees them.
//
//   go build -o /tmp/fanclub ./examples/fanclub && cd web && node test/pictures.js /tmp/fanclub ../docs/pictures
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'

const [program, folder] = process.argv.slice(2).map((p) => resolve(p))
const dir = mkdtempSync(join(tmpdir(), 'stampede-pictures-'))
const server = spawn(program, ['serve', '--web', '127.0.0.1:0', '--ledger', join(dir, 'runs.db')], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
try {
  const url = await new Promise((found, failed) => {
    let said = ''
    const hear = (b) => {
      said += b
      const m = /the page is at (http:\/\/\S+)/.exec(said)
      if (m) found(m[1])
    }
    server.stdout.on('data', hear)
    server.stderr.on('data', hear)
    server.on('error', failed)
    server.on('exit', () => failed(new Error(`it ended: ${said}`)))
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(url)
  await page.locator('.type').first().waitFor()
  await page.locator('svg[aria-label^="Users over"]').waitFor()
  await page.screenshot({ path: join(folder, 'page-form.png') })

  await page.evaluate(() => localStorage.setItem('stampede.who', 'Ann'))
  await page.reload()
  for (const [field, value] of Object.entries({ users: '80', 'spawn-rate': '4', 'run-time': '2m', thresholds: 'p95 < 500ms\nfailures < 1%' })) await page.fill(`#f-${field}`, value)
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await page.setViewportSize({ width: 1280, height: 1060 })
  const second = (n) => page.waitForFunction((n) => Number(document.querySelector('#course')?.dataset.end) >= n, n, { timeout: 120_000 })
  await second(35)
  await page.fill('#note', 'deployed the cache')
  await page.getByRole('button', { name: 'Annotate' }).click()
  await second(47)
  await page.screenshot({ path: join(folder, 'page-now.png') })
} finally {
  await browser.close()
  server.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
}
