/** Papers that expire, as work to do; and how often a held one was used instead of asking for it again. */
import { type RawBuilder, sql } from 'kysely'
import { fieldsOf } from '../../access/fields.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import type { listExpiringPapers, listPaperReuses } from '../../contract/papers.ts'
import type { Trx } from '../../db/database.ts'
import { addDays, addMonths, type Day, daysBetween, isDay, monthEnd, monthStart } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { decodeCursor, encodeCursor, pairOfCursor } from '../cursor.ts'
import { shownName } from '../customers/figures.ts'
import { subtree } from '../nights/current.ts'
import { type AtWork, standBy } from './places.ts'
import { stateNow } from './read.ts'

interface ExpiringRow {
  id: bigint
  customer_no: string
  party_kind: 'person' | 'company'
  name: string
  unit_code: string
  unit_name: string
  rm_code: string | null
  rm_name: string | null
  kind: string
  zh: string
  en: string
  valid_from: Day | null
  valid_until: Day
  withdrawn_at: Date | null
  held_code: string
  held_name: string
}

const expiringFrom = sql`paper p join party c on c.id = p.party_id`
// One of a kind that was taken since does its work, and closes this one as done.
const isToDo = sql`p.withdrawn_at is null and p.valid_until is not null and c.erased_at is null
  and c.closed_on is null and not exists (select from paper newer where newer.party_id = p.party_id
    and newer.kind = p.kind and newer.id > p.id and newer.withdrawn_at is null)`

/** One page, soonest first, of customers that the scope sees. Refuses cursor_invalid, not_found for an unknown unit. */
export async function expiringPapers(
  trx: Trx,
  asked: Checked<typeof listExpiringPapers>['query'],
  work: AtWork,
): Promise<Output<typeof listExpiringPapers>> {
  const today = work.clock.today()
  const last = asked.within === 'expired' ? addDays(today, -1) : addDays(today, Number(asked.within))
  const all = [isToDo, sql`p.valid_until <= ${last}`]
  if (asked.kind) all.push(sql`p.kind = ${asked.kind}`)
  if (asked.unit) all.push(sql`c.unit_id = any(${await subtree(trx, asked.unit)}::int[])`)
  const where = sql.join(all, sql` and `)
  const { rows } = await sql<ExpiringRow>`select p.id, c.customer_no, c.kind as party_kind, c.name, u.code as unit_code,
      u.name as unit_name, s.code as rm_code, s.name as rm_name, p.kind, k.name_zh as zh, k.name_en as en, p.valid_from,
      p.valid_until, p.withdrawn_at, h.code as held_code, h.name as held_name
    from ${expiringFrom} join unit u on u.id = c.unit_id join unit h on h.id = p.unit_id
    join paper_kind k on k.code = p.kind left join staff s on s.id = c.rm_id
    where ${where} and ${after(asked.cursor)} order by p.valid_until, p.id limit ${asked.limit + 1}`.execute(trx)
  const total = await sql<{ total: bigint }>`select count(*) as total from ${expiringFrom} where ${where}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const end = shown.at(-1)
  const { name } = fieldsOf(work.session)
  return {
    rows: shown.map((row) => ({
      id: String(row.id),
      customerNo: row.customer_no,
      name: shownName(row.party_kind, row.name, name),
      unit: { code: row.unit_code, name: row.unit_name },
      rm: row.rm_code === null ? null : { code: row.rm_code, name: row.rm_name ?? '' },
      kind: { code: row.kind, zh: row.zh, en: row.en },
      state: stateNow(row, work),
      validUntil: row.valid_until,
      daysLeft: daysBetween(today, row.valid_until),
      heldAt: { code: row.held_code, name: row.held_name },
    })),
    next: rows.length > asked.limit && end ? encodeCursor([end.valid_until, Number(end.id)]) : null,
    total: Number(total.rows[0]?.total ?? 0n),
  }
}

function after(cursor: string | undefined): RawBuilder<unknown> {
  const place = pairOfCursor(cursor)
  if (place === null) return sql`true`
  if (!isDay(place.value)) refuse('cursor_invalid')
  return sql`(p.valid_until, p.id) > (${place.value}::date, ${place.id}::bigint)`
}

/** One page by month and unit, of the units at or below which papers.read is held. Refuses cursor_invalid, not_found. */
export async function reuses(
  trx: Trx,
  asked: Checked<typeof listPaperReuses>['query'],
  work: AtWork,
): Promise<Output<typeof listPaperReuses>> {
  await standBy(trx, work, 'papers.read')
  const to = asked.to === undefined ? work.clock.today() : monthEnd(`${asked.to}-01` as Day)
  const from = asked.from === undefined ? addMonths(monthStart(to), -11) : (`${asked.from}-01` as Day)
  const all = [sql`r.day between ${from} and ${to} and strata.stands_over(r.unit_id)`]
  if (asked.unit) all.push(sql`r.unit_id = any(${await subtree(trx, asked.unit)}::int[])`)
  const where = sql.join(all, sql` and `)
  const place = placeOf(asked.cursor)
  const beyond = place ? sql`(month < ${place[0]} or (month = ${place[0]} and code > ${place[1]}))` : sql`true`
  const { rows } = await sql<{ month: string; code: string; name: string; reuses: bigint; papers: bigint }>`
    select * from (select to_char(r.day, 'YYYY-MM') as month, u.code, u.name, count(*) as reuses,
        count(distinct r.paper_id) as papers
      from paper_reuse r join unit u on u.id = r.unit_id where ${where} group by 1, u.code, u.name) counted
    where ${beyond} order by month desc, code limit ${asked.limit + 1}`.execute(trx)
  const total = await sql<{ total: bigint }>`select count(*) as total from paper_reuse r where ${where}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const end = shown.at(-1)
  return {
    rows: shown.map((row) => ({
      month: row.month,
      unit: { code: row.code, name: row.name },
      reuses: Number(row.reuses),
      papers: Number(row.papers),
    })),
    next: rows.length > asked.limit && end ? encodeCursor([end.month, end.code]) : null,
    total: Number(total.rows[0]?.total ?? 0n),
  }
}

function placeOf(cursor: string | undefined): [month: string, unit: string] | null {
  if (cursor === undefined) return null
  const [month, unit, ...rest] = decodeCursor(cursor)
  const isRight = rest.length === 0 && typeof month === 'string' && typeof unit === 'string'
  return isRight && /^\d{4}-\d\d$/.test(month) ? [month, unit] : refuse('cursor_invalid')
}
