/** What people do on the page, in a real browser against the real server; found by role, as a person finds it. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { loginOf, minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

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
    ...['/feeds', '/nights', `/nights/${night.id}`, '/quality', '/profile', '/my-security'],
    ...(all.householdNo ? [`/households/${all.householdNo}`] : []),
  ]
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
    await page.getByRole('button', { name: `Analyst ${loginOf(logins, 'analyst').unit.nameEn}` }).click()
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
  'whoever asks their system for less motion gets none',
  async (path) => {
    const { as } = await site(path)
    const moving: number[] = []
    for (const reducedMotion of ['reduce', 'no-preference'] as const) {
      const page = await as('analyst', { reducedMotion })
      await open(page, '/')
      moving.push(await page.evaluate(mostAnimations))
      await page.context().close()
    }
    expect(moving).toEqual([0, expect.any(Number)])
    expect(moving[1]).toBeGreaterThan(0)
  },
  minutes(4),
)

// Texts, not functions: they run in the browser, whose types the server's compiler does not know
const overflow = `Math.max(
  document.documentElement.scrollWidth - innerWidth,
  document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth,
)`
const mostAnimations = `new Promise((done) => {
  document.querySelector('button[aria-label*="账户菜单"]').click()
  let [most, frames] = [0, 0]
  const look = () => {
    most = Math.max(most, document.getAnimations().length)
    if (++frames < 30) requestAnimationFrame(look)
    else done(most)
  }
  look()
})`
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
  'axe finds nothing serious on any page in either language',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    const found: string[] = []
    const look = async (language: string, address: string) => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      found.push(...serious.map(({ id, nodes }) => `${language} ${address} ${id} ${nodes[0]?.html.slice(0, 160)}`))
    }
    for (const address of await addresses(page)) {
      await open(page, address)
      await look('zh', address)
      await page.getByRole('button', { name: '切换语言' }).click()
      await page.locator('html[lang=en]').waitFor()
      await look('en', address)
      await page.getByRole('button', { name: '中文' }).click()
      await page.locator('html[lang=zh-CN]').waitFor()
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
