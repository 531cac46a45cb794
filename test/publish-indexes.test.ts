/** That a list of one tier begins where its rows are: by an index on tier and kind together, for the scheme of persons. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runNight } from '../src/nightly/night.ts'
import type { TestBank } from './support/lake-bank.ts'
import { storyBank, storyDay } from './support/story-bank.ts'

let bank: TestBank
beforeAll(async () => {
  bank = await storyBank()
  await runNight(bank.workplace, { day: storyDay })
}, 60_000)
afterAll(() => bank.close())

test('a list of one tier passes no row by', async () => {
  const client = await bank.workplace.db.owner.connect()
  try {
    const { rows } = await client.query('select night_id from published_night')
    const night = rows[0].night_id
    // A table of 60 rows would be read whole and sorted, or by whatever index is named first
    await client.query(`begin; set local enable_seqscan = off; set local enable_sort = off;
      set local enable_bitmapscan = off; drop index night_customer_${night}_kind, night_customer_${night}_average`)
    const plan = await client.query(`explain select party_id from night_customer where night_id = ${night}
      and kind = 'person' and qualified_tier = 3::smallint order by average_fen desc, party_id desc limit 50`)
    const lines = plan.rows.map((row) => String(row['QUERY PLAN']))
    const condition = lines.find((line) => line.includes('Index Cond')) ?? ''
    expect(condition).toContain("kind = 'person'")
    expect(condition).toContain('qualified_tier = ')
    expect(lines.join('\n')).not.toContain('Sort')
  } finally {
    await client.query('rollback')
    client.release()
  }
})
