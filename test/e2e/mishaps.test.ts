/** What the page does when something comes in the way: a refused filter, a lost line, a second tab, a slow typist. */
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

browserTest(
  'a filter that is refused says why and can be taken back',
  async (path) => {
    const page = await (await site(path)).as('analyst')
    await open(page, '/proposals?unit=nowhere')
    await page.getByRole('alert').waitFor()
    await page.getByRole('columnheader', { name: '客户', exact: true }).waitFor()
    const unit = page.locator('.ant-tree-select')
    await unit.hover()
    await unit.locator('.ant-select-clear').click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).toBe('')
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'without a line a search in the command panel and signing out say so',
  async (path) => {
    const page = await (await site(path)).as('branchManager')
    await open(page, '/customers')
    await page.keyboard.press('Control+k')
    const field = page.getByRole('combobox', { name: /搜索客户/ })
    await field.waitFor()
    await page.context().setOffline(true)
    const said = page.getByText('请检查网络，然后重试。')
    await field.fill('1000')
    await page.getByRole('dialog').getByText('请检查网络，然后重试。').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: '账户菜单' }).click()
    await page.getByRole('menuitem', { name: '退出登录' }).click()
    await said.first().waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'a second tab knows that the stream of the first is live',
  async (path) => {
    const first = await (await site(path)).as('analyst')
    await open(first, '/nights')
    await first.locator('.bar-live.live').waitFor()
    const second = await first.context().newPage()
    await open(second, '/loads')
    await second.locator('.bar-live.live').waitFor()
    await first.context().close()
  },
  minutes(4),
)

browserTest(
  'what is typed into a search stays while its address changes, and goes when the address is another',
  async (path) => {
    const page = await (await site(path)).as('complianceOfficer')
    await open(page, '/people')
    const box = page.getByRole('textbox', { name: '姓名、用户名或岗位' })
    await box.pressSequentially('tell ')
    await page.waitForURL(/q=tell/)
    await box.pressSequentially('er')
    await page.waitForURL(/q=tell(\+|%20)er/)
    expect(await box.inputValue()).toBe('tell er')
    await page.getByRole('navigation').first().getByRole('link', { name: '人员权限' }).click()
    await page.waitForURL((url) => url.search === '')
    expect(await box.inputValue()).toBe('')
    await page.context().close()
  },
  minutes(4),
)
