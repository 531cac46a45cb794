/**
 * What an explanation is made from, and the exact sums of it: end-of-day values by position and span of days, rates,
 * weights and shares. The same arithmetic as the night's SQL, done the slow way, so that one can check the other.
 */
import { assert } from '../kit/assert.ts'
import { type Currency, minorUnits } from '../kit/currency.ts'
import { addDays, type Day, daysBetween } from '../kit/day.ts'
import { minorRateScale, ratePerMinor } from '../kit/money.ts'
import { specialOf } from './assign.ts'
import type { Flow } from './distance.ts'
import type { AssetClass, Policy, Special } from './policy.ts'
import type { DistanceWindow } from './window.ts'

/** One end-of-day value over [from, to). Spans of a position do not overlap; a day without a span has nothing. */
export interface SpanFacts {
  from: Day
  to: Day
  /** Minor units of the position's currency, as given (an overdraft is negative). */
  value: bigint
  /** × 10^4, of this party. */
  share: bigint
  /** Carried forward over a hole in the data. */
  carried: boolean
  /** Left out by a flag of the account that does not count under the policy. */
  leftOut: boolean
}

export interface PositionFacts {
  customerNo: string
  accountId: string
  /** Masked. */
  accountNo: string
  product: string
  productName: string
  class: AssetClass
  kind: 'balance' | 'holding' | 'transit'
  currency: Currency
  /** × 10^4, of the product; the policy may override it by class. */
  productWeight: bigint
  spans: SpanFacts[]
  /** First day on which it will be gone by a known maturity or closing; null: none known. */
  endsOn: Day | null
}

export interface MemberFacts {
  customerNo: string | null
  name: string | null
  consenting: boolean
  /** Counted, scaled: what the night summed for this member (`member_sum` under byDay). */
  sumScaled: bigint
  flow: Flow
}

export interface ExplainFacts {
  customerNo: string
  /** Masked. */
  name: string
  day: Day
  policyVersion: number
  kind: 'person' | 'company'
  hasValidIdentity: boolean
  /** Flags valid on the day: the party's own, and 'frozen' and 'pledged' of its accounts. */
  flags: Special[]
  tierInForce: number
  noticeCount: number
  frequency: number
  productClasses: number
  positions: PositionFacts[]
  /** Per foreign currency, ascending: the rate (× 10^8) in force from a day until the next entry. */
  rates: Readonly<Record<string, readonly { from: Day; rate: bigint }[]>>
  /** The household of the day; null: none. */
  household: { householdNo: string; members: MemberFacts[] } | null
  missing: string[]
  noData: boolean
}

export interface SpanSum {
  span: SpanFacts
  /** Clipped to what was asked for; both included. */
  from: Day
  to: Day
  days: number
  /** The value that counts: 0 for an overdraft under `negative: zero`, for a left-out day or party. */
  counted: bigint
  /** Scaled: Σ counted × rate × weight × share over the days. */
  sumScaled: bigint
}

/** Weight × 10^4 of a position under the policy. */
export function weightOf(policy: Policy, position: PositionFacts): bigint {
  return policy.weights[position.class] ?? position.productWeight
}

/** The spans of a position inside [from, to] (both included), with what each adds. */
export function spanSums(
  policy: Policy,
  facts: ExplainFacts,
  position: PositionFacts,
  asked: { from: Day; to: Day },
): SpanSum[] {
  const counts = specialOf(policy, facts.flags).counts
  const end = addDays(asked.to, 1)
  return position.spans
    .map((span) => ({ span, from: later(span.from, asked.from), end: earlier(span.to, end) }))
    .filter((clip) => clip.from < clip.end)
    .toSorted((a, b) => (a.from < b.from ? -1 : 1))
    .map(({ span, from, end: until }) => {
      const overdraft = span.value < 0n && policy.negative === 'zero'
      const counted = !counts || span.leftOut || overdraft ? 0n : span.value
      const rated = rateSum(policy, facts, position.currency, from, until)
      return {
        span,
        from,
        to: addDays(until, -1),
        days: daysBetween(from, until),
        counted,
        sumScaled: counted * rated * weightOf(policy, position) * span.share,
      }
    })
}

/** The party's own sum over [from, to]. */
export function ownSum(policy: Policy, facts: ExplainFacts, asked: { from: Day; to: Day }): bigint {
  return total(facts.positions.flatMap((position) => spanSums(policy, facts, position, asked)))
}

/** What the distance is computed from: the known days that stay, today's value, the days ahead as far as known. */
export function ownFlow(policy: Policy, facts: ExplainFacts, window: DistanceWindow): Flow {
  const flow: Flow = { stay: 0n, now: 0n, ahead: 0n }
  if (window.stay) flow.stay = ownSum(policy, facts, window.stay)
  for (const position of facts.positions) {
    const today = total(spanSums(policy, facts, position, { from: facts.day, to: facts.day }))
    flow.now += today
    flow.ahead += today * BigInt(daysAhead(position.endsOn, facts.day, window))
  }
  return flow
}

/** The rate (× 10^8) in force on a day; the base currency has 1. */
export function rateOn(policy: Policy, facts: ExplainFacts, currency: Currency, day: Day): bigint {
  if (currency === policy.currency) return 100_000_000n
  const found = facts.rates[currency]?.findLast((entry) => entry.from <= day)
  assert(found, `a rate of ${currency} on ${day}: the night refuses before it explains`)
  return found.rate
}

/** Of the days ahead, those before the position ends. */
function daysAhead(endsOn: Day | null, today: Day, window: DistanceWindow): number {
  if (endsOn === null || endsOn <= today || endsOn > window.cutOff) return window.daysLeft
  return Math.max(0, daysBetween(window.heldFrom, endsOn))
}

/** Σ over [from, until) of the rate per minor unit, scale `minorRateScale`. */
function rateSum(policy: Policy, facts: ExplainFacts, currency: Currency, from: Day, until: Day): bigint {
  if (currency === policy.currency) return minorRateScale * BigInt(daysBetween(from, until))
  let sum = 0n
  for (let day = from; day < until; day = addDays(day, 1)) {
    sum += ratePerMinor(rateOn(policy, facts, currency, day), minorUnits[currency], minorUnits[policy.currency])
  }
  return sum
}

function total(sums: readonly SpanSum[]): bigint {
  return sums.reduce((sum, part) => sum + part.sumScaled, 0n)
}

function later(a: Day, b: Day): Day {
  return a > b ? a : b
}

function earlier(a: Day, b: Day): Day {
  return a < b ? a : b
}
