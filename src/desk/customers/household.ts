/** A household: its sum and tier of the last night, and the members that this session may see. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { toFenText } from '../../contract/common.ts'
import type { household } from '../../contract/customers.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import type { NightPointer, TierNames } from '../nights/current.ts'
import { shownName } from './list.ts'

export type HouseholdPage = z.output<typeof household>

export interface HouseholdContext {
  night: NightPointer | undefined
  names: TierNames
  today: Day
}

/** By its number, or that of a party on the night's day; null when there is none or no member is visible. */
export async function householdOf(
  trx: Trx,
  context: HouseholdContext,
  wanted: { partyId: bigint } | { householdNo: string },
): Promise<HouseholdPage | null> {
  const day = context.night?.day ?? context.today
  const which =
    'householdNo' in wanted
      ? sql`h.household_no = ${wanted.householdNo}`
      : sql`h.id = (select household_id from household_member where party_id = ${wanted.partyId}
          and from_day <= ${day} and to_day > ${day} order by from_day desc limit 1)`
  const { rows } = await sql<{
    id: bigint
    household_no: string
    head_id: bigint | null
    unit_code: string
    unit_name: string
    sum_fen: bigint | null
    total_fen: bigint | null
    average_fen: bigint | null
    consenting: number | null
    tier: number | null
  }>`select h.id, h.household_no, h.head_id, u.code as unit_code, u.name as unit_name, n.sum_fen, n.average_fen,
      n.consenting, n.tier,
      n.sum_fen / (select c.days from household_member m join night_customer c on c.party_id = m.party_id
        and c.night_id = n.night_id where m.household_id = h.id limit 1) as total_fen
    from household h join unit u on u.id = h.unit_id
    left join night_household n on n.household_id = h.id and n.night_id = ${context.night?.id ?? 0}
    where ${which}`.execute(trx)
  const found = rows[0]
  if (!found) return null
  const { members, hidden } = await membersOf(trx, context, found.id, found.head_id, day)
  if (members.length === 0) return null
  return {
    householdNo: found.household_no,
    unit: { code: found.unit_code, name: found.unit_name },
    sumFen: found.sum_fen === null ? null : toFenText(found.sum_fen),
    totalFen: found.total_fen === null ? null : toFenText(found.total_fen),
    averageFen: found.average_fen === null ? null : toFenText(found.average_fen),
    consenting: found.consenting,
    tier: found.tier === null ? null : context.names(found.tier),
    members,
    hiddenMembers: hidden,
  }
}

async function membersOf(
  trx: Trx,
  { night, names }: HouseholdContext,
  id: bigint,
  headId: bigint | null,
  day: Day,
): Promise<{ members: HouseholdPage['members']; hidden: number }> {
  const { rows } = await sql<{
    party_id: bigint
    customer_no: string | null
    kind: 'person' | 'company' | null
    name: string | null
    role: string
    from_day: string
    to_day: string
    consenting: boolean
    average_fen: bigint | null
    qualified_tier: number | null
  }>`select m.party_id, p.customer_no, p.kind, p.name, m.role, m.from_day, m.to_day,
      (m.from_day <= ${day} and m.to_day > ${day} and m.consent_from <= ${day}
        and (m.consent_to is null or m.consent_to > ${day})) is true as consenting,
      n.average_fen, n.qualified_tier
    from household_member m left join party p on p.id = m.party_id
    left join night_customer n on n.party_id = m.party_id and n.night_id = ${night?.id ?? 0}
    where m.household_id = ${id} and m.to_day > ${day}
    order by m.party_id = ${headId} desc nulls last, m.from_day, m.party_id limit 100`.execute(trx)
  const counted = await sql<{ members: bigint | null }>`select strata.members_on(${id}, ${day}) as members`.execute(trx)
  const members = rows.flatMap((row) => {
    if (row.customer_no === null || row.name === null || row.kind === null) return []
    return {
      customerNo: row.customer_no,
      name: shownName(row.kind, row.name),
      role: row.role,
      isHead: row.party_id === headId,
      fromDay: row.from_day,
      toDay: row.to_day,
      consenting: row.consenting,
      averageFen: row.average_fen === null ? null : toFenText(row.average_fen),
      qualifiedTier: row.qualified_tier === null ? null : names(row.qualified_tier),
    }
  })
  return { members, hidden: Number(counted.rows[0]?.members ?? 0n) - members.length }
}
