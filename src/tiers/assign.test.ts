import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { anyBarsPolicy, anyPointsPolicy, policyText, shippedPolicy } from '../../test/support/policies.ts'
import { sumScale, yuan } from '../kit/money.ts'
import { openEngine } from '../lake/engine.ts'
import { type AssignInput, assignSql, assignTier, barSum, specialOf, specialSql } from './assign.ts'
import { type Policy, type Special, specials } from './policy.ts'
import { parsePolicy } from './policy-text.ts'

const engine = openEngine({ threads: 2, memoryLimitMb: 512, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())

const daysOf = (policy: Policy) => (policy.window.kind === 'trailing' ? policy.window.days : 30)
const someone: AssignInput = {
  kind: 'person',
  hasValidIdentity: true,
  counts: true,
  ownSum: 0n,
  household: null,
  frequency: 0,
  productClasses: 0,
}

describe('the shipped personal policy', () => {
  const personal = shippedPolicy('personal')
  const tierOf = (fen: bigint, more: Partial<AssignInput> = {}) => {
    const found = assignTier(personal, 90, { ...someone, ownSum: fen * 90n * sumScale, ...more })
    return [personal.tiers[found.qualifiedTier - 1]?.code ?? 'none', found.path]
  }
  const household = (fen: bigint, members = 2) => ({
    household: { sum: fen * 90n * sumScale * BigInt(members), members },
  })

  it.each([
    [9_999_999n, {}, 'silver', 'entry'],
    [10_000_000n, {}, 'gold', 'individual'],
    [29_999_999n, {}, 'gold', 'individual'],
    [30_000_000n, {}, 'platinum', 'individual'],
    [99_999_999n, {}, 'platinum', 'individual'],
    [100_000_000n, {}, 'black', 'individual'],
    [0n, household(7_999_999n), 'silver', 'entry'],
    [0n, household(8_000_000n), 'gold', 'household'],
    [0n, household(25_000_000n, 5), 'platinum', 'household'],
    [0n, household(80_000_000n), 'black', 'household'],
    // both paths give gold: the own merit is named; household gives more: the household is
    [10_000_000n, household(8_000_000n), 'gold', 'individual'],
    [10_000_000n, household(25_000_000n), 'platinum', 'household'],
    [9_999_999n, { hasValidIdentity: false }, 'none', 'none'],
    [10_000_000n, { hasValidIdentity: false }, 'gold', 'individual'],
    [10_000_000n, { counts: false }, 'silver', 'entry'],
    [10_000_000n, { kind: 'company' as const }, 'none', 'none'],
  ])('%s fen a day, %o: %s by %s', (fen, more, tier, path) => expect(tierOf(fen, more)).toEqual([tier, path]))

  it('compares sums, so one scaled unit decides and nothing is rounded', () => {
    const bar = barSum(yuan(100_000), 90)
    for (const [more, tier] of [
      [-1n, 1],
      [0n, 2],
      [1n, 2],
    ] as const) {
      expect(assignTier(personal, 90, { ...someone, ownSum: bar + more }).qualifiedTier).toBe(tier)
    }
    const short = assignTier(personal, 90, { ...someone, ownSum: bar - 1n })
    expect(short.averageFen).toBe(9_999_999n)
  })
})

describe('the shipped service policy', () => {
  const service = shippedPolicy('service')
  it('adds weight × points of each criterion', () => {
    // 40 × 0.60 + 60 × 0.25 + 70 × 0.15 = 49.5
    const input = { ...someone, ownSum: barSum(yuan(50_000), 90), frequency: 20, productClasses: 3 }
    expect(assignTier(service, 90, input)).toMatchObject({ points: 495_000n, qualifiedTier: 2, path: 'individual' })
    expect(assignTier(service, 90, { ...input, ownSum: input.ownSum - 1n }).points).toBe(375_000n)
    expect(assignTier(service, 90, { ...input, ownSum: input.ownSum - 1n }).qualifiedTier).toBe(1)
  })
})

const near = (centre: bigint) => fc.constantFrom(-1n, 0n, 1n).map((offset) => centre + offset)

function anyInput(policy: Policy): fc.Arbitrary<AssignInput> {
  const days = daysOf(policy)
  const bars = policy.tiers.flatMap((tier) => [tier.individual ?? 0n, tier.household ?? 0n])
  const bands = policy.criteria?.find((c) => c.measure === 'averageAssets')?.bands.map((band) => band.from) ?? []
  const sum = fc.oneof(
    fc.constantFrom(...bars, ...bands).chain((bar) => near(barSum(bar, days))),
    fc.bigInt({ min: -(10n ** 29n), max: 10n ** 30n }),
  )
  const household = fc.integer({ min: 2, max: 9 }).chain((members) =>
    fc
      .oneof(
        fc.constantFrom(...bars).chain((bar) => near(barSum(bar, days) * BigInt(members))),
        fc.constantFrom(...bars).chain((bar) => near(barSum(bar, days))),
        fc.bigInt({ min: -(10n ** 29n), max: 10n ** 30n }),
      )
      .map((total) => ({ sum: total, members })),
  )
  return fc.record({
    kind: fc.constantFrom('person' as const, 'company' as const),
    hasValidIdentity: fc.boolean(),
    counts: fc.boolean(),
    ownSum: sum,
    household: fc.option(household, { nil: null }),
    frequency: fc.integer({ min: 0, max: 12 }),
    productClasses: fc.integer({ min: 0, max: 7 }),
  })
}

function relation(inputs: readonly AssignInput[]): string {
  const rows = inputs.map(
    (input, index) =>
      `(${index}, '${input.kind}', ${input.hasValidIdentity}, ${input.counts}, ${input.ownSum}::hugeint, ` +
      (input.household ? `7, ${input.household.sum}::hugeint, ${input.household.members}` : 'null, null, null') +
      `, ${input.frequency}, ${input.productClasses})`,
  )
  return `(select party_id::bigint as party_id, kind, has_valid_identity, counts, own_sum::hugeint as own_sum,
    household_id::bigint as household_id, household_sum::hugeint as household_sum,
    household_members::integer as household_members, frequency, product_classes from (values ${rows.join(',\n')})
    as given(party_id, kind, has_valid_identity, counts, own_sum, household_id, household_sum, household_members,
             frequency, product_classes))`
}

describe('the rule as SQL', () => {
  const same = async (policy: Policy, inputs: AssignInput[]) => {
    const days = daysOf(policy)
    const rows = await engine.rows(`select * from (${assignSql(policy, { input: relation(inputs), days })}) order by 1`)
    const expected = inputs.map((input, index) => {
      const found = assignTier(policy, days, input)
      const withPath = found.householdMembers !== null
      return {
        party_id: BigInt(index),
        qualified_tier: found.qualifiedTier,
        path: found.path,
        individual_tier: found.individualTier,
        household_tier: found.householdTier,
        entry_tier: found.entryTier,
        average_fen: found.averageFen,
        sum_fen: found.sumFen,
        sum_scaled: found.sumScaled,
        household_id: withPath ? 7n : null,
        household_average_fen: found.householdAverageFen,
        household_total_fen: found.householdTotalFen,
        household_members: found.householdMembers,
        household_sum: withPath ? (input.household?.sum ?? null) : null,
        points: found.points === null ? null : Number(found.points),
      }
    })
    expect(rows).toEqual(expected)
  }
  const anyCase = fc
    .oneof({ arbitrary: anyBarsPolicy, weight: 3 }, { arbitrary: anyPointsPolicy, weight: 1 })
    .chain((policy) => fc.tuple(fc.constant(policy), fc.array(anyInput(policy), { minLength: 50, maxLength: 50 })))

  it('gives what assignTier gives, for random policies and customers', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, ([policy, inputs]) => same(policy, inputs)),
      { numRuns: 60 },
    )
  }, 120_000)

  it('reads the special flags as specialOf does', async () => {
    const policy = parsePolicy(
      policyText({
        more: 'special: { minor: { counts: false }, frozen: { counts: false, falls: false }, dormant: { rises: false } }',
      }),
    )
    const cases: Special[][] = [...specials.map((kind) => [kind]), ['minor', 'frozen'], ['dormant', 'deceased']]
    const flags = cases.flatMap((kinds, party) => kinds.map((kind) => `(${party}, '${kind}')`))
    const rows = await engine.rows(
      `select * from (${specialSql(policy, { flags: `(select * from (values ${flags.join(',')}) as given(party_id, kind))` })}) order by 1`,
    )
    const expected = cases.map((kinds, party) => {
      const found = specialOf(policy, kinds)
      return { party_id: party, counts: found.counts, may_rise: found.rises, may_fall: found.falls }
    })
    expect(rows).toEqual(expected)
  })
})
