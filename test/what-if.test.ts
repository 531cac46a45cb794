/** Other policies and corrected facts against a published night: simulations and what a night would have said. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, day } from '../src/kit/day.ts'
import { customerHistory } from '../src/nightly/explain.ts'
import { exportTiers } from '../src/nightly/export-tiers.ts'
import { runNight } from '../src/nightly/night.ts'
import { openSimulator, type Simulator } from '../src/nightly/simulate.ts'
import { recomputeStale } from '../src/nightly/would-have-been.ts'
import { loadBalances, type TestBank } from './support/lake-bank.ts'
import { storyBank, storyDay } from './support/story-bank.ts'

let bank: TestBank
let simulator: Simulator
let nightId: number
beforeAll(async () => {
  bank = await storyBank()
  nightId = (await runNight(bank.workplace, { day: storyDay })).nightId
  simulator = openSimulator(bank.workplace)
}, 120_000)
afterAll(async () => {
  await simulator.close()
  await bank.close()
})

const personal = readFileSync(new URL('../src/tiers/policies/personal.yaml', import.meta.url), 'utf8')

test('the policy in force moves nobody; bars in memory and bars computed anew agree', {
  timeout: 120_000,
}, async () => {
  const same = await simulator.simulate({})
  // four of the sixty parties are companies, whom the personal scheme is not for
  expect(same).toMatchObject({ rises: 0, falls: 0, same: 56, recomputed: false })
  const bars = [{ tier: 'gold', individualFen: 20_000_000n, householdFen: 15_000_000n }]
  const quick = await simulator.simulate({ bars, householdRule: 'sum' })
  expect(quick.rises + quick.falls).toBeGreaterThan(0)
  // an extra weight of 1 on a class that nobody holds changes no sum, but has the sums computed anew
  const text = personal
    .replace('weights: {}', 'weights: { securities: 1 }')
    .replace('individual: 100,000', 'individual: 200,000')
    .replace('household: 80,000', 'household: 150,000')
    .replace('measure: mean', 'measure: sum')
  const anew = await simulator.simulate({ policyText: text })
  expect(anew.recomputed).toBe(true)
  expect(anew.moves).toEqual(quick.moves)
})

test('a corrected fact shows what a published night would have said', { timeout: 120_000 }, async () => {
  const before = await bank.database.db.owner.query(
    `select party_id, average_fen from night_customer where night_id = $1`,
    [nightId],
  )
  await loadBalances(bank, [{ position: 2, account: 2, day: '2026-06-01', value: 900_000_000n }])
  const { differences } = await recomputeStale(bank.workplace, nightId)
  expect(differences).toBe(1)
  const listed = await bank.database.db.owner.query('select * from would_have_been')
  expect(listed.rows[0]).toMatchObject({
    night_id: nightId,
    published_average_fen: averageOf(before.rows, listed.rows[0].party_id),
  })
  const after = await bank.database.db.owner.query(
    `select party_id, average_fen from night_customer where night_id = $1`,
    [nightId],
  )
  expect(after.rows).toEqual(before.rows)
})

test('a history has a value for every day', { timeout: 60_000 }, async () => {
  const history = await customerHistory(bank.workplace, 'C0005')
  expect(history.days.at(-1)?.day).toBe(storyDay)
  const found = await bank.database.db.owner.query(
    `select aum_fen from night_customer where customer_no = 'C0005' and night_id = $1`,
    [nightId],
  )
  const last = history.days.at(-1)?.aumFen ?? 0n
  // the night truncates per position, the history once
  expect(last - found.rows[0].aum_fen).toBeLessThanOrEqual(5n)
})

function averageOf(rows: { party_id: bigint; average_fen: bigint }[], party: bigint): bigint | undefined {
  return rows.find((row) => row.party_id === party)?.average_fen
}

test.each([
  ['2020-01-01', undefined, '2020-01-01', 0],
  ['2026-06-30', '2026-06-30', '2026-06-30', 1],
  ['2026-06-01', '2026-06-30', '2026-06-01', 0],
  [undefined, '2026-07-01', '2026-06-30', 0],
])('a history until %s from %s', { timeout: 60_000 }, async (to, from, until, days) => {
  const asked = { ...(to !== undefined && { to: day(to) }), ...(from !== undefined && { from: day(from) }) }
  const history = await customerHistory(bank.workplace, 'C0005', asked)
  expect(history.to).toBe(until)
  // Without a first day it is as long as ever; with one that comes later there is nothing to tell.
  expect(history.days).toHaveLength(
    from === undefined ? (await customerHistory(bank.workplace, 'C0005')).days.length : days,
  )
})

test('a draft is computed on the day of the published night, also when newer balances are there', async () => {
  await loadBalances(bank, [{ position: 2, account: 2, day: addDays(storyDay, 3), value: 900_000_000n }])
  const asked = { out: join(bank.home.home, 'draft.csv'), format: 'csv', policyText: personal } as const
  expect((await exportTiers(bank.workplace, asked)).day).toBe(storyDay)
})
