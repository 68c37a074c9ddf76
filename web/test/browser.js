// Opens reports in a real browser, from files, as a reader does, and looks at what happens. Run by check.sh, or alone:
//
//   go run ./web/test/gen FOLDER && node web/test/browser.js FOLDER [SHOTS]
//
// With SHOTS, pictures of the reports are left in that folder.
import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [folder, shots] = process.argv.slice(2).map((f) => resolve(f))
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
if (!folder) stop('usage: node browser.js FOLDER [SHOTS]')
if (!existsSync(executablePath)) stop(`no browser at ${executablePath}: apt-get install -y --no-install-recommends chromium, or set CHROMIUM`)

function stop(why) {
  console.error(`browser: ${why}`)
  process.exit(2)
}

const MAX_BYTES = 5_000_000
const MAX_OPEN = 10_000 // ms: a bound against a page that hangs; how long it really takes is printed, and depends on what else the machine does
const SMALL = { width: 390, height: 844 }
const LARGE = { width: 1280, height: 900 }

const browser = await chromium.launch({
  executablePath,
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync',
  ],
})

/** read opens a report and runs a check on it. Whatever the page logs, asks of a network or pops up fails the check. */
async function read(name, { viewport = LARGE, scheme = 'light', scripts = true } = {}, check) {
  const context = await browser.newContext({ viewport, colorScheme: scheme, javaScriptEnabled: scripts, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(40_000) // a busy machine is slow, and proves nothing by that
  const troubles = []
  const address = pathToFileURL(join(folder, `${name}.html`)).href
  page.on('console', (m) => troubles.push(`console ${m.type()}: ${m.text()}`))
  page.on('pageerror', (e) => troubles.push(`error: ${e.stack}`))
  page.on('dialog', (d) => {
    troubles.push(`a dialog says ${d.message()}`)
    void d.dismiss()
  })
  page.on('request', (r) => {
    if (r.url() !== address && !r.url().startsWith('data:')) troubles.push(`a request for ${r.url()}`)
  })
  try {
    await page.goto(address)
    if (scripts) await page.waitForSelector('html[data-ready]')
    await check(page)
    assert.deepEqual(troubles, [])
  } finally {
    await context.close()
  }
}

const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
const names = (page, table = 'Requests') =>
  page.getByRole('region', { name: table, exact: true }).locator('tbody tr:not(.top) td:first-child .name').evaluateAll((cells) => cells.map((c) => c.lastElementChild.textContent))

/** painted is how many colours a canvas shows: a blank one shows one. */
const painted = (locator) =>
  locator.evaluate((c) => {
    const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height)
    const seen = new Set()
    for (let i = 0; i < data.length; i += 4 * 7) seen.add((data[i] << 24) | (data[i + 1] << 16) | (data[i + 2] << 8) | data[i + 3])
    return seen.size
  })

const checks = {
  'two hours of 200 names open at once and fit into a mail, with a baseline too': async () => {
    for (const name of ['big', 'bigpair']) {
      const bytes = statSync(join(folder, `${name}.html`)).size
      assert.ok(bytes < MAX_BYTES, `${name}: ${bytes} bytes`)
      let best = Infinity
      for (let i = 0; i < 5 && (i < 2 || best >= MAX_OPEN); i++) {
        const begun = performance.now()
        await read(name, {}, async (page) => {
          await page.locator('#course canvas').nth(4).waitFor()
          best = Math.min(best, performance.now() - begun)
          assert.ok((await painted(page.locator('#course canvas').nth(1))) > 8)
        })
      }
      console.log(`     ${name}: ${bytes} bytes, shown after ${Math.round(best)} ms (with a new browser context)`)
      assert.ok(best < MAX_OPEN, `${name}: shown after ${Math.round(best)} ms`)
    }
  },

  'the verdict stands first': () =>
    read('sample', {}, async (page) => {
      const sections = await page.locator('main > section').evaluateAll((s) => s.map((x) => x.id))
      assert.deepEqual(sections, ['verdict', 'plan', 'numbers', 'course', 'percentiles', 'requests', 'steps', 'errors', 'events'])
      assert.equal(await page.locator('.word').textContent(), 'FAILED')
      const text = await page.locator('#verdict').innerText()
      for (const words of ['SUSPECT', '2 of 4 thresholds broken', 'p95 < 500ms', 'no data', 'worker 1 was lost']) assert.ok(text.includes(words), words)
      assert.equal(await page.title(), 'Tour announcement: FAILED')
    }),

  'every chart is painted, in both themes': async () => {
    for (const scheme of ['light', 'dark']) {
      await read('sample', { scheme }, async (page) => {
        const grounds = { light: 'rgb(245, 246, 248)', dark: 'rgb(14, 18, 24)' }
        const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
        assert.equal(await ground(), grounds[scheme])
        const canvases = page.locator('canvas')
        assert.equal(await canvases.count(), 6)
        for (const canvas of await canvases.all()) assert.ok((await painted(canvas)) > 8)
        const other = scheme === 'light' ? 'dark' : 'light'
        await page.getByRole('button', { name: other === 'dark' ? 'Dark' : 'Light', exact: true }).click()
        assert.equal(await ground(), grounds[other])
        await page.reload()
        await page.waitForSelector('html[data-ready]')
        assert.equal(await ground(), grounds[other], 'the choice is kept')
        await page.getByRole('button', { name: 'As the system' }).click()
        assert.equal(await ground(), grounds[scheme])
      })
    }
  },

  'the first screen says what was felt, when it broke and why, with a small chart': () =>
    read('sample', { viewport: { width: 1280, height: 800 } }, async (page) => {
      const text = await page.locator('#verdict').innerText()
      assert.match(text, /Half of the answers took .* or less, one in twenty more than .*requests failed\./)
      const moments = page.locator('#verdict ol li')
      assert.ok((await moments.count()) >= 1)
      assert.match((await moments.allInnerTexts()).join(), /\d:\d\d to \d:\d\d\s*the site answered 503 to [\d.]+ %/)
      const chart = page.getByRole('img', { name: /^p95 over the run/ })
      const box = await chart.boundingBox()
      assert.ok(box && box.width > 400 && box.y + box.height < 800, 'the chart is on the first screen')
      assert.equal(await chart.locator('rect').count(), await moments.count(), 'each stretch is shaded')
      assert.ok((await chart.locator('path.p95').getAttribute('d')).length > 100)
    }),

  'a phone never scrolls sideways': async () => {
    for (const name of ['sample', 'hostile', 'empty', 'open', 'big', 'final', 'against', 'refused', 'curves']) {
      await read(name, { viewport: SMALL }, async (page) => assert.equal(await wide(page), 0, name))
      await read(name, { viewport: { width: 320, height: 568 } }, async (page) => assert.equal(await wide(page), 0, `${name} on a small phone`))
    }
  },

  'tables sort': () =>
    read('sample', {}, async (page) => {
      const table = page.getByRole('region', { name: 'Requests', exact: true })
      const before = await names(page)
      assert.deepEqual(before, [...before].sort((a, b) => a.localeCompare(b, 'en', { sensitivity: 'base' })))
      const header = (name) => table.locator('thead').getByRole('button', { name, exact: true })
      await header('Count').click()
      const counts = async () => (await table.locator('tbody tr:not(.top) td:nth-child(3)').allInnerTexts()).map((t) => Number(t.replaceAll(',', '')))
      assert.deepEqual(await counts(), (await counts()).toSorted((a, b) => b - a))
      assert.equal(await table.locator('th[aria-sort="descending"]').count(), 1)
      await header('Count').click()
      assert.deepEqual(await counts(), (await counts()).toSorted((a, b) => a - b))
      await header('p95').click()
      assert.equal((await names(page))[0], 'Buy Ticket')
      assert.equal(await table.locator('tr.top td').first().innerText(), 'All requests', 'the total stays on top')
      await page.getByRole('group', { name: 'Which time the table shows' }).first().getByRole('button', { name: 'Lag' }).click()
      assert.match(await table.locator('tr.top td').nth(7).innerText(), /us$/)
    }),

  'tables filter': () =>
    read('big', {}, async (page) => {
      assert.equal((await names(page)).length, 50)
      await page.getByRole('button', { name: 'Show all 200' }).click()
      assert.equal((await names(page)).length, 200)
      await page.getByLabel('Filter requests').fill('get 12')
      assert.deepEqual(await names(page), ['012', '112', ...Array.from({ length: 10 }, (_, i) => `12${i}`)].map((n) => `Page ${n}`))
      await page.getByLabel('Filter requests').fill('no such thing')
      assert.equal((await names(page)).length, 0)
      await page.getByText('No row holds all of these words.').waitFor()
    }),

  'a name is picked, from the list, by keys and from the table': () =>
    read('sample', {}, async (page) => {
      const current = page.locator('.picker .current .name')
      const mean = () => page.locator('#course figure').first().locator('li').first().locator('b').innerText()
      const all = await mean()
      await page.locator('.picker .current').click()
      await page.getByLabel('Filter names').fill('fan')
      await page.keyboard.press('Enter')
      assert.equal(await current.innerText(), 'Logged In Fan Club')
      assert.notEqual(await mean(), all)
      assert.match(await page.locator('#percentiles h2').innerText(), /Logged In Fan Club/)
      await page.getByRole('button', { name: 'Next name' }).click()
      assert.equal(await current.innerText(), 'Logged In Store Page')
      await page.getByRole('region', { name: 'Requests', exact: true }).getByRole('button', { name: 'Log In', exact: true }).click()
      assert.equal(await current.innerText(), 'Log In')
      assert.ok(await page.locator('#course').isVisible())
      await page.locator('.picker .current').click()
      await page.keyboard.press('Escape')
      assert.equal(await page.getByLabel('Filter names').count(), 0)
    }),

  'charts zoom together, and show values under the pointer': () =>
    read('sample', {}, async (page) => {
      await page.locator('#course').evaluate((s) => s.scrollIntoView())
      const plots = page.locator('#course .plot')
      const box = await plots.nth(1).boundingBox()
      const y = box.y + 90
      const x = (share) => box.x + 64 + (box.width - 84) * share
      const value = (chart, line) => page.locator('#course figure').nth(chart).locator('li').nth(line).locator('b').innerText()
      await page.mouse.move(x(0.52), y) // 2:04, while the site stalls
      assert.match(await page.locator('.moment').innerText(), /^2:0[3-5] · 19:02:0[3-5]$/)
      assert.equal(await value(1, 2), '5.00 s')
      assert.equal(await value(3, 0), '500', 'the chart of users shows the same moment')
      assert.match(await page.locator('.told').innerText(), /^2:04 to 2:06: \d+ answers$/)
      await page.mouse.down()
      await page.mouse.move(x(0.75), y, { steps: 4 })
      await page.mouse.up()
      const chip = page.getByRole('button', { name: /Show the whole run/ })
      assert.match(await chip.innerText(), /^2:0\d to (2:59|3:0\d)/)
      assert.equal(await page.locator('.flags li').count(), 1, 'events outside of view are gone')
      await plots.nth(2).dblclick({ position: { x: 300, y: 60 } })
      assert.equal(await chip.count(), 0)
      assert.equal(await page.locator('.flags li').count(), 6)
      await plots.nth(0).focus()
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
      assert.match(await page.locator('.moment').innerText(), /^0:02/)
      assert.match(await page.locator('#course figure').first().locator('[aria-live]').innerText(), /^0:02: Requests /)
      await page.keyboard.press('+')
      assert.equal(await chip.count(), 1)
      await page.keyboard.press('Escape')
      assert.equal(await chip.count(), 0)
    }),

  'events say what happened': () =>
    read('sample', {}, async (page) => {
      await page.locator('.flags button.grave').first().focus()
      assert.match(await page.locator('.tip').innerText(), /2:04 threshold broken: "Log In" p99 < 1s over 10s/)
      assert.equal(await page.locator('#events li').count(), 6)
    }),

  'a warm-up is left out and said, and exceptions show their stacks': () =>
    read('story', {}, async (page) => {
      await page.getByText('Warm-up left out.').waitFor()
      assert.deepEqual(await page.locator('.phase').allInnerTexts(), ['warm-up', 'steady', 'ramp-down'])
      const exceptions = page.locator('#exceptions')
      await exceptions.getByText('index out of range').waitFor()
      await exceptions.getByText('Stack').click()
      assert.match(await exceptions.locator('pre').innerText(), /\n {4}\/src\/shop\/main.go:57/)
      assert.ok(!(await page.locator('#errors').innerText()).includes('panic'), 'exceptions stand apart')
    }),

  'a baseline: the word, both runs, and what changed most': () =>
    read('against', {}, async (page) => {
      const sections = await page.locator('main > section').evaluateAll((s) => s.map((x) => x.id))
      assert.deepEqual(sections.slice(0, 3), ['verdict', 'baseline', 'plan'])
      assert.match(await page.locator('#verdict .why').innerText(), /^Worse than the baseline\. The threshold held\.$/)
      const told = page.locator('#baseline')
      assert.equal(await told.locator('.word').innerText(), 'REGRESSED')
      const text = await told.innerText()
      for (const words of ['cache in front of the shop', 'connection pool of the log-in halved', '20261026T190000Z-51c0', 'Logged In iframe: demo', 'GET Queue', 'version of stampede', '0:20 to 4:00']) {
        assert.ok(text.includes(words), words)
      }
      assert.equal(await told.locator('.forest li').count(), 5)
      assert.match(await told.locator('.forest [role=img]').nth(3).getAttribute('aria-label'), /^REGRESSED: .* in the baseline, .* now; \+\d+\.\d % \(95 %: \+.* to \+.* %\)/)
      const most = told.getByRole('list', { name: 'What changed most' }).getByRole('button')
      assert.deepEqual((await most.allInnerTexts()).slice(0, 2), ['All requests', 'Log In'])
      await most.nth(1).click()
      assert.equal(await page.locator('.picker .current .name').innerText(), 'Log In')
      assert.match(await page.locator('.against b').first().innerText(), /./)
    }),

  'a baseline: its curves lie under those of the run': () =>
    read('against', {}, async (page) => {
      const figures = page.locator('#course figure')
      const legend = (chart) => figures.nth(chart).locator('li button')
      assert.deepEqual(await figures.nth(1).locator('li').evaluateAll((l) => l.map((x) => x.classList.contains('under'))), [false, true, false, true, false, true])
      assert.match(await legend(1).nth(3).innerText(), /p95 of the baseline/)
      const pixels = () => figures.nth(1).locator('canvas').evaluate((c) => c.toDataURL())
      const both = await pixels()
      await legend(1).nth(3).click()
      assert.notEqual(await pixels(), both, 'one curve can be hidden')
      await page.locator('#course .bar').getByRole('button', { name: 'Baseline', exact: true }).click()
      assert.equal(await figures.nth(1).locator('li').count(), 3)
      await page.locator('#course .bar').getByRole('button', { name: 'Baseline', exact: true }).click()
      await figures.nth(1).locator('.plot').focus()
      await page.keyboard.press('ArrowRight')
      assert.match(await legend(1).nth(1).innerText(), /\d (us|ms|s)$/, 'the baseline has a value under the pointer')
      await page.locator('.picker .current').click()
      await page.getByLabel('Filter names').fill('queue')
      await page.keyboard.press('Enter')
      await page.getByText('The baseline has no Queue').waitFor()
      assert.equal(await figures.nth(1).locator('li').count(), 3)
    }),

  'a baseline: the table says what changed, and sorts by it': () =>
    read('against', {}, async (page) => {
      const table = page.getByRole('region', { name: 'Requests', exact: true })
      const header = (name) => table.locator('thead').getByRole('button', { name, exact: true })
      const order = await names(page)
      assert.deepEqual([order[0], order.at(-1)], ['Log In', 'Queue'], 'the worst first, what cannot be compared last')
      assert.equal(await table.locator('tbody tr:not(.top)').first().locator('.badge').innerText(), '✕\nREGRESSED')
      assert.match(await table.locator('tbody tr:not(.top)').last().innerText(), /only in this run/)
      await header('p95').click()
      const shifts = async () => (await table.locator('tbody tr:not(.top) td:nth-child(6) .shift b').allInnerTexts()).map(parseFloat)
      assert.deepEqual(await shifts(), (await shifts()).toSorted((a, b) => b - a))
      assert.ok((await shifts())[0] > 20)
      assert.match(await table.locator('tbody tr.top td:nth-child(6)').innerText(), /\+\d+\.\d %\n\+\d+\.\d to \+\d+\.\d %\n\d+ ms → \d+ ms/)
      await page.locator('#requests').getByRole('button', { name: 'Figures of this run' }).click()
      await header('Received').waitFor()
      assert.equal(await table.locator('.change').count(), 0)
      const errors = page.getByRole('region', { name: 'Errors', exact: true })
      const fresh = errors.locator('tbody tr', { has: page.getByText('new', { exact: true }) })
      assert.match((await fresh.allInnerTexts()).join(), /no free connection/)
      assert.ok((await errors.locator('tbody tr').count()) > (await fresh.count()), 'others happened before too')
    }),

  'a baseline that is no fair one, one that is the same, and curves alone': async () => {
    await read('refused', {}, async (page) => {
      assert.equal(await page.locator('#baseline .word').innerText(), 'INCONCLUSIVE')
      assert.match(await page.locator('#baseline .differences li').first().innerText(), /not comparable\s*users/)
      assert.equal(await page.locator('#baseline .forest').count(), 0)
      assert.match(await page.locator('#verdict .why').innerText(), /requests failed/, 'what cannot be compared is no regression')
    })
    await read('same', {}, async (page) => assert.equal(await page.locator('#baseline .word').innerText(), 'SAME'))
    await read('curves', {}, async (page) => {
      assert.equal(await page.locator('#baseline .word').count(), 0)
      assert.equal(await page.locator('#course .under').count(), 6)
      await page.getByRole('region', { name: 'Requests', exact: true }).getByRole('button', { name: 'Received' }).waitFor()
    })
  },

  'hostile texts stay texts': () =>
    read('hostile', {}, async (page) => {
      for (const details of await page.locator('details').all()) await details.evaluate((d) => (d.open = true))
      const made = await page.evaluate(() => ({
        scripts: document.querySelectorAll('script').length,
        images: document.querySelectorAll('img, iframe, object, embed, svg[onload]').length,
        handlers: [...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames()).filter((n) => n.startsWith('on')).length,
        links: [...document.querySelectorAll('a')].map((a) => a.getAttribute('href')).filter((h) => !h.startsWith('#')),
      }))
      assert.deepEqual(made, { scripts: 2, images: 0, handlers: 0, links: ['https://ok.example/?a=1&b=2'] })
      assert.equal(await page.locator('h1').innerText(), '<script>alert("x")</script>')
      assert.ok((await names(page)).includes('</script><svg/onload=alert(1)>'))
      await page.getByText('(no name)').first().waitFor()
    }),

  'not even a script that got in would run': () =>
    read('one', {}, async (page) => {
      // Written by hand, not with assert, because the attempt is logged as the violation that it is.
      const context = await browser.newContext()
      try {
        const other = await context.newPage()
        await other.goto(page.url())
        await other.waitForSelector('html[data-ready]')
        const ran = await other.evaluate(async () => {
          const attempts = {}
          const attempt = (name, act) => {
            try {
              act()
            } catch {
              attempts[name] = 'refused'
            }
          }
          attempt('markup', () => (document.body.innerHTML += '<b>x</b>'))
          const script = document.createElement('script')
          attempt('text', () => (script.textContent = 'window.ran = true'))
          document.body.append(script)
          attempts.network = await fetch('http://127.0.0.1:9/').then(() => 'answered', () => 'refused')
          return { attempts, ran: window.ran === true }
        })
        assert.deepEqual(ran, { attempts: { markup: 'refused', text: 'refused', network: 'refused' }, ran: false })
      } finally {
        await context.close()
      }
    }),

  'edges: nothing, one request, all failed, dropped, ten thousand names, no course': async () => {
    const word = (page) => page.locator('.word').textContent()
    await read('empty', {}, async (page) => {
      assert.equal(await word(page), 'FAILED')
      await page.getByText('Nothing was measured.').waitFor()
    })
    await read('one', {}, async (page) => assert.equal(await word(page), 'PASSED'))
    await read('allfailed', {}, async (page) => {
      assert.equal(await word(page), 'FAILED')
      await page.getByText('nothing listens on').first().waitFor()
    })
    await read('open', {}, async (page) => {
      assert.equal(await word(page), 'INVALID')
      await page.getByText('50 arrivals dropped: no user').waitFor()
      assert.match(await page.locator('.quantiles').innerText(), /> /)
    })
    await read('many', {}, async (page) => {
      await page.getByText('10,000 names').waitFor()
      await page.getByLabel('Filter requests').fill('9999')
      assert.deepEqual(await names(page), ['Page 9999'])
    })
    await read('final', {}, async (page) => {
      assert.equal(await page.locator('#course').count(), 0)
      await page.getByText('how the run went over time was not kept').waitFor()
    })
  },

  'paper is light and shows everything': () =>
    read('sample', { scheme: 'dark' }, async (page) => {
      await page.evaluate(() => {
        window.seen = []
        new MutationObserver(() => window.seen.push([document.documentElement.dataset.theme, document.querySelectorAll('details:not(.menu):not([open])').length])).observe(document.documentElement, {
          attributeFilter: ['data-theme'],
        })
      })
      const pdf = await page.pdf({ format: 'A4' })
      assert.ok(pdf.length > 50_000, `a sheet of ${pdf.length} bytes`)
      assert.deepEqual(await page.evaluate(() => window.seen), [['light', 0], ['dark', 2]])
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark')
    }),

  'without scripts the result is still told': () =>
    read('sample', { scripts: false, viewport: SMALL }, async (page) => {
      const text = await page.locator('body').innerText()
      for (const words of ['Tour announcement: FAILED', 'p95 < 500ms', 'POST Log In', '503 Service Unavailable']) assert.ok(text.includes(words), words)
    }),

  'everything has a name for those who do not see it': async () => {
    for (const name of ['sample', 'against']) await read(name, {}, async (page) => {
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('button, a, input, [role=application], [role=region], [role=img]')]
          .filter((e) => !(e.getAttribute('aria-label') || e.getAttribute('title') || e.textContent.trim() || e.labels?.length))
          .map((e) => e.outerHTML.slice(0, 120)),
      )
      assert.deepEqual(nameless, [])
      assert.equal(await page.locator('h1').count(), 1)
      assert.equal(await page.locator('html').getAttribute('lang'), 'en')
    })
  },
}

/** within ends a check that takes for ever. */
function within(ms, promise) {
  let timer
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`not done after ${ms / 1000} s`)), ms)))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

let failed = 0
for (const [name, check] of Object.entries(checks)) {
  try {
    await within(240_000, check())
    console.log(`ok   ${name}`)
  } catch (e) {
    failed++
    console.error(`FAIL ${name}\n${e.stack}\n`)
  }
}

if (shots) {
  for (const [name, options] of [
    ['sample', {}], ['sample', { scheme: 'dark' }], ['sample', { viewport: SMALL }], ['sample', { viewport: SMALL, scheme: 'dark' }], ['big', {}], ['hostile', {}], ['open', { scheme: 'dark' }],
    ['against', {}], ['against', { scheme: 'dark' }], ['against', { viewport: SMALL }], ['against', { viewport: SMALL, scheme: 'dark' }],
  ]) {
    const file = `${name}-${options.scheme ?? 'light'}-${(options.viewport ?? LARGE).width}.png`
    await read(name, options, (page) => page.screenshot({ path: join(shots, file), fullPage: true }))
  }
}

await browser.close()
process.exit(failed > 0 ? 1 : 0)
