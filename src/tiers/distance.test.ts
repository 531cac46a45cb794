import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { anyBarsPolicy, anyPointsPolicy, policyText, shippedPolicy } from '../../test/support/policies.ts'
import { addDays, type Day, day, daysBetween, eachDay } from '../kit/day.ts'
import { sumScale, yuan } from '../kit/money.ts'
import { openEngine } from '../lake/engine.ts'
import { assignTier, barSum } from './assign.ts'
import {
  type DistanceInput,
  distanceSql,
  distancesTo,
  type Flow,
  isNearLine,
  moreInProduct,
  nextTier,
} from './distance.ts'
import { type Policy, tierAt } from './policy.ts'
import { parsePolicy } from './policy-text.ts'
import { type DistanceWindow, distanceWindow, windowOf } from './window.ts'

const engine = openEngine({ threads: 2, memoryLimitMb: 512, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())

/** The flow of daily values `v` (fen × sumScale is one unit), and of what is known about the days ahead. */
function flowOf(window: DistanceWindow, today: Day, v: (d: Day) => bigint, ahead: (d: Day) => bigint): Flow {
  const now = v(today)
  const stay = window.stay ? [...eachDay(window.stay.from, window.stay.to)].reduce((sum, d) => sum + v(d), 0n) : 0n
  const held = [...eachDay(window.heldFrom, window.cutOff)].reduce((sum, d) => sum + ahead(d), 0n)
  return { stay, now, ahead: held }
}
const alone = (own: Flow): DistanceInput => ({ own, household: null, frequency: 0, productClasses: 0 })

describe('the worked example', () => {
  // 30 days at 200,000 and then 60 at 90,000, 30 days before the cut-off: 30,000 more, and 29,999 misses
  const policy = parsePolicy(policyText({ bars: [[100_000, null]] }))
  const today = day('2026-05-31')
  const window = distanceWindow(policy, today, addDays(today, 30))
  const v = (d: Day) => yuan(daysBetween(d, today) >= 60 ? 200_000 : 90_000) * sumScale
  const held = (more: bigint) => {
    const own = flowOf(window, today, v, () => v(today) + more * sumScale)
    const sum = own.stay + own.ahead
    const someone = { kind: 'person', hasValidIdentity: true, counts: true, household: null } as const
    return assignTier(policy, 90, { ...someone, ownSum: sum, frequency: 0, productClasses: 0 }).qualifiedTier
  }
  it('says 30,000', () => {
    const own = flowOf(window, today, v, () => v(today))
    const gold = tierAt(policy, 2)
    expect(gold && distancesTo(policy, window, gold, alone(own))[0]?.moreFen).toBe(yuan(30_000))
    expect(held(yuan(30_000))).toBe(2)
    expect(held(yuan(29_999))).toBe(1)
  })
})

describe('windows', () => {
  const month = parsePolicy(policyText({ window: '{ kind: calendarMonth }' }))
  const quarter = parsePolicy(policyText({ window: '{ kind: calendarQuarter }', cutOff: 'quarterEnd' }))
  const trailing = parsePolicy(policyText({ days: 90 }))
  it.each([
    [
      trailing,
      '2026-01-15',
      {
        cutOff: '2026-01-31',
        days: 90,
        stay: { from: '2025-11-03', to: '2026-01-15' },
        heldFrom: '2026-01-16',
        daysLeft: 16,
      },
    ],
    // on a cut-off the distance is to the next one
    [
      trailing,
      '2026-01-31',
      {
        cutOff: '2026-02-28',
        days: 90,
        stay: { from: '2025-12-01', to: '2026-01-31' },
        heldFrom: '2026-02-01',
        daysLeft: 28,
      },
    ],
    [
      month,
      '2026-01-15',
      {
        cutOff: '2026-01-31',
        days: 31,
        stay: { from: '2026-01-01', to: '2026-01-15' },
        heldFrom: '2026-01-16',
        daysLeft: 16,
      },
    ],
    [month, '2026-01-31', { cutOff: '2026-02-28', days: 28, stay: null, heldFrom: '2026-02-01', daysLeft: 28 }],
    [
      quarter,
      '2026-02-10',
      {
        cutOff: '2026-03-31',
        days: 90,
        stay: { from: '2026-01-01', to: '2026-02-10' },
        heldFrom: '2026-02-11',
        daysLeft: 49,
      },
    ],
  ])('%# on %s', (policy, today, expected) => expect(distanceWindow(policy, day(today))).toEqual(expected))

  it('is a whole month on the cut-off, and up to the day before that', () => {
    expect(windowOf(month, day('2026-02-28'))).toEqual({ from: '2026-02-01', to: '2026-02-28', days: 28 })
    expect(windowOf(month, day('2026-02-10'))).toEqual({ from: '2026-02-01', to: '2026-02-10', days: 10 })
    expect(windowOf(trailing, day('1994-03-30')).from).toBe('1993-12-31')
  })

  it('counts only the last N days when the cut-off is further away than the window', () => {
    const short = parsePolicy(policyText({ days: 10, bars: [[100, null]] }))
    const window = distanceWindow(short, day('2026-03-01'))
    expect(window).toMatchObject({ stay: null, heldFrom: '2026-03-22', daysLeft: 10 })
  })
})

describe('day by day', () => {
  const anyStory = fc.record({
    days: fc.integer({ min: 1, max: 60 }),
    ahead: fc.integer({ min: 1, max: 75 }),
    bar: fc.integer({ min: 1, max: 5_000 }),
    members: fc.integer({ min: 2, max: 4 }),
    measure: fc.constantFrom('mean', 'sum'),
    known: fc.array(fc.bigInt({ min: -200_000n, max: 1_000_000n }), { minLength: 60, maxLength: 60 }),
    // an odd scaled part, as weights and rates leave it
    odd: fc.bigInt({ min: 0n, max: sumScale - 1n }),
    maturities: fc.array(
      fc.record({ in: fc.integer({ min: 1, max: 80 }), less: fc.bigInt({ min: 0n, max: 50_000n }) }),
      {
        maxLength: 3,
      },
    ),
  })

  it('x is enough and one unit less is not; what may leave may leave and one unit more may not', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const household = { measure: story.measure }
        const policy = parsePolicy(
          policyText({
            days: story.days,
            bars: [[story.bar, story.bar]],
            household: `{ measure: ${household.measure} }`,
          }),
        )
        const today = day('2026-03-10')
        const window = distanceWindow(policy, today, addDays(today, story.ahead))
        const v = (d: Day) => (story.known[daysBetween(d, today)] ?? 0n) * sumScale + story.odd
        const ahead = (d: Day) =>
          story.maturities.reduce(
            (sum, one) => sum - (daysBetween(today, d) >= one.in ? one.less * sumScale : 0n),
            v(today),
          )
        const flow = flowOf(window, today, v, ahead)
        const tier = tierAt(policy, 2)
        if (!tier) throw new Error('no tier')
        for (const found of distancesTo(policy, window, tier, {
          ...alone(flow),
          household: { flow, members: story.members },
        })) {
          const heads = found.path === 'household' && story.measure === 'mean' ? BigInt(story.members) : 1n
          const reached = (more: bigint) => {
            let sum = 0n
            for (const d of eachDay(addDays(window.cutOff, 1 - story.days), window.cutOff)) {
              sum += d <= today ? v(d) : ahead(d) + more * sumScale
            }
            return sum >= barSum(yuan(story.bar), story.days) * heads
          }
          expect(reached(found.moreFen)).toBe(true)
          if (found.moreFen > 0n) expect(reached(found.moreFen - 100n)).toBe(false)
          expect(found.moreFen % 100n).toBe(0n)
          if (found.mayLeaveFen > 0n) expect(reached(-found.mayLeaveFen)).toBe(true)
          const there = v(today) > 0n ? v(today) / sumScale : 0n
          if (found.mayLeaveFen < there && reached(0n)) expect(reached(-found.mayLeaveFen - 100n)).toBe(false)
          const half = moreInProduct(policy, window, found, 5_000n)
          const inHalf = (amount: bigint) =>
            reached(0n) || reachedBy(found.needed - found.projected, amount, window.daysLeft)
          expect(inHalf(half)).toBe(true)
          if (half > 0n) expect(inHalf(half - 100n)).toBe(false)
        }
      }),
      { numRuns: 400 },
    )
  }, 60_000)
  /** Whether `amount` in a product of weight 0.5, held over `days`, makes up what is missing. */
  const reachedBy = (missing: bigint, amount: bigint, days: number) => amount * sumScale * BigInt(days) >= missing * 2n
})

describe('the same as SQL', () => {
  const flow = fc.record({
    stay: fc.bigInt({ min: -(10n ** 27n), max: 10n ** 29n }),
    now: fc.bigInt({ min: -(10n ** 26n), max: 10n ** 28n }),
    ahead: fc.bigInt({ min: -(10n ** 27n), max: 10n ** 29n }),
  })
  const anyRow = fc.record({
    kind: fc.constantFrom('person', 'company'),
    counts: fc.constantFrom(true, true, true, false),
    tier: fc.integer({ min: 0, max: 6 }),
    own: flow,
    household: fc.option(fc.record({ flow, members: fc.integer({ min: 2, max: 6 }) }), { nil: null }),
    frequency: fc.integer({ min: 0, max: 12 }),
    productClasses: fc.integer({ min: 0, max: 7 }),
  })
  type Row = typeof anyRow extends fc.Arbitrary<infer R> ? R : never

  const expectedOf = (policy: Policy, window: DistanceWindow, row: Row) => {
    const inScheme = policy.appliesTo === 'everyone' || policy.appliesTo === row.kind
    if (!inScheme)
      return { to_next_fen: null, to_next_path: null, to_keep_fen: null, to_hold_fen: null, near_line: false }
    const own = row.counts ? row.own : { stay: 0n, now: 0n, ahead: 0n }
    const qualified = Math.min(row.tier, policy.tiers.length)
    const next = nextTier(policy, qualified)
    const present = tierAt(policy, qualified)
    const ahead = next ? distancesTo(policy, window, next, { ...row, own }) : []
    const keep = present ? distancesTo(policy, window, present, { ...row, own }) : []
    const least = (list: bigint[]) => list.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? null
    const nearest = ahead.toSorted((a, b) => (a.moreFen < b.moreFen ? -1 : a.moreFen > b.moreFen ? 1 : 0))[0]
    return {
      to_next_fen: nearest?.moreFen ?? null,
      to_next_path: nearest?.path ?? null,
      to_keep_fen: keep.map((one) => one.mayLeaveFen as bigint).toSorted((a, b) => (a < b ? 1 : -1))[0] ?? null,
      to_hold_fen: least(keep.map((one) => one.moreFen)),
      near_line: ahead.some((one) => isNearLine(policy, one, row.household?.members ?? 1)),
    }
  }

  it('measures everybody as distancesTo does', async () => {
    const anyCase = fc.record({
      policy: fc.oneof(
        anyBarsPolicy,
        anyPointsPolicy,
        fc.constant(shippedPolicy('personal')),
        fc.constant(shippedPolicy('service')),
      ),
      today: fc.integer({ min: 0, max: 700 }).map((n) => addDays(day('2025-01-01'), n)),
      rows: fc.array(anyRow, { minLength: 60, maxLength: 60 }),
    })
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ policy, today, rows }) => {
        const window = distanceWindow(policy, today)
        const columns = (f: Flow | undefined) =>
          f
            ? `${f.stay}::hugeint, ${f.now}::hugeint, ${f.ahead}::hugeint`
            : 'null::hugeint, null::hugeint, null::hugeint'
        const values = rows.map(
          (row, party) =>
            `(${party}, '${row.kind}', ${row.counts}, ${Math.min(row.tier, policy.tiers.length)}, ${columns(row.own)}, ` +
            `${columns(row.household?.flow)}, ${row.household?.members ?? 'null'}, ${row.frequency}, ${row.productClasses})`,
        )
        const input = `(select * from (values ${values.join(',')}) as given(party_id, kind, counts, qualified_tier, own_stay,
          own_now, own_ahead, household_stay, household_now, household_ahead, household_members, frequency, product_classes))`
        const found = await engine.rows(`select * from (${distanceSql(policy, window, { input })}) order by party_id`)
        expect(found).toEqual(rows.map((row, party) => ({ party_id: party, ...expectedOf(policy, window, row) })))
      }),
      { numRuns: 50 },
    )
  }, 120_000)
})
