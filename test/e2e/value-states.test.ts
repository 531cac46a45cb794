/** Value states in a browser: a customer is lost and won back, proposals are decided, losses are counted. */
import { readFileSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { loginOf, minutes, open, type Site, sharedSite } from './site.ts'

const site = sharedSite()

/** Customers of the demo whom the night left alone, the first as many. */
async function actual(page: Page, count: number): Promise<string[]> {
  const { rows } = await (await page.request.get('/api/customers?state=actual&stage=grow&limit=60')).json()
  return rows.slice(0, count).map((row: { customerNo: string }) => row.customerNo)
}

/** As a night does. */
async function propose({ workplace }: Site, numbers: readonly string[]): Promise<void> {
  await workplace.db.owner.query(
    `insert into value_proposal (night_id, party_id, cause, entry_id, proposed_on, average_fen, average_before_fen)
     select n.night_id, v.party_id, 'balancesGone', v.entry_id, v.since, 100, 90000000
     from value_now v join party p on p.id = v.party_id, published_night n
     where p.customer_no = any($1) and n.scheme = 'personal' on conflict do nothing`,
    [numbers],
  )
}

const choose = async (page: Page, label: string, option: string) => {
  await page.getByRole('dialog').getByRole('combobox', { name: label }).click()
  await page.getByTitle(option, { exact: true }).last().click()
}

browserTest(
  'a customer is moved to where the table allows, worked as a win-back, and comes back',
  async (path) => {
    const opened = await site(path)
    const page = await opened.as('branchManager')
    const [no = ''] = await actual(page, 1)
    await open(page, `/customers/${no}?tab=value`)
    await page.getByRole('button', { name: '变更状态' }).click()
    const dialog = page.getByRole('dialog')
    const offered = await dialog.getByRole('radio').count()
    expect(offered).toBe(3)
    await dialog.getByText('流失客户 · 破裂').click()
    expect(await dialog.getByRole('button', { name: '变更状态' }).isDisabled()).toBe(true)
    await choose(page, '流失原因', '转投同业')
    await dialog.getByRole('textbox', { name: '备注' }).fill('存款转往他行')
    await dialog.getByRole('button', { name: '变更状态' }).click()
    await page.getByText('已列入赢回名单').waitFor()
    const row = page.getByRole('row').filter({ hasText: '存款转往他行' })
    expect(await row.textContent()).toContain(loginOf(opened.logins, 'branchManager').displayName)
    expect(await row.textContent()).toContain('转投同业')

    await page.locator('.note').getByRole('link', { name: '赢回名单' }).click()
    const listed = page.getByRole('row').filter({ hasText: no })
    await listed.getByRole('button', { name: '登记结果' }).click()
    await dialog.getByText('已赢回', { exact: true }).click()
    await dialog.getByRole('button', { name: '登记结果' }).click()
    await listed.waitFor({ state: 'detached' })
    await page.getByText('已赢回', { exact: true }).first().click()
    await listed.waitFor()
    await listed.getByRole('link').click()
    await page.getByText('现实客户 · 恢复').first().waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'proposals are accepted together with one reason, or kept with one in words; the losses are counted and exported',
  async (path) => {
    const opened = await site(path)
    const page = await opened.as('branchManager')
    const [one = '', two = '', three = ''] = await actual(page, 3)
    await propose(opened, [one, two, three])
    await open(page, '/value-states?cause=balancesGone')
    const decide = async (numbers: string[], button: string) => {
      for (const no of numbers) await page.getByRole('row').filter({ hasText: no }).getByRole('checkbox').check()
      await page.getByRole('button', { name: button }).click()
    }
    const dialog = page.getByRole('dialog')
    await decide([one, two], '接受所选')
    await choose(page, '流失原因', '需求消失')
    await dialog.getByRole('button', { name: '接受所选' }).click()
    await page.getByText('已处理 2 项').first().waitFor()
    await decide([three], '保持不变')
    await dialog.getByRole('textbox').fill('资金临时调出，下月转回')
    await dialog.getByRole('button', { name: '保持不变' }).click()
    await page.getByRole('row').filter({ hasText: three }).waitFor({ state: 'detached' })

    await open(page, '/value-states?tab=losses&reason=needsGone')
    await page.getByText('共流失 2 位').waitFor()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '导出 CSV' }).click(),
    ])
    expect(readFileSync(await file.path(), 'utf8')).toContain('需求消失')

    await open(page, '/customers?state=lost&cols=name,customerNo,valueState')
    await page.getByText(one).first().waitFor()
    expect(await page.getByText(three).count()).toBe(0)
    await page.getByText('流失客户 · 破裂').first().waitFor()
    await page.context().close()
  },
  minutes(4),
)

const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

browserTest(
  'the pages are axe clean and fit a phone, in both languages',
  async (path) => {
    const opened = await site(path)
    for (const width of [1440, 390]) {
      const page = await opened.as('branchManager', { viewport: { width, height: 900 } })
      const [no = '', other = ''] = await actual(page, 2)
      await propose(opened, [no, other])
      for (const language of ['zh-CN', 'en']) {
        for (const address of [
          '/value-states',
          '/value-states?tab=winBacks',
          '/value-states?tab=losses',
          `/customers/${no}?tab=value`,
        ]) {
          await open(page, address)
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
