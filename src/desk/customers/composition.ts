/** The best composition of a household (家庭最优组合), from the figures of the last night. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { type FenText, toFenText } from '../../contract/common.ts'
import type { composition } from '../../contract/customers.ts'
import type { FieldRights } from '../../contract/permission.ts'
import { runPlanned } from '../../db/connection.ts'
import type { Trx } from '../../db/database.ts'
import { sumScale, truncate } from '../../kit/money.ts'
import { assignTier } from '../../tiers/assign.ts'
import { type Composition, compositions, type FamilyMember } from '../../tiers/composition.ts'
import type { Policy } from '../../tiers/policy.ts'
import { type NightPointer, tierNames } from '../nights/current.ts'
import { shownName } from './figures.ts'

export type CompositionPage = z.output<typeof composition>

export interface CompositionContext {
  night: NightPointer
  policy: Policy
  fields: FieldRights
}

/** By the household's number; null when there is none or no member is visible. */
export async function readComposition(
  trx: Trx,
  context: CompositionContext,
  householdNo: string,
): Promise<CompositionPage | null> {
  const { night, policy, fields } = context
  const rows = await membersOf(trx, night, householdNo)
  const visible = rows.filter((row) => row.customer_no !== null)
  const [first] = visible
  if (!first) return null
  const days = visible.find((row) => row.days !== null)?.days ?? 1
  const hiddenMembers = first.member_count - visible.length
  const family = visible.map((row) => familyMember(policy, days, row))
  const found = hiddenMembers > 0 ? [] : compositions(policy, days, family)
  const amount = (fen: bigint) => (fields.money === 'hidden' ? null : toFenText(fen))
  const names = tierNames(policy)
  return {
    householdNo,
    night: { id: night.id, day: night.day },
    exact: policy.household?.membership !== 'byDay' && policy.criteria === null,
    hiddenMembers,
    members: visible.map((row, at) => ({
      customerNo: row.customer_no,
      name: shownName(row.kind, row.name, fields.name),
      consenting: row.consenting,
      sumFen: amount(fenDays(family[at]!.ownSum)),
      averageFen: amount(truncate(family[at]!.ownSum, sumScale * BigInt(days))),
      ownTier: names(family[at]!.ownTier, row.kind),
      qualifiedTier: names(row.qualified_tier ?? 0, row.kind),
    })),
    compositions: found.map((one) => ({
      tier: names(one.tier),
      isCurrent: one.isCurrent,
      ...sums(policy, days, family, one, amount),
      members: one.members.map(({ counts, tier }, at) => ({
        customerNo: visible[at]!.customer_no,
        counts,
        tier: names(tier, visible[at]!.kind),
      })),
    })),
  }
}

/** Sum, mean and what truncating each member's sum left over, so that the parts add up. */
function sums(
  policy: Policy,
  days: number,
  family: readonly FamilyMember[],
  one: Composition,
  amount: (fen: bigint) => FenText | null,
) {
  const counted = family.filter((_, at) => one.members[at]?.counts)
  const parts = counted.reduce((total, { ownSum }) => total + fenDays(ownSum), 0n)
  const divisor = policy.household?.measure === 'mean' ? BigInt(counted.length) : 1n
  return {
    sumFen: amount(fenDays(one.sum)),
    roundingFen: amount(fenDays(one.sum) - parts),
    averageFen: amount(truncate(one.sum, sumScale * BigInt(days) * divisor)),
  }
}

function fenDays(scaled: bigint): bigint {
  return truncate(scaled, sumScale)
}

interface Row {
  party_id: string
  customer_no: string
  kind: 'person' | 'company'
  name: string
  consenting: boolean
  identity_valid: boolean
  sum_scaled: string | null
  days: number | null
  frequency: number | null
  path: string | null
  qualified_tier: number | null
  member_count: number
}

/** The members on the night's day, head first. */
function membersOf(trx: Trx, night: NightPointer, householdNo: string): Promise<Row[]> {
  const { day } = night
  return runPlanned(
    trx,
    sql<Row>`select p.id::text as party_id, p.customer_no, p.kind, p.name,
        (m.consent_from <= ${day} and (m.consent_to is null or m.consent_to > ${day})) is true as consenting,
        coalesce(p.identity_valid, false) as identity_valid, n.sum_scaled::text as sum_scaled, n.days, n.frequency, n.path,
        n.qualified_tier, coalesce(strata.members_between(h.id, ${day}, ${day}), 0)::int as member_count
      from household h join household_member m on m.household_id = h.id and m.from_day <= ${day} and m.to_day > ${day}
      left join party p on p.id = m.party_id
      left join night_customer n on n.party_id = p.id and n.night_id = ${sql.lit(night.id)}
      where h.household_no = ${householdNo}
      order by m.party_id = h.head_id desc nulls last, m.from_day, m.party_id limit 100`,
  )
}

function familyMember(policy: Policy, days: number, row: Row): FamilyMember {
  const ownSum = BigInt(row.sum_scaled ?? 0)
  const alone = () =>
    assignTier(policy, days, {
      kind: row.kind,
      hasValidIdentity: row.identity_valid,
      counts: true,
      ownSum,
      household: null,
      frequency: row.frequency ?? 0,
      productClasses: 0,
    }).qualifiedTier
  return {
    partyId: BigInt(row.party_id),
    consenting: row.consenting,
    inScheme: policy.appliesTo === 'everyone' || policy.appliesTo === row.kind,
    ownSum,
    // The night keeps the better of both ways; without the household's it is the member's own already
    ownTier: row.path === 'household' || row.path === null ? alone() : (row.qualified_tier ?? 0),
  }
}
