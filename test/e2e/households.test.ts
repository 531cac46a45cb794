/** Households as people use them in a browser. */
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
