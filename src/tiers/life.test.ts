import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { anyBarsPolicy, shippedPolicy } from '../../test/support/policies.ts'
import { day } from '../kit/day.ts'
import { openEngine } from '../lake/engine.ts'
import { type LifeInput, type LifeState, lifeSql, nextInForce } from './life.ts'

const engine = openEngine({ threads: 2, memoryLimitMb: 512, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())

// silver 1 (identity), gold 2, platinum 3 and black 4 with a second person; 3 month-ends on notice, one step
const personal = shippedPolicy('personal')
const cutOff = { day: day('2026-01-31'), isCutOff: true, isFirst: false }
const midMonth = { day: day('2026-01-15'), isCutOff: false, isFirst: false }
const first = { day: day('2026-01-31'), isCutOff: true, isFirst: true }

const free = { entryTier: 1, mayRise: true, mayFall: true }
const nothing = { changeTo: null, proposeTo: null, changeReason: null, proposeReason: null, effectiveOn: null }

describe('the tier in force', () => {
  it.each([
    ['a rise waits for the cut-off', { inForce: 1, noticeCount: 0 }, 2, midMonth, { ...nothing, noticeCount: 0 }],
    [
      'a rise to gold is the policy’s own, from the next day',
      { inForce: 1, noticeCount: 0 },
      2,
      cutOff,
      { ...nothing, changeTo: 2, changeReason: 'rise', effectiveOn: '2026-02-01', noticeCount: 0 },
    ],
    [
      'platinum needs a second person, gold comes at once',
      { inForce: 1, noticeCount: 0 },
      3,
      cutOff,
      {
        changeTo: 2,
        proposeTo: 3,
        changeReason: 'rise',
        proposeReason: 'rise',
        effectiveOn: '2026-02-01',
        noticeCount: 0,
      },
    ],
    [
      'from gold to black is a proposal only',
      { inForce: 2, noticeCount: 2 },
      4,
      cutOff,
      { ...nothing, proposeTo: 4, proposeReason: 'rise', noticeCount: 0 },
    ],
    ['below the line: first month-end', { inForce: 3, noticeCount: 0 }, 1, cutOff, { ...nothing, noticeCount: 1 }],
    ['below the line: second', { inForce: 3, noticeCount: 1 }, 1, cutOff, { ...nothing, noticeCount: 2 }],
    [
      'below the line: third falls one step, and the count starts again',
      { inForce: 3, noticeCount: 2 },
      1,
      cutOff,
      { ...nothing, changeTo: 2, changeReason: 'fall', effectiveOn: '2026-02-01', noticeCount: 0 },
    ],
    ['between cut-offs nothing counts', { inForce: 3, noticeCount: 2 }, 1, midMonth, { ...nothing, noticeCount: 2 }],
    [
      'back above the line: the count is gone',
      { inForce: 3, noticeCount: 2 },
      3,
      cutOff,
      { ...nothing, noticeCount: 0 },
    ],
    [
      'a newcomer has the entry tier on the day itself',
      { inForce: null, noticeCount: 0 },
      1,
      midMonth,
      { ...nothing, changeTo: 1, changeReason: 'entry', effectiveOn: '2026-01-15', noticeCount: 0 },
    ],
    [
      'a newcomer with gold at the cut-off rises at once',
      { inForce: null, noticeCount: 0 },
      2,
      cutOff,
      { ...nothing, changeTo: 2, changeReason: 'rise', effectiveOn: '2026-02-01', noticeCount: 0 },
    ],
    [
      'the first night proposes a rise even to gold',
      { inForce: 1, noticeCount: 0 },
      2,
      first,
      { ...nothing, proposeTo: 2, proposeReason: 'difference', noticeCount: 0 },
    ],
    [
      'the first night proposes a fall in full',
      { inForce: 4, noticeCount: 0 },
      2,
      first,
      { ...nothing, proposeTo: 2, proposeReason: 'difference', noticeCount: 1 },
    ],
    [
      'the first night lets newcomers in and proposes the rest',
      { inForce: null, noticeCount: 0 },
      3,
      first,
      {
        changeTo: 1,
        proposeTo: 3,
        changeReason: 'entry',
        proposeReason: 'difference',
        effectiveOn: '2026-01-31',
        noticeCount: 0,
      },
    ],
  ] as const)('%s', (_, state, qualifiedTier, night, expected) =>
    expect(nextInForce(personal, state, { ...free, qualifiedTier }, night)).toEqual(expected),
  )

  it('does not move special people', () => {
    const held = { ...free, mayRise: false, mayFall: false }
    expect(nextInForce(personal, { inForce: 1, noticeCount: 1 }, { ...held, qualifiedTier: 4 }, cutOff)).toEqual({
      ...nothing,
      noticeCount: 0,
    })
    expect(nextInForce(personal, { inForce: 4, noticeCount: 9 }, { ...held, qualifiedTier: 1 }, cutOff)).toEqual({
      ...nothing,
      noticeCount: 0,
    })
  })

  it('goes down one step every three month-ends, never below what is qualified', () => {
    let state: LifeState = { inForce: 4, noticeCount: 0 }
    const path: (number | null)[] = []
    for (let month = 1; month <= 12; month++) {
      const move = nextInForce(personal, state, { ...free, qualifiedTier: 2 }, cutOff)
      state = { inForce: move.changeTo ?? state.inForce, noticeCount: move.noticeCount }
      path.push(state.inForce)
    }
    expect(path).toEqual([4, 4, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2])
  })
})

describe('the same as SQL', () => {
  const anyRow = fc.record({
    inForce: fc.option(fc.integer({ min: 0, max: 6 }), { nil: null }),
    noticeCount: fc.integer({ min: 0, max: 5 }),
    qualifiedTier: fc.integer({ min: 0, max: 6 }),
    entryTier: fc.integer({ min: 0, max: 1 }),
    mayRise: fc.boolean(),
    mayFall: fc.boolean(),
  })
  const cases = fc.record({
    policy: anyBarsPolicy,
    night: fc.record({ day: fc.constant(day('2026-03-31')), isCutOff: fc.boolean(), isFirst: fc.boolean() }),
    rows: fc.array(anyRow, { minLength: 80, maxLength: 80 }),
  })

  it('moves everybody as nextInForce does', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ policy, night, rows }) => {
        const most = policy.tiers.length
        const given = rows.map((row): LifeState & LifeInput => {
          const entryTier = policy.tiers[0]?.entry === null ? 0 : row.entryTier
          const qualifiedTier = Math.max(Math.min(row.qualifiedTier, most), entryTier)
          return {
            ...row,
            entryTier,
            qualifiedTier,
            inForce: row.inForce === null ? null : Math.min(row.inForce, most),
          }
        })
        const values = given.map(
          (row, party) =>
            `(${party}, ${row.inForce}, ${row.noticeCount}, ${row.qualifiedTier}, ${row.entryTier}, ${row.mayRise}, ${row.mayFall})`,
        )
        const input = `(select * replace (tier_in_force::smallint as tier_in_force) from (values ${values.join(',')})
          as given(party_id, tier_in_force, notice_count, qualified_tier, entry_tier, may_rise, may_fall))`
        const found = await engine.rows(`select * from (${lifeSql(policy, night, { input })}) order by party_id`)
        const expected = given.map((row, party) => {
          const move = nextInForce(policy, row, row, night)
          return {
            party_id: party,
            from_tier: row.inForce,
            change_to: move.changeTo,
            propose_to: move.proposeTo,
            change_reason: move.changeReason,
            propose_reason: move.proposeReason,
            effective_on: move.effectiveOn,
            notice_count: move.noticeCount,
          }
        })
        expect(found).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
