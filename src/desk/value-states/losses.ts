/** Losses by month, unit at that time and reason: how many customers, and their average assets before. */
import { type RawBuilder, sql } from 'kysely'
import { type FenText, toFenText } from '../../contract/common.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import type { FieldRights } from '../../contract/permission.ts'
import type { exportLosses, listLosses } from '../../contract/value-states.ts'
import type { Trx } from '../../db/database.ts'
import { addMonths, type Day, monthEnd, monthStart } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { subtree } from '../nights/current.ts'

type Loss = Output<typeof listLosses>['rows'][number]
type Filter = Omit<Checked<typeof exportLosses>['query'], 'language'>

interface LossRow {
  month: string
  unit_code: string
  unit_name: string
  reason: Loss['reason']
  customers: bigint
  former: string
}

export interface LossContext {
  fields: FieldRights
  today: Day
}

/** Above it the months are to be parted. */
const exportRowsMax = 100_000

/** One page, newest month first, of customers that the scope sees. Refuses cursor_invalid, not_found for an unknown unit. */
export async function losses(
  trx: Trx,
  asked: Checked<typeof listLosses>['query'],
  context: LossContext,
): Promise<Output<typeof listLosses>> {
  const where = await conditions(trx, asked, context.today)
  const rows = await grouped(trx, where, { after: placeOf(asked.cursor), limit: asked.limit + 1 })
  const { rows: sums } = await sql<{ total: bigint; former: string }>`select count(*) as total,
      coalesce(sum(v.former_average_fen), 0)::numeric(38, 0) as former
    from value_state v where ${where}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => asLoss(row, context.fields)),
    next: rows.length > asked.limit && last ? encodeCursor([last.month, last.unit_code, last.reason]) : null,
    total: Number(sums[0]?.total ?? 0n),
    formerAverageFen: shownFen(sums[0]?.former ?? '0', context.fields),
  }
}

/** All of them, for a file. Refuses export_too_large. */
export async function allLosses(trx: Trx, asked: Filter, context: LossContext): Promise<Loss[]> {
  const where = await conditions(trx, asked, context.today)
  const rows = await grouped(trx, where, { after: null, limit: exportRowsMax + 1 })
  if (rows.length > exportRowsMax) refuse('export_too_large', { rows: rows.length, limit: exportRowsMax })
  return rows.map((row) => asLoss(row, context.fields))
}

async function grouped(
  trx: Trx,
  where: RawBuilder<unknown>,
  { after, limit }: { after: [string, string, string] | null; limit: number },
): Promise<LossRow[]> {
  const beyond = after
    ? sql`month < ${after[0]} or (month = ${after[0]} and (unit_code, reason) > (${after[1]}, ${after[2]} collate "C"))`
    : sql`true`
  const { rows } =
    await sql<LossRow>`select * from (select to_char(v.from_day, 'YYYY-MM') as month, u.code as unit_code,
        u.name as unit_name, v.reason collate "C" as reason, count(*) as customers,
        sum(v.former_average_fen)::numeric(38, 0) as former
      from value_state v join unit u on u.id = v.unit_id where ${where} group by 1, u.code, u.name, 4) lost
    where ${beyond} order by month desc, unit_code, reason limit ${limit}`.execute(trx)
  return rows
}

async function conditions(trx: Trx, asked: Filter, today: Day): Promise<RawBuilder<unknown>> {
  const to = asked.to === undefined ? today : monthEnd(`${asked.to}-01` as Day)
  const from = asked.from === undefined ? addMonths(monthStart(to), -11) : (`${asked.from}-01` as Day)
  const all = [sql`v.is_loss and v.from_day between ${from} and ${to}`]
  if (asked.reason) all.push(sql`v.reason = ${sql.lit(asked.reason)}`)
  if (asked.unit) all.push(sql`v.unit_id = any(${await subtree(trx, asked.unit)}::int[])`)
  return sql.join(all, sql` and `)
}

function placeOf(cursor: string | undefined): [string, string, string] | null {
  if (cursor === undefined) return null
  const place = decodeCursor(cursor)
  const [month, unit, reason] = place
  const right =
    place.length === 3 && typeof month === 'string' && typeof unit === 'string' && typeof reason === 'string'
  return right && /^\d{4}-\d\d$/.test(month) ? [month, unit, reason] : refuse('cursor_invalid')
}

function asLoss(row: LossRow, fields: FieldRights): Loss {
  return {
    month: row.month,
    unit: { code: row.unit_code, name: row.unit_name },
    reason: row.reason,
    customers: Number(row.customers),
    formerAverageFen: shownFen(row.former, fields),
  }
}

function shownFen(fen: string, { money }: FieldRights): FenText | null {
  return money === 'hidden' ? null : toFenText(fen)
}
