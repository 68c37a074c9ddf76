// A person's visit to a WordPress in a real browser, recorded: log in, write a post in the block editor, publish it, comment on it, log out. Run by
// `go run ./bench wordpress`, or alone:
//
//   node test/wordpress.js har|zip|files|cdp|over SITE USER PASSWORD OUT
//
// har, zip and files are what Playwright's recordHar writes: with the bodies in the file, in an archive with them, and with files beside. cdp is
// what Chromium's own network panel exports, without cookies. over drives a browser that is open already, by the address of its developer tools
// in OUT, and records nothing itself.
import { writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const [mode, site, user, password, out] = process.argv.slice(2)
const LONG = 90_000 // ms: a bound against a page that hangs

const pause = (page, ms = 900) => page.waitForTimeout(ms)

/** visit does what a person does. The words differ from account to account. */
async function visit(page) {
  page.setDefaultTimeout(LONG)
  page.setDefaultNavigationTimeout(LONG)
  await page.goto(`${site}/`)
  await pause(page)
  await page.goto(`${site}/wp-login.php`)
  await pause(page)
  await page.fill('#user_login', user)
  await page.fill('#user_pass', password)
  await Promise.all([page.waitForURL(/wp-admin/), page.click('#wp-submit')])
  await pause(page)
  await page.goto(`${site}/wp-admin/post-new.php`)
  await write(page)
  await comment(page)
  await page.click('.logged-in-as a[href*="action=logout"]')
  await page.waitForSelector('#wpadminbar', { state: 'detached' }) // the post, as anybody sees it
  await pause(page)
}

/** write writes a post in the block editor and publishes it. */
async function write(page) {
  const title = page.locator('.editor-post-title__input')
  await title.waitFor()
  const guide = page.locator('.components-guide .components-modal__header button, .components-modal__header button[aria-label^="Close"]').first()
  await guide.waitFor({ timeout: 5000 }).then(() => guide.click(), () => {})
  await pause(page)
  await title.click()
  await page.keyboard.type(`${user} went to the concert`)
  await page.keyboard.press('Enter')
  await page.keyboard.type(`It was loud, says ${user}.`)
  await pause(page)
  await page.click('.editor-post-publish-panel__toggle')
  await pause(page)
  await page.click('.editor-post-publish-button')
  const done = page.locator('.post-publish-panel__postpublish-buttons a').first()
  await done.waitFor()
  await pause(page)
  await Promise.all([page.waitForURL((u) => !u.pathname.startsWith('/wp-admin')), done.click()])
}

/** comment comments on the post that is shown. */
async function comment(page) {
  await page.waitForSelector('#comment')
  await pause(page)
  await page.fill('#comment', `I was there too, with ${user}.`)
  await Promise.all([page.waitForURL(/#comment-/), page.click('#commentform [type=submit]')])
  await pause(page)
}

/** network writes what the network panel of Chromium would export of a page. */
async function network(page, file) {
  const session = await page.context().newCDPSession(page)
  const entries = []
  const open = new Map()
  const pairs = (headers) => Object.entries(headers).filter(([n]) => !/^(cookie|set-cookie|authorization)$/i.test(n)).map(([name, value]) => ({ name, value }))
  const answer = (e, r, at) => {
    e.time = (at - e.began) * 1000
    e.response = {
      status: r.status, statusText: r.statusText, httpVersion: r.protocol, headers: pairs(r.headers), cookies: [], content: { size: 0, mimeType: r.mimeType },
      redirectURL: r.headers.Location ?? r.headers.location ?? '', headersSize: -1, bodySize: -1, _transferSize: r.encodedDataLength, _error: null,
    }
  }
  session.on('Network.requestWillBeSent', (e) => {
    const before = open.get(e.requestId)
    if (before && e.redirectResponse) answer(before, e.redirectResponse, e.timestamp)
    const { request: q } = e
    const entry = {
      _initiator: { type: e.initiator.type }, _resourceType: e.type?.toLowerCase(), _priority: q.initialPriority, began: e.timestamp, startedDateTime: new Date(e.wallTime * 1000).toISOString(), time: 0,
      request: { method: q.method, url: q.url, httpVersion: 'http/1.1', headers: pairs(q.headers), queryString: [], cookies: [], headersSize: -1, bodySize: q.postData?.length ?? 0 },
      response: { status: 0, statusText: '', headers: [], cookies: [], content: { size: 0, mimeType: 'x-unknown' }, redirectURL: '', headersSize: -1, bodySize: -1, _error: 'net::ERR_ABORTED' }, cache: {},
      timings: { blocked: -1, dns: -1, ssl: -1, connect: -1, send: 0.1, wait: 1, receive: 1 },
    }
    if (q.postData !== undefined) entry.request.postData = { mimeType: q.headers['Content-Type'] ?? '', text: q.postData }
    open.set(e.requestId, entry)
    entries.push(entry)
  })
  session.on('Network.responseReceived', (e) => open.has(e.requestId) && answer(open.get(e.requestId), e.response, e.timestamp))
  session.on('Network.requestServedFromCache', (e) => open.has(e.requestId) && (open.get(e.requestId)._fromCache = 'memory'))
  const bodies = []
  session.on('Network.loadingFinished', (e) => {
    const entry = open.get(e.requestId)
    if (!entry || !/json|html|text\/plain/.test(entry.response.content.mimeType)) return
    bodies.push(session.send('Network.getResponseBody', { requestId: e.requestId }).then(({ body, base64Encoded }) => {
      Object.assign(entry.response.content, { text: body, size: body.length }, base64Encoded ? { encoding: 'base64' } : {})
    }, () => {})) // of a page that was left nothing is kept, as in the panel
  })
  await session.send('Network.enable', { maxTotalBufferSize: 200_000_000, maxResourceBufferSize: 50_000_000, maxPostDataSize: 1_000_000 })
  return async () => {
    await Promise.all(bodies)
    for (const e of entries) delete e.began
    writeFileSync(file, JSON.stringify({ log: { version: '1.2', creator: { name: 'WebInspector', version: '537.36' }, pages: [], entries } }))
  }
}

if (mode === 'over') {
  const browser = await chromium.connectOverCDP(out)
  const page = browser.contexts()[0].pages()[0]
  await visit(page)
  const session = await browser.newBrowserCDPSession()
  await session.send('Browser.close').catch(() => {})
} else {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  })
  const recordHar = { har: { path: out, content: 'embed' }, zip: { path: out, content: 'attach' }, files: { path: out, content: 'attach' } }[mode]
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...(recordHar ? { recordHar } : {}) })
  const page = await context.newPage()
  const save = mode === 'cdp' ? await network(page, out) : undefined
  try {
    await visit(page)
    await save?.()
  } catch (e) {
    await page.screenshot({ path: `${out}.png` }).catch(() => {})
    throw e
  } finally {
    await context.close()
    await browser.close()
  }
}
