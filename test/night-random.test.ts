/**
 * Random small banks: what a night publishes equals a sum day by day, written here without intervals, prefix sums or
 * SQL; an explanation of each customer adds up to it; snapshots and changes of the same balances give the same intervals.
 */
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { addDays, type Day, day, eachDay } from '../src/kit/day.ts'
import { literal } from '../src/lake/engine.ts'
import type { ComputeInput } from '../src/nightly/compute.ts'
import { explainCustomer } from '../src/nightly/explain.ts'
import { runNight } from '../src/nightly/night.ts'
import { policyInForce } from '../src/nightly/policies.ts'
import { computeInputOf, computeTiers, inputsOfNow } from '../src/nightly/what-if.ts'
import { type BalanceFact, emptyBank, insertRows, loadBalances, loadRates, type TestBank } from './support/lake-bank.ts'

const first = day('2026-01-05')
const last = day('2026-04-20')
const span = 105
const at = (offset: number): Day => addDays(first, offset)

interface Sample {
  parties: number
  accounts: {
    product: number
    currency: 'CNY' | 'USD' | 'JPY'
    owners: { party: number; share: number }[]
    /** From this day the account belongs to `next` alone. */
    moves: { offset: number; next: number } | null
    closed: number | null
    frozen: { from: number; to: number } | null
    facts: { offset: number; value: bigint | null; load: number }[]
  }[]
  members: { party: number; from: number; to: number; consent: number | null }[]
  byDay: boolean
  negative: 'zero' | 'subtract'
  frozenCounts: boolean
}

const weights = [10_000n, 5_000n, 12_500n]
const classes = ['deposit', 'fund', 'wealth']
const offset = fc.integer({ min: 0, max: span - 1 })
const account = fc.record({
  product: fc.integer({ min: 0, max: 2 }),
  currency: fc.constantFrom('CNY' as const, 'CNY' as const, 'USD' as const, 'JPY' as const),
  owners: fc.oneof(
    fc.integer({ min: 1, max: 4 }).map((party) => [{ party, share: 10_000 }]),
    fc.integer({ min: 1, max: 9_999 }).map((share) => [
      { party: 1, share },
      { party: 3, share: 10_000 - share },
    ]),
  ),
  moves: fc.option(fc.record({ offset, next: fc.integer({ min: 1, max: 4 }) })),
  closed: fc.option(offset, { freq: 4 }),
  frozen: fc.option(fc.record({ from: offset, to: offset }), { freq: 3 }),
  facts: fc.array(
    fc.record({
      offset,
      value: fc.option(
        fc.oneof(
          { weight: 9, arbitrary: fc.bigInt({ min: -5_000_000n, max: 90_000_000n }) },
          // too large for a plain position: times days and weight it does not fit a BIGINT
          { weight: 1, arbitrary: fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }) },
        ),
        { freq: 6 },
      ),
      load: fc.integer({ min: 0, max: 1 }),
    }),
    { maxLength: 8 },
  ),
})
const sample: fc.Arbitrary<Sample> = fc.record({
  parties: fc.constant(4),
  accounts: fc.array(account, { minLength: 1, maxLength: 6 }),
  members: fc.array(
    fc.record({
      party: fc.integer({ min: 1, max: 4 }),
      from: offset,
      to: fc.integer({ min: 1, max: 200 }),
      consent: fc.option(offset, { freq: 5 }),
    }),
    { maxLength: 4 },
  ),
  byDay: fc.boolean(),
  negative: fc.constantFrom('zero' as const, 'subtract' as const),
  frozenCounts: fc.boolean(),
})

const rateOf = (currency: string, offsetOfDay: number): bigint => {
  if (currency === 'CNY') return 100_000_000_000n
  const asOf = BigInt(offsetOfDay - (offsetOfDay % 3))
  // per minor unit × 10^11: USD has two decimals like CNY, JPY none against two
  return currency === 'USD' ? (700_000_000n + asOf) * 1_000n : (5_000_000n + asOf) * 100_000n
}

let bank: TestBank | undefined
afterEach(async () => {
  await bank?.close()
  bank = undefined
})

const policyText = (one: Sample) => `
scheme: personal
name: { zh: 试, en: Test }
appliesTo: person
window: { kind: trailing, days: 90 }
measure: { currency: CNY, negative: ${one.negative}, rateAgeDaysMax: 12 }
household: { measure: mean, membership: ${one.byDay ? 'byDay' : 'atCutOff'}, membersMin: 2 }
special: { frozen: { counts: ${one.frozenCounts}, rises: false, falls: true } }
tiers:
  - { code: silver, zh: 银, en: Silver, entry: identity }
  - { code: gold, zh: 金, en: Gold, individual: 100000, household: 80000 }
  - { code: black, zh: 黑, en: Black, individual: 300000, household: 250000, approval: secondPerson }
`

async function build(one: Sample): Promise<TestBank> {
  const made = await emptyBank({ now: '2026-06-01T02:00:00.000Z' })
  const insert = (table: string, rows: Record<string, unknown>[]) => insertRows(made, table, rows)
  await insert(
    'party',
    [1, 2, 3, 4].map((id) => ({
      id,
      kind: 'person',
      customer_no: `C${id}`,
      name: `客户${id}`,
      unit_id: 1,
      identity_valid: true,
    })),
  )
  await insert(
    'product',
    classes.map((name, i) => ({ id: i + 1, code: name, name, class: name, weight: Number(weights[i]) })),
  )
  for (const [i, given] of one.accounts.entries()) {
    const id = i + 1
    await insert('account', [
      {
        id,
        no_token: Buffer.from(`t${id}`),
        no_sealed: Buffer.from(''),
        no_last4: '1234',
        product_id: given.product + 1,
        currency: given.currency,
        unit_id: 1,
        closed_on: given.closed === null ? null : at(given.closed),
      },
    ])
    await insert('position', [
      { id, account_id: id, product_id: given.product + 1, kind: 'balance', currency: given.currency },
    ])
    const until = given.moves ? at(given.moves.offset) : '2299-12-31'
    const owners = given.owners.map((owner, n) => ({
      account_id: id,
      party_id: owner.party,
      share: owner.share,
      ordinal: n + 1,
      to_day: until,
    }))
    await insert('account_owner', owners)
    if (given.moves) {
      await insert('account_owner', [{ account_id: id, party_id: given.moves.next, share: 10_000, from_day: until }])
    }
    if (given.frozen && given.frozen.from < given.frozen.to) {
      await insert('account_flag', [
        { account_id: id, kind: 'frozen', from_day: at(given.frozen.from), to_day: at(given.frozen.to) },
      ])
    }
  }
  await insert('household', [{ id: 1, household_no: 'H1', unit_id: 1 }])
  for (const member of membersOf(one)) {
    await insert('household_member', [
      {
        household_id: 1,
        party_id: member.party,
        role: 'member',
        from_day: at(member.from),
        to_day: at(member.to),
        consent_from: member.consent === null ? null : at(member.consent),
      },
    ])
  }
  await insert('policy', [
    {
      scheme: 'personal',
      version: 1,
      name: 'test',
      source: policyText(one),
      sha256: 'x',
      status: 'inForce',
      recorded_by: 'test',
    },
  ])
  for (const load of [0, 1]) await loadBalances(made, factsOf(one, load))
  const days = Array.from({ length: span + 10 }, (_, i) => i).filter((i) => i % 3 === 0)
  await loadRates(made, [
    ...days.map((i) => ({ currency: 'USD', day: at(i), rate: 700_000_000n + BigInt(i) })),
    ...days.map((i) => ({ currency: 'JPY', day: at(i), rate: 5_000_000n + BigInt(i) })),
  ])
  return made
}

const membersOf = (one: Sample) =>
  [...new Map(one.members.map((member) => [member.party, member])).values()].filter((member) => member.from < member.to)

function factsOf(one: Sample, load: number): BalanceFact[] {
  const facts = one.accounts.flatMap((given, i) =>
    given.facts
      .filter((fact) => fact.load === load)
      .map((fact) => ({ position: i + 1, account: i + 1, day: at(fact.offset) as string, value: fact.value })),
  )
  // in one file a key occurs once: the last row stands for it. One fact on the last day says that the day is known.
  const unique = [...new Map(facts.map((fact) => [`${fact.position} ${fact.day}`, fact])).values()]
  return load === 1
    ? unique
    : [
        ...unique,
        { position: 999, account: 999, day: first as string, value: 1n },
        { position: 999, account: 999, day: last as string, value: 1n },
      ]
}

/** Value of an account at the end of a day: the newest load's fact of that day, else what was there before. */
function endOfDay(one: Sample, index: number): bigint[] {
  const byKey = new Map<number, bigint | null>()
  for (const load of [0, 1]) {
    for (const fact of one.accounts[index]?.facts.filter((given) => given.load === load) ?? [])
      byKey.set(fact.offset, fact.value)
  }
  const values: bigint[] = []
  let value = 0n
  for (let i = 0; i <= span; i++) {
    value = byKey.get(i) ?? value
    values.push(value)
  }
  return values
}

function bruteForce(one: Sample): { own: Map<number, bigint>; member: Map<number, bigint> } {
  const own = new Map<number, bigint>([1, 2, 3, 4].map((party) => [party, 0n]))
  const member = new Map(own)
  for (const [i, given] of one.accounts.entries()) {
    const values = endOfDay(one, i)
    for (const today of eachDay(addDays(last, -89), last)) {
      const n = [...eachDay(first, today)].length - 1
      if (given.closed !== null && n >= given.closed) continue
      if (!one.frozenCounts && given.frozen && n >= given.frozen.from && n < given.frozen.to) continue
      const raw = values[n] ?? 0n
      const value = one.negative === 'zero' && raw < 0n ? 0n : raw
      const owners =
        given.moves && n >= given.moves.offset ? [{ party: given.moves.next, share: 10_000 }] : given.owners
      for (const owner of owners) {
        const add = value * rateOf(given.currency, n) * (weights[given.product] ?? 0n) * BigInt(owner.share)
        own.set(owner.party, (own.get(owner.party) ?? 0n) + add)
        const belongs = membersOf(one).some(
          (one) => one.party === owner.party && n >= one.from && n < one.to && one.consent !== null && n >= one.consent,
        )
        if (belongs) member.set(owner.party, (member.get(owner.party) ?? 0n) + add)
      }
    }
  }
  return { own, member }
}

test('a night equals a sum day by day, and its explanations add up to it', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(sample, async (one) => {
      bank = await build(one)
      await runNight(bank.workplace, { day: last })
      const rows = (await bank.database.db.owner.query('select * from night_customer order by customer_no')).rows
      const expected = bruteForce(one)
      for (const row of rows) expect(BigInt(row.sum_scaled)).toBe(expected.own.get(Number(row.party_id)))
      const consenting = membersOf(one).filter(
        (member) => member.from <= span && member.to > span && member.consent !== null && member.consent <= span,
      )
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
      numRuns: Number(process.env.STRATA_RUNS ?? 8),
      ...(process.env.STRATA_SEED && { seed: Number(process.env.STRATA_SEED) }),
    },
  )
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
