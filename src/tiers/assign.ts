/**
 * The rule that says which tier a customer qualifies for, once as TypeScript (`assignTier`) and once as SQL
 * (`assignSql`); a property test holds them equal. Nothing is rounded: `sum ≥ bar × days × members`, all scaled.
 *
 * `assignSql` reads one relation with one row per party:
 *
 * | column | type | meaning |
 * |---|---|---|
 * | party_id | BIGINT | |
 * | kind | VARCHAR | 'person' or 'company' |
 * | has_valid_identity | BOOLEAN | a valid identity document is on file |
 * | counts | BOOLEAN | false: a special flag takes the whole party out of every sum (`specialSql`) |
 * | own_sum | HUGEINT | Σ value × rate × weight × share over the window, scale `sumScale`, fen·days; 0 when nothing |
 * | household_id | BIGINT, null | with a household path only (`householdSql`) |
 * | household_sum | HUGEINT, null | Σ over its consenting members, same scale |
 * | household_members | INTEGER, null | consenting members on the cut-off day |
 * | frequency | INTEGER | transactions in the window; read only by a policy of points |
 * | product_classes | INTEGER | classes held at the end of the day; read only by a policy of points |
 *
 * and gives, per party: party_id, qualified_tier SMALLINT, path VARCHAR ('individual', 'household', 'entry', 'none'),
 * individual_tier, household_tier, entry_tier SMALLINT, average_fen, sum_fen BIGINT (fen and fen·days, truncated), sum_scaled
 * HUGEINT (what counted), household_id, household_average_fen (mean per member), household_total_fen BIGINT,
 * household_members INTEGER, household_sum HUGEINT, points INTEGER (× 10^4, null without criteria).
 */
import { assert } from '../kit/assert.ts'
import { type Fen, sumScale, truncate } from '../kit/money.ts'
import { accountSpecials, type Criterion, type Policy, type Special, specials, type Tier } from './policy.ts'
import { withFloorFen } from './scaled-sql.ts'

type Path = 'individual' | 'household' | 'entry' | 'none'

export interface AssignInput {
  kind: 'person' | 'company'
  hasValidIdentity: boolean
  counts: boolean
  /** Scale `sumScale`, fen·days. */
  ownSum: bigint
  /** null: no household path (no household, no consent, or too few consenting members). */
  household: { sum: bigint; members: number } | null
  frequency: number
  productClasses: number
}

export interface Assignment {
  /** Ordinal in the policy; 0 is no tier. */
  qualifiedTier: number
  path: Path
  individualTier: number
  householdTier: number
  /** The tier that identity alone gives, or 0. */
  entryTier: number
  /** The own sum that counted, scaled. */
  sumScaled: bigint
  averageFen: Fen
  /** Fen·days. */
  sumFen: Fen
  /** Mean per member, and of all members together; null without a household path. */
  householdAverageFen: Fen | null
  householdTotalFen: Fen | null
  householdMembers: number | null
  /** × 10^4; null without criteria. */
  points: bigint | null
}

/** The tier this party qualifies for over a window of `days`: the better of both paths, and which it was. */
export function assignTier(policy: Policy, days: number, input: AssignInput): Assignment {
  assert(days >= 1, 'a window has days')
  const ownSum = input.counts ? input.ownSum : 0n
  const inScheme = policy.appliesTo === 'everyone' || policy.appliesTo === input.kind
  const household = policy.household && inScheme ? input.household : null
  const points = policy.criteria ? pointsOf(policy.criteria, days, { ...input, ownSum }) : null
  const individualTier = inScheme ? highest(policy, (tier) => reaches(tier, days, ownSum, points)) : 0
  const householdTier = household ? highest(policy, (tier) => householdReaches(policy, tier, days, household)) : 0
  const entryTier = inScheme ? highest(policy, (tier) => enters(tier, input.hasValidIdentity)) : 0
  const qualifiedTier = Math.max(individualTier, householdTier, entryTier)
  return {
    qualifiedTier,
    path: pathOf(qualifiedTier, individualTier, householdTier),
    individualTier,
    householdTier,
    entryTier,
    sumScaled: ownSum,
    averageFen: truncate(ownSum, sumScale * BigInt(days)) as Fen,
    sumFen: truncate(ownSum, sumScale) as Fen,
    householdAverageFen: household
      ? (truncate(household.sum, sumScale * BigInt(days) * BigInt(household.members)) as Fen)
      : null,
    householdTotalFen: household ? (truncate(household.sum, sumScale * BigInt(days)) as Fen) : null,
    householdMembers: household ? household.members : null,
    points,
  }
}

/** Each criterion's own points and contribution (weight × points, × 10^4). */
export function contributions(
  criteria: readonly Criterion[],
  days: number,
  input: { ownSum: bigint; frequency: number; productClasses: number },
): { criterion: Criterion; points: bigint; contribution: bigint }[] {
  return criteria.map((criterion) => {
    const reached = criterion.bands.filter((band) => inBand(criterion, band.from, days, input))
    const points = reached.at(-1)?.points ?? 0n
    return { criterion, points, contribution: points * criterion.weight }
  })
}

/** The scaled sum that a bar (fen) asks for over `days`, for one person. */
export function barSum(bar: bigint, days: number): bigint {
  return bar * BigInt(days) * sumScale
}

/**
 * The same rule as SQL (see the head of this file); `input` is a relation name or a subquery in parentheses. `keep`
 * names further columns of it that come out as they went in.
 */
export function assignSql(policy: Policy, source: { input: string; days: number; keep?: readonly string[] }): string {
  const { days, keep = [] } = source
  const kept = keep.map((column) => `,\n  ${column}`).join('')
  const household = policy.household
    ? { id: 'household_id', sum: 'household_sum', members: 'household_members' }
    : { id: 'null::bigint', sum: 'null::hugeint', members: 'null::integer' }
  return `
select party_id,
  qualified_tier::smallint as qualified_tier,
  case when qualified_tier = 0 then 'none'
       when individual_tier = qualified_tier then 'individual'
       when household_tier = qualified_tier then 'household'
       else 'entry' end as path,
  individual_tier::smallint as individual_tier,
  household_tier::smallint as household_tier,
  entry_tier::smallint as entry_tier,
  sum_fen // ${days} as average_fen,
  sum_fen,
  counted as sum_scaled,
  household_id,
  household_total // ${days} // household_members as household_average_fen,
  household_total // ${days} as household_total_fen,
  household_members,
  household_sum,
  points${kept}
from (
  select *,
    greatest(individual_tier, household_tier, entry_tier) as qualified_tier
  from (
    select party_id, counted, household_id, household_sum, household_members, points${kept},
      -- toward zero; and truncating in steps gives what truncating once gives
      case when counted < 0 then -own_fen else own_fen end as sum_fen,
      case when household_sum < 0 then -household_fen else household_fen end as household_total,
      case when not in_scheme then 0
           ${tierCases(policy, (tier) => reachesSql(tier, days))} else 0 end as individual_tier,
      case when not in_scheme or household_sum is null then 0
           ${tierCases(policy, (tier) => householdBarSql(policy, tier, days))} else 0 end as household_tier,
      case when not in_scheme then 0
           ${tierCases(policy, entersSql)} else 0 end as entry_tier
    from ${withFloorFen(countedSql(policy, source, household), { own_fen: 'abs(counted)', household_fen: 'abs(household_sum)' })}
  )
)`
}

/** The input with what counts: nothing of a left-out party, no household outside the scheme; and the points. */
function countedSql(
  policy: Policy,
  source: { input: string; days: number },
  household: { id: string; sum: string; members: string },
): string {
  const inScheme = inSchemeSql(policy)
  return `(
      select *, ${policy.criteria ? pointsSql(policy.criteria, source.days) : 'null::integer'} as points
      from (
        select * exclude (household_id, household_sum, household_members),
          case when counts then own_sum else 0::hugeint end as counted,
          ${inScheme} as in_scheme,
          case when ${inScheme} then ${household.id} end as household_id,
          case when ${inScheme} then ${household.sum} end as household_sum,
          case when ${inScheme} then ${household.members} end as household_members
        from ${source.input} as input
      )
    )`
}

/**
 * What the flags valid on the day mean for each party. `flags` is a relation (party_id, kind): the party's own flags,
 * and 'frozen' and 'pledged' of the accounts it owns ('dormant' only as a flag of the party). Gives party_id, counts,
 * may_rise, may_fall for flagged parties only; everybody else has true in all three.
 */
export function specialSql(policy: Policy, source: { flags: string }): string {
  const kinds = (wanted: (kind: Special) => boolean) =>
    `(${['', ...specials.filter(wanted)].map((kind) => `'${kind}'`).join(', ')})`
  const ofAccounts: readonly Special[] = ['frozen', 'pledged']
  return `
select party_id,
  bool_and(kind not in ${kinds((kind) => !policy.special[kind].counts && !ofAccounts.includes(kind))}) as counts,
  bool_and(kind not in ${kinds((kind) => !policy.special[kind].rises)}) as may_rise,
  bool_and(kind not in ${kinds((kind) => !policy.special[kind].falls)}) as may_fall
from ${source.flags} as flags
group by party_id`
}

/** What the flags of one party mean; the twin of `specialSql`. */
export function specialOf(
  policy: Policy,
  kinds: readonly Special[],
): { counts: boolean; rises: boolean; falls: boolean } {
  const ofParty = kinds.filter((kind) => kind !== 'frozen' && kind !== 'pledged')
  return {
    counts: ofParty.every((kind) => policy.special[kind].counts),
    rises: kinds.every((kind) => policy.special[kind].rises),
    falls: kinds.every((kind) => policy.special[kind].falls),
  }
}

/** Account flags whose days a measure leaves out: the value of such an account counts 0 while the flag lasts. */
export function accountFlagsLeftOut(policy: Policy): (typeof accountSpecials)[number][] {
  return accountSpecials.filter((kind) => !policy.special[kind].counts)
}

/** An exact SQL literal of a big integer. */
export function hugeint(value: bigint): string {
  return `${value}::hugeint`
}

/** `case` branches from the highest tier down; `condition` is null for a tier that this path cannot give. */
export function tierCases(policy: Policy, condition: (tier: Tier) => string | null): string {
  return policy.tiers
    .toReversed()
    .map((tier) => ({ tier, when: condition(tier) }))
    .filter(({ when }) => when !== null)
    .map(({ tier, when }) => `when ${when} then ${tier.ordinal}`)
    .join('\n           ')
}

/** Whether `household_sum` over `household_members` reaches the household bar of a tier; null without such a bar. */
export function householdBarSql(policy: Policy, tier: Tier, days: number): string | null {
  if (tier.household === null || !policy.household) return null
  const divisor = policy.household.measure === 'mean' ? ' * household_members' : ''
  return `household_sum >= ${hugeint(barSum(tier.household, days))}${divisor}`
}

function highest(policy: Policy, reached: (tier: Tier) => boolean): number {
  return policy.tiers.findLast(reached)?.ordinal ?? 0
}

function reaches(tier: Tier, days: number, ownSum: bigint, points: bigint | null): boolean {
  if (tier.points !== null) return points !== null && points >= tier.points
  return tier.individual !== null && ownSum >= barSum(tier.individual, days)
}

/** Whether a household of so many counted members reaches the household bar of a tier. */
export function householdReaches(
  policy: Policy,
  tier: Tier,
  days: number,
  household: { sum: bigint; members: number },
): boolean {
  if (tier.household === null) return false
  const divisor = policy.household?.measure === 'mean' ? BigInt(household.members) : 1n
  return household.sum >= barSum(tier.household, days) * divisor
}

function enters(tier: Tier, hasValidIdentity: boolean): boolean {
  return tier.entry === 'everyone' || (tier.entry === 'identity' && hasValidIdentity)
}

function pathOf(qualified: number, individual: number, household: number): Path {
  if (qualified === 0) return 'none'
  if (individual === qualified) return 'individual'
  return household === qualified ? 'household' : 'entry'
}

function pointsOf(
  criteria: readonly Criterion[],
  days: number,
  input: { ownSum: bigint; frequency: number; productClasses: number },
): bigint {
  return contributions(criteria, days, input).reduce((sum, part) => sum + part.contribution, 0n)
}

function inBand(
  criterion: Criterion,
  from: bigint,
  days: number,
  input: { ownSum: bigint; frequency: number; productClasses: number },
): boolean {
  if (criterion.measure === 'averageAssets') return input.ownSum >= barSum(from, days)
  return BigInt(criterion.measure === 'frequency' ? input.frequency : input.productClasses) >= from
}

function reachesSql(tier: Tier, days: number): string | null {
  if (tier.points !== null) return `points >= ${tier.points}`
  return tier.individual === null ? null : `counted >= ${hugeint(barSum(tier.individual, days))}`
}

function entersSql(tier: Tier): string | null {
  if (tier.entry === null) return null
  return tier.entry === 'everyone' ? 'true' : 'has_valid_identity'
}

function inSchemeSql(policy: Policy): string {
  return policy.appliesTo === 'everyone' ? 'true' : `kind = '${policy.appliesTo}'`
}

/** Σ weight × points of the reached band, × 10^4 (weights are × 10^4, points whole). */
function pointsSql(criteria: readonly Criterion[], days: number): string {
  const terms = criteria.map((criterion) => {
    const branches = criterion.bands
      .toReversed()
      .map((band) => `when ${bandSql(criterion, band.from, days)} then ${band.points * criterion.weight}`)
    return `case ${branches.join(' ')} else 0 end`
  })
  return `(${terms.join(' + ')})::integer`
}

function bandSql(criterion: Criterion, from: bigint, days: number): string {
  if (criterion.measure === 'averageAssets') return `counted >= ${hugeint(barSum(from, days))}`
  return `${criterion.measure === 'frequency' ? 'frequency' : 'product_classes'} >= ${from}`
}
