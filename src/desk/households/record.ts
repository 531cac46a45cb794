/** A household as it stands today, with its invitations and acts; and the list of households. */
import { type RawBuilder, sql } from 'kysely'
import { toFenText } from '../../contract/common.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { listHouseholds as listEndpoint, readHouseholdRecord } from '../../contract/households.ts'
import type { FieldRights } from '../../contract/permission.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { shownName } from '../customers/figures.ts'
import { conditions, type ListContext } from '../customers/filters.ts'
import type { NightPointer, TierNames } from '../nights/current.ts'
import { countToday, noHousehold } from './members.ts'

type HouseholdRecord = Output<typeof readHouseholdRecord>
type HouseholdList = Output<typeof listEndpoint>

/** The most of former members and of acts that a record shows. */
const formerMax = 100
const actsMax = 200

export interface RecordReader {
  today: Day
  fields: FieldRights
  edits: boolean
}

/** Refuses not_found where no member, of today or before, is in sight. */
export async function readRecord(
  trx: Trx,
  { today, fields, edits }: RecordReader,
  householdNo: string,
): Promise<HouseholdRecord> {
  const { rows } = await sql<{
    id: bigint
    version: number
    unit: HouseholdRecord['unit']
  }>`select h.id, h.version, json_build_object('code', u.code, 'name', u.name) as unit
    from household h join unit u on u.id = h.unit_id where h.household_no = ${householdNo}`.execute(trx)
  const { id, version, unit } = rows[0] ?? noHousehold(householdNo)
  const named = namedAs(fields)
  const members = await sql<
    Named & Omit<HouseholdRecord['members'][number], 'name'>
  >`select ${named.columns}, m.role, (m.party_id = h.head_id) is true as "isHead", m.from_day::text as "fromDay",
      case when m.consent_from <= ${today} and coalesce(m.consent_to, 'infinity') > ${today} then m.consent_from::text
        end as "consentFrom"
    from household_member m join household h on h.id = m.household_id join party p on p.id = m.party_id
    where m.household_id = ${id} and m.from_day <= ${today} and m.to_day > ${today}
    order by (m.party_id = h.head_id) desc nulls last, m.from_day, m.party_id`.execute(trx)
  const former = await sql<
    Named & Omit<HouseholdRecord['former'][number], 'name'>
  >`select ${named.columns}, m.role, m.from_day::text as "fromDay", m.to_day::text as "toDay"
    from household_member m join party p on p.id = m.party_id
    where m.household_id = ${id} and m.to_day <= ${today} order by m.to_day desc, m.party_id limit ${formerMax}`.execute(
    trx,
  )
  const invitations = await sql<
    Named & Omit<HouseholdRecord['invitations'][number], 'name'>
  >`select ${named.columns}, i.role, i.invited_on::text as "invitedOn", i.until::text as until, l.display_name as "by"
    from household_invitation i join party p on p.id = i.party_id join login l on l.id = i.login_id
    where i.household_id = ${id} and i.until >= ${today} order by i.invited_on, i.party_id`.execute(trx)
  const inIt = await countToday(trx, id, today)
  return {
    householdNo,
    unit,
    version,
    closed: inIt === 0,
    may: edits && inIt > 0,
    members: members.rows.map(named.of),
    hiddenMembers: inIt - members.rows.length,
    former: former.rows.map(named.of),
    invitations: invitations.rows.map(named.of),
    acts: await actsOf(trx, id, fields),
  }
}

async function actsOf(trx: Trx, householdId: bigint, fields: FieldRights): Promise<HouseholdRecord['acts']> {
  const { columns, of } = namedAs(fields)
  const memberOf = (row: Named) => {
    const { customerNo, name } = of(row)
    return { customerNo, name }
  }
  const { rows } = await sql<
    (Named | Record<keyof Named, null>) & {
      at: Date
      act: string
      by: string
      role: string | null
      other: string | null
      note: string | null
    }
  >`select ${columns}, a.recorded_at as at, a.act, l.display_name as "by", a.role, o.household_no as other, a.note
    from household_act a join login l on l.id = a.login_id left join party p on p.id = a.party_id
    left join household o on o.id = a.other_id
    where a.household_id = ${householdId} order by a.id desc limit ${actsMax}`.execute(trx)
  return rows.map((row) => {
    const { at, act, by, role, other, note } = row
    const member = row.customerNo === null ? null : memberOf({ ...row, customerNo: row.customerNo })
    return { at: at.toISOString(), act, by, role, other, note, member }
  })
}

interface Named {
  customerNo: string
  kind: 'person' | 'company'
  name: string
}

/** A party `p` by number and name, as the caller may read it. */
function namedAs(fields: FieldRights): {
  columns: RawBuilder<unknown>
  of: <Row extends Named>(row: Row) => Omit<Row, 'kind'>
} {
  return {
    columns: sql`p.customer_no as "customerNo", p.kind, p.name`,
    of: ({ kind, ...row }) => ({ ...row, name: shownName(kind, row.name, fields.name) }),
  }
}

export interface HouseholdsAsked {
  limit: number
  cursor?: string | undefined
  q?: string | undefined
}

/** `context`: to search by, and null where no night was published: then `q` is of numbers only. */
export interface HouseholdsReader {
  today: Day
  fields: FieldRights
  night: NightPointer | undefined
  names: TierNames
  context: ListContext | null
}

/** A page by number. Refuses cursor_invalid. */
export async function listHouseholds(
  trx: Trx,
  { today, fields, night, names, context }: HouseholdsReader,
  { limit, cursor, q = '' }: HouseholdsAsked,
): Promise<HouseholdList> {
  const behind = cursor === undefined ? '' : numberOf(cursor)
  const found = q === '' ? seen(behind, today, limit + 1) : await searched(trx, context, { q, behind, today })
  const { columns, of } = namedAs(fields)
  const { rows } = await sql<
    Named &
      Pick<HouseholdList['rows'][number], 'householdNo' | 'unit'> & {
        members: number
        average_fen: bigint | null
        tier: number | null
      }
  >`select f.household_no as "householdNo", json_build_object('code', u.code, 'name', u.name) as unit, ${columns},
      strata.members_between(f.household_id, ${today}::date, ${today}::date)::int as members, n.average_fen, n.tier
    from (select * from (${found}) x order by household_no limit ${limit + 1}) f
    join household h on h.id = f.household_id join unit u on u.id = h.unit_id
    left join party p on p.id = h.head_id
    left join night_household n on n.household_id = h.id and n.night_id = ${night?.id ?? 0}
    order by f.household_no`.execute(trx)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => ({
      householdNo: row.householdNo,
      unit: row.unit,
      head: row.customerNo === null ? null : { customerNo: row.customerNo, name: of(row).name },
      members: row.members,
      averageFen: row.average_fen === null || fields.money === 'hidden' ? null : toFenText(row.average_fen),
      tier: row.tier === null ? null : names(row.tier),
    })),
    next: rows.length > limit && last ? encodeCursor([last.householdNo]) : null,
  }
}

function seen(behind: string, today: Day, most: number): RawBuilder<unknown> {
  return sql`select household_id, household_no from strata.households_seen(${behind}, ${today}::date, ${most}::int)`
}

/** By the beginning of the number, or by whatever finds a member. */
async function searched(
  trx: Trx,
  context: ListContext | null,
  { q, behind, today }: { q: string; behind: string; today: Day },
): Promise<RawBuilder<unknown>> {
  const byNumber = sql`select h.id as household_id, h.household_no from strata.find_households(${q}, ${today}::date, 500) s
    join household h on h.household_no = s.household_no where h.household_no > ${behind}`
  if (context === null) return byNumber
  const { text } = await conditions(trx, context, { q })
  return sql`${byNumber} union
    select h.id, h.household_no from night_customer n
      join household_member m on m.party_id = n.party_id and m.from_day <= ${today} and m.to_day > ${today}
      join household h on h.id = m.household_id
    where n.night_id = ${sql.lit(context.night.id)} and ${text} and h.household_no > ${behind}`
}

function numberOf(cursor: string): string {
  const [no, ...rest] = decodeCursor(cursor)
  return typeof no === 'string' && rest.length === 0 ? no : refuse('cursor_invalid')
}
