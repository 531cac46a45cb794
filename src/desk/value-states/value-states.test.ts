/** Moves between value states: random lines of them against a naive model, and each rule's boundary. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lifeStages, lossReasons, valueStates } from '../../contract/value-states.ts'
import { addDays, type Day, day } from '../../kit/day.ts'
import {
  isLoss,
  isToBeWonBack,
  type LossReason,
  moveRefusal,
  movesFrom,
  openingPosition,
  type Position,
  positions,
  proposedBy,
} from './value-states.ts'

const today = day('2026-10-31')

/** The rules once more, as sentences: what may follow on what, and when somebody is lost. */
function naivelyAllowed(from: Position, to: Position): boolean {
  const [a, b] = [from, to].map(({ state, stage }) => (stage === null ? state : `${state}/${stage}`))
  const begins = ['nonCustomer potential', 'potential nonCustomer', 'potential target/build', 'target/build potential']
  if ([...begins, 'target/build actual/build'].includes(`${a} ${b}`)) return true
  if (from.state === 'actual' && to.state === 'actual') {
    if (to.stage === 'break') return from.stage !== 'break'
    if (to.stage === 'winBack') return from.stage === 'break'
    if (to.stage === 'grow') return ['build', 'keep', 'winBack'].includes(String(from.stage))
    return to.stage === 'keep' && ['grow', 'winBack'].includes(String(from.stage))
  }
  if (from.state === 'actual') return b === 'lost/break'
  if (from.state === 'lost') {
    if (b === 'actual/winBack' || b === 'permanentlyLost/break') return true
    return to.state === 'lost' && to.stage !== from.stage && ['break', 'winBack'].includes(String(to.stage))
  }
  return from.state === 'permanentlyLost' && b === 'lost/break'
}

const position = fc.record({
  state: fc.constantFrom(...valueStates),
  stage: fc.constantFrom(...lifeStages, null),
}) as fc.Arbitrary<Position>
const asked = fc.record({
  to: fc.oneof(fc.constantFrom(...positions), position),
  later: fc.integer({ min: -2, max: 4 }),
  reason: fc.option(fc.constantFrom(...lossReasons), { nil: undefined }),
})

test('random lines of moves: what the model allows is entered, what it does not changes nothing, and days rise', () => {
  fc.assert(
    fc.property(fc.constantFrom(...positions), fc.array(asked, { maxLength: 40 }), (opening, moves) => {
      const line: (Position & { since: Day })[] = [{ ...opening, since: addDays(today, -20) }]
      for (const { to, later, reason } of moves) {
        const current = line.at(-1)!
        const fromDay = addDays(current.since, later)
        const crosses = current.state !== to.state && ['lost', 'permanentlyLost'].includes(to.state)
        const allowed =
          naivelyAllowed(current, to) && crosses === (reason !== undefined) && later >= 0 && fromDay <= today
        const before = structuredClone(line)
        if (moveRefusal(current, { to, fromDay, reason }, today) === null) line.push({ ...to, since: fromDay })
        expect(line.length > before.length).toBe(allowed)
        expect(line.slice(0, before.length)).toEqual(before)
      }
      const days = line.map(({ since }) => since)
      expect(days).toEqual(days.toSorted())
    }),
    { numRuns: 2000 },
  )
})

test('every allowed move leads to a place that is left again, and is allowed by the model', () => {
  for (const from of positions) {
    expect(movesFrom(from).length).toBeGreaterThan(0)
    for (const to of movesFrom(from)) {
      expect(naivelyAllowed(from, to)).toBe(true)
      expect(positions).toContainEqual({ state: to.state, stage: to.stage })
    }
  }
})

describe('a refusal', () => {
  const grown = { state: 'actual', stage: 'grow', since: day('2026-10-30') } as const
  const lost = { state: 'lost', stage: 'break' } as const
  const kept = { state: 'actual', stage: 'keep' } as const
  test.each<[string, Position, Day, LossReason | undefined, string | null]>([
    ['the move comes first', { state: 'target', stage: 'build' }, day('2020-01-01'), undefined, 'value_move_refused'],
    ['then the reason', lost, day('2020-01-01'), undefined, 'loss_reason_missing'],
    ['a reason where nobody is lost', kept, day('2020-01-01'), 'price', 'loss_reason_unfit'],
    ['then the day: before the current entry', lost, day('2026-10-29'), 'price', 'value_day_refused'],
    ['on its day', lost, day('2026-10-30'), 'price', null],
    ['today', lost, day('2026-10-31'), 'price', null],
    ['tomorrow', lost, day('2026-11-01'), 'price', 'value_day_refused'],
  ])('%s', (_name, to, fromDay, reason, refused) => {
    expect(moveRefusal(grown, { to, fromDay, reason }, today)).toBe(refused)
  })
})

test('a loss is of an actual customer; whoever died is not won back', () => {
  const lost = { state: 'lost', stage: 'break' } as const
  expect(isLoss({ state: 'actual', stage: 'break' }, lost)).toBe(true)
  expect(isLoss({ state: 'permanentlyLost', stage: 'break' }, lost)).toBe(false)
  expect(isLoss({ state: 'lost', stage: 'winBack' }, lost)).toBe(false)
  expect(lossReasons.filter((reason) => !isToBeWonBack(reason))).toEqual(['closed'])
})

test('what a night proposes is allowed wherever it proposes it', () => {
  for (const from of positions) {
    const causes = from.state === 'actual' ? (['dormant', 'balancesGone', 'closed'] as const) : (['cameBack'] as const)
    if (from.state !== 'actual' && from.state !== 'lost') continue
    for (const cause of causes) expect(movesFrom(from)).toContainEqual(expect.objectContaining(proposedBy[cause]))
  }
})

test.each([
  ['closed today', { closedOn: today, aumFen: 5n }, 'lost'],
  ['closed tomorrow', { closedOn: day('2026-11-01'), aumFen: 5n }, 'actual'],
  ['a balance', { aumFen: 1n }, 'actual'],
  ['an average', { averageFen: 1n }, 'actual'],
  ['an average before', { averageBeforeFen: 1n }, 'actual'],
  ['a transaction', { lastActivityOn: day('2020-01-01') }, 'actual'],
  ['nothing', {}, 'potential'],
])('begins by its facts: %s', (_name, facts, state) => {
  const none = { day: today, closedOn: null, aumFen: 0n, averageFen: 0n, averageBeforeFen: 0n, lastActivityOn: null }
  expect(openingPosition({ ...none, ...facts }).state).toBe(state)
})
