/** A customer of another unit is asked for and granted, and a masked field revealed, by clicking. */
import type { Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

const numbersOf = async (page: Page): Promise<string[]> => {
  const { rows } = await (await page.request.get('/api/customers?limit=500')).json()
  return rows.map((row: { customerNo: string }) => row.customerNo)
}

browserTest(
  'a customer of another unit is found masked, asked for, granted, opened, and gone when it is ended',
  async (path) => {
    const outlet = await (await site(path)).as('outletManager')
    const branch = await (await site(path)).as('branchManager')
    const known = new Set(await numbersOf(outlet))
    const stranger = (await numbersOf(branch)).find((number) => !known.has(number))
    if (!stranger) throw new Error('the branch has a customer whom the outlet does not see')

    await branch.goto('/customers')
    await branch.getByRole('heading', { level: 1 }).waitFor()
    await outlet.goto(`/customers?q=${stranger}`)
    await outlet.getByRole('link', { name: '在其他机构查找' }).click()
    await outlet.getByRole('button', { name: '申请查看' }).click()
    await outlet.getByLabel('事由').fill('客户来本网点办理业务')
    await outlet.getByRole('dialog').getByRole('button', { name: '申请查看' }).click()
    await outlet.getByText('已申请').waitFor()
    await outlet.getByText('待处理', { exact: true }).waitFor()

    const waits = { name: '1 项待您处理' }
    const link = branch.getByRole('link', { name: '其他机构客户' })
    await link.getByRole('img', waits).waitFor()
    await branch.getByRole('button', { name: '收起导航' }).click()
    await link.getByRole('img', waits).waitFor()
    await branch.setViewportSize({ width: 390, height: 844 })
    await branch.getByRole('button', { name: '打开导航' }).getByRole('img', waits).waitFor()
    await branch.setViewportSize({ width: 1440, height: 900 })
    expect(await outlet.getByRole('img', waits).count()).toBe(0)

    await branch.goto('/elsewhere?box=others')
    await branch.getByRole('row').filter({ hasText: stranger }).getByRole('button', { name: '同意' }).click()
    await branch.getByRole('dialog').getByRole('button', { name: '同意' }).click()
    await branch.getByText('已同意').waitFor()
    await vi.waitFor(async () => expect(await branch.locator('.waiting').count()).toBe(0), { timeout: 10_000 })

    await outlet.goto('/elsewhere')
    await outlet.getByRole('link', { name: new RegExp(stranger) }).click()
    await outlet.getByRole('heading', { level: 1 }).waitFor()
    await outlet.waitForURL(`**/customers/${stranger}`)
    await outlet.getByText('基本信息').waitFor()
    await outlet.getByText('可查看至').waitFor()

    await branch.getByRole('row').filter({ hasText: stranger }).getByRole('button', { name: '终止查看' }).click()
    await branch.getByText('已结束').waitFor()
    await outlet.reload()
    await outlet
      .getByText(/没有找到/)
      .first()
      .waitFor()
    await outlet.context().close()
    await branch.context().close()
  },
  minutes(4),
)

browserTest(
  'asking for a customer says, under the reason, how much of it is missing',
  async (path) => {
    const outlet = await (await site(path)).as('outletManager')
    const branch = await (await site(path)).as('branchManager')
    const known = new Set(await numbersOf(outlet))
    const stranger = (await numbersOf(branch)).findLast((number) => !known.has(number))
    for (const [language, button, reason, needed, missing] of [
      ['zh-CN', '申请查看', '事由', '至少 4 个字符，还差 4 个', '至少 4 个字符，还差 2 个'],
      ['en', 'Ask to see', 'Reason', 'At least 4 characters, 4 more to go', 'At least 4 characters, 2 more to go'],
    ] as const) {
      await outlet.addInitScript(`localStorage.setItem('strata.language', '${language}')`)
      await open(outlet, `/elsewhere?q=${stranger}`)
      await outlet.getByRole('button', { name: button }).click()
      const dialog = outlet.getByRole('dialog')
      await dialog.getByText(needed, { exact: true }).waitFor()
      await dialog.getByLabel(reason).fill('回访')
      await dialog.getByText(missing, { exact: true }).waitFor()
      const hint = await dialog.getByLabel(reason).getAttribute('aria-describedby')
      expect(await dialog.locator(`[id="${hint}"]`).textContent()).toBe(missing)
      expect(await dialog.getByRole('button', { name: button }).isDisabled()).toBe(true)
      await dialog.getByLabel(reason).fill('回访核实')
      expect(await dialog.getByRole('button', { name: button }).isEnabled()).toBe(true)
    }
    await outlet.context().close()
    await branch.context().close()
  },
  minutes(4),
)

browserTest(
  'a masked phone number is shown for a minute to whoever gives a reason',
  async (path) => {
    const page = await (await site(path)).as('relationshipManager')
    await page.clock.install()
    const [number] = await numbersOf(page)
    await page.goto(`/customers/${number}`)
    expect(await page.locator('[data-mark]').getAttribute('data-mark')).toMatch(/^manager \d{4}-\d\d-\d\d \d\d:\d\d$/)
    await page.getByRole('button', { name: '显示手机' }).click()
    const show = page.getByRole('dialog').getByRole('button', { name: '显示', exact: true })
    expect(await show.isDisabled()).toBe(true)
    await page.getByLabel('事由').fill('回访')
    await page.getByText('至少 4 个字符，还差 2 个').waitFor()
    expect(await show.isDisabled()).toBe(true)
    await page.getByLabel('事由').fill('回访核实')
    await show.click()
    const shown = page.locator('.revealed b')
    await shown.waitFor()
    expect(await shown.textContent()).toMatch(/^1\d{10}$/)
    await page.clock.runFor(61_000)
    await vi.waitFor(async () => expect(await shown.count()).toBe(0), { timeout: 10_000 })
    await page.getByRole('button', { name: '显示手机' }).waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'what was revealed of one customer is not shown under the next, and is gone on the way back',
  async (path) => {
    const page = await (await site(path)).as('relationshipManager')
    await page.goto('/customers')
    const rows = page.locator('.list-body tbody tr[aria-rowindex]')
    await rows.first().click()
    await page.getByRole('button', { name: '显示手机' }).waitFor()
    const first = page.url()
    await page.keyboard.press('j')
    await page.waitForURL((url) => url.href !== first)
    await page.getByRole('button', { name: '显示手机' }).click()
    await page.getByLabel('事由').fill('回访核实')
    await page.getByRole('dialog').getByRole('button', { name: '显示', exact: true }).click()
    await page.locator('.revealed b').waitFor()
    await page.keyboard.press('k')
    await page.waitForURL(first)
    await page.getByRole('button', { name: '显示手机' }).waitFor()
    expect(await page.locator('.revealed').count()).toBe(0)
    await page.context().close()
  },
  minutes(4),
)
