/** Notes in a browser: written with a draft that outlives a look elsewhere, edited, pinned, withdrawn; mentions. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { loginOf, minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

async function firstCustomer(page: Page): Promise<string> {
  return (await (await page.request.get('/api/customers?limit=1')).json()).rows[0].customerNo
}

browserTest(
  'a note is drafted, written with a mention, edited, pinned and withdrawn; whoever is mentioned finds it',
  async (path) => {
    const opened = await site(path)
    const page = await opened.as('branchManager')
    const other = loginOf(opened.logins, 'complianceOfficer')
    const no = await firstCustomer(page)
    await open(page, `/customers/${no}?tab=notes`)
    const field = page.getByRole('textbox', { name: '写备注' })
    await field.fill('客户想了解大额存单')
    // Neither another page nor a new start of this one loses it
    await open(page, '/customers')
    await open(page, `/customers/${no}?tab=notes`)
    expect(await field.inputValue()).toBe('客户想了解大额存单')
    await field.press('End')
    await field.pressSequentially(`，请 @${other.name.slice(0, 3)}`)
    await page.locator('.ant-mentions-dropdown').getByText(other.displayName).click()
    await page.getByRole('button', { name: '保存备注' }).click()
    const note = page.locator('.notes li').first()
    await note.getByText('客户想了解大额存单').waitFor()
    expect(await note.locator('.note-mention').textContent()).toBe(`@${other.name}`)
    expect(await field.inputValue()).toBe('')

    await note.getByRole('button', { name: '修改' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill(`客户想了解大额存单和国债，请 @${other.name} 跟进`)
    await dialog.getByRole('button', { name: '保存备注' }).click()
    await note.getByRole('button', { name: '改过 1 次' }).click()
    await dialog.getByText('客户想了解大额存单').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await note.getByRole('button', { name: '置顶' }).click()
    await note.getByRole('button', { name: '取消置顶' }).waitFor()

    const mentioned = await opened.as('complianceOfficer')
    await open(mentioned, '/mentions')
    await mentioned.getByText('和国债').waitFor()
    await mentioned.getByRole('link', { name: no }).click()
    await mentioned.getByText('和国债').waitFor()
    await mentioned.context().close()

    await note.getByRole('button', { name: '撤回' }).click()
    await dialog.getByRole('textbox', { name: '撤回原因' }).fill('重复')
    await dialog.getByRole('button', { name: '撤回' }).click()
    await page.getByText('撤回：重复').waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'a note that is refused stays typed, with the refusal in words',
  async (path) => {
    const opened = await site(path)
    const page = await opened.as('branchManager')
    await open(page, `/customers/${await firstCustomer(page)}?tab=notes`)
    const field = page.getByRole('textbox', { name: '写备注' })
    await field.fill('请 @nobody-here 跟进')
    await page.getByRole('button', { name: '保存备注' }).click()
    await page.getByText('没有登录名为 nobody-here 的同事').waitFor()
    expect(await field.inputValue()).toBe('请 @nobody-here 跟进')
    await page.context().close()
  },
  minutes(2),
)

const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

browserTest(
  'the pages are axe clean and fit a phone, in both languages',
  async (path) => {
    const opened = await site(path)
    for (const width of [1440, 390]) {
      const page = await opened.as('branchManager', { viewport: { width, height: 900 } })
      const me = loginOf(opened.logins, 'branchManager').name
      const no = await firstCustomer(page)
      for (const text of [`@${me} 客户下周二来网点，想谈资产配置`, '电话未接通'])
        await page.request.post(`/api/customers/${no}/notes`, { data: { channel: 'visit', text } })
      for (const language of ['zh-CN', 'en']) {
        for (const address of [`/customers/${no}?tab=notes`, '/mentions']) {
          await open(page, address)
          expect(await page.evaluate(overflow), address).toBeLessThanOrEqual(0)
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
