/** Auditors in a real browser: find an entry, open it, take the file along. */
import { AxeBuilder } from '@axe-core/playwright'
import { expect } from 'vitest'
import { sealAudit } from '../../src/access/audit-sealer.ts'
import { openAuditSigner } from '../../src/access/audit-signer.ts'
import { verifyAudit } from '../../src/access/audit-verify.ts'
import { browserTest } from '../support/browser.ts'
import { sharedSite } from './site.ts'

const site = sharedSite()

browserTest(
  'an auditor filters, opens an entry with before and after, and exports the file',
  async (path) => {
    const { as, workplace } = await site(path)
    await sealAudit(workplace.db.owner, openAuditSigner(workplace.config.home), workplace.clock)
    const page = await as('auditor')
    await page.goto('/audit')
    await page.getByRole('heading', { name: '审计' }).waitFor()
    await page.getByText(/已封存 .* 条，待封存/).waitFor()
    await page.getByRole('combobox', { name: '动作' }).click()
    await page.getByTitle('发布', { exact: true }).click()
    await page.waitForURL(/action=publish/)
    const row = page.locator('.ant-table-row').first()
    await row.getByText(/第 .* 条/).waitFor()
    await row.click()
    const drawer = page.getByRole('dialog')
    await drawer.getByText('tierChangeDigest').waitFor()
    await drawer
      .getByText(/^[0-9a-f]{64}$/)
      .first()
      .waitFor()
    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 160)}`)).toEqual([])
    await page.keyboard.press('Escape')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '链文件（供核验）' }).click(),
    ])
    const parts = await Array.fromAsync(await download.createReadStream(), String)
    expect(await verifyAudit(parts.join('').trimEnd().split('\n'))).toMatchObject({ holds: true })
    await page.getByRole('button', { name: '切换语言' }).click()
    await page.getByRole('heading', { name: 'Audit' }).waitFor()
    await page.context().close()
  },
  240_000,
)

browserTest(
  'a manager edits a phone number, sees it in the history and brings the old one back',
  async (path) => {
    const page = await (await site(path)).as('relationshipManager')
    const [row] = (await (await page.request.get('/api/customers?kind=person&limit=1')).json()).rows
    const facts = async () => (await (await page.request.get(`/api/customers/${row.customerNo}/facts`)).json()).facts
    const before = (await facts()).phone
    await page.goto(`/customers/${row.customerNo}?tab=facts`)
    await page.getByRole('button', { name: '修改' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('电话').fill('13711112222')
    await dialog.getByLabel('理由').fill('客户来电')
    await dialog.getByRole('button', { name: '保存' }).click()
    const change = page.getByRole('row').filter({ hasText: '137****2222' })
    await change.getByText('客户来电').waitFor()
    await change.getByRole('button', { name: '恢复旧值' }).click()
    await page.getByRole('dialog').getByLabel('理由').fill('误改')
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click()
    await page.getByRole('row').filter({ hasText: '误改' }).waitFor()
    expect((await facts()).phone).toBe(before)
    await page.context().close()
  },
  240_000,
)

browserTest(
  'at 390 px the page is no wider than the screen',
  async (path) => {
    const page = await (await site(path)).as('auditor', { viewport: { width: 390, height: 844 } })
    await page.goto('/audit')
    await page.locator('.ant-table-row').first().waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await page.context().close()
  },
  240_000,
)
