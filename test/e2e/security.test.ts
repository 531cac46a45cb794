/** The content security policy in a real browser: no page breaks it, and what would be injected does not run. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { sharedSite } from './site.ts'

const site = sharedSite()

// Texts, not functions: they run in the browser, whose types the server's compiler does not know
const listen = `
  window.broken = []
  addEventListener('securitypolicyviolation', (event) =>
    window.broken.push(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber + ' ' + event.sample))
`
const inject = `(() => {
  const script = document.createElement('script')
  script.textContent = 'window.ran = true'
  document.body.append(script)
  const style = document.createElement('style')
  style.textContent = 'h1 { color: rgb(1, 2, 3) !important }'
  document.head.append(style)
  document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.ran = true">')
  return new Promise((resolve) => setTimeout(() =>
    resolve([window.ran === true, getComputedStyle(document.querySelector('h1')).color]), 300))
})()`

async function watched(page: Page): Promise<void> {
  await page.addInitScript(listen)
}
const broken = (page: Page): Promise<string[]> => page.evaluate('window.broken')

browserTest(
  'no page breaks the policy, and antd is styled',
  async (path) => {
    const page = await (await site(path)).as('auditor')
    await watched(page)
    const [row] = (await (await page.request.get('/api/customers?path=household&limit=1')).json()).rows
    const customer = `/customers/${row.customerNo}`
    const tabs = ['history', 'accounts', 'household', 'changes', 'more'].map((tab) => `${customer}?tab=${tab}`)
    const others = ['/units', '/proposals', '/policy', '/loads', '/feeds', '/nights', '/quality', '/audit', '/profile']
    const own = ['/my-security', '/users', '/users?tab=factors', '/users/1', '/security-alerts', '/privacy']
    const rights = [
      '/access',
      '/access?tab=posts',
      '/access?tab=walls',
      '/people',
      '/people?tab=explain',
      '/people/manager',
    ]
    for (const address of ['/', '/customers', customer, ...tabs, ...others, ...own, ...rights]) {
      await page.goto(address)
      await page.locator('h1').first().waitFor()
      await page.waitForTimeout(700)
      expect(await broken(page), address).toEqual([])
    }
    await page.goto('/customers')
    await page.getByRole('button', { name: '全部客户' }).click()
    await page.getByRole('menuitem', { name: /临界客户/ }).waitFor()
    const drawn = "getComputedStyle(document.querySelector('.ant-btn')).borderRadius"
    expect(await page.evaluate(drawn)).toBe('5px')
    expect(await broken(page)).toEqual([])
    await page.context().close()
  },
  240_000,
)

browserTest(
  'what gets into a page neither runs nor styles it',
  async (path) => {
    const page = await (await site(path)).as('auditor')
    await watched(page)
    await page.goto('/audit')
    await page.locator('h1').first().waitFor()
    const [ran, colour] = (await page.evaluate(inject)) as [boolean, string]
    expect([ran, colour === 'rgb(1, 2, 3)']).toEqual([false, false])
    expect((await broken(page)).map((one) => one.split(' ')[0]).sort()).toEqual(
      expect.arrayContaining(['script-src-attr', 'script-src-elem', 'style-src-elem']),
    )
    await page.context().close()
  },
  240_000,
)

browserTest(
  'the documentation of the API works under its policy',
  async (path) => {
    const page = await (await site(path)).as('auditor')
    await watched(page)
    await page.goto('/api/docs/')
    await page.getByText('Strata').first().waitFor()
    // Its zod tries whether it may make functions out of text, and does without
    const scripts = (await broken(page)).filter((one) => one.startsWith('script') && !one.startsWith('script-src eval'))
    expect(scripts).toEqual([])
    await page.context().close()
  },
  240_000,
)
