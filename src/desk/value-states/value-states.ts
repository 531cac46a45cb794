/**
 * Value states (价值状态) and life-cycle stages (生命周期) as a table: which moves there are, which need a reason code, and
 * where a customer begins. Pure; a move that stands nowhere here is refused.
 */
import type { lifeStages, lossReasons, valueCauses, valueStates } from '../../contract/value-states.ts'
import type { Day } from '../../kit/day.ts'

export type ValueState = (typeof valueStates)[number]
export type LifeStage = (typeof lifeStages)[number]
export type LossReason = (typeof lossReasons)[number]
export type ValueCause = (typeof valueCauses)[number]

export interface Position {
  state: ValueState
  stage: LifeStage | null
}

export interface Move extends Position {
  needsReason: boolean
}

type Place = 'nonCustomer' | 'potential' | `${'target' | 'actual' | 'lost' | 'permanentlyLost'} ${LifeStage}`

/**
 * From each place to those that it may become. A relation is built before it grows; one that broke is won back before it
 * grows again; a lost customer comes back as one who is being won back. Lost for good is left only where it was an error.
 */
const table = {
  nonCustomer: ['potential'],
  potential: ['target build', 'nonCustomer'],
  'target build': ['actual build', 'potential'],
  'actual build': ['actual grow', 'actual break', 'lost break'],
  'actual grow': ['actual keep', 'actual break', 'lost break'],
  'actual keep': ['actual grow', 'actual break', 'lost break'],
  'actual break': ['actual winBack', 'lost break'],
  'actual winBack': ['actual grow', 'actual keep', 'actual break', 'lost break'],
  'lost break': ['lost winBack', 'actual winBack', 'permanentlyLost break'],
  'lost winBack': ['actual winBack', 'lost break', 'permanentlyLost break'],
  'permanentlyLost break': ['lost break'],
} as const satisfies Partial<Record<Place, readonly Place[]>>

/** Every place there is. */
export const positions: readonly Position[] = Object.keys(table).map((place) => positionOf(place as Place))

/** What a customer who stands there may become. */
export function movesFrom(from: Position): Move[] {
  const targets: readonly Place[] = table[placeOf(from) as keyof typeof table] ?? []
  return targets.map((place) => {
    const to = positionOf(place)
    return { ...to, needsReason: needsReason(from, to) }
  })
}

/** A customer who was with the bank is so no more: then there is a reason, and somebody to win back. */
export function isLoss(from: Position, to: Position): boolean {
  return from.state === 'actual' && to.state === 'lost'
}

function needsReason(from: Position, to: Position): boolean {
  return from.state !== to.state && (to.state === 'lost' || to.state === 'permanentlyLost')
}

export interface MoveAsked {
  to: Position
  fromDay: Day
  reason: LossReason | undefined
}

/** Why a move is refused, in this order; null when it is allowed. */
export function moveRefusal(current: Position & { since: Day }, asked: MoveAsked, today: Day) {
  const move = movesFrom(current).find((one) => samePosition(one, asked.to))
  if (!move) return 'value_move_refused'
  return reasonRefusal(move.needsReason, asked.reason) ?? dayRefusal(current.since, asked.fromDay, today)
}

/** A reason code where one is needed, and nowhere else. */
export function reasonRefusal(needed: boolean, reason: LossReason | undefined) {
  if (needed && reason === undefined) return 'loss_reason_missing'
  return !needed && reason !== undefined ? 'loss_reason_unfit' : null
}

// The days of a history rise: a later entry never says that it was there before an earlier one.
function dayRefusal(since: Day, fromDay: Day, today: Day) {
  return fromDay < since || fromDay > today ? 'value_day_refused' : null
}

/** Whoever died or was dissolved is not asked back. */
export function isToBeWonBack(reason: LossReason): boolean {
  return reason !== 'closed'
}

/** Where each cause that a night finds would move the customer. */
export const proposedBy: Record<ValueCause, Position> = {
  dormant: { state: 'lost', stage: 'break' },
  balancesGone: { state: 'lost', stage: 'break' },
  closed: { state: 'lost', stage: 'break' },
  cameBack: { state: 'actual', stage: 'winBack' },
}

export interface OpeningFacts {
  /** Of the night in which the customer first is. */
  day: Day
  closedOn: Day | null
  aumFen: bigint
  averageFen: bigint
  /** Of the window before: who had something then is with the bank, and their balances are gone. */
  averageBeforeFen: bigint
  lastActivityOn: Day | null
}

/**
 * The first that holds says where a customer begins; in SQL over `p` (party), `c` (their row of the night, if
 * they are in it) and `n` (night).
 */
export const openingRules: readonly { holds(facts: OpeningFacts): boolean; sql: string; position: Position }[] = [
  {
    holds: ({ closedOn, day }) => closedOn !== null && closedOn <= day,
    sql: 'p.closed_on <= n.day',
    position: { state: 'lost', stage: 'break' },
  },
  {
    holds: ({ aumFen, averageFen, averageBeforeFen, lastActivityOn }) =>
      aumFen > 0n || averageFen > 0n || averageBeforeFen > 0n || lastActivityOn !== null,
    sql: 'c.aum_fen > 0 or c.average_fen > 0 or c.average_before_fen > 0 or c.last_activity_on is not null',
    position: { state: 'actual', stage: 'grow' },
  },
  // A number and nothing under it: known, not yet with the bank
  { holds: () => true, sql: 'true', position: { state: 'potential', stage: null } },
]

/** Where a customer begins whom a night knows for the first time. */
export function openingPosition(facts: OpeningFacts): Position {
  return openingRules.find((rule) => rule.holds(facts))!.position
}

export function samePosition(a: Position, b: Position): boolean {
  return a.state === b.state && a.stage === b.stage
}

function placeOf({ state, stage }: Position): string {
  return stage === null ? state : `${state} ${stage}`
}

function positionOf(place: Place): Position {
  const [state, stage] = place.split(' ')
  return { state: state as ValueState, stage: (stage as LifeStage | undefined) ?? null }
}
