import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policyText } from '../../test/support/policies.ts'
import { yuan } from '../kit/money.ts'
import { barSum } from './assign.ts'
import { type Composition, compositions, type FamilyMember } from './composition.ts'
import type { Policy } from './policy.ts'
import { parsePolicy } from './policy-text.ts'

const days = 90
// Individual and household bars in yuan: one tier, and a higher one
const bars: [number, number | null][] = [
  [100_000, 80_000],
  [300_000, 250_000],
]
const mean = parsePolicy(policyText({ bars, entry: 'none' }))

/** A member with an average of so many yuan; the tier alone follows. */
function member(id: number, average: number, consenting = true): FamilyMember {
  const ownTier = bars.filter(([bar]) => average >= bar).length
  return { partyId: BigInt(id), consenting, inScheme: true, ownSum: barSum(yuan(average), days), ownTier }
}

const counted = ({ members }: Composition) =>
  members.filter(({ counts }) => counts).map(({ partyId }) => Number(partyId))

describe('the compositions of a household', () => {
  it('leaves out who pulls the mean below the bar', () => {
    const found = compositions(mean, days, [member(1, 120_000), member(2, 50_000), member(3, 10_000)])
    expect(found.map((one) => [one.tier, counted(one), one.isCurrent])).toEqual([[1, [1, 2], false]])
    expect(found[0]?.members.map(({ tier }) => tier)).toEqual([1, 1, 0])
  })

  it('offers the consent of another member where that takes in more', () => {
    const found = compositions(mean, days, [member(1, 120_000), member(2, 60_000), member(3, 90_000, false)])
    expect(found.map((one) => [one.tier, counted(one), one.isCurrent])).toEqual([
      [1, [1, 2], true],
      [1, [1, 2, 3], false],
    ])
  })

  it('says nothing where everybody has as much alone', () => {
    expect(compositions(mean, days, [member(1, 120_000), member(2, 110_000)])).toEqual([])
    expect(compositions(mean, days, [member(1, 1_000_000)])).toEqual([])
  })

  it('is the best of every subset, under any policy of mean or sum', () => {
    const anyFamily = fc
      .array(fc.tuple(fc.constantFrom(0, 40_000, 79_999, 80_000, 120_000, 250_000, 420_000, -5_000), fc.boolean()), {
        minLength: 1,
        maxLength: 6,
      })
      .map((rows) => rows.map(([average, consents], index) => member(index + 1, average, consents)))
    const sum = parsePolicy(
      policyText({ bars, entry: 'none', household: '{ measure: sum, membership: atCutOff, membersMin: 2 }' }),
    )
    fc.assert(
      fc.property(anyFamily, fc.constantFrom(mean, sum), (family, policy) => {
        const found = compositions(policy, days, family)
        for (const tier of [1, 2])
          for (const [pool, asksNobody] of [
            [family.filter(({ consenting }) => consenting), true],
            [family, false],
          ] as const) {
            const most = mostWhoGain(policy, tier, pool)
            const offered = found.filter((one) => one.tier >= tier && (!asksNobody || isOf(one, pool)))
            expect(Math.max(0, ...offered.map((one) => counted(one).length))).toBeGreaterThanOrEqual(most)
          }
        for (const one of found) {
          const chosen = family.filter(({ partyId }) => counted(one).includes(Number(partyId)))
          expect(reachesByHand(policy, one.tier, chosen)).toBe(true)
          expect(one.sum).toBe(chosen.reduce((total, { ownSum }) => total + ownSum, 0n))
          for (const [at, { counts, tier }] of one.members.entries())
            expect(tier).toBe(Math.max(family[at]!.ownTier, counts ? one.tier : 0))
        }
      }),
      { numRuns: 300 },
    )
  })
})

const isOf = (one: Composition, pool: readonly FamilyMember[]) =>
  counted(one).every((id) => pool.some(({ partyId }) => partyId === BigInt(id)))

/** By looking at every subset: the members of the largest one that reaches the tier, 0 where it gives nobody more. */
function mostWhoGain(policy: Policy, tier: number, pool: readonly FamilyMember[]): number {
  const subsets = Array.from({ length: 2 ** pool.length }, (_, bits) => pool.filter((_, at) => (bits >> at) & 1))
  const reaching = subsets.filter((subset) => subset.length >= 2 && reachesByHand(policy, tier, subset))
  const size = Math.max(0, ...reaching.map((subset) => subset.length))
  return reaching.some((subset) => subset.length === size && subset.every(({ ownTier }) => ownTier >= tier)) ? 0 : size
}

function reachesByHand(policy: Policy, tier: number, subset: readonly FamilyMember[]): boolean {
  const bar = BigInt(bars[tier - 1]?.[1] ?? 0) * 100n * BigInt(days) * 10n ** 19n
  const total = subset.reduce((sum, { ownSum }) => sum + ownSum, 0n)
  return total >= (policy.household?.measure === 'mean' ? bar * BigInt(subset.length) : bar)
}
