/** A role's rights to fields, and a field of many customers in clear, in a real browser: two people, both languages. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

const words = {
  zh: {
    language: 'zh-CN',
    edit: '修改角色',
    contact: '联系方式',
    hidden: '隐藏',
    phone: '电话',
    rehearse: '试算影响',
    lost: '联系方式: 掩码 → 隐藏',
    reason: '变更理由',
    send: '提交复核',
    sent: '已提交复核',
    difference: '可见字段 · 联系方式',
    role: 'teller',
    row: /角色 柜员/,
  },
  en: {
    language: 'en',
    edit: 'Edit role',
    contact: 'Contact',
    hidden: 'Hidden',
    phone: 'Phone',
    rehearse: 'Rehearse',
    lost: 'Contact: Masked → Hidden',
    reason: 'Reason for the change',
    send: 'Send to be checked',
    sent: 'Sent to be checked',
    difference: 'Fields read · Contact',
    role: 'relationshipManager',
    row: /role Relationship manager/,
  },
}

async function speaking(page: Page, language: string): Promise<Page> {
  await page.addInitScript(`localStorage.setItem('strata.language', '${language}')`)
  return page
}

/** antd shows the choice; its radio button lies under it. */
const choose = (page: Page, group: string, label: string) =>
  page
    .getByRole('dialog')
    .getByRole('radiogroup', { name: group, exact: true })
    .getByText(label, { exact: true })
    .click()

for (const language of ['zh', 'en'] as const) {
  browserTest(
    `the dialog of a role hides contact data, says who loses by it, and sends it to be checked: ${language}`,
    async (path) => {
      const { as } = await site(path)
      const said = words[language]
      const admin = await speaking(await as('administrator'), said.language)
      await open(admin, '/access')
      await admin.getByRole('listitem').filter({ hasText: said.role }).getByRole('button', { name: said.edit }).click()
      const form = admin.getByRole('dialog')
      await choose(admin, said.contact, said.hidden)
      const phone = form.getByRole('checkbox', { name: said.phone, exact: true })
      // A teller edits nothing, so there is nothing to choose
      expect(await phone.count()).toBe(language === 'zh' ? 0 : 1)
      await form.getByRole('button', { name: said.rehearse }).click()
      await form.getByText(said.lost).first().waitFor()
      const { violations } = await new AxeBuilder({ page: admin }).include('.ant-modal').analyze()
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
      await form.getByLabel(said.reason).fill('岗位调整')
      await form.getByRole('button', { name: said.send }).click()
      await admin.getByText(said.sent).waitFor()
      const checker = await speaking(await as('complianceOfficer'), said.language)
      await open(checker, '/approvals')
      await checker.getByRole('row', { name: said.row }).click()
      await checker.getByRole('dialog').getByText(said.difference).waitFor()
      for (const page of [admin, checker]) await page.context().close()
    },
    minutes(4),
  )
}

browserTest(
  'contact data of the filtered customers is asked for, approved by another, and downloaded once',
  async (path) => {
    const { as } = await site(path)
    const asker = await as('outletManager')
    await open(asker, '/customers')
    await asker.getByRole('button', { name: '申请批量明文' }).click()
    const form = asker.getByRole('dialog')
    await choose(asker, '字段', '电子邮箱')
    await form.getByLabel('变更理由').fill('到期客户回访')
    await form.getByRole('button', { name: '提交复核' }).click()
    await asker.getByText('已提交复核').waitFor()
    const checker = await as('riskOfficer')
    await open(checker, '/approvals')
    await checker.getByRole('row', { name: /批量明文/ }).click()
    const drawer = checker.getByRole('dialog')
    await drawer.getByText('到期客户回访').waitFor()
    await drawer.getByText('电子邮箱').waitFor()
    await drawer.getByRole('button', { name: /批\s*准/ }).click()
    await checker.getByText('已批准并生效').waitFor()
    await open(asker, '/approvals?view=mine')
    await asker.getByRole('row', { name: /批量明文/ }).click()
    const [file] = await Promise.all([
      asker.waitForEvent('download'),
      asker.getByRole('dialog').getByText('下载导出文件').click(),
    ])
    expect(file.suggestedFilename()).toMatch(/^customers-in-clear-.*\.csv$/)
    for (const page of [asker, checker]) await page.context().close()
  },
  minutes(4),
)
