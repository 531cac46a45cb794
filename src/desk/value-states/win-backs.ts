/** Customers to win back (赢回名单): the list by due day or by what was lost, and how each ended. */
import { type RawBuilder, sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import { toFenText } from '../../contract/common.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import type { FieldRights } from '../../contract/permission.ts'
import type { closeWinBack, listWinBacks } from '../../contract/value-states.ts'
import type { Trx } from '../../db/database.ts'
import { present } from '../../kit/assert.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { shownName } from '../customers/figures.ts'
import { mustNotHide } from '../customers/filters.ts'
import { subtree } from '../nights/current.ts'
import { bumpDesk } from '../nights/store.ts'
import { type Current, enter, type Mover } from './store.ts'
import { type Position, reasonRefusal } from './value-states.ts'

type WinBack = Output<typeof closeWinBack>

interface WinBackRow {
  id: bigint
  customer_no: string
  kind: 'person' | 'company'
  name: string
  unit_code: string
  unit_name: string
  rm_code: string | null
  rm_name: string | null
  reason: WinBack['reason']
  former_average_fen: bigint
  opened_on: Day
  due_on: Day
  outcome: WinBack['outcome']
  closed_on: Day | null
  closed_by: string | null
  note: string | null
}

const columns = sql`w.id, p.customer_no, p.kind, p.name, u.code as unit_code, u.name as unit_name, s.code as rm_code,
  s.name as rm_name, w.reason, w.former_average_fen, w.opened_on, w.due_on, w.outcome, w.closed_on,
  l.display_name as closed_by, w.note`
const joins = sql`win_back w join party p on p.id = w.party_id join unit u on u.id = p.unit_id
  left join staff s on s.id = p.rm_id left join login l on w.closed_by = 'login:' || l.id`

type ListAsked = Checked<typeof listWinBacks>['query']

/** One page, only customers that the scope sees. Refuses cursor_invalid, field_hidden, not_found for an unknown unit. */
export async function winBacks(
  trx: Trx,
  asked: ListAsked,
  { fields, today }: { fields: FieldRights; today: Day },
): Promise<Output<typeof listWinBacks>> {
  if (asked.sort === 'former') mustNotHide(fields)
  const where = await conditions(trx, asked, today)
  const by = asked.sort === 'due' ? sql`w.due_on` : sql`w.former_average_fen`
  const after = placeOf(asked)
  const direction = sql.raw(asked.dir)
  const beyond = after
    ? sql`(${by}, w.id) ${sql.raw(asked.dir === 'asc' ? '>' : '<')} (${after.value}, ${after.id}::bigint)`
    : sql`true`
  const { rows } = await sql<WinBackRow>`select ${columns} from ${joins} where ${where} and ${beyond}
    order by ${by} ${direction}, w.id ${direction} limit ${asked.limit + 1}`.execute(trx)
  const total = await sql<{ total: bigint }>`select count(*) as total from win_back w join party p on p.id = w.party_id
    where ${where}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  const value = last && (asked.sort === 'due' ? last.due_on : String(last.former_average_fen))
  return {
    rows: shown.map((row) => asWinBack(row, fields, today)),
    next: rows.length > asked.limit && last ? encodeCursor([asked.sort, value ?? '', String(last.id)]) : null,
    total: Number(total.rows[0]?.total ?? 0n),
  }
}

function placeOf({ cursor, sort }: ListAsked): { value: RawBuilder<unknown>; id: string } | null {
  if (cursor === undefined) return null
  const [of, value, id, ...rest] = decodeCursor(cursor)
  const shape = sort === 'due' ? /^\d{4}-\d\d-\d\d$/ : /^-?\d{1,18}$/
  const right = of === sort && rest.length === 0 && typeof value === 'string' && shape.test(value)
  if (!right || typeof id !== 'string' || !/^\d{1,18}$/.test(id)) refuse('cursor_invalid')
  return { value: sort === 'due' ? sql`${value}::date` : sql`${value}::bigint`, id }
}

async function conditions(trx: Trx, asked: ListAsked, today: Day): Promise<RawBuilder<unknown>> {
  const all = [asked.outcome === 'open' ? sql`w.outcome is null` : sql`w.outcome = ${sql.lit(asked.outcome)}`]
  if (asked.reason) all.push(sql`w.reason = ${sql.lit(asked.reason)}`)
  if (asked.overdue) all.push(sql`(w.outcome is null and w.due_on < ${today}) = ${sql.lit(asked.overdue === 'true')}`)
  if (asked.unit) all.push(sql`p.unit_id = any(${await subtree(trx, asked.unit)}::int[])`)
  return sql.join(all, sql` and `)
}

function asWinBack(row: WinBackRow, fields: FieldRights, today: Day): WinBack {
  return {
    id: String(row.id),
    customerNo: row.customer_no,
    name: shownName(row.kind, row.name, fields.name),
    unit: { code: row.unit_code, name: row.unit_name },
    rm: row.rm_code === null ? null : { code: row.rm_code, name: row.rm_name ?? '' },
    reason: row.reason,
    formerAverageFen: fields.money === 'hidden' ? null : toFenText(row.former_average_fen),
    openedOn: row.opened_on,
    dueOn: row.due_on,
    overdue: row.outcome === null && row.due_on < today,
    outcome: row.outcome,
    closedOn: row.closed_on,
    closedBy: row.closed_by,
    note: row.note,
  }
}

interface OpenRow extends Position {
  party_id: bigint
  customer_no: string
  outcome: WinBack['outcome']
  entry_id: bigint
  since: Day
}

/**
 * Says how it ended, and moves the customer accordingly: back with us, lost for good, or lost as before. Refuses not_found
 * (also outside the scope), win_back_closed, loss_reason_missing, loss_reason_unfit.
 */
export async function endWinBack(
  trx: Trx,
  id: number,
  asked: Checked<typeof closeWinBack>['body'],
  mover: Mover & { fields: FieldRights },
): Promise<WinBack> {
  const { rows } = await sql<OpenRow>`select w.party_id, p.customer_no, w.outcome, v.entry_id, v.state, v.stage, v.since
    from win_back w join party p on p.id = w.party_id join value_now v on v.party_id = w.party_id
    where w.id = ${id} for update of w`.execute(trx)
  const row = rows[0] ?? refuse('not_found', { what: `win-back ${id}`, whatZh: `赢回事项 ${id}` })
  if (row.outcome !== null) refuse('win_back_closed')
  const refused = reasonRefusal(asked.outcome === 'permanentlyLost', asked.reason)
  if (refused) refuse(refused)
  await sql`update win_back set outcome = ${asked.outcome}, closed_on = ${mover.today}, closed_by = ${`login:${mover.loginId}`},
    note = ${asked.note ?? null} where id = ${id}`.execute(trx)
  const current: Current = { entryId: String(row.entry_id), state: row.state, stage: row.stage, since: row.since }
  const to = positionAfter(asked.outcome, current)
  if (to) {
    const { reason, note } = asked
    const entered = { to, fromDay: mover.today, reason, note, source: 'person' as const }
    await enter(trx, [{ partyId: row.party_id, current }], entered, mover)
  }
  await bumpDesk(trx)
  await audit(trx, {
    who: mover.who,
    action: 'closeWinBack',
    noun: 'winBack',
    nounId: String(id),
    partyId: row.party_id,
    before: { outcome: null, state: current.state, stage: current.stage },
    after: { outcome: asked.outcome, reason: asked.reason, ...(to ?? {}) },
    reason: asked.note ?? null,
    address: mover.address,
  })
  const closed = await sql<WinBackRow>`select ${columns} from ${joins} where w.id = ${id}`.execute(trx)
  return asWinBack(present(closed.rows[0], 'the win-back just closed'), mover.fields, mover.today)
}

/** Null where the customer stays: an open win-back is of somebody who is lost, with or without being courted. */
function positionAfter(outcome: NonNullable<WinBack['outcome']>, current: Position): Position | null {
  if (outcome === 'back') return { state: 'actual', stage: 'winBack' }
  if (outcome === 'permanentlyLost') return { state: 'permanentlyLost', stage: 'break' }
  return current.stage === 'winBack' ? { state: 'lost', stage: 'break' } : null
}
