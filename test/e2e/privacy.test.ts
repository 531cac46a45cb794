/** Consents, a customer's own data, erasure and retention on the page, as a compliance officer does them. */
import { readFileSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

/** Customers who consented to marketing. */
async function consenting(page: Page): Promise<string[]> {
  const { rows } = await (await page.request.get('/api/customers?kind=person&limit=60')).json()
  const found: string[] = []
  for (const { customerNo } of rows as { customerNo: string }[]) {
    const ledger = await (await page.request.get(`/api/customers/${customerNo}/consents`)).json()
    const marketing = ledger.allowed.some(
      (one: { purpose: string; allowed: boolean }) => one.purpose === 'marketing' && one.allowed,
    )
    if (marketing) found.push(customerNo)
  }
  return found
}

const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

browserTest(
  'the pages are axe clean and fit a phone, in both languages',
  async (path) => {
    for (const width of [1440, 390]) {
      const page = await (await site(path)).as('complianceOfficer', { viewport: { width, height: 900 } })
      const [no] = await consenting(page)
      for (const language of ['zh-CN', 'en']) {
        for (const address of ['/privacy', `/customers/${no}?tab=privacy`]) {
          await open(page, address)
          await page.getByRole('table').first().waitFor()
          expect(await page.evaluate(overflow), address).toBeLessThanOrEqual(0)
          // On a narrow screen antd puts the button for more tabs among the tabs.
          const { violations } = await new AxeBuilder({ page }).exclude('[role=tablist]').analyze()
          const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          const found = serious.map(({ id, nodes }) => `${language} ${width} ${id} ${nodes[0]?.html.slice(0, 160)}`)
          expect(found, address).toEqual([])
        }
        if (language === 'en') continue
        await page.getByRole('button', { name: '切换语言' }).click()
        await page.locator('html[lang=en]').waitFor()
      }
      await page.context().close()
    }
  },
  minutes(6),
)

browserTest(
  'a consent is withdrawn and given again; own data is downloaded; a customer is erased',
  async (path) => {
    const page = await (await site(path)).as('complianceOfficer')
    const [, no] = await consenting(page)
    await page.goto(`/customers/${no}?tab=privacy`)
    await page.getByRole('button', { name: '撤回' }).first().click()
    await page.getByLabel('理由').fill('来电要求')
    await page.getByRole('dialog').getByRole('button', { name: '撤回' }).click()
    await page.getByText('不可以', { exact: true }).first().waitFor()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })

    await page.getByRole('button', { name: '登记授权' }).click()
    await page.getByLabel('凭证').fill('授权书 7 号')
    await page.getByRole('dialog').getByRole('button', { name: '登记授权' }).click()
    await page.getByRole('cell', { name: '授权书 7 号' }).waitFor()

    await page.getByRole('button', { name: '个人信息副本' }).click()
    await page.getByLabel('理由').fill('客户柜面申请')
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('dialog').getByRole('button', { name: '生成并下载' }).click(),
    ])
    expect(file.suggestedFilename()).toBe(`${no}.html`)
    expect(readFileSync(await file.path(), 'utf8')).toContain('授权书 7 号')

    await page.getByRole('button', { name: '申请删除个人信息' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('理由').fill('客户书面申请')
    await dialog.getByLabel(/再次输入/).fill('1')
    await dialog.getByRole('button', { name: '提交复核' }).click()
    await dialog.getByText('与该客户号不一致').waitFor()
    await dialog.getByLabel(/再次输入/).fill(no!)
    await dialog.getByRole('button', { name: '提交复核' }).click()
    await dialog.waitFor({ state: 'hidden' })

    const opened = await site(path)
    await opened.workplace.db.owner.query(`insert into post (login_id, role, unit_id)
      select p.login_id, 'complianceOfficer', p.unit_id from post p where p.role = 'riskOfficer'`)
    const second = await opened.as('riskOfficer')
    await open(second, '/approvals')
    await second.getByText(`删除客户 ${no} 的个人信息`).click()
    await second.getByText('证件号码、手机、邮箱、地址').waitFor()
    await second.getByRole('button', { name: '批准' }).click()
    await second.getByText('已删除', { exact: true }).first().waitFor()
    await second.context().close()

    await page.reload()
    await page.getByText(/个人信息已于 .* 删除/).waitFor()
    await page.goto('/privacy')
    await page.getByRole('cell', { name: no!, exact: true }).waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'how long events are kept is changed with a reason',
  async (path) => {
    const page = await (await site(path)).as('complianceOfficer')
    await page.goto('/privacy')
    await page.getByRole('row', { name: /^事件/ }).getByRole('button', { name: '修改' }).click()
    await page.getByLabel('天数或次数').fill('45')
    await page.getByLabel('理由').fill('按制度')
    await page.getByRole('dialog').getByRole('button', { name: '修改' }).click()
    await page.getByRole('row', { name: /^事件/ }).getByText('45 天').waitFor()
    await page.context().close()
  },
  minutes(2),
)
