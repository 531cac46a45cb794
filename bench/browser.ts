/** The list in a real browser: its first row, cold (an empty cache) and on reload, and its frames while scrolling. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Credentials } from './http-client.ts'
import { readOn, scrollThrough } from './scrolling.ts'
import { quantile } from './support.ts'

// What Chromium needs in a container as root, and without a network to talk to.
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface BrowserRequest {
  /** Path of Chromium. */
  browser: string
  address: string
  login: Credentials
}

/** Prints p50 and worst of `runs` cold starts and reloads, and the time of a frame; says so when there is no browser. */
export async function inBrowser(request: BrowserRequest & { runs: number; rows: number }): Promise<void> {
  const { browser: executablePath, runs, rows } = request
  if (!existsSync(executablePath)) return console.log(`in the browser: NOT RUN (no ${executablePath})`)
  const browser = await chromium.launch({ executablePath, args: flags })
  try {
    await firstRows(browser, request, runs)
    await frames(browser, request, rows)
  } finally {
    await browser.close()
  }
}

async function firstRows(browser: Browser, request: BrowserRequest, runs: number): Promise<void> {
  const figures = { cold: [] as number[], reload: [] as number[] }
  let bytes = { cold: 0, reload: 0 }
  for (let run = 0; run <= runs; run++) {
    const page = await signedIn(browser, request)
    const cold = await rowAfter(page, () => page.goto('/customers', { waitUntil: 'commit' }))
    const reload = await rowAfter(page, () => page.reload({ waitUntil: 'commit' }))
    await page.context().close()
    // The first run warms the browser itself.
    if (run === 0) continue
    figures.cold.push(cold.seconds)
    figures.reload.push(reload.seconds)
    bytes = { cold: cold.bytes, reload: reload.bytes }
  }
  for (const kind of ['cold', 'reload'] as const) {
    const s = figures[kind]
    console.log(
      `first row in the browser, ${kind}: p50 ${quantile(s, 0.5).toFixed(2)} s, worst ${quantile(s, 1).toFixed(2)} s, ${(bytes[kind] / 1024).toFixed(0)} KiB [${s.map((each) => each.toFixed(2)).join(' ')}]`,
    )
  }
}

/** Reads that many rows into the list and scrolls through them, 300 frames from the first row to the last. */
async function frames(browser: Browser, request: BrowserRequest, wanted: number): Promise<void> {
  const page = await signedIn(browser, request)
  await page.goto('/customers')
  await page.locator('.list-body tbody td').first().waitFor()
  const begun = performance.now()
  const rows = await readOn(page, wanted)
  const seconds = (performance.now() - begun) / 1000
  const { frameMs, blank, rowsInDocument } = await scrollThrough(page, 300)
  const ms = (q: number) => quantile(frameMs, q).toFixed(1)
  console.log(
    `scrolling ${rows} rows (read to the end in ${seconds.toFixed(1)} s): ms per frame p50 ${ms(0.5)} p95 ${ms(0.95)} worst ${ms(1)}, ${blank} of 300 blank, ${rowsInDocument} rows in the document`,
  )
  await page.context().close()
}

async function signedIn(browser: Browser, { address, login }: BrowserRequest): Promise<Page> {
  const context = await browser.newContext({ baseURL: address, viewport: { width: 1440, height: 900 } })
  const answer = await context.request.post('/api/session', { data: login, headers: { origin: address } })
  if (!answer.ok()) throw new Error(`signing in was answered ${answer.status()}`)
  return context.newPage()
}

async function rowAfter(page: Page, go: () => Promise<unknown>): Promise<{ seconds: number; bytes: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  let bytes = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  const begun = performance.now()
  await go()
  await page.locator('.list-body tbody td').first().waitFor()
  const seconds = (performance.now() - begun) / 1000
  await session.detach()
  return { seconds, bytes }
}
