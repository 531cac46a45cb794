/** What people do on the page, in a real browser against the real server; found by role, as a person finds it. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, expect, vi } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { loginOf, openSite, type Site } from './site.ts'

const minutes = (count: number) => count * 60_000
let opened: Promise<Site> | undefined
const site = (path: string): Promise<Site> => (opened ??= openSite(path))
afterAll(async () => (await opened)?.close())

/** Every address of the page, with a customer, household, load and night that exist. */
async function addresses(page: Page): Promise<string[]> {
  const read = async (path: string) => (await page.request.get(`/api${path}`)).json()
  const { rows } = await read('/customers?path=household&limit=1')
  const all = rows[0] ?? (await read('/customers?limit=1')).rows[0]
  const load = (await read('/loads?limit=100')).rows.find((one: { rowsQuarantined: number }) => one.rowsQuarantined > 0)
  const night = (await read('/nights?limit=1')).rows[0]
  const customer = `/customers/${all.customerNo}`
  const tabs = ['history', 'accounts', 'household', 'facts', 'changes', 'more'].map((tab) => `${customer}?tab=${tab}`)
  return [
    ...['/', '/customers', customer, ...tabs, '/units', '/proposals', '/policy', '/loads', `/loads/${load.id}`],
    ...['/feeds', '/nights', `/nights/${night.id}`, '/quality', '/profile'],
    ...(all.householdNo ? [`/households/${all.householdNo}`] : []),
  ]
}

/** Opens an address and waits until its skeletons are gone. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.locator('h1').first().waitFor()
  const waiting = page.locator('.loading, .ant-skeleton-active, .ant-spin-spinning')
  await vi.waitFor(async () => expect(await waiting.count()).toBe(0), { timeout: 20_000, interval: 100 })
}

browserTest(
  'one click signs a demo person in; a wrong password is told in both languages',
  async (path) => {
    const { browser, address, logins } = await site(path)
    const context = await browser.newContext({ baseURL: address, locale: 'zh-CN' })
    const page = await context.newPage()
    await page.goto('/customers?near=10')
    await page.getByLabel('用户名').fill('nobody')
    await page.getByLabel('密码', { exact: true }).fill('wrong')
    await page.getByRole('button', { name: '登录', exact: true }).click()
    await page.getByText('用户名或密码不正确').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText('The name or the password is wrong').waitFor()
    await page.getByRole('button', { name: `Analyst ${loginOf(logins, 'analyst').unit.name}` }).click()
    // Where one wanted to go is where one comes
    await page.waitForURL('**/customers?near=10')
    await page.getByRole('heading', { name: 'Customers' }).waitFor()
    await context.close()
  },
  minutes(4),
)

browserTest(
  'home shows the pyramid of the last night',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    await open(page, '/')
    const pyramid = await (await page.request.get('/api/nights/current/pyramid')).json()
    const cells = page.locator('table.pyramid tfoot td')
    expect(await cells.nth(2).textContent()).toBe(pyramid.total.customers.toLocaleString('en'))
    expect(await page.locator('table.pyramid tbody tr').count()).toBe(pyramid.tiers.length)
    await page.locator('figure canvas').first().waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'the list keeps filters, sort and columns in its address, counts them and walks by keyboard',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    await open(page, '/customers')
    await page.getByRole('button', { name: '全部客户' }).click()
    await page.getByRole('menuitem', { name: /临界客户/ }).click()
    await page.waitForURL(/near=10/)
    const count = await (await page.request.get('/api/customers/count?near=10')).json()
    await page.getByText(`共 ${count.customers.toLocaleString('en')} 户`).waitFor()
    await page.reload()
    await page.getByText(`共 ${count.customers.toLocaleString('en')} 户`).waitFor()
    await page.getByRole('button', { name: '清除筛选' }).click()
    await page.waitForURL((url) => !url.search.includes('near'))
    await page.getByRole('columnheader', { name: '客户号' }).click()
    await page.waitForURL(/sort=customerNo/)
    await page.keyboard.press('/')
    const first = (await (await page.request.get('/api/customers?limit=1')).json()).rows[0]
    await page.keyboard.type(first.customerNo)
    await page.waitForURL(/q=/)
    await page.getByText('共 1 户').waitFor()
    await page.locator('.list-body').getByRole('row').filter({ hasText: first.customerNo }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/customers/${first.customerNo}`)
    await page.getByRole('heading', { name: first.name }).waitFor()
    await page.keyboard.press('b')
    await page.waitForURL(/customers\?.*q=/)
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'why: the parts and the rounding add up to the average',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    const fen = (text: string) => BigInt(text.replace(/[^\d−]/g, '').replace('−', '-'))
    for (const tier of [4, 3, 2]) {
      const [row] = (await (await page.request.get(`/api/customers?tier=${tier}&limit=1`)).json()).rows
      if (!row) continue
      await open(page, `/customers/${row.customerNo}`)
      const table = page.locator('.parts')
      await table.waitFor()
      const shown = await table.locator('tbody tr.ant-table-row td:last-child').allTextContents()
      const closing = await table.locator('tfoot tr td:last-child').allTextContents()
      const sum = [...shown, closing[0] ?? ''].reduce((total, text) => total + fen(text), 0n)
      expect(shown.length).toBeGreaterThan(0)
      expect(sum).toBe(fen(closing[1] ?? ''))
      expect(String(sum)).toBe(row.averageFen)
    }
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'the language changes without a reload',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    await open(page, '/customers')
    await page.evaluate('window.sameDocument = true')
    await page.getByRole('button', { name: '切换语言' }).click()
    await page.getByRole('heading', { name: 'Customers' }).waitFor()
    await page.getByRole('link', { name: 'Data quality' }).waitFor()
    expect(await page.evaluate(`[document.documentElement.lang, 'sameDocument' in window]`)).toEqual(['en', true])
    await page.reload()
    await page.getByRole('heading', { name: 'Customers' }).waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'an uploaded file with a bad row is loaded, and the row stands in quarantine with what to do',
  async (path) => {
    const page = await (await site(path)).as('dataSteward')
    await open(page, '/loads')
    await page.getByRole('button', { name: '上传文件' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox').fill('exchange-rates')
    await page.keyboard.press('Enter')
    // Long before any window of the demo bank, so that no night is touched
    const days = Array.from(
      { length: 150 },
      (_, i) => `USD,20${10 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-01,7.${i}`,
    )
    days[41] = 'USD,2013-06-01,seven'
    const buffer = Buffer.from(`currency,day,rate\n${days.join('\n')}\n`)
    await dialog
      .locator('input[type=file]')
      .setInputFiles({ name: 'exchange-rates-old.csv', mimeType: 'text/csv', buffer })
    await dialog.getByText('读入 150 = 接受 149 + 隔离 1').waitFor({ timeout: 60_000 })
    await dialog.getByRole('button', { name: '查看明细' }).click()
    const row = page.getByRole('row').filter({ hasText: 'seven' })
    await row.waitFor()
    expect(await row.textContent()).toMatch(/43[\s\S]*rate[\s\S]*seven/)
    await row.getByRole('button', { name: '不予改正' }).click()
    const decision = page.getByRole('dialog')
    expect(await decision.getByRole('button', { name: '不予改正' }).isDisabled()).toBe(true)
    await decision.getByRole('textbox', { name: '不予改正的原因' }).fill('历史汇率，无人使用')
    await decision.getByRole('button', { name: '不予改正' }).click()
    await row.getByText('历史汇率，无人使用').waitFor()
    await page.getByText('待处理 0，已修复 0，不予改正 1').waitFor()
    await page.context().close()
  },
  minutes(4),
)

// Texts, not functions: they run in the browser, whose types the server's compiler does not know
const overflow = `Math.max(
  document.documentElement.scrollWidth - innerWidth,
  document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth,
)`
const watch = `
  window.changes = 0
  new MutationObserver((list) => (window.changes += list.length)).observe(document.body, { childList: true, subtree: true })
`

browserTest(
  'at 390 px no page is wider than the screen',
  async (path) => {
    const page = await (await site(path)).as('analyst', { viewport: { width: 390, height: 844 } })
    for (const address of await addresses(page)) {
      await open(page, address)
      const over = await page.evaluate(overflow)
      expect(over, address).toBeLessThanOrEqual(0)
    }
    await page.context().close()
  },
  minutes(6),
)

browserTest(
  'axe finds nothing serious on any page',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    const found: string[] = []
    for (const address of await addresses(page)) {
      await open(page, address)
      const { violations } = await new AxeBuilder({ page }).analyze()
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      found.push(...serious.map(({ id, nodes }) => `${address} ${id} ${nodes[0]?.html.slice(0, 160)}`))
    }
    expect(found).toEqual([])
    await page.context().close()
  },
  minutes(8),
)

browserTest(
  'every entry of the navigation opens its page, and every button of a page does something',
  async (path) => {
    const page = await (await site(path)).as('dataSteward')
    await open(page, '/')
    const names = await page.getByRole('navigation').first().getByRole('link').allTextContents()
    expect(names.length).toBeGreaterThanOrEqual(8)
    for (const name of names) {
      await page.getByRole('navigation').first().getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
    }
    for (const address of await addresses(page)) {
      await open(page, address)
      const buttons = page.locator('.page-head button:enabled')
      for (let i = 0; i < (await buttons.count()); i++) {
        const label = await buttons.nth(i).textContent()
        expect(await doesSomething(page, () => buttons.nth(i).click()), `${address} ${label}`).toBe(true)
        await open(page, address)
      }
    }
    await page.context().close()
  },
  minutes(8),
)

/** Whether an act changed the document or the address, or began a download. */
async function doesSomething(page: Page, act: () => Promise<void>): Promise<boolean> {
  let downloads = 0
  page.once('download', () => downloads++)
  const before = page.url()
  await page.evaluate(watch)
  await act()
  await page.waitForTimeout(600)
  if (downloads > 0 || page.url() !== before) return true
  return page.evaluate('window.changes > 0')
}

browserTest(
  'the command panel finds pages and customers, and a page without the right says so',
  async (path) => {
    const { as } = await site(path)
    const page = await as('analyst')
    await open(page, '/')
    const first = (await (await page.request.get('/api/customers?limit=1')).json()).rows[0]
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /搜索客户/ }).fill('政策')
    await page.getByRole('option', { name: '分级政策' }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/policy')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /搜索客户/ }).fill(first.customerNo)
    await page.getByRole('option', { name: new RegExp(first.customerNo) }).click()
    await page.waitForURL(`**/customers/${first.customerNo}`)
    await page.context().close()
    const admin = await as('administrator')
    await open(admin, '/customers')
    await admin.getByText('没有权限').waitFor()
    await admin.getByRole('button', { name: '账户菜单' }).click()
    await admin.getByRole('menuitem', { name: '退出登录' }).click()
    await admin.waitForURL('**/sign-in')
    await admin.context().close()
  },
  minutes(4),
)
