/**
 * How far it is to a tier: x more than today, held from the day after the last known one to the target cut-off; and the
 * other direction, how much may leave before the tier is lost. T is the last day known, C the cut-off, N the window,
 * m the days of the window that lie ahead. P is what the window will hold if nothing happens but known maturities and
 * closings; x = max(0, ⌈(bar·N·members − P) / m⌉), rounded up to a whole unit of currency. Tested day by day.
 *
 * A household is taken to stay as it is on T: who counts then counts on C and on every day up to it. That is exact as
 * long as nobody joins, leaves, gives or withdraws consent before C. Under `membership: byDay` the known part holds the
 * days of consenting membership only, as the average on C will.
 */
import { minorUnits } from '../kit/currency.ts'
import { ceilDivide, type Fen, shareScale, sumScale } from '../kit/money.ts'
import { barSum, contributions } from './assign.ts'
import type { Policy, Tier } from './policy.ts'
import { withFloorFen } from './scaled-sql.ts'
import type { DistanceWindow } from './window.ts'

/** The three parts of P, scaled by `sumScale`. Weights, shares and rates are in already. */
export interface Flow {
  /** Σ v(d) over the known part [C−N+1, T]; 0 when there is none. */
  stay: bigint
  /** v(T): one day's value. Nobody can take away more than this. */
  now: bigint
  /** Σ ṽ(d) over the days ahead, [max(T+1, C−N+1), C]: today's value less known maturities and closings. */
  ahead: bigint
}

export interface DistanceInput {
  own: Flow
  /** Of all consenting members together, by day of membership where the policy says so; null without a household path. */
  household: { flow: Flow; members: number } | null
  /** Read by a policy of points only. */
  frequency: number
  productClasses: number
}

export interface PathDistance {
  path: 'individual' | 'household'
  /** The average to reach per head (mean) or together (sum), fen. */
  bar: Fen
  /** P, and what the window must hold: both scaled, comparable. */
  projected: bigint
  needed: bigint
  /** To hold more than today from T+1 to C; whole units of currency in fen; 0: holding today's is enough. */
  moreFen: Fen
  /** How much less than today may be held from T+1 to C and the bar is still reached; at most what is there today. */
  mayLeaveFen: Fen
}

/** The distance to one tier by each path that leads there; empty for a tier without a bar. */
export function distancesTo(policy: Policy, window: DistanceWindow, tier: Tier, input: DistanceInput): PathDistance[] {
  const found: PathDistance[] = []
  const bar = moneyBar(policy, tier, input)
  if (bar !== null) {
    const needed = barSum(bar, window.days)
    found.push({ path: 'individual', bar: bar as Fen, ...measure(policy, window, input.own, needed) })
  }
  if (tier.household !== null && policy.household && input.household) {
    const heads = policy.household.measure === 'mean' ? BigInt(input.household.members) : 1n
    const needed = barSum(tier.household, window.days) * heads
    found.push({ path: 'household', bar: tier.household, ...measure(policy, window, input.household.flow, needed) })
  }
  return found
}

/** The lowest tier above `ordinal` that money leads to; undefined at the top. */
export function nextTier(policy: Policy, ordinal: number): Tier | undefined {
  return policy.tiers.find((tier) => tier.ordinal > ordinal && hasBar(tier))
}

/** What must be added in a product of `weight` (× 10^4) rather than of weight 1: ⌈x/w⌉, in whole units of currency. */
export function moreInProduct(policy: Policy, window: DistanceWindow, distance: PathDistance, weight: bigint): Fen {
  const missing = (distance.needed - distance.projected) * shareScale
  return wholeUnitsUp(policy, missing, BigInt(window.daysLeft) * sumScale * weight)
}

/**
 * The average in fen that reaches a tier, alone. Under points: the lowest band of assets that, with the other criteria
 * as they are, is enough (0 when they are enough alone); null when no amount is.
 */
function moneyBar(policy: Policy, tier: Tier, input: { frequency: number; productClasses: number }): bigint | null {
  if (tier.points === null || !policy.criteria) return tier.individual
  const assets = policy.criteria.find((criterion) => criterion.measure === 'averageAssets')
  const others = policy.criteria.filter((criterion) => criterion !== assets)
  const rest = contributions(others, 1, { ...input, ownSum: 0n }).reduce((sum, part) => sum + part.contribution, 0n)
  const missing = tier.points - rest
  if (missing <= 0n) return 0n
  return assets?.bands.find((band) => band.points * assets.weight >= missing)?.from ?? null
}

function measure(
  policy: Policy,
  window: DistanceWindow,
  flow: Flow,
  needed: bigint,
): Pick<PathDistance, 'projected' | 'needed' | 'moreFen' | 'mayLeaveFen'> {
  const left = BigInt(window.daysLeft)
  const projected = flow.stay + flow.ahead
  const spare = projected - needed
  const unit = unitFen(policy)
  const leave = spare <= 0n ? 0n : (spare / (left * sumScale * unit)) * unit
  const there = flow.now <= 0n ? 0n : flow.now / sumScale
  return {
    projected,
    needed,
    moreFen: wholeUnitsUp(policy, -spare, left * sumScale),
    mayLeaveFen: (leave < there ? leave : there) as Fen,
  }
}

function wholeUnitsUp(policy: Policy, missing: bigint, divisor: bigint): Fen {
  if (missing <= 0n) return 0n as Fen
  const unit = unitFen(policy)
  return (ceilDivide(missing, divisor * unit) * unit) as Fen
}

/** One whole unit of the base currency in its minor unit. */
function unitFen(policy: Policy): bigint {
  return 10n ** BigInt(minorUnits[policy.currency])
}

function hasBar(tier: Tier): boolean {
  return tier.individual !== null || tier.household !== null || tier.points !== null
}

/**
 * The same for everybody at once. `input` has party_id, kind, counts (null = true), qualified_tier SMALLINT, own_stay,
 * own_now, own_ahead HUGEINT, household_stay, household_now, household_ahead HUGEINT null, household_members INTEGER
 * null (null without a household path), frequency, product_classes INTEGER (read by a policy of points only).
 *
 * Gives party_id, to_next_fen (null at the top), to_next_path, to_keep_fen (how much may leave before the qualified
 * tier is lost at the next cut-off; null for an entry tier), to_hold_fen (what is missing to keep it: 0 when it is
 * safe), near_line BOOLEAN; and of the input the columns that `keep` names.
 */
export function distanceSql(
  policy: Policy,
  window: DistanceWindow,
  source: { input: string; keep?: readonly string[] },
): string {
  const keep = source.keep ?? []
  const handedOn = [...new Set(['party_id', 'household_members', ...keep])].join(', ')
  // Whole fen·days are enough: a bar is a whole number of them, so ⌊P⌋ decides as P does, and ⌈⌉ and ⌊⌋ nest.
  const unit = unitFen(policy)
  const step = BigInt(window.daysLeft) * unit
  const more = (missing: string) =>
    `case when ${missing} <= 0 then 0 else (${missing} + ${step - 1n}) // ${step} * ${unit} end`
  const leave = (spare: string, now: string) =>
    `case when ${spare} <= 0 then 0 else least(${spare} // ${step} * ${unit}, greatest(${now}, 0)) end`
  const heads = policy.household?.measure === 'mean' ? ' * household_members' : ''
  return `
select ${['party_id', ...keep].join(', ')},
  least(own_more, household_more) as to_next_fen,
  case when household_more < own_more or (own_more is null and household_more is not null) then 'household'
       when own_more is not null then 'individual' end as to_next_path,
  greatest(case when own_spare is not null then ${leave('own_spare', 'own_there')} end,
           case when household_spare is not null then ${leave('household_spare', 'household_there')} end) as to_keep_fen,
  least(case when own_spare is not null then ${more('(-own_spare)')} end,
        case when household_spare is not null then ${more('(-household_spare)')} end) as to_hold_fen,
  coalesce(own_more <= ${nearLimit(policy, 'next_bar')}, false)
    or coalesce(household_more <= ${nearLimit(policy, `next_household_bar${heads}`)}, false) as near_line
from (
  select *,
    case when own_missing is not null then ${more('own_missing')} end as own_more,
    case when household_missing is not null then ${more('household_missing')} end as household_more
  from (
    select *,
      next_bar * ${window.days} - projected as own_missing,
      next_household_bar * ${window.days}${heads} - household_projected as household_missing,
      projected - keep_bar * ${window.days} as own_spare,
      household_projected - keep_household_bar * ${window.days}${heads} as household_spare
    from (
      select ${handedOn},
        projected, household_projected, own_there, household_there,
        ${barCases(policy, 'next', 'individual')} as next_bar,
        ${barCases(policy, 'next', 'household')} as next_household_bar,
        ${barCases(policy, 'keep', 'individual')} as keep_bar,
        ${barCases(policy, 'keep', 'household')} as keep_household_bar
      from ${withFloorFen(projectedSql(policy, source.input, keep), {
        projected: 'own_p',
        household_projected: 'household_p',
        own_there: 'own_n',
        household_there: 'household_n',
      })}
    )
  )
)`
}

/** P and today's value of each path, scaled. */
function projectedSql(policy: Policy, input: string, keep: readonly string[]): string {
  return `(
        select ${[...new Set(['party_id', 'qualified_tier', 'household_members', ...keep])].join(', ')},
          ${policy.appliesTo === 'everyone' ? 'true' : `kind = '${policy.appliesTo}'`} as in_scheme,
          case when coalesce(counts, true) then own_stay + own_ahead else 0::hugeint end as own_p,
          case when coalesce(counts, true) then own_now else 0::hugeint end as own_n,
          household_stay + household_ahead as household_p,
          household_now as household_n${policy.criteria ? `,\n          ${restPointsSql(policy)} as rest_points` : ''}
        from ${input} as input
      )`
}

/** The bar (fen) of the next or the present tier by `qualified_tier`. */
function barCases(policy: Policy, which: 'next' | 'keep', path: 'individual' | 'household'): string {
  const branches: string[] = []
  for (let ordinal = 0; ordinal <= policy.tiers.length; ordinal++) {
    const tier = which === 'next' ? nextTier(policy, ordinal) : policy.tiers[ordinal - 1]
    const bar = tier && (path === 'household' ? householdBar(policy, tier) : individualBarSql(policy, tier))
    if (bar) branches.push(`when qualified_tier = ${ordinal} then ${bar}`)
  }
  return branches.length === 0 ? 'null::bigint' : `(case when not in_scheme then null ${branches.join(' ')} end)`
}

function householdBar(policy: Policy, tier: Tier): string | null {
  return policy.household && tier.household !== null ? `${tier.household}::bigint` : null
}

function individualBarSql(policy: Policy, tier: Tier): string | null {
  if (tier.points === null) return tier.individual === null ? null : `${tier.individual}::bigint`
  const assets = policy.criteria?.find((criterion) => criterion.measure === 'averageAssets')
  const bands = assets?.bands.map((band) => {
    return `when ${band.points * assets.weight} >= ${tier.points} - rest_points then ${band.from}::bigint`
  })
  return `(case when rest_points >= ${tier.points} then 0::bigint ${bands?.join(' ') ?? ''} end)`
}

/** Contributions of every criterion but the assets. */
function restPointsSql(policy: Policy): string {
  const others = (policy.criteria ?? []).filter((criterion) => criterion.measure !== 'averageAssets')
  const terms = others.map((criterion) => {
    const column = criterion.measure === 'frequency' ? 'frequency' : 'product_classes'
    const branches = criterion.bands
      .toReversed()
      .map((band) => `when ${column} >= ${band.from} then ${band.points * criterion.weight}`)
    return `case ${branches.join(' ')} else 0 end`
  })
  return `(${['0', ...terms].join(' + ')})`
}

/** What may be missing at most for a customer to be near the line, fen. */
function nearLimit(policy: Policy, bar: string): string {
  if ('amount' in policy.nearLine) return `${policy.nearLine.amount}`
  return `(${bar} * ${policy.nearLine.share} // ${shareScale})`
}

/** Whether a distance is near the line: the twin of `near_line`. */
export function isNearLine(policy: Policy, distance: PathDistance, members: number): boolean {
  if ('amount' in policy.nearLine) return distance.moreFen <= policy.nearLine.amount
  const heads = distance.path === 'household' && policy.household?.measure === 'mean' ? BigInt(members) : 1n
  return distance.moreFen <= (distance.bar * heads * policy.nearLine.share) / shareScale
}
