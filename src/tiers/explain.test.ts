import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policyText, shippedPolicy } from '../../test/support/policies.ts'
import { minorUnits } from '../kit/currency.ts'
import { addDays, type Day, day, eachDay } from '../kit/day.ts'
import { ratePerMinor, sumScale, yuan } from '../kit/money.ts'
import { explain } from './explain.ts'
import type { ExplainFacts, PositionFacts, SpanFacts } from './explain-facts.ts'
import type { Policy } from './policy.ts'
import { parsePolicy } from './policy-text.ts'
import { windowOf } from './window.ts'

const today = day('2026-01-31')
const span = (from: string, to: string, value: bigint, more: Partial<SpanFacts> = {}): SpanFacts => ({
  from: day(from),
  to: day(to),
  value,
  share: 10_000n,
  carried: false,
  leftOut: false,
  ...more,
})
const position = (spans: SpanFacts[], more: Partial<PositionFacts> = {}): PositionFacts => ({
  customerNo: '1000000017',
  accountId: '1',
  accountNo: '****5678',
  product: 'DEP-CUR',
  productName: '活期存款',
  class: 'deposit',
  kind: 'balance',
  currency: 'CNY',
  productWeight: 10_000n,
  spans,
  endsOn: null,
  ...more,
})
const facts = (positions: PositionFacts[], more: Partial<ExplainFacts> = {}): ExplainFacts => ({
  customerNo: '1000000017',
  name: '欧阳*远',
  day: today,
  policyVersion: 1,
  kind: 'person',
  hasValidIdentity: true,
  flags: [],
  tierInForce: 1,
  noticeCount: 0,
  frequency: 0,
  productClasses: 1,
  positions,
  rates: { USD: [{ from: day('2025-01-01'), rate: 712_345_678n }] },
  household: null,
  missing: [],
  noData: false,
  ...more,
})

describe('an explanation', () => {
  const personal = shippedPolicy('personal')

  it('names path, sum, bars and distances', () => {
    const why = explain(personal, facts([position([span('2020-01-01', '2299-12-31', yuan(120_000))])]))
    expect(why.qualifiedTier).toEqual({ ordinal: 2, code: 'gold', zh: '金卡', en: 'Gold' })
    expect(why).toMatchObject({
      path: 'individual',
      window: { from: '2025-11-03', days: 90 },
      confidence: 100,
      roundingFen: '0',
    })
    expect(why.individual.averageFen).toBe('12000000')
    expect(why.bars.map((bar) => bar.individualMet)).toEqual([false, true, false, false])
    // next cut-off 2026-02-28: 62 of 90 days stay at 120,000 and 28 lie ahead
    expect(why.toNext).toMatchObject({
      tier: { code: 'platinum' },
      amountFen: String(yuan(578_572)),
      from: '2026-02-01',
      to: '2026-02-28',
    })
    expect(why.toKeep).toMatchObject({ tier: { code: 'gold' }, amountFen: String(yuan(64_285)) })
    expect(why.toHold).toBeNull()
    expect(why.sentences.zh[0]).toBe('2026-01-31 按《个人客户分级》第 1 版达标等级：金卡（个人途径）。')
    expect(why.sentences.en[1]).toBe(
      '2025-11-03 to 2026-01-31, 90 days: average daily financial assets CNY 120,000, which reaches the bar of CNY 100,000.',
    )
    expect(JSON.parse(JSON.stringify(why))).toEqual(why)
  })

  it('shows both household figures and which counted', () => {
    const flow = { stay: 0n, now: 0n, ahead: 0n }
    const sums = [yuan(150_000), yuan(20_000)].map((fen) => fen * 90n * sumScale)
    const members = sums.map((sumScaled, index) => ({
      customerNo: index === 0 ? '1000000017' : null,
      name: null,
      consenting: true,
      sumScaled,
      flow,
    }))
    const household = { householdNo: 'H1', members }
    const own = position([span('2020-01-01', '2299-12-31', yuan(20_000))])
    const why = explain(personal, facts([own], { household }))
    expect(why).toMatchObject({ path: 'household', qualifiedTier: { code: 'gold' } })
    expect(why.household).toMatchObject({
      counts: true,
      rule: 'mean',
      averageFen: '8500000',
      totalFen: '17000000',
      consenting: 2,
    })
    const alone = explain(personal, facts([own], { household: { ...household, members: members.slice(0, 1) } }))
    expect(alone).toMatchObject({ path: 'entry', household: { counts: false } })
    expect(alone.sentences.en.join(' ')).toContain('does not count: 1 consenting members; it takes 2')
  })

  it('shows an overdraft, a left-out and a carried-forward span, and what they cost', () => {
    const spans = [
      span('2025-11-01', '2025-12-01', -500n),
      span('2025-12-01', '2026-01-01', 900n, { leftOut: true }),
      span('2026-01-01', '2026-02-01', 1000n, { carried: true }),
    ]
    const why = explain(personal, facts([position(spans)], { missing: ['phone'] }))
    expect(why.parts[0]?.spans.map((one) => [one.value, one.counted, one.days])).toEqual([
      ['-500', '0', 28],
      ['900', '0', 31],
      ['1000', '1000', 31],
    ])
    // 50 × 31/90 days, all of the sum on that position: 18; and 5 for the missing phone
    expect(why.gaps).toMatchObject([
      { code: 'carried:31', points: 18 },
      { code: 'missing:phone', points: 5 },
    ])
    expect(why.confidence).toBe(77)
  })

  it('explains points by criterion', () => {
    const why = explain(
      shippedPolicy('service'),
      facts([position([span('2020-01-01', '2299-12-31', yuan(50_000))])], { frequency: 20, productClasses: 3 }),
    )
    expect(why.points).toBe(495_000)
    expect(why.criteria.map((one) => one.contribution)).toEqual([240_000, 150_000, 105_000])
    expect(why.sentences.zh.join('')).toContain('得分 49.5')
    expect(why.toNext).toMatchObject({ tier: { code: 'vip' } })
  })

  it('says on how many cut-offs the line was missed, and what brings the tier back', () => {
    const why = explain(
      personal,
      facts([position([span('2020-01-01', '2299-12-31', yuan(90_000))])], { tierInForce: 2, noticeCount: 1 }),
    )
    expect(why).toMatchObject({ qualifiedTier: { code: 'silver' }, toHold: { tier: { code: 'gold' } } })
    expect(why.sentences.en.join(' ')).toContain('below the line on 1 cut-offs in a row, and after 3 it falls by 1')
  })
})

describe('parts', () => {
  const anySpan = fc.record({
    gap: fc.integer({ min: 0, max: 5 }),
    days: fc.integer({ min: 1, max: 40 }),
    value: fc.bigInt({ min: -100_000n, max: 50_000_000n }),
    share: fc.constantFrom(10_000n, 5_000n, 3_333n),
    leftOut: fc.constantFrom(false, false, false, true),
    carried: fc.boolean(),
  })
  const anyPosition = fc.record({
    spans: fc.array(anySpan, { maxLength: 8 }),
    currency: fc.constantFrom('CNY' as const, 'USD' as const, 'JPY' as const, 'KWD' as const),
    class: fc.constantFrom('deposit' as const, 'fund' as const, 'metal' as const),
    productWeight: fc.constantFrom(10_000n, 7_500n, 12_345n),
  })
  const anyRate = fc.array(
    fc.record({ in: fc.integer({ min: 0, max: 90 }), rate: fc.bigInt({ min: 1n, max: 2_500_000_000n }) }),
    {
      maxLength: 12,
    },
  )
  const policies = [
    shippedPolicy('personal'),
    parsePolicy(policyText({ days: 37, more: 'measure: { negative: subtract, weights: { fund: 0.8 } }' })),
    parsePolicy(policyText({ window: '{ kind: calendarMonth }', appliesTo: 'everyone' })),
  ]

  /** The sum, day by day, from the definition. */
  function plainSum(policy: Policy, given: ExplainFacts): bigint {
    const window = windowOf(policy, given.day)
    let sum = 0n
    for (const one of given.positions) {
      for (const d of eachDay(window.from, window.to)) {
        const found = one.spans.find((s) => s.from <= d && d < s.to)
        if (!found || found.leftOut) continue
        const value = found.value < 0n && policy.negative === 'zero' ? 0n : found.value
        const rate =
          one.currency === 'CNY' ? 100_000_000n : given.rates[one.currency]?.findLast((r) => r.from <= d)?.rate
        const weight = policy.weights[one.class] ?? one.productWeight
        sum += value * ratePerMinor(rate ?? 0n, minorUnits[one.currency], 2) * weight * found.share
      }
    }
    return sum
  }

  it('add up exactly, scaled and shown, and equal a plain sum day by day', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...policies),
        fc.array(anyPosition, { maxLength: 5 }),
        fc.array(anyRate, { minLength: 3, maxLength: 3 }),
        (policy, positions, [usd = [], jpy = [], kwd = []]) => {
          const start = addDays(today, -100)
          const table = (list: typeof usd) => [
            { from: start, rate: 123_456_789n },
            ...list
              .map((one) => ({ from: addDays(start, one.in), rate: one.rate }))
              .sort((a, b) => (a.from < b.from ? -1 : 1)),
          ]
          const given = facts(
            positions.map((one, index) => {
              let at: Day = addDays(today, -110)
              const spans = one.spans.map((s) => {
                const from = addDays(at, s.gap)
                at = addDays(from, s.days)
                return { ...s, from, to: at }
              })
              return position(spans, { ...one, spans, accountId: String(index) })
            }),
            { rates: { USD: table(usd), JPY: table(jpy), KWD: table(kwd) } },
          )
          const why = explain(policy, given)
          expect(why.individual.sumScaled).toBe(String(plainSum(policy, given)))
          const add = (key: 'sumScaled' | 'averageFen' | 'sumFen') =>
            why.parts.reduce((sum, part) => sum + BigInt(part[key]), 0n)
          expect(String(add('sumScaled'))).toBe(why.individual.sumScaled)
          expect(add('averageFen') + BigInt(why.roundingFen)).toBe(BigInt(why.individual.averageFen))
          expect(add('sumFen') + BigInt(why.roundingSumFen)).toBe(BigInt(why.individual.sumFen))
          const days = why.parts.reduce((sum, part) => sum + part.spans.reduce((all, one) => all + one.days, 0), 0)
          expect(days).toBe(why.parts.reduce((sum, part) => sum + part.days, 0))
        },
      ),
      { numRuns: 150 },
    )
  }, 60_000)
})
