/**
 * Random small banks: what a night publishes equals a sum day by day (support/random-bank.ts); an explanation of each
 * customer adds up to it; snapshots and changes of the same balances give the same intervals.
 */
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { literal } from '../src/lake/engine.ts'
import type { ComputeInput } from '../src/nightly/compute.ts'
import { explainCustomer } from '../src/nightly/explain.ts'
import { runNight } from '../src/nightly/night.ts'
import { policyInForce } from '../src/nightly/policies.ts'
import { computeInputOf, computeTiers, inputsOfNow } from '../src/nightly/what-if.ts'
import { type BalanceFact, insertRows, loadBalances, type TestBank } from './support/lake-bank.ts'
import {
  at,
  bruteForce,
  build,
  consentingOf,
  daysAhead,
  last,
  offset,
  type Sample,
  sample,
  span,
} from './support/random-bank.ts'

let bank: TestBank | undefined
afterEach(async () => {
  await bank?.close()
  bank = undefined
})

/** Whether the household of today has a mean of `barFen` on the cut-off when `moreFen` more is held from tomorrow on. */
function householdReaches(one: Sample, barFen: bigint, moreFen: bigint): boolean {
  const sums = bruteForce(one, span + daysAhead)
  const members = consentingOf(one)
  const held = members.reduce(
    (total, { party }) => total + ((one.byDay ? sums.member : sums.own).get(party) ?? 0n),
    moreFen * BigInt(daysAhead) * 10n ** 19n,
  )
  return held >= barFen * 90n * BigInt(members.length) * 10n ** 19n
}

// One who joined inside the window: by day of membership the household is 70,000 short, by all their days it is not
const deposit = (party: number, value: bigint): Sample['accounts'][number] => ({
  product: 0,
  currency: 'CNY',
  owners: [{ party, share: 10_000 }],
  moves: null,
  closed: null,
  frozen: null,
  facts: [{ offset: 0, value, load: 0 }],
})
const joined: Sample = {
  parties: 4,
  accounts: [deposit(1, 9_000_000n), deposit(2, 10_000_000n)],
  members: [
    { party: 1, from: 0, to: 200, consent: 0 },
    { party: 2, from: 60, to: 200, consent: 60 },
  ],
  byDay: true,
  negative: 'zero',
  frozenCounts: true,
}

let householdDistances = 0

test('a night equals a sum day by day, and its explanations add up to it', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(sample, async (one) => {
      bank = await build(one)
      await runNight(bank.workplace, { day: last })
      const rows = (await bank.database.db.owner.query('select * from night_customer order by customer_no')).rows
      const expected = bruteForce(one)
      for (const row of rows) expect(BigInt(row.sum_scaled)).toBe(expected.own.get(Number(row.party_id)))
      const consenting = consentingOf(one)
      const [household] = (await bank.database.db.owner.query('select * from night_household')).rows
      if (household) {
        const sums = one.byDay ? expected.member : expected.own
        const sum = consenting.reduce((total, member) => total + (sums.get(member.party) ?? 0n), 0n)
        expect(household.consenting).toBe(consenting.length)
        expect(household.sum_fen).toBe(sum / 10n ** 19n)
      }
      for (const row of rows) {
        const why = await explainCustomer(bank.workplace, row.customer_no)
        expect(BigInt(why.individual.sumScaled)).toBe(BigInt(row.sum_scaled))
        expect(why.qualifiedTier.ordinal).toBe(row.qualified_tier)
        expect(why.path).toBe(row.path)
        expect(why.household?.counts ? why.household.averageFen : null).toBe(
          row.household_average_fen === null ? null : String(row.household_average_fen),
        )
        expect(why.toNext?.amountFen ?? null).toBe(row.to_next_fen === null ? null : String(row.to_next_fen))
        expect(why.toKeep?.amountFen ?? null).toBe(row.to_keep_fen === null ? null : String(row.to_keep_fen))
        for (const [distance, says] of [
          [why.toNext, 'more'],
          [why.toKeep, 'leave'],
        ] as const) {
          if (distance?.path !== 'household') continue
          const bar = BigInt(why.bars.find(({ tier }) => tier.code === distance.tier.code)?.householdFen ?? 0)
          const amount = BigInt(distance.amountFen)
          householdDistances++
          if (says === 'more') {
            expect(householdReaches(one, bar, amount)).toBe(true)
            if (amount > 0n) expect(householdReaches(one, bar, amount - 100n)).toBe(false)
          } else if (amount > 0n) expect(householdReaches(one, bar, -amount)).toBe(true)
        }
        // the night counts days carried per segment of an account, the explanation per account: equal where there is one
        const whole = one.accounts.every((given) => !given.moves && given.closed === null && !given.frozen)
        if (whole) expect(why.confidence).toBe(row.confidence)
        const parts = why.parts.reduce((total, part) => total + BigInt(part.sumScaled), 0n)
        expect(parts).toBe(BigInt(row.sum_scaled))
      }
      await bank.close()
      bank = undefined
    }),
    {
      endOnFailure: true,
      examples: [[joined]],
      numRuns: Number(process.env.STRATA_RUNS ?? 8),
      ...(process.env.STRATA_SEED && { seed: Number(process.env.STRATA_SEED) }),
    },
  )
  expect(householdDistances, 'without one, nothing was proved').toBeGreaterThan(0)
})

test('differences of two days, intervals one by one and the general way give the same measures', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(sample, async (one) => {
      bank = await build(one)
      const { workplace } = bank
      const { policy } = await policyInForce(workplace.db.owner, 'personal', last, 'CNY')
      const { months, ...input } = computeInputOf(workplace, policy, last, await inputsOfNow(workplace, last))
      const measured = async (schema: string, variant: ComputeInput) => {
        await computeTiers(workplace.engine, schema, variant)
        const tables = ['measure', 'assigned', 'household_result']
        return Promise.all(tables.map((table) => workplace.engine.rows(`select * from ${schema}.${table} order by 1`)))
      }
      if (!months) throw new Error('a night knows its months')
      const expected = await measured('differences', { ...input, months })
      expect(await measured('intervals', input)).toEqual(expected)
      // no value but 0 is plain
      expect(await measured('general', { ...input, months, plainMax: 0n })).toEqual(expected)
      await bank.close()
      bank = undefined
    }),
    { endOnFailure: true, numRuns: Number(process.env.STRATA_RUNS ?? 8) },
  )
})

test('snapshots and changes of the same balances give the same intervals', { timeout: 120_000 }, async () => {
  const changes = fc.array(fc.record({ offset, value: fc.bigInt({ min: -3n, max: 3n }) }), {
    minLength: 1,
    maxLength: 10,
  })
  await fc.assert(
    fc.asyncProperty(changes, changes, async (one, two) => {
      const seen: unknown[] = []
      for (const shape of ['changes', 'snapshots'] as const) {
        bank = await build({
          parties: 4,
          accounts: [],
          members: [],
          byDay: false,
          negative: 'zero',
          frozenCounts: true,
        })
        for (const id of [1, 2]) {
          await insertRows(bank, 'account', [
            {
              id,
              no_token: Buffer.from(`t${id}`),
              no_sealed: Buffer.from(''),
              no_last4: '1',
              product_id: 1,
              currency: 'CNY',
              unit_id: 1,
            },
          ])
          await insertRows(bank, 'position', [{ id, account_id: id, product_id: 1, kind: 'balance', currency: 'CNY' }])
        }
        const facts = [one, two].flatMap((list, i) => shapeOf(shape, i + 1, list))
        await loadBalances(bank, facts)
        await runNight(bank.workplace, { day: last })
        const files = await bank.database.db.owner.query(
          `select path from lake_file where kind = 'interval' and superseded_at is null order by month`,
        )
        seen.push(
          await bank.workplace.engine.rows(
            `select position_id, from_day::varchar as f, to_day::varchar as t, value, gap, days, debt from read_parquet([${files.rows
              .map((row) => literal(`${bank?.workplace.lakeDir}/${row.path}`))
              .join(', ')}]) order by all`,
          ),
        )
        await bank.close()
        bank = undefined
      }
      expect(seen[0]).toEqual(seen[1])
    }),
    { numRuns: 2, endOnFailure: true },
  )
})

function shapeOf(
  shape: 'changes' | 'snapshots',
  id: number,
  list: readonly { offset: number; value: bigint }[],
): BalanceFact[] {
  const byDay = new Map(list.map((change) => [change.offset, change.value]))
  const start = Math.min(...byDay.keys())
  const facts: BalanceFact[] = []
  let value = 0n
  for (let n = 0; n < span; n++) {
    value = byDay.get(n) ?? value
    if (shape === 'snapshots' ? n >= start : byDay.has(n)) facts.push({ position: id, account: id, day: at(n), value })
  }
  return facts
}
