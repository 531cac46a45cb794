/** What an explanation says, as plain JSON: money and exact sums are decimal strings. */
import type { Day } from '../kit/day.ts'
import type { Assignment } from './assign.ts'
import type { Window } from './window.ts'

export interface TierName {
  ordinal: number
  code: string
  zh: string
  en: string
}

interface ExplainedSpan {
  /** Both included. */
  fromDay: Day
  toDay: Day
  days: number
  /** End-of-day value as given, minor units of the currency; and what of it counts. */
  value: string
  counted: string
  carried: boolean
  leftOut: boolean
  sumFen: string
}

export interface ExplainedPart {
  customerNo: string
  accountId: string
  accountNo: string
  product: string
  productName: string
  class: string
  kind: 'balance' | 'holding' | 'transit'
  currency: string
  fromDay: Day
  toDay: Day
  /** Days with a value. */
  days: number
  /** The value when it was one over the span; null when it moved. */
  value: string | null
  /** × 10^8 when it was one; null when it moved, then `rateAverage` (truncated) says about how much. */
  rate: string | null
  rateAverage: string
  /** × 10^4. */
  weight: number
  share: number
  sumFen: string
  averageFen: string
  sumScaled: string
  gapDays: number
  spans: ExplainedSpan[]
}

export interface ExplainedDistance {
  tier: TierName
  path: 'individual' | 'household'
  /** Whole units of the base currency, in fen: more (or less) than today, held from `from` to `to`. */
  amountFen: string
  from: Day
  to: Day
  cutOff: Day
}

export interface Explanation {
  customerNo: string
  name: string
  day: Day
  scheme: string
  policyName: { zh: string; en: string }
  policyVersion: number
  currency: string
  window: Window
  qualifiedTier: TierName
  tierInForce: TierName
  path: Assignment['path']
  /** False: the scheme is not for this kind of customer. */
  applies: boolean
  noticeCount: number
  individual: { sumFen: string; averageFen: string; sumScaled: string }
  household: ExplainedHousehold | null
  bars: {
    tier: TierName
    individualFen: string | null
    householdFen: string | null
    points: number | null
    individualMet: boolean
    householdMet: boolean
    /** What gives the tier without any assets: nothing but being there, or a valid identity; null when it takes a bar. */
    entry: 'everyone' | 'identity' | null
    entryMet: boolean
    confirmed: boolean
  }[]
  /** Empty for a policy by bars. `value` is fen or a count; weight × points = contribution, both × 10^4. */
  criteria: {
    measure: string
    zh: string
    en: string
    value: string
    weight: number
    points: number
    contribution: number
  }[]
  /** × 10^4; null for a policy by bars. */
  points: number | null
  parts: ExplainedPart[]
  /** individual.averageFen = Σ parts.averageFen + this; likewise for the sums. */
  roundingFen: string
  roundingSumFen: string
  confidence: number
  gaps: { code: string; points: number; zh: string; en: string }[]
  /** The next tier above the qualified one; null at the top. */
  toNext: ExplainedDistance | null
  /** How much may leave before the qualified tier is lost at the next cut-off; null for an entry tier. */
  toKeep: ExplainedDistance | null
  /** What is missing to have the tier in force again, when the qualified one is below it; else null. */
  toHold: ExplainedDistance | null
  unconfirmed: { tier: string; zh: string; en: string }[]
  sentences: { zh: string[]; en: string[] }
}

export interface ExplainedHousehold {
  householdNo: string
  rule: 'mean' | 'sum'
  consenting: number
  /** False: too few consenting members, or the customer does not consent: no household path. */
  counts: boolean
  sumFen: string
  sumScaled: string
  /** Mean per consenting member, and of all together. */
  averageFen: string
  totalFen: string
  members: { customerNo: string | null; name: string | null; consenting: boolean; sumFen: string; averageFen: string }[]
}
