/** Maker and checker, roles, the tree and who sees what, in a real browser: two people, both languages, two widths. */
import { AxeBuilder } from '@axe-core/playwright'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { loginOf, minutes, open, type Site, sharedSite } from './site.ts'

const site = sharedSite()

const pages = [
  '/approvals',
  '/approvals?view=mine',
  '/access',
  '/access?tab=posts',
  '/access?tab=walls',
  '/people',
  '/units',
]

browserTest(
  'an administrator proposes a role, rehearses it, and the compliance officer approves it',
  async (path) => {
    const { as } = await site(path)
    const admin = await as('administrator')
    await open(admin, '/access')
    await admin.getByRole('listitem').filter({ hasText: 'teller' }).getByRole('button', { name: '修改角色' }).click()
    const form = admin.getByRole('dialog')
    await form
      .getByLabel('查看客户金字塔')
      .or(form.getByLabel('查看金字塔'))
      .or(form.getByLabel('pyramid'))
      .first()
      .check()
    await form.getByRole('button', { name: '试算影响' }).click()
    await form.getByRole('row', { name: /teller/ }).waitFor()
    await form.getByLabel('变更理由').fill('柜员需要查看网点汇总')
    await form.getByRole('button', { name: '提交复核' }).click()
    await admin.getByText('已提交复核').waitFor()
    await open(admin, '/approvals?view=mine')
    await admin.getByRole('row', { name: /角色 柜员/ }).click()
    await admin.getByText('本人提交的事项须由他人复核').waitFor()
    expect(await admin.getByRole('button', { name: '批准' }).count()).toBe(0)

    const checker = await as('complianceOfficer')
    await open(checker, '/approvals')
    await checker.getByRole('row', { name: /角色 柜员/ }).click()
    const drawer = checker.getByRole('dialog')
    await drawer.getByText('柜员需要查看网点汇总').waitFor()
    await drawer.getByRole('button', { name: '试算影响' }).click()
    await drawer.getByRole('row', { name: /teller/ }).waitFor()
    await drawer.getByRole('button', { name: /批\s*准/ }).click()
    await checker.getByText('已批准并生效').waitFor()
    const teller = await as('teller')
    expect((await teller.request.get('/api/units')).status()).toBe(200)
    for (const page of [admin, checker, teller]) await page.context().close()
  },
  minutes(4),
)

browserTest(
  'a unit is opened, and the tree of yesterday is without it',
  async (path) => {
    const { as } = await site(path)
    const admin = await as('administrator')
    await open(admin, '/units')
    await admin.getByRole('button', { name: '变更机构' }).click()
    const form = admin.getByRole('dialog')
    await form.getByRole('combobox', { name: '上级机构' }).click()
    await admin.keyboard.type('总行')
    await admin.locator('.ant-select-tree-title').filter({ hasText: '总行' }).first().click()
    await form.getByLabel('机构号').fill('0199')
    await form.getByLabel('名称', { exact: true }).fill('新城分行')
    await form.getByLabel('变更理由').fill('新设分行')
    await form.getByRole('button', { name: '提交复核' }).click()
    await admin.getByText('已提交复核').waitFor()
    const checker = await as('complianceOfficer')
    await open(checker, '/approvals')
    await checker.getByRole('row', { name: /机构 0199/ }).click()
    await checker
      .getByRole('dialog')
      .getByRole('button', { name: /批\s*准/ })
      .click()
    await checker.getByText('已批准并生效').waitFor()
    await open(admin, '/units')
    await admin.getByText('新城分行').first().waitFor()
    await open(admin, '/units?day=2026-01-31')
    expect(await admin.getByText('新城分行').count()).toBe(0)
    for (const page of [admin, checker]) await page.context().close()
  },
  minutes(4),
)

browserTest(
  'why a person does not see a customer is told by number only, and the review of rights is marked',
  async (path) => {
    const { as, logins } = await site(path)
    const analyst = await as('analyst')
    const { rows } = await (await analyst.request.get('/api/customers?limit=1')).json()
    const checker = await as('complianceOfficer')
    await open(checker, '/people?tab=explain')
    await checker.getByLabel('人员（用户名）').fill(loginOf(logins, 'administrator').name)
    await checker.getByLabel('客户号').fill(rows[0].customerNo)
    await checker.getByRole('button', { name: '查看原因' }).click()
    await checker.getByText('该角色没有查看客户的权限').waitFor()
    expect(await checker.getByText(rows[0].name).count()).toBe(0)
    await open(checker, `/people/${loginOf(logins, 'branchManager').name}`)
    await checker.getByRole('button', { name: '标记已复审' }).click()
    await checker.getByRole('dialog').getByRole('button', { name: '标记已复审' }).click()
    await checker
      .getByText(/于 .* 复审/)
      .first()
      .waitFor()
    await checker.emulateMedia({ media: 'print' })
    expect(await checker.locator('.side').isVisible()).toBe(false)
    for (const page of [analyst, checker]) await page.context().close()
  },
  minutes(4),
)

browserTest(
  'of a locked person it is said that nothing is seen now, and why',
  async (path) => {
    const opened = await site(path)
    const [lobby, admin] = (['lobbyManager', 'administrator'] as const).map((role) => loginOf(opened.logins, role).name)
    await opened.workplace.db.owner.query(
      `insert into login_lock (login_id, locked_at, locked_by, reason)
       select l.id, now(), b.id, '设备遗失' from login l, login b where l.name = $1 and b.name = $2`,
      [lobby, admin],
    )
    const checker = await opened.as('complianceOfficer')
    await open(checker, `/people?tab=explain&login=${lobby}&customer=${await aCustomer(opened)}`)
    await checker.getByText('该用户已锁定，目前不能登录').waitFor()
    await checker.getByRole('heading').getByText('不可见').waitFor()
    await open(checker, `/people/${lobby}`)
    await checker.getByText('已锁定', { exact: true }).waitFor()
    await checker.context().close()
  },
  minutes(4),
)

browserTest(
  'on a phone a role is read and changed without moving the page sideways',
  async (path) => {
    const admin = await (await site(path)).as('administrator', { viewport: { width: 390, height: 844 } })
    await open(admin, '/access')
    const teller = admin.getByRole('listitem').filter({ hasText: 'teller' })
    for (const shown of [
      teller.getByRole('button', { name: '修改角色' }),
      teller.getByText('查看客户', { exact: true }),
    ]) {
      const box = await shown.boundingBox()
      expect(box && box.x >= 0 && box.x + box.width <= 390).toBe(true)
    }
    await admin.context().close()
  },
  minutes(4),
)

browserTest(
  'axe finds nothing serious, and no page is wider than a phone',
  async (path) => {
    const { as, logins } = await site(path)
    const found: string[] = []
    const person = `/people/${loginOf(logins, 'branchManager').name}`
    const explain = `/people?tab=explain&login=${loginOf(logins, 'branchManager').name}&customer=${await aCustomer(await site(path))}`
    for (const width of [1440, 390]) {
      const admin = await as('administrator', { viewport: { width, height: 900 } })
      for (const address of [...pages, person, explain, '/approvals?id=1']) {
        await open(admin, address)
        if (width === 390) {
          const wide = await admin.evaluate('document.documentElement.scrollWidth')
          if (Number(wide) > width) found.push(`${address} is ${wide} px wide`)
          continue
        }
        const { violations } = await new AxeBuilder({ page: admin }).analyze()
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        found.push(...serious.map(({ id, nodes }) => `${address} ${id} ${nodes[0]?.html.slice(0, 160)}`))
      }
      await admin.context().close()
    }
    expect(found).toEqual([])
  },
  minutes(6),
)

async function aCustomer({ as }: Site): Promise<string> {
  const analyst = await as('analyst')
  const { rows } = await (await analyst.request.get('/api/customers?limit=1')).json()
  await analyst.context().close()
  return rows[0].customerNo
}
