/**
 * Why a customer has a tier: path, sum, days, bars, and parts by account, currency, rate, weight, share and span of
 * days that add up to the unit, with a rounding line for what truncation leaves over. The sentences of both languages
 * are made here and nowhere else.
 */
import { addDays } from '../kit/day.ts'
import { sumScale, truncate } from '../kit/money.ts'
import { type Assignment, assignTier, barSum, contributions, specialOf } from './assign.ts'
import { confidence, type Gap, gapsOf, gapText } from './confidence.ts'
import { type DistanceInput, distancesTo, nextTier, type PathDistance } from './distance.ts'
import { type ExplainFacts, ownFlow, ownSum } from './explain-facts.ts'
import { sentencesOf } from './explain-text.ts'
import { figures, partsOf } from './explained-parts.ts'
import type { ExplainedDistance, ExplainedHousehold, ExplainedPart, Explanation, TierName } from './explanation.ts'
import { type Policy, type Tier, tierAt, unconfirmed } from './policy.ts'
import { type DistanceWindow, distanceWindow, windowOf } from './window.ts'

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
