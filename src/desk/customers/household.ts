/** A household: its sum and tier of the last night, and the members that this session may see. */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { FenText } from '../../contract/common.ts'
import type { household } from '../../contract/customers.ts'
import type { FieldRights } from '../../contract/permission.ts'
import { runPlanned } from '../../db/connection.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import type { NightPointer, TierNames } from '../nights/current.ts'
import { shownName } from './figures.ts'

export type HouseholdPage = z.output<typeof household>

export interface HouseholdContext {
  night: NightPointer | undefined
  names: TierNames
  today: Day
  fields: FieldRights
}

/** By its number; null when there is none or no member is visible. */
export async function readHousehold(
  trx: Trx,
  { night, names, today, fields }: HouseholdContext,
  householdNo: string,
): Promise<HouseholdPage | null> {
  const found = householdJson(night, today, sql`h.household_no = ${householdNo}`)
  const [row] = await runPlanned(trx, sql<{ household: StoredHousehold | null }>`select ${found} as household`)
  return row?.household ? asHousehold(row.household, names, fields) : null
}

/** What `householdJson` gives; who is not visible has neither number nor name, or is not among the members at all. */
export interface StoredHousehold {
  householdNo: string
  unit: { code: string; name: string }
  asOf: string | null
  sumFen: FenText | null
  totalFen: FenText | null
  averageFen: FenText | null
  consenting: number | null
  tier: number | null
  /** Visible or not. */
  memberCount: number
  members: {
    customerNo: string | null
    kind: 'person' | 'company' | null
    name: string | null
    role: string
    isHead: boolean
    fromDay: string
    toDay: string
    consenting: boolean
    averageFen: FenText | null
    qualifiedTier: number | null
  }[]
}

/** The household of a party on a day, as a condition on `h`. */
export function householdOfParty(partyId: RawBuilder<unknown>, day: Day): RawBuilder<unknown> {
  return sql`h.id = (select household_id from household_member where party_id = ${partyId} and from_day <= ${day}
    and to_day > ${day} order by from_day desc limit 1)`
}

/**
 * The household that `which` (a condition on `h`) names, as one JSON value of a statement; amounts are text in it. Its
 * members are those of the night's day and whoever came since.
 */
export function householdJson(
  night: NightPointer | undefined,
  today: Day,
  which: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const nightId = sql.lit(night?.id ?? 0)
  const day = night?.day ?? today
  return sql`(select row_to_json(x) from (select h.household_no as "householdNo",
      json_build_object('code', u.code, 'name', u.name) as unit,
      case when n.household_id is not null then ${day}::date end as "asOf", n.sum_fen::text as "sumFen",
      (n.sum_fen / (select c.days from household_member m join night_customer c on c.party_id = m.party_id
        and c.night_id = ${nightId} where m.household_id = h.id limit 1))::text as "totalFen",
      n.average_fen::text as "averageFen", n.consenting, n.tier,
      coalesce((select json_agg(x) from (${membersOf(nightId, day, today)}) x), '[]') as members,
      coalesce(strata.members_between(h.id, ${day}, ${today}), 0) as "memberCount"
    from household h join unit u on u.id = h.unit_id
    left join night_household n on n.household_id = h.id and n.night_id = ${nightId}
    where ${which}) x)`
}

function membersOf(nightId: RawBuilder<unknown>, day: Day, today: Day): RawBuilder<unknown> {
  return sql`select p.customer_no as "customerNo", p.kind, p.name, m.role, (m.party_id = h.head_id) is true as "isHead",
      m.from_day as "fromDay", m.to_day as "toDay",
      (m.from_day <= ${day} and m.to_day > ${day} and m.consent_from <= ${day}
        and (m.consent_to is null or m.consent_to > ${day})) is true as consenting,
      n.average_fen::text as "averageFen", n.qualified_tier as "qualifiedTier"
    from household_member m left join party p on p.id = m.party_id
    left join night_customer n on n.party_id = m.party_id and n.night_id = ${nightId}
    where m.household_id = h.id and m.from_day <= ${today} and m.to_day > ${day}
    order by m.party_id = h.head_id desc nulls last, m.from_day, m.party_id limit 100`
}

/** As the API shows it; null when no member is visible. */
export function asHousehold(
  { memberCount, ...stored }: StoredHousehold,
  names: TierNames,
  fields: FieldRights,
): HouseholdPage | null {
  const hidden = fields.money === 'hidden'
  const members = stored.members.flatMap(({ customerNo, kind, name, qualifiedTier, ...member }) =>
    customerNo === null || name === null || kind === null
      ? []
      : {
          ...member,
          customerNo,
          name: shownName(kind, name, fields.name),
          averageFen: hidden ? null : member.averageFen,
          qualifiedTier: qualifiedTier === null ? null : names(qualifiedTier),
        },
  )
  if (members.length === 0) return null
  return {
    ...stored,
    ...(hidden && { sumFen: null, totalFen: null, averageFen: null }),
    tier: stored.tier === null ? null : names(stored.tier),
    members,
    hiddenMembers: memberCount - members.length,
  }
}
