/**
 * How a tier in force moves. A night computes what a customer qualifies for; what is in force moves only at a cut-off,
 * rises before falls, and always with a reason. Rises to a tier that needs a second person, and everything on the
 * first night of a scheme, are proposals. A fall needs `noticeMonthEnds` month-ends in a row below the line and goes
 * `steps` down; the count then starts again.
 */
import { addDays, type Day } from '../kit/day.ts'
import type { Policy } from './policy.ts'

export interface LifeState {
  /** Tier in force on the day; null: none yet. */
  inForce: number | null
  /** Cut-offs below the line in a row, as of the night before. */
  noticeCount: number
}

export interface LifeInput {
  qualifiedTier: number
  /** What identity alone gives (`Assignment.entryTier`). */
  entryTier: number
  mayRise: boolean
  mayFall: boolean
}

export interface NightKind {
  day: Day
  isCutOff: boolean
  /** No night of this scheme has been published yet: differences against the opening tiers become proposals. */
  isFirst: boolean
}

export interface LifeMove {
  /** What changes by the policy itself; null: nothing. */
  changeTo: number | null
  /** What a person decides; null: nothing, and at a cut-off an open proposal of before is withdrawn. */
  proposeTo: number | null
  changeReason: 'entry' | 'rise' | 'fall' | null
  proposeReason: 'difference' | 'rise' | 'fall' | null
  /** Entry counts from the day itself, everything else from the next one. */
  effectiveOn: Day | null
  noticeCount: number
}

/** What one night does to one customer's tier in force. */
export function nextInForce(policy: Policy, state: LifeState, input: LifeInput, night: NightKind): LifeMove {
  const enters = (state.inForce ?? 0) === 0 && input.entryTier > 0
  const from = enters ? input.entryTier : (state.inForce ?? 0)
  const move = moveFrom(policy, { ...state, inForce: from }, input, night)
  const entered = enters && move.changeTo === null
  return {
    changeTo: entered ? from : move.changeTo,
    proposeTo: move.proposeTo,
    changeReason: entered ? 'entry' : move.changeTo === null ? null : (move.kind as 'rise' | 'fall'),
    proposeReason: move.proposeTo === null ? null : move.kind,
    noticeCount: move.noticeCount,
    effectiveOn: entered ? night.day : move.changeTo === null ? null : addDays(night.day, 1),
  }
}

interface Step {
  changeTo: number | null
  proposeTo: number | null
  kind: 'difference' | 'rise' | 'fall' | null
  noticeCount: number
}

function moveFrom(
  policy: Policy,
  state: { inForce: number; noticeCount: number },
  input: LifeInput,
  night: NightKind,
): Step {
  const { inForce, noticeCount } = state
  const { qualifiedTier } = input
  const still: Step = { changeTo: null, proposeTo: null, kind: null, noticeCount }
  if (qualifiedTier > inForce) {
    const settled = night.isCutOff ? 0 : noticeCount
    if (!input.mayRise) return { ...still, noticeCount: settled }
    if (night.isFirst) return { ...still, proposeTo: qualifiedTier, kind: 'difference', noticeCount: settled }
    if (!night.isCutOff && policy.rise.at !== 'everyNight') return still
    return { ...rise(policy, inForce, qualifiedTier), noticeCount: 0 }
  }
  if (qualifiedTier === inForce) return { ...still, noticeCount: night.isCutOff ? 0 : noticeCount }
  if (!input.mayFall) return { ...still, noticeCount: 0 }
  const counted = night.isCutOff ? noticeCount + 1 : noticeCount
  if (night.isFirst) return { ...still, proposeTo: qualifiedTier, kind: 'difference', noticeCount: counted }
  if (!night.isCutOff || counted < policy.fall.noticeMonthEnds) return { ...still, noticeCount: counted }
  const to = Math.max(qualifiedTier, inForce - policy.fall.steps)
  // a fall that a person decides stays due, and is proposed again, until it is decided or the line is reached
  if (policy.fall.approval === 'secondPerson')
    return { changeTo: null, proposeTo: to, kind: 'fall', noticeCount: counted }
  return { changeTo: to, proposeTo: null, kind: 'fall', noticeCount: 0 }
}

/** As high as the policy may go alone at once, and the rest as a proposal. */
function rise(policy: Policy, inForce: number, qualified: number): Omit<Step, 'noticeCount'> {
  const alone = policy.tiers.findLast((tier) => tier.ordinal <= qualified && tier.approval === 'none')?.ordinal ?? 0
  return {
    changeTo: alone > inForce ? alone : null,
    proposeTo: qualified > alone ? qualified : null,
    kind: 'rise',
  }
}

/**
 * The same as SQL, all parties at once. `input` has party_id, tier_in_force SMALLINT null, notice_count (null = 0),
 * qualified_tier, entry_tier SMALLINT, may_rise, may_fall BOOLEAN (null = true). Gives party_id, from_tier SMALLINT
 * null, change_to, propose_to SMALLINT null, change_reason, propose_reason VARCHAR null, effective_on DATE null, notice_count SMALLINT.
 */
export function lifeSql(policy: Policy, night: NightKind, source: { input: string }): string {
  const { isCutOff, isFirst } = night
  const risesTonight = isCutOff || policy.rise.at === 'everyNight'
  const settled = isCutOff ? '0' : 'noticed'
  const counted = isCutOff ? 'noticed + 1' : 'noticed'
  const falls = isCutOff && !isFirst ? `${counted} >= ${policy.fall.noticeMonthEnds}` : 'false'
  const asks = policy.fall.approval === 'secondPerson'
  const alone = policy.tiers
    .toReversed()
    .filter((tier) => tier.approval === 'none')
    .map((tier) => `when qualified_tier >= ${tier.ordinal} then ${tier.ordinal}`)
  const direct = alone.length > 0 ? `case ${alone.join(' ')} else 0 end` : '0'
  return `
select party_id, from_tier,
  coalesce(change_to, case when enters then base end)::smallint as change_to,
  propose_to::smallint as propose_to,
  case when change_to is not null then kind when enters then 'entry' end as change_reason,
  case when propose_to is not null then kind end as propose_reason,
  case when change_to is not null then date '${addDays(night.day, 1)}'
       when enters then date '${night.day}' end as effective_on,
  notice_count::smallint as notice_count
from (
  select party_id, from_tier, base, enters,
    case kind when 'rise' then case when direct > base then direct end
              when 'fall' then ${asks ? 'null' : 'fall_to'} end as change_to,
    case kind when 'rise' then case when qualified_tier > direct then qualified_tier end
              when 'difference' then qualified_tier
              when 'fall' then ${asks ? 'fall_to' : 'null'} end as propose_to,
    kind,
    case when kind = 'rise' then 0
         when kind = 'fall' then ${asks ? counted : '0'}
         when qualified_tier >= base then ${settled}
         when not may_fall then 0
         else ${counted} end as notice_count
  from (
    select *,
      greatest(qualified_tier, base - ${policy.fall.steps}) as fall_to,
      case when qualified_tier > base and may_rise then ${isFirst ? `'difference'` : risesTonight ? `'rise'` : 'null'}
           when qualified_tier < base and may_fall then ${isFirst ? `'difference'` : `case when ${falls} then 'fall' end`}
      end as kind
    from (
      select party_id, tier_in_force as from_tier, qualified_tier,
        coalesce(tier_in_force, 0) = 0 and entry_tier > 0 as enters,
        case when coalesce(tier_in_force, 0) = 0 then entry_tier else tier_in_force end as base,
        ${direct} as direct,
        coalesce(notice_count, 0) as noticed,
        coalesce(may_rise, true) as may_rise,
        coalesce(may_fall, true) as may_fall
      from ${source.input} as input
    )
  )
)`
}
