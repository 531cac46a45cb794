/** Auditors in a real browser: find an entry, open it, take the file along. */
import { AxeBuilder } from '@axe-core/playwright'
import { expect } from 'vitest'
import { sealAudit } from '../../src/access/audit-sealer.ts'
import { openAuditSigner } from '../../src/access/audit-signer.ts'
import { verifyAudit } from '../../src/access/audit-verify.ts'
import { browserTest } from '../support/browser.ts'
import { loginOf, sharedSite } from './site.ts'

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
  'an auditor of head office reads everybody’s approvals by the names in them, and decides none',
  async (path) => {
    const { as, address } = await site(path)
    const admin = await as('administrator')
    const { units } = await (await admin.request.get('/api/units')).json()
    type Unit = { code: string; kind: string; parentCode: string | null }
    const top = units.find((unit: Unit) => unit.kind === 'headOffice')
    const moved = units.find((unit: Unit) => unit.kind === 'outlet' && unit.parentCode !== top.code)
    const above = units.find((unit: Unit) => unit.code === moved.parentCode)
    const propose = (url: string, change: object) =>
      admin.request.post(url, { data: { change, reason: '网点归属调整' }, headers: { origin: address } })
    const change = { kind: 'unit', action: 'move', code: moved.code, parent: top.code }
    expect((await propose('/api/units', change)).status()).toBe(200)
    const role = { kind: 'role', code: 'teller', zh: '柜员', en: 'Teller', customers: 'subtree', permissions: [] }
    expect((await propose('/api/roles', role)).status()).toBe(200)

    const page = await as('auditor')
    await page.goto('/')
    await page.getByRole('link', { name: '复核', exact: true }).click()
    const teller = page.getByRole('row', { name: /角色 柜员/ })
    await teller.waitFor()
    await page.getByRole('combobox', { name: '事项' }).click()
    await page.locator('.ant-select-item[title="机构"]').click()
    await page.waitForURL(/what=unit/)
    await teller.waitFor({ state: 'detached' })
    await page.getByRole('row', { name: `机构 ${moved.name}` }).click()
    const drawer = page.getByRole('dialog')
    const parent = drawer.getByRole('row').filter({ hasText: '上级机构' })
    await parent.getByText(above.name, { exact: true }).waitFor()
    await parent.getByText(top.name, { exact: true }).waitFor()
    await drawer.getByText('网点归属调整').waitFor()
    expect(await drawer.getByRole('button', { name: /批\s*准|退\s*回|撤\s*回|试算/ }).count()).toBe(0)

    await page.goto('/audit?action=propose')
    await page.locator('.ant-table-row').nth(1).click()
    const entry = page.getByRole('dialog').getByRole('row').filter({ hasText: 'subject' })
    await entry.getByText(`机构 ${moved.name}`, { exact: true }).waitFor()
    for (const one of [admin, page]) await one.context().close()
  },
  240_000,
)

browserTest(
  'below head office nothing of the whole bank is offered, and whoever comes by address is told why',
  async (path) => {
    const { as, workplace, logins } = await site(path)
    const { name } = loginOf(logins, 'auditor')
    const at = (kind: string) =>
      workplace.db.owner.query(
        `update post set unit_id = (select id from unit where kind = $2 and closed_on is null order by id limit 1)
         where login_id = (select id from login where name = $1)`,
        [name, kind],
      )
    const page = await as('auditor')
    const nav = page.getByRole('navigation')
    const items = ['用户与登录', '安全告警', '审计', '个人信息保护']
    const offered = async () => {
      await page.goto('/units')
      await nav.getByRole('link', { name: '机构', exact: true }).waitFor()
      const links = await Promise.all(items.map((item) => nav.getByRole('link', { name: item, exact: true }).count()))
      return links.join(' ')
    }
    expect(await offered()).toBe('1 1 1 1')
    await at('branch')
    try {
      expect(await offered()).toBe('0 0 0 0')
      for (const address of ['/users', '/security-alerts', '/audit', '/privacy']) {
        await page.goto(address)
        await page.getByText('仅限总行').waitFor()
      }
      await page.goto('/audit')
      await page.getByText('“查看审计记录”仅在总行有效，而您的岗位在下级机构。').waitFor()
      await page.getByRole('button', { name: '切换语言' }).click()
      await page.getByText('Only head office may read the audit, and your post is at a unit below it.').waitFor()
    } finally {
      await at('headOffice')
    }
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
