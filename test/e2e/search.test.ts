/** Ctrl-K as people use it: by pinyin, another reading, an account number, with an error; by keyboard, on a phone too. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { fillReadings } from '../../src/nightly/readings.ts'
import { browserTest } from '../support/browser.ts'
import { minutes, open, sharedSite } from './site.ts'

const site = sharedSite()
const account = '6222020299999990001'

/** Gives three customers names of their own, and the first an account number that is known here. */
async function named(path: string): Promise<string[]> {
  const { workplace } = await site(path)
  const { owner } = workplace.db
  const { rows } = await owner.query<{ id: bigint; no: string }>(
    `select p.id, p.customer_no as no from party p join account_owner o on o.party_id = p.id
     where p.kind = 'person' and exists (select from night_customer n where n.party_id = p.id)
     group by p.id having count(*) > 0 order by p.id limit 3`,
  )
  for (const [i, name] of ['单雄信', '仇英', 'Mary Johnson'].entries()) {
    await owner.query('update party set name = $2, spelled = false where id = $1', [String(rows[i]?.id), name])
    await owner.query('update night_customer set name = $2 where party_id = $1', [String(rows[i]?.id), name])
  }
  await owner.query(
    `update account set no_token = $2 where id = (select account_id from account_owner where party_id = $1
       and to_day > '2299-01-01' order by account_id limit 1)`,
    [String(rows[0]?.id), workplace.keys.blindIndex('account', account)],
  )
  await fillReadings(workplace)
  return rows.map(({ no }) => no)
}

const field = (page: Page) => page.getByRole('combobox', { name: /搜索客户/ })

browserTest(
  'Ctrl-K finds by pinyin, another reading, an account number and with an error, and says by what',
  async (path) => {
    const [first, second, third] = await named(path)
    const page = await (await site(path)).as('analyst')
    await open(page, '/')
    for (const [typed, no, by] of [
      ['shanxiongxin', first, '拼音'],
      ['danxiong', first, '拼音'],
      ['chouying', second, '拼音'],
      ['6222 0202 9999 9990 001', first, '账号'],
      ['Jonson', third, '相近拼写'],
    ]) {
      await page.keyboard.press('Control+k')
      await field(page).fill(typed ?? '')
      const hit = page.getByRole('option', { name: new RegExp(no ?? '') })
      await hit.getByText(by ?? '').waitFor()
      await page.keyboard.press('Escape')
      await field(page).waitFor({ state: 'hidden' })
    }
    await page.keyboard.press('Control+k')
    await field(page).fill(first ?? '')
    const hit = page.getByRole('option', { name: new RegExp(first ?? '') })
    expect(await hit.locator('mark').textContent()).toBe(first)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/customers/${first}`)
    await page.context().close()
  },
  minutes(4),
)

browserTest(
  'an answer to what is no longer typed is not offered, and a phone has room for the panel',
  async (path) => {
    const [first, second] = await named(path)
    const page = await (await site(path)).as('analyst', { viewport: { width: 390, height: 800 } })
    await open(page, '/')
    await page.keyboard.press('Control+k')
    // The first question is answered late, when the second has long been answered
    await page.route(/api\/search\?.*danxiong/, async (route) => {
      await new Promise((done) => setTimeout(done, 1500))
      await route.continue().catch(() => undefined)
    })
    const late = page.waitForRequest(/danxiong/)
    await field(page).fill('danxiong')
    await late
    await field(page).fill('qiuying')
    await page.getByRole('option', { name: new RegExp(second ?? '') }).waitFor()
    await page.waitForTimeout(2000)
    expect(await page.getByRole('option', { name: new RegExp(first ?? '') }).count()).toBe(0)
    const box = await page.getByRole('listbox').boundingBox()
    expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 999) <= 390).toBe(true)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await page.context().close()
  },
  minutes(4),
)
