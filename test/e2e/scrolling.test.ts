/** The customers list over 100,000 rows, in a real browser: every frame shows rows, and the last row is the last customer. */
import { chromium } from 'playwright-core'
import { expect } from 'vitest'
import { readOn, scrollThrough } from '../../bench/scrolling.ts'
import { setLogin } from '../../src/access/set-login.ts'
import { serve } from '../../src/api/server.ts'
import { webAssets } from '../../src/command/assets.ts'
import { openWorkplace } from '../../src/nightly/workplace.ts'
import { browserTest } from '../support/browser.ts'
import { testDatabase } from '../support/database.ts'
import { testConfig, testHome } from '../support/home.ts'
import { longList, numberAt } from '../support/long-list.ts'
import { browserFlags } from './site.ts'

const customers = 100_000

browserTest(
  'a list of 100,000 customers scrolls without a blank frame to its last row',
  async (executablePath) => {
    const database = await testDatabase()
    const home = testHome()
    const workplace = await openWorkplace(testConfig(home.home, database, { STRATA_LOG_LEVEL: 'error' }))
    await longList(workplace, customers)
    const { name, password } = await setLogin(workplace.db, workplace.clock, {
      name: 'long',
      role: 'analyst',
      unit: 'LONG',
    })
    const webDir = await webAssets(home.home)
    const server = await serve(workplace, { port: 0, host: '127.0.0.1', webDir })
    const browser = await chromium.launch({ executablePath, args: browserFlags })
    try {
      const context = await browser.newContext({ baseURL: server.address, viewport: { width: 1440, height: 900 } })
      const headers = { origin: server.address }
      await context.request.post('/api/session', { data: { name, password }, headers })
      const page = await context.newPage()
      await page.goto('/customers')
      await page
        .locator('.list-body tbody tr:not(.gap)')
        .filter({ hasText: numberAt(1) })
        .waitFor()
      expect(await readOn(page, customers)).toBe(customers)
      const scrolled = await scrollThrough(page, 200)
      expect(scrolled.blank).toBe(0)
      expect(scrolled.rowsInDocument).toBeLessThan(150)
      const last = page.locator('.list-body tbody tr:not(.gap)').last()
      expect(await last.textContent()).toContain(numberAt(customers))
      expect(await page.locator('.list-body').textContent()).not.toContain(numberAt(1))
      await page.locator('.list-foot').getByText('100,000').first().waitFor()
    } finally {
      await browser.close()
      await server.close()
      await workplace.close()
      await database.drop()
      home.remove()
    }
  },
  240_000,
)
