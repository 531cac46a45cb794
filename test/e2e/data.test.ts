/** What a data steward does in a browser: files in, a night, and what to mend. */
import { expect } from 'vitest'
import { browserTest } from '../support/browser.ts'
import { minutes, open, sharedSite } from './site.ts'

const site = sharedSite()

browserTest(
  'an uploaded file with a bad row is loaded, and the row stands in quarantine with what to do',
  async (path) => {
    const page = await (await site(path)).as('dataSteward')
    await open(page, '/loads')
    await page.getByRole('button', { name: '上传文件' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox').fill('exchange-rates')
    await page.keyboard.press('Enter')
    // Long before any window of the demo bank, so that no night is touched
    const days = Array.from(
      { length: 150 },
      (_, i) => `USD,20${10 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-01,7.${i}`,
    )
    days[41] = 'USD,2013-06-01,seven'
    const buffer = Buffer.from(`currency,day,rate\n${days.join('\n')}\n`)
    await dialog
      .locator('input[type=file]')
      .setInputFiles({ name: 'exchange-rates-old.csv', mimeType: 'text/csv', buffer })
    await dialog.getByText('读入 150 = 接受 149 + 隔离 1').waitFor({ timeout: 60_000 })
    await dialog.getByRole('button', { name: '查看明细' }).click()
    const row = page.getByRole('row').filter({ hasText: 'seven' })
    await row.waitFor()
    expect(await row.textContent()).toMatch(/43[\s\S]*rate[\s\S]*seven/)
    await row.getByRole('button', { name: '不予改正' }).click()
    const decision = page.getByRole('dialog')
    expect(await decision.getByRole('button', { name: '不予改正' }).isDisabled()).toBe(true)
    await decision.getByRole('textbox', { name: '不予改正的原因' }).fill('历史汇率，无人使用')
    await decision.getByRole('button', { name: '不予改正' }).click()
    await row.getByText('历史汇率，无人使用').waitFor()
    await page.getByText('待处理 0，已修复 0，不予改正 1').waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'a night is started from the page, its progress is shown, and it is there when it is published',
  async (path) => {
    const page = await (await site(path)).as('dataSteward')
    await open(page, '/nights')
    const before = (await (await page.request.get('/api/nights?limit=1')).json()).rows[0].day
    await page.getByRole('button', { name: '运行跑批' }).click()
    const dialog = page.getByRole('dialog')
    // The day after the last one stands there already
    const day = await dialog.getByRole('textbox', { name: '日期' }).inputValue()
    expect(day > before).toBe(true)
    await dialog.getByRole('button', { name: '运行跑批' }).click()
    await page.getByText(`${day} 的跑批已排队`).waitFor()
    await page.getByRole('status').filter({ hasText: day }).waitFor()
    const row = page.getByRole('row').filter({ has: page.getByRole('cell', { name: day, exact: true }) })
    await row.getByText('当前').waitFor({ timeout: 60_000 })
    await row.getByText('已发布').waitFor()
    await page.getByText(`数据截至 ${day}`).waitFor()
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'quality says what share is sound, what to mend first, and leads to whom it concerns',
  async (path) => {
    const page = await (await site(path)).as('dataSteward')
    await open(page, '/quality')
    const { total } = await (await page.request.get('/api/quality')).json()
    await page.getByText(`已检查 ${total.checked.toLocaleString('en')}`).waitFor()
    const { rows } = await (await page.request.get('/api/quality/mend-first?limit=20')).json()
    const table = page.getByRole('table').filter({ hasText: rows[0].fault.zh }).first()
    await table.getByRole('row').filter({ hasText: rows[0].advice.zh }).first().waitFor()
    await page.getByRole('combobox', { name: '数据接口' }).click()
    await page.getByTitle('客户', { exact: true }).click()
    await page.waitForURL(/feed=customers/)
    const some = await (await page.request.get('/api/quality?feed=customers')).json()
    await page.getByText(`已检查 ${some.total.checked.toLocaleString('en')}`).waitFor()
    await page.getByRole('link', { name: '查看客户' }).first().click()
    await page.waitForURL(/customers\?confidenceBelow=100/)
    await page.context().close()
  },
  minutes(4),
)
