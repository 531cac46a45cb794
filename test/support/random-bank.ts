/**
 * Random small banks and what they come to day by day, written without intervals, prefix sums or SQL: for tests that
 * hold a night against it.
 */
import fc from 'fast-check'
import { addDays, type Day, day } from '../../src/kit/day.ts'
import { type BalanceFact, emptyBank, insertRows, loadBalances, loadRates, type TestBank } from './lake-bank.ts'

export const first = day('2026-01-05')
export const last = day('2026-04-20')
export const span = 105
/** To the next cut-off, 2026-04-30. */
export const daysAhead = 10
export const at = (offset: number): Day => addDays(first, offset)

export interface Sample {
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
export const offset = fc.integer({ min: 0, max: span - 1 })
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
export const sample: fc.Arbitrary<Sample> = fc.record({
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

export async function build(one: Sample): Promise<TestBank> {
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

/** What each party has at the end of day `n` after the first, × 10^19; after the last known day what it had then. */
function dayOf(one: Sample, n: number): Map<number, bigint> {
  const known = Math.min(n, span)
  const found = new Map<number, bigint>()
  for (const [i, given] of one.accounts.entries()) {
    if (given.closed !== null && known >= given.closed) continue
    if (!one.frozenCounts && given.frozen && known >= given.frozen.from && known < given.frozen.to) continue
    const raw = endOfDay(one, i)[known] ?? 0n
    const value = one.negative === 'zero' && raw < 0n ? 0n : raw
    const moved = given.moves && known >= given.moves.offset ? [{ party: given.moves.next, share: 10_000 }] : null
    for (const owner of moved ?? given.owners) {
      const add = value * rateOf(given.currency, known) * (weights[given.product] ?? 0n) * BigInt(owner.share)
      found.set(owner.party, (found.get(owner.party) ?? 0n) + add)
    }
  }
  return found
}

/** Sums over a window that ends on day `to`; `member`: on days of consenting membership, which goes on after the last. */
export function bruteForce(one: Sample, to = span): { own: Map<number, bigint>; member: Map<number, bigint> } {
  const own = new Map<number, bigint>([1, 2, 3, 4].map((party) => [party, 0n]))
  const member = new Map(own)
  for (let n = to - 89; n <= to; n++) {
    for (const [party, value] of dayOf(one, n)) {
      own.set(party, (own.get(party) ?? 0n) + value)
      const day = Math.min(n, span)
      const belongs = membersOf(one).some(
        (one) => one.party === party && day >= one.from && day < one.to && one.consent !== null && day >= one.consent,
      )
      if (belongs) member.set(party, (member.get(party) ?? 0n) + value)
    }
  }
  return { own, member }
}

export const consentingOf = (one: Sample) =>
  membersOf(one).filter(
    (member) => member.from <= span && member.to > span && member.consent !== null && member.consent <= span,
  )
