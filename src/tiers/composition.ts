/**
 * Which members of a household should consent so that it reaches a tier, and what each of them gains and gives up. Nothing
 * counts twice: a member is in one household, and the own sum of one who is left out counts for that member alone.
 */
import { assert } from '../kit/assert.ts'
import { householdReaches } from './assign.ts'
import type { Policy } from './policy.ts'

export interface FamilyMember {
  partyId: bigint
  /** Counts in the household today. */
  consenting: boolean
  /** Whether the policy gives tiers to members of this kind; the sum of others counts all the same. */
  inScheme: boolean
  /** What counts of the member, scale `sumScale`, fen·days; 0 for one whom a flag takes out of every sum. */
  ownSum: bigint
  /** The tier that the member has alone (ordinal). */
  ownTier: number
}

export interface Composition {
  /** What the household reaches (ordinal). */
  tier: number
  /** Of those who count, scaled. */
  sum: bigint
  /** Whether those who count are those who count today. */
  isCurrent: boolean
  /** In the order given. */
  members: { partyId: bigint; counts: boolean; tier: number }[]
}

/**
 * The compositions worth talking about, highest tier first: per tier the largest one of members who consent already, and
 * the largest of all members where that takes in more. Left out are those that no more members gain by than by a higher
 * one, and those that give nobody more than the member has alone. For a policy without household path there is none.
 */
export function compositions(policy: Policy, days: number, members: readonly FamilyMember[]): Composition[] {
  assert(days >= 1, 'a window has days')
  const consenting = members.filter((member) => member.consenting)
  const found: Composition[] = []
  let most = { consenting: 0, all: 0 }
  for (const { ordinal } of policy.tiers.toReversed()) {
    const gains = (chosen: readonly FamilyMember[], than: number) =>
      chosen.length > than && chosen.some((member) => member.inScheme && member.ownTier < ordinal)
    const now = largest(policy, days, ordinal, consenting)
    const then = largest(policy, days, ordinal, members)
    if (gains(now, most.consenting)) found.push(composed(ordinal, now, members, consenting.length))
    if (gains(then, Math.max(most.all, now.length))) found.push(composed(ordinal, then, members, consenting.length))
    most = { consenting: Math.max(most.consenting, now.length), all: Math.max(most.all, then.length) }
  }
  return found
}

/** The most members who together reach the tier's household bar; of equally many the richest. Empty: none do. */
function largest(policy: Policy, days: number, ordinal: number, pool: readonly FamilyMember[]): FamilyMember[] {
  const tier = policy.tiers[ordinal - 1]
  if (!tier || !policy.household) return []
  const richest = pool.toSorted((a, b) => (a.ownSum === b.ownSum ? 0 : a.ownSum > b.ownSum ? -1 : 1))
  for (let size = richest.length; size >= policy.household.membersMin; size--) {
    const chosen = richest.slice(0, size)
    if (householdReaches(policy, tier, days, { sum: sumOf(chosen), members: size })) return chosen
  }
  return []
}

function composed(
  tier: number,
  chosen: readonly FamilyMember[],
  members: readonly FamilyMember[],
  consenting: number,
): Composition {
  const counted = new Set(chosen)
  return {
    tier,
    sum: sumOf(chosen),
    isCurrent: chosen.length === consenting && chosen.every((member) => member.consenting),
    members: members.map((member) => ({
      partyId: member.partyId,
      counts: counted.has(member),
      tier: counted.has(member) && member.inScheme ? Math.max(member.ownTier, tier) : member.ownTier,
    })),
  }
}

function sumOf(members: readonly FamilyMember[]): bigint {
  return members.reduce((sum, { ownSum }) => sum + ownSum, 0n)
}
