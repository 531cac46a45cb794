/**
 * Why a customer has a tier: path, sum, days, bars, and parts by account, currency, rate, weight, share and span of
 * days that add up to the unit, with a rounding line for what truncation leaves over. Plain JSON: money and exact sums
 * are decimal strings. The sentences of both languages are made here and nowhere else.
 */
import type { Day } from '../kit/day.ts'
import { addDays } from '../kit/day.ts'
import { sumScale, truncate } from '../kit/money.ts'
import { type Assignment, assignTier, barSum, contributions, specialOf } from './assign.ts'
import { confidence, type Gap, gapsOf, gapText } from './confidence.ts'
import { type DistanceInput, distancesTo, nextTier, type PathDistance } from './distance.ts'
import {
  type ExplainFacts,
  ownFlow,
  ownSum,
  type PositionFacts,
  rateOn,
  type SpanSum,
  spanSums,
  weightOf,
} from './explain-facts.ts'
import { sentencesOf } from './explain-text.ts'
import { type Policy, type Tier, tierAt, unconfirmed } from './policy.ts'
import { type DistanceWindow, distanceWindow, type Window, windowOf } from './window.ts'

interface TierName {
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

interface ExplainedPart {
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

interface ExplainedDistance {
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

interface ExplainedHousehold {
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

/** The whole explanation. `facts` say whether this customer consents through its own entry in the household. */
export function explain(policy: Policy, facts: ExplainFacts): Explanation {
  const window = windowOf(policy, facts.day)
  const ahead = distanceWindow(policy, facts.day)
  const household = countedHousehold(policy, facts)
  const sum = ownSum(policy, facts, window)
  const { counts } = specialOf(policy, facts.flags)
  const input = {
    ...facts,
    counts,
    ownSum: sum,
    household: household && { sum: household.sum, members: household.members },
  }
  const assignment = assignTier(policy, window.days, input)
  const parts = facts.positions.flatMap((position) => partsOf(policy, facts, position, window))
  const gaps = gapsOf(policy, window.days, gapFacts(facts, parts, sum))
  const distances = distancesOf(policy, ahead, assignment, facts, {
    own: ownFlow(policy, facts, ahead),
    household: household && { flow: household.flow, members: household.members },
    frequency: facts.frequency,
    productClasses: facts.productClasses,
  })
  const shown = (key: 'averageFen' | 'sumFen') => parts.reduce((total, part) => total + BigInt(part[key]), 0n)
  const explanation: Omit<Explanation, 'sentences'> = {
    customerNo: facts.customerNo,
    name: facts.name,
    day: facts.day,
    scheme: policy.scheme,
    policyName: policy.name,
    policyVersion: facts.policyVersion,
    currency: policy.currency,
    window,
    qualifiedTier: tierName(policy, assignment.qualifiedTier),
    tierInForce: tierName(policy, facts.tierInForce),
    path: assignment.path,
    applies: policy.appliesTo === 'everyone' || policy.appliesTo === facts.kind,
    noticeCount: facts.noticeCount,
    individual: figures(sum, window.days),
    household: explainedHousehold(policy, facts, window.days, household !== null),
    bars: policy.tiers.map((tier) => explainedBar(policy, tier, window.days, assignment)),
    criteria: explainedCriteria(policy, window.days, { ...facts, ownSum: sum }),
    points: assignment.points === null ? null : Number(assignment.points),
    parts,
    roundingFen: String(assignment.averageFen - shown('averageFen')),
    roundingSumFen: String(assignment.sumFen - shown('sumFen')),
    confidence: confidence(gaps),
    gaps: gaps.map((gap: Gap) => ({ ...gap, ...gapText(gap.code) })),
    ...distances,
    unconfirmed: unconfirmed(policy).map(({ tier, zh, en }) => ({ tier, zh, en })),
  }
  return { ...explanation, sentences: sentencesOf(policy, explanation) }
}

/** A tier with its names; 0 is no tier. */
function tierName(policy: Policy, ordinal: number): TierName {
  const tier = tierAt(policy, ordinal)
  if (!tier) return { ordinal: 0, code: 'none', zh: '未评级', en: 'no tier' }
  return { ordinal, code: tier.code, zh: tier.zh, en: tier.en }
}

interface CountedHousehold {
  sum: bigint
  members: number
  flow: DistanceInput['own']
}

function countedHousehold(policy: Policy, facts: ExplainFacts): CountedHousehold | null {
  const own = facts.household?.members.find((member) => member.customerNo === facts.customerNo)
  const counted = facts.household?.members.filter((member) => member.consenting) ?? []
  if (!policy.household || !own?.consenting || counted.length < policy.household.membersMin) return null
  const add = (of: (member: (typeof counted)[number]) => bigint) =>
    counted.reduce((sum, member) => sum + of(member), 0n)
  return {
    sum: add((member) => member.sumScaled),
    members: counted.length,
    flow: {
      stay: add((member) => member.flow.stay),
      now: add((member) => member.flow.now),
      ahead: add((member) => member.flow.ahead),
    },
  }
}

/** One part per run of days with the same share; its weight and currency are the position's. */
function partsOf(policy: Policy, facts: ExplainFacts, position: PositionFacts, window: Window): ExplainedPart[] {
  const runs: SpanSum[][] = []
  for (const sum of spanSums(policy, facts, position, window)) {
    const run = runs.at(-1)
    if (run?.[0]?.span.share === sum.span.share) run.push(sum)
    else runs.push([sum])
  }
  return runs.map((run) => explainedPart(policy, facts, position, window, run))
}

function explainedPart(
  policy: Policy,
  facts: ExplainFacts,
  position: PositionFacts,
  window: Window,
  run: readonly SpanSum[],
): ExplainedPart {
  const [first, last] = [run[0] as SpanSum, run.at(-1) as SpanSum]
  const sum = run.reduce((total, one) => total + one.sumScaled, 0n)
  const rates = run.flatMap((one) => ratesOf(policy, facts, position, one))
  const { customerNo, accountId, accountNo, product, productName, kind, currency } = position
  return {
    customerNo,
    accountId,
    accountNo,
    product,
    productName,
    class: position.class,
    kind,
    currency,
    fromDay: first.from,
    toDay: last.to,
    days: run.reduce((total, one) => total + one.days, 0),
    value: run.every((one) => one.span.value === first.span.value) ? String(first.span.value) : null,
    rate: rates.every((rate) => rate === rates[0]) ? String(rates[0]) : null,
    rateAverage: String(
      truncate(
        rates.reduce((total, rate) => total + rate, 0n),
        BigInt(rates.length),
      ),
    ),
    weight: Number(weightOf(policy, position)),
    share: Number(first.span.share),
    ...figures(sum, window.days),
    gapDays: run.reduce((total, one) => total + (one.span.carried ? one.days : 0), 0),
    spans: run.map((one) => ({
      fromDay: one.from,
      toDay: one.to,
      days: one.days,
      value: String(one.span.value),
      counted: String(one.counted),
      carried: one.span.carried,
      leftOut: one.span.leftOut,
      sumFen: String(truncate(one.sumScaled, sumScale)),
    })),
  }
}

function ratesOf(policy: Policy, facts: ExplainFacts, position: PositionFacts, sum: SpanSum): bigint[] {
  return Array.from({ length: sum.days }, (_, index) =>
    rateOn(policy, facts, position.currency, addDays(sum.from, index)),
  )
}

/** Exact and shown: fen·days and the average, truncated toward zero. */
function figures(sumScaled: bigint, days: number): { sumFen: string; averageFen: string; sumScaled: string } {
  return {
    sumFen: String(truncate(sumScaled, sumScale)),
    averageFen: String(truncate(sumScaled, sumScale * BigInt(days))),
    sumScaled: String(sumScaled),
  }
}

function explainedHousehold(
  policy: Policy,
  facts: ExplainFacts,
  days: number,
  counts: boolean,
): ExplainedHousehold | null {
  if (!policy.household || !facts.household) return null
  const { members } = facts.household
  const consenting = members.filter((member) => member.consenting)
  const sum = consenting.reduce((total, member) => total + member.sumScaled, 0n)
  const heads = BigInt(Math.max(1, consenting.length))
  return {
    householdNo: facts.household.householdNo,
    rule: policy.household.measure,
    consenting: consenting.length,
    counts,
    sumFen: String(truncate(sum, sumScale)),
    sumScaled: String(sum),
    averageFen: String(truncate(sum, sumScale * BigInt(days) * heads)),
    totalFen: String(truncate(sum, sumScale * BigInt(days))),
    members: members.map((member) => ({
      customerNo: member.customerNo,
      name: member.name,
      consenting: member.consenting,
      sumFen: figures(member.sumScaled, days).sumFen,
      averageFen: figures(member.sumScaled, days).averageFen,
    })),
  }
}

function explainedBar(policy: Policy, tier: Tier, days: number, found: Assignment): Explanation['bars'][number] {
  const byPoints = tier.points !== null && found.points !== null && found.points >= tier.points
  return {
    tier: tierName(policy, tier.ordinal),
    individualFen: tier.individual === null ? null : String(tier.individual),
    householdFen: tier.household === null ? null : String(tier.household),
    points: tier.points === null ? null : Number(tier.points),
    individualMet: byPoints || (tier.individual !== null && found.sumScaled >= barSum(tier.individual, days)),
    householdMet: tier.household !== null && found.householdTier >= tier.ordinal,
    entry: tier.entry,
    entryMet: tier.entry !== null && found.entryTier >= tier.ordinal,
    confirmed: tier.confirmed,
  }
}

function explainedCriteria(
  policy: Policy,
  days: number,
  input: { ownSum: bigint; frequency: number; productClasses: number },
): Explanation['criteria'] {
  return contributions(policy.criteria ?? [], days, input).map(({ criterion, points, contribution }) => ({
    measure: criterion.measure,
    zh: criterion.zh,
    en: criterion.en,
    value:
      criterion.measure === 'averageAssets'
        ? figures(input.ownSum, days).averageFen
        : String(criterion.measure === 'frequency' ? input.frequency : input.productClasses),
    weight: Number(criterion.weight),
    points: Number(points),
    contribution: Number(contribution),
  }))
}

function gapFacts(facts: ExplainFacts, parts: readonly ExplainedPart[], sum: bigint): Parameters<typeof gapsOf>[2] {
  // by position, as the night sees it: a part is a position's run of one share
  const positions = facts.positions.map((position) =>
    parts.filter(
      (part) =>
        part.accountId === position.accountId && part.product === position.product && part.kind === position.kind,
    ),
  )
  const withGap = positions
    .map((own) => ({
      days: own.reduce((total, part) => total + part.gapDays, 0),
      sum: own.reduce((total, part) => total + BigInt(part.sumScaled), 0n),
    }))
    .filter((position) => position.days > 0)
  return {
    gapDays: Math.max(0, ...withGap.map((position) => position.days)),
    gapSum: withGap.reduce((total, position) => total + position.sum, 0n),
    ownSum: sum,
    missing: facts.missing,
    noData: facts.noData,
  }
}

function distancesOf(
  policy: Policy,
  window: DistanceWindow,
  assignment: Assignment,
  facts: ExplainFacts,
  input: DistanceInput,
): Pick<Explanation, 'toNext' | 'toKeep' | 'toHold'> {
  const inScheme = policy.appliesTo === 'everyone' || policy.appliesTo === facts.kind
  const next = inScheme ? nextTier(policy, assignment.qualifiedTier) : undefined
  const present = inScheme ? tierAt(policy, assignment.qualifiedTier) : undefined
  const held = facts.tierInForce > assignment.qualifiedTier ? tierAt(policy, facts.tierInForce) : undefined
  const best = (tier: Tier | undefined, key: 'moreFen' | 'mayLeaveFen'): ExplainedDistance | null => {
    if (!tier) return null
    const better = (a: PathDistance, b: PathDistance) =>
      key === 'moreFen' ? a.moreFen <= b.moreFen : a.mayLeaveFen >= b.mayLeaveFen
    const paths = distancesTo(policy, window, tier, input)
    const found = paths.find((one) => paths.every((other) => better(one, other)))
    if (!found) return null
    return {
      tier: tierName(policy, tier.ordinal),
      path: found.path,
      amountFen: String(found[key]),
      from: addDays(facts.day, 1),
      to: window.cutOff,
      cutOff: window.cutOff,
    }
  }
  return { toNext: best(next, 'moreFen'), toKeep: best(present, 'mayLeaveFen'), toHold: best(held, 'moreFen') }
}
