/** The first row of the list in a real browser: cold (an empty cache) and on reload, with the bytes that travelled. */
import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import type { Credentials } from './http-client.ts'
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

export interface FirstRowRequest {
  /** Path of Chromium. */
  browser: string
  address: string
  login: Credentials
  runs: number
}

/** Prints p50 and worst of `runs` cold starts and reloads; says so when there is no browser. */
export async function firstRows({ browser: executablePath, address, login, runs }: FirstRowRequest): Promise<void> {
  if (!existsSync(executablePath)) return console.log(`first row in the browser: NOT RUN (no ${executablePath})`)
  const browser = await chromium.launch({ executablePath, args: flags })
  const figures = { cold: [] as number[], reload: [] as number[] }
  let bytes = { cold: 0, reload: 0 }
  try {
    for (let run = 0; run <= runs; run++) {
      const context = await browser.newContext({ baseURL: address, viewport: { width: 1440, height: 900 } })
      const answer = await context.request.post('/api/session', { data: login, headers: { origin: address } })
      if (!answer.ok()) throw new Error(`signing in was answered ${answer.status()}`)
      const page = await context.newPage()
      const cold = await rowAfter(page, () => page.goto('/customers', { waitUntil: 'commit' }))
      const reload = await rowAfter(page, () => page.reload({ waitUntil: 'commit' }))
      await context.close()
      // The first run warms the browser itself.
      if (run === 0) continue
      figures.cold.push(cold.seconds)
      figures.reload.push(reload.seconds)
      bytes = { cold: cold.bytes, reload: reload.bytes }
    }
  } finally {
    await browser.close()
  }
  for (const kind of ['cold', 'reload'] as const) {
    const s = figures[kind]
    console.log(
      `first row in the browser, ${kind}: p50 ${quantile(s, 0.5).toFixed(2)} s, worst ${quantile(s, 1).toFixed(2)} s, ${(bytes[kind] / 1024).toFixed(0)} KiB [${s.map((each) => each.toFixed(2)).join(' ')}]`,
    )
  }
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
