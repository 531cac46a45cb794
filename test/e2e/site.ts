/** A real site for the browser tests: the demo bank written, loaded and tiered, served with the built page; and Chromium. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, expect, vi } from 'vitest'
import { writeDemo } from '../../demo/write.ts'
import { type DemoLogin, ensureDemoLogins } from '../../src/access/demo-logins.ts'
import type { ShippedRoleCode } from '../../src/access/roles.ts'
import { serve } from '../../src/api/server.ts'
import { webAssets } from '../../src/command/assets.ts'
import { work } from '../../src/jobs/work.ts'
import { addDays, type Day } from '../../src/kit/day.ts'
import { loadFolder } from '../../src/nightly/load/folder.ts'
import { runNight } from '../../src/nightly/night.ts'
import { monthEndsBetween } from '../../src/nightly/night-day.ts'
import { openWorkplace, type Workplace } from '../../src/nightly/workplace.ts'
import { testDatabase } from '../support/database.ts'
import { testConfig, testHome } from '../support/home.ts'

export interface Site {
  address: string
  workplace: Workplace
  browser: Browser
  logins: DemoLogin[]
  /** A page in Chinese, 1440 px wide, signed in as the demo person of a role. */
  as(role: ShippedRoleCode, options?: BrowserContextOptions): Promise<Page>
  close(): Promise<void>
}

const bank = { customers: 400, days: 130, seed: 7 }

/** What Chromium needs in a container as root, and without a network to talk to. */
export const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The site of a test file: opened by the first test that needs it, closed after the last. `env` adds settings. */
export function sharedSite(
  env: () => Promise<Record<string, string>> = async () => ({}),
): (browserPath: string) => Promise<Site> {
  let opened: Promise<Site> | undefined
  afterAll(async () => (await opened)?.close())
  return (path) => (opened ??= env().then((settings) => openSite(path, settings)))
}

/** Opens an address and waits until its skeletons are gone. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.locator('h1').first().waitFor()
  const waiting = page.locator('.loading, .ant-skeleton-active, .ant-spin-spinning')
  await vi.waitFor(async () => expect(await waiting.count()).toBe(0), { timeout: 20_000, interval: 100 })
}

/** How long a test of the browser may take, in milliseconds. */
export const minutes = (count: number) => count * 60_000

async function openSite(browserPath: string, env: Record<string, string>): Promise<Site> {
  const database = await testDatabase()
  const home = testHome()
  const workplace = await openWorkplace(testConfig(home.home, database, { STRATA_LOG_LEVEL: 'error', ...env }))
  const end = addDays(workplace.clock.today(), -1)
  const inbox = join(home.home, 'inbox', 'demo')
  mkdirSync(inbox, { recursive: true })
  await writeDemo({ ...bank, out: inbox, end })
  await loadFolder(workplace, inbox)
  for (const night of nightsBefore(end)) await runNight(workplace, { day: night })
  const logins = await ensureDemoLogins(workplace.db)
  const webDir = await webAssets(home.home)
  const worker = await work(workplace)
  const server = await serve(workplace, { port: 0, host: '127.0.0.1', webDir })
  const browser = await chromium.launch({ executablePath: browserPath, args: browserFlags })
  return {
    address: server.address,
    workplace,
    browser,
    logins,
    as: (role, options) => signedIn(browser, server.address, loginOf(logins, role), options),
    close: async () => {
      await browser.close()
      await server.close()
      await worker.close()
      await workplace.close()
      await database.drop()
      home.remove()
    },
  }
}

/** The last two month-ends and the last day: enough for movements between nights. */
function nightsBefore(end: Day): Day[] {
  return [...monthEndsBetween(addDays(end, -70), addDays(end, -1)).slice(-2), end]
}

export function loginOf(logins: DemoLogin[], role: ShippedRoleCode): DemoLogin {
  const login = logins.find((one) => one.role.code === role)
  if (!login) throw new Error(`the demo bank has no ${role}`)
  return login
}

async function signedIn(
  browser: Browser,
  address: string,
  { name, password }: DemoLogin,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: address,
    viewport: { width: 1440, height: 900 },
    locale: 'zh-CN',
    // A click then lands where it was aimed, on a slow machine too
    reducedMotion: 'reduce',
    ...options,
  })
  const answer = await context.request.post('/api/session', { data: { name, password }, headers: { origin: address } })
  if (!answer.ok()) throw new Error(`signing in as ${name} was answered ${answer.status()}`)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return page
}
