import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { policyText } from '../../test/support/policies.ts'
import { addDays, type Day, day } from '../kit/day.ts'
import { openEngine } from '../lake/engine.ts'
import { householdOf, householdSql, householdsSql, isConsenting, type Membership } from './household.ts'
import { parsePolicy } from './policy-text.ts'

const engine = openEngine({ threads: 2, memoryLimitMb: 512, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())

const policy = parsePolicy(policyText({}))
const today = day('2026-03-31')
const member = (partyId: bigint, countedSum: bigint, more: Partial<Membership> = {}) => ({
  partyId,
  countedSum,
  fromDay: day('2025-01-01'),
  toDay: day('2299-12-31'),
  consentFrom: day('2025-01-01'),
  consentTo: null,
  ...more,
})

describe('a household', () => {
  it.each([
    ['a member with nothing counts in the divisor', [member(1n, 90n), member(2n, 0n)], { sum: 90n, members: 2 }],
    ['one consenting member is no household', [member(1n, 90n), member(2n, 9n, { consentFrom: null })], null],
    [
      'who does not consent counts in neither',
      [member(1n, 90n), member(2n, 10n), member(3n, 500n, { consentFrom: null })],
      { sum: 100n, members: 2 },
    ],
    [
      'who left took the whole sum along',
      [member(1n, 90n), member(2n, 10n), member(3n, 5n, { toDay: today })],
      { sum: 100n, members: 2 },
    ],
    [
      'who left a day later is still in',
      [member(1n, 90n), member(2n, 5n, { toDay: addDays(today, 1) })],
      { sum: 95n, members: 2 },
    ],
    [
      'who joins on the day is in for the whole window',
      [member(1n, 90n), member(2n, 5n, { fromDay: today })],
      { sum: 95n, members: 2 },
    ],
    ['consent that ends on the day is over', [member(1n, 90n), member(2n, 5n, { consentTo: today })], null],
    [
      'consent that begins on the day holds',
      [member(1n, 90n), member(2n, 5n, { consentFrom: today })],
      { sum: 95n, members: 2 },
    ],
    ['nobody', [], null],
  ])('%s', (_, members, expected) => expect(householdOf(policy, today, members)).toEqual(expected))

  it('is off when the policy has no household path', () => {
    const none = parsePolicy(policyText({ household: 'none', bars: [[1, null]] }))
    expect(householdOf(none, today, [member(1n, 1n), member(2n, 1n)])).toBeNull()
  })
})

describe('the same as SQL', () => {
  const anyDay = fc.integer({ min: -3, max: 3 }).map((n) => addDays(today, n))
  const anyMember = fc.record({
    household: fc.integer({ min: 1, max: 8 }),
    fromDay: anyDay,
    length: fc.integer({ min: 1, max: 5 }),
    consentFrom: fc.option(anyDay, { nil: null }),
    consentTo: fc.option(anyDay, { nil: null }),
    sum: fc.option(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 28n }), { nil: null }),
    counts: fc.constantFrom(true, true, false),
  })

  it('gives every consenting member what householdOf gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMember, { minLength: 1, maxLength: 40 }), async (rows) => {
        const people = rows.map((row, index) => ({
          ...member(BigInt(index), row.counts ? (row.sum ?? 0n) : 0n, {
            ...row,
            toDay: addDays(row.fromDay, row.length),
          }),
          household: row.household,
        }))
        const text = (d: Day | null) => (d === null ? 'null::date' : `date '${d}'`)
        const members = people.map(
          (one) =>
            `(${one.household}::bigint, ${one.partyId}::bigint, ${text(one.fromDay)}, ${text(one.toDay)}, ${text(one.consentFrom)}, ${text(one.consentTo)})`,
        )
        const sums = rows.map((row, index) => `(${index}::bigint, ${row.sum ?? 0n}::hugeint, ${row.counts})`)
        const source = {
          members: `(select * from (values ${members.join(',')}) as given(household_id, party_id, from_day, to_day, consent_from, consent_to))`,
          // whoever has nothing may be missing altogether
          sums: `(select * from (values ${sums.join(',')}) as given(party_id, own_sum, counts) where own_sum <> 0)`,
          also: { household_now: 'own_sum' },
          day: today,
        }
        const expected = people.flatMap((one) => {
          const found = householdOf(
            policy,
            today,
            people.filter((other) => other.household === one.household),
          )
          if (!found || !isConsenting(one, today)) return []
          const sum = found.sum
          return [
            {
              party_id: one.partyId,
              household_id: BigInt(one.household),
              household_sum: sum,
              household_members: found.members,
              household_now: sum,
            },
          ]
        })
        expect(await engine.rows(`${householdSql(policy, source)} order by party_id`)).toEqual(expected)
        const all = await engine.rows<{ consenting: number; members: number }>(householdsSql(policy, source))
        expect(all.every((row) => row.consenting <= row.members)).toBe(true)
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
