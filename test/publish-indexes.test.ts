/** That the list by tier and that of one tier begin where their rows are: nothing is sorted and nothing passed by. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runNight } from '../src/nightly/night.ts'
import type { TestBank } from './support/lake-bank.ts'
import { storyBank, storyDay } from './support/story-bank.ts'

let bank: TestBank
let night: number
beforeAll(async () => {
  bank = await storyBank()
  night = (await runNight(bank.workplace, { day: storyDay })).nightId
}, 60_000)
afterAll(() => bank.close())

/** A table of 60 rows would be read whole and sorted, or by whatever index is named first. */
async function planOf(where: string, order: string): Promise<string> {
  const client = await bank.workplace.db.owner.connect()
  try {
    await client.query(`begin; set local enable_seqscan = off; set local enable_sort = off;
      set local enable_bitmapscan = off; drop index night_customer_${night}_kind, night_customer_${night}_average`)
    const { rows } = await client.query(`explain select party_id from night_customer
      where night_id = ${night} and ${where} order by ${order}, party_id desc limit 50`)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  } finally {
    await client.query('rollback')
    client.release()
  }
}

test('of one tier, for the kind that the scheme is for', async () => {
  const plan = await planOf("kind = 'person' and qualified_tier = 3::smallint", 'average_fen desc')
  expect(/Index Cond.*/.exec(plan)?.[0]).toMatch(/qualified_tier = .*kind = 'person'/)
  expect(plan).not.toContain('Sort')
})

test('by tier', async () => {
  expect(await planOf('true', 'qualified_tier desc, average_fen desc')).not.toContain('Sort')
})
