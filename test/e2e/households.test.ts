/** Households as people use them in a browser. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { minutes, open, type Site, sharedSite } from './site.ts'

const site = sharedSite()

browserTest(
  'the best composition says whose consent is needed, what it gives, and fits a phone',
  async (path) => {
    const opened = await site(path)
    const no = await helpedByConsent(opened)
    const page = await opened.as('analyst')
    await open(page, `/households/${no}`)
    const read = await (await page.request.get(`/api/households/${no}/composition`)).json()
    const asked = read.members.find((member: { consenting: boolean }) => !member.consenting)
    const panel = page.locator('section.panel').filter({ has: page.getByRole('heading', { name: '最优组合' }) })
    await panel.getByText(`需 ${asked.name} 同意`).first().waitFor()
    expect(await panel.getByRole('table').count()).toBe(read.compositions.length)
    expect(await panel.getByText('升', { exact: true }).count()).toBeGreaterThan(0)
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'a household is opened at its head, others are invited and join, consent ends, somebody leaves, and the history says so',
  async (path) => {
    const opened = await site(path)
    const page = await opened.as('branchManager')
    const dialog = page.getByRole('dialog')
    const [head, spouse] = await alone(page)
    await open(page, `/customers/${head}?tab=household`)
    await page.getByRole('button', { name: '为该客户建立家庭' }).click()
    await dialog.getByRole('textbox', { name: '同意凭证' }).fill('家庭服务协议 2026-17，档案室')
    await dialog.getByRole('button', { name: '建立家庭' }).click()
    await page.waitForURL(/\/households\/HS/)

    await page.getByRole('button', { name: '邀请成员' }).click()
    const member = dialog.getByRole('combobox', { name: '成员' })
    await member.click()
    await member.fill(spouse)
    await page.locator('.ant-select-item-option').filter({ hasText: spouse }).click()
    await dialog.getByRole('button', { name: '邀请成员' }).click()
    await page.getByRole('button', { name: '接受并加入' }).click()
    await dialog.getByRole('textbox', { name: '同意凭证' }).fill('当面签署')
    await dialog.getByRole('button', { name: '接受并加入' }).click()
    const members = page.getByRole('table', { name: '成员' }).or(page.locator('[aria-label="成员"]')).first()
    await members.getByText(spouse).waitFor()

    const act = async (name: string, field: string, text: string) => {
      await members.getByRole('row').filter({ hasText: spouse }).getByRole('button', { name: '操作' }).click()
      await page.getByRole('menuitem', { name }).click()
      await dialog.getByRole('textbox', { name: field }).fill(text)
      await dialog.getByRole('button', { name }).click()
      await dialog.waitFor({ state: 'detached' })
    }
    await act('撤回同意', '事由', '客户来电')
    await members.getByText('未同意合并计算').waitFor()
    await page.getByText('关系图', { exact: true }).click()
    await page.locator('.family-node.family-apart').waitFor()
    await page.getByText('列表', { exact: true }).click()
    await act('退出家庭', '事由', '分户')
    const history = page.locator('section.panel').filter({ has: page.getByRole('heading', { name: '变更记录' }) })
    await expect
      .poll(() => history.locator('li b').allTextContents())
      .toEqual(['退出', '撤回同意', '接受邀请并加入', '邀请', '建立家庭'])
    const no = page.url().split('/').at(-1) ?? ''
    await open(page, `/households?q=${no}`)
    await page.getByRole('row').filter({ hasText: no }).getByText(head).waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'list and household are axe clean and fit a phone, in both languages',
  async (path) => {
    const opened = await site(path)
    for (const width of [1440, 390]) {
      const page = await opened.as('branchManager', { viewport: { width, height: 900 } })
      const { rows } = await (await page.request.get('/api/households?limit=1')).json()
      for (const language of ['zh-CN', 'en']) {
        await page.addInitScript(`localStorage.setItem('strata.language', ${JSON.stringify(language)})`)
        for (const address of ['/households', `/households/${rows[0].householdNo}`]) {
          await open(page, address)
          const { violations } = await new AxeBuilder({ page }).analyze()
          const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          expect([address, language, width, grave.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([
            address,
            language,
            width,
            [],
          ])
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        }
      }
      await page.context().close()
    }
  },
  minutes(4),
)

/** Two persons in sight who are in no household. */
async function alone(page: Page): Promise<[string, string]> {
  const { rows } = await (await page.request.get('/api/customers?kind=person&limit=200&cols=householdNo')).json()
  const [one, other] = rows.filter((row: { householdNo: string | null }) => row.householdNo === null)
  return [one.customerNo, other.customerNo]
}

/** A household whose second member does not consent yet, and whose first is rich enough for both. */
async function helpedByConsent({ workplace }: Site): Promise<string> {
  const { owner } = workplace.db
  const found = await owner.query(`select h.id, h.household_no, array_agg(m.party_id order by m.party_id) as members
    from household h join household_member m on m.household_id = h.id where m.to_day > current_date
    group by h.id having count(*) = 2 order by h.id limit 1`)
  const { id, household_no: no, members } = found.rows[0]
  await owner.query('update household_member set consent_from = null where household_id = $1 and party_id = $2', [
    id,
    members[1],
  ])
  const average = [30_000_000n, 0n]
  for (const [at, party] of members.entries())
    await owner.query(
      `update night_customer set average_fen = $2::bigint, sum_scaled = $2::bigint::numeric * days * 10::numeric ^ 19,
         path = case when $2::bigint > 0 then 'individual' else 'entry' end, qualified_tier = $3 where party_id = $1`,
      [party, String(average[at]), at === 0 ? 3 : 1],
    )
  return no
}
