/**
 * The list of customers as of one night: filters, orders, pages. List, count and export are built from the same
 * conditions, so they always speak of the same customers; which of them the session sees is decided by the scope of
 * the transaction.
 */
import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { Keys } from '../../access/keys.ts'
import type { CustomerFilter, customerSorts } from '../../contract/customer-filter.ts'
import type { CustomerRow } from '../../contract/customers.ts'
import type { FieldRights } from '../../contract/permission.ts'
import { runIn } from '../../db/connection.ts'
import { inUnits, type Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { ofScheme, subtree } from '../nights/current.ts'
import { asCustomerRow, figureColumns, figureJoins, type StoredRow } from './figures.ts'
import { type Conditions, conditions, type ListContext, mustNotHide } from './filters.ts'

export type CustomerSort = (typeof customerSorts)[number]

export interface ListAsked {
  filter: CustomerFilter
  sort: CustomerSort
  dir: 'asc' | 'desc'
}

/** Columns and types of each order; ties are broken by party_id. Each is an index of a night's partition. */
const sortColumns: Record<CustomerSort, [column: keyof StoredRow, type: 'bigint' | 'text' | 'smallint'][]> = {
  average: [['average_fen', 'bigint']],
  name: [['name', 'text']],
  customerNo: [['customer_no', 'text']],
  toNext: [['to_next_fen', 'bigint']],
  aum: [['aum_fen', 'bigint']],
  tier: [
    ['qualified_tier', 'smallint'],
    ['average_fen', 'bigint'],
  ],
}

/** Orders that tell amounts, if only by who comes first. */
const moneySorts: ReadonlySet<CustomerSort> = new Set(['average', 'toNext', 'aum', 'tier'])

/** The order of a list that names none: by average, where it may be read. */
export function usualSort({ money }: FieldRights): CustomerSort {
  return money === 'hidden' ? 'customerNo' : 'average'
}

/** Refuses field_hidden for an order that would tell amounts which are not shown. */
export function mustOrderBy(sort: CustomerSort, fields: FieldRights): void {
  if (moneySorts.has(sort)) mustNotHide(fields)
}

/** Where a page ended: the values of the order, null where it has none, and the party. */
interface Place {
  values: string[] | null
  party: string
}

function valuesOf(row: StoredRow, sort: CustomerSort): Place['values'] {
  const values = sortColumns[sort].map(([column]) => row[column])
  return values[0] === null ? null : values.map(String)
}

/** One page. `limit` rows at most; `next` is null at the end. Refuses cursor_invalid. */
export async function listCustomers(
  trx: Trx,
  context: ListContext,
  asked: ListAsked & { limit: number; cursor: string | undefined },
): Promise<{ rows: CustomerRow[]; next: string | null }> {
  const question = questionOf(asked)
  const after =
    asked.cursor === undefined
      ? null
      : positionOf(openCursor(context.keys, asked.cursor), context.night.id, question, asked.sort)
  mustOrderBy(asked.sort, context.fields)
  const where = await conditions(trx, context, asked.filter)
  const rows = await page(trx, context.night.id, asked, where, after, asked.limit + 1)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  const next =
    rows.length > asked.limit && last
      ? sealCursor(context.keys, [context.night.id, question, last.party_id, ...(valuesOf(last, asked.sort) ?? [])])
      : null
  return { rows: shown.map((row) => asCustomerRow(row, context.names, context.fields)), next }
}

/** The night that a cursor belongs to, so that later pages stay on it when another is published meanwhile. */
export function nightOfCursor(keys: Keys, cursor: string): number {
  const [night] = openCursor(keys, cursor)
  return typeof night === 'number' && Number.isSafeInteger(night) && night > 0 ? night : refuse('cursor_invalid')
}

/** Every row, in order, `batch` at a time: for exports. */
export async function* eachCustomer(
  trx: Trx,
  context: ListContext,
  asked: ListAsked,
  batch = 2000,
): AsyncGenerator<CustomerRow[]> {
  mustOrderBy(asked.sort, context.fields)
  const where = await conditions(trx, context, asked.filter)
  let after: Place | null = null
  for (;;) {
    const rows = await page(trx, context.night.id, asked, where, after, batch)
    if (rows.length > 0) yield rows.map((row) => asCustomerRow(row, context.names, context.fields))
    const last = rows.at(-1)
    if (rows.length < batch || !last) return
    after = { values: valuesOf(last, asked.sort), party: last.party_id }
  }
}

export interface Counted {
  tier: number
  kind: 'person' | 'company'
  customers: bigint
  assets_fen: string
  average_fen: string
}

/**
 * Customers and sums per qualified tier and kind of customer, under the same filters. What the night counted by unit, kind and tier is added
 * up where that is all that is asked, so that the totals of a million customers need no million rows.
 */
export async function countCustomers(trx: Trx, context: ListContext, filter: CustomerFilter): Promise<Counted[]> {
  const { scope } = context
  const byUnit = scope.book === null && scope.granted.length === 0
  if (byUnit && Object.entries(filter).every(([key, value]) => value === undefined || counted.has(key))) {
    return countOfNight(trx, context, filter)
  }
  const where = await conditions(trx, context, filter)
  const { rows } = await sql<Counted>`select n.qualified_tier::int as tier, n.kind, count(*) as customers,
      sum(n.aum_fen)::numeric(38, 0) as assets_fen, sum(n.average_fen)::numeric(38, 0) as average_fen
    from night_customer n where n.night_id = ${context.night.id} and ${where.text}
    group by n.qualified_tier, n.kind order by n.qualified_tier desc, n.kind desc`.execute(trx)
  return rows
}

const counted = new Set(['tier', 'unit', 'kind'])

async function countOfNight(trx: Trx, context: ListContext, filter: CustomerFilter): Promise<Counted[]> {
  const all = [sql`night_id = ${context.night.id}`]
  all.push(inUnits(context.scope.units))
  if (filter.unit) all.push(sql`unit_id = any(${await subtree(trx, filter.unit)}::int[])`)
  if (filter.kind) all.push(sql`kind = ${filter.kind}`)
  if (filter.tier) {
    all.push(sql`tier = any(${filter.tier.split(',').map(Number)}::smallint[])`, ofScheme(context.policy, 'kind'))
  }
  const { rows } = await sql<Counted>`select tier::int as tier, kind, sum(customers)::bigint as customers,
      sum(assets_fen)::numeric(38, 0) as assets_fen, sum(average_fen)::numeric(38, 0) as average_fen
    from night_count where ${sql.join(all, sql` and `)} group by tier, kind order by tier desc, kind desc`.execute(trx)
  return rows
}

async function page(
  trx: Trx,
  night: number,
  asked: ListAsked,
  where: Conditions,
  after: Place | null,
  limit: number,
): Promise<StoredRow[]> {
  const order = sortColumns[asked.sort]
  const direction = sql.raw(asked.dir)
  const beyond = sql.raw(asked.dir === 'asc' ? '>' : '<')
  const sorted = order.map(([column]) => sql.ref(`n.${column}`))
  const first = sorted[0] ?? sql`n.party_id`
  // Names of units and households are looked up for the rows of the page alone, not for all that are sorted.
  const read = (place: RawBuilder<unknown>, by: RawBuilder<unknown>, most: number) => {
    const within = sql`night_customer n where n.night_id = ${sql.lit(night)}`
    const found = (columns: RawBuilder<unknown>) => sql`select ${columns} from ${within} and ${where.text} and ${place}
        order by ${by} limit ${sql.lit(most)}`
    // The index by name holds what is mostly filtered by, so that thousands of rows are passed by without being read.
    const rows =
      asked.sort === 'name' && where.narrow
        ? sql`(${found(sql`n.party_id`)}) k cross join lateral (select n.* from ${within} and n.party_id = k.party_id limit 1) n`
        : sql`(${found(sql`n.*`)}) n`
    const statement = sql<StoredRow>`select ${figureColumns} from ${rows} ${figureJoins} order by ${by}`
    return runIn(trx, { planned: where.planned, int8AsText: true }, statement)
  }
  const nullable = asked.sort === 'toNext'
  const rows: StoredRow[] = []
  if (after?.values !== null) {
    const from = after ? sql`(${sql.join(sorted)}, n.party_id) ${beyond} (${placeOf(order, after)})` : sql`true`
    const known = nullable ? sql`${first} is not null and ${from}` : from
    const by = sql.join([...sorted, sql`n.party_id`].map((column) => sql`${column} ${direction}`))
    rows.push(...(await read(known, by, limit)))
  }
  // Those without a value come last, a run of their own.
  if (nullable && rows.length < limit) {
    const from = after?.values === null ? sql`n.party_id ${beyond} ${after.party}::bigint` : sql`true`
    rows.push(...(await read(sql`${first} is null and ${from}`, sql`n.party_id ${direction}`, limit - rows.length)))
  }
  return rows
}

// A comparison of whole rows is what the index on the same columns serves.
function placeOf(order: (typeof sortColumns)[CustomerSort], { values, party }: Place): RawBuilder<unknown> {
  const typed = order.map(([, type], index) => {
    const collate = type === 'text' ? sql` collate "C"` : sql``
    return sql`${values?.[index] ?? null}::${sql.raw(type)}${collate}`
  })
  return sql.join([...typed, sql`${party}::bigint`])
}

/** The same question gives the same text: a cursor is refused under another. */
function questionOf(asked: ListAsked): string {
  const filter = Object.entries(asked.filter)
    .filter(([key, value]) => key in filterKeys && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([asked.sort, asked.dir, filter]))
    .digest('base64url')
    .slice(0, 12)
}
const filterKeys: Record<keyof CustomerFilter, true> = {
  tier: true,
  inForce: true,
  unit: true,
  rm: true,
  path: true,
  near: true,
  minFen: true,
  maxFen: true,
  kind: true,
  q: true,
  notice: true,
  confidenceBelow: true,
  state: true,
  stage: true,
  tag: true,
}

function positionOf(position: unknown[], night: number, question: string, sort: CustomerSort): Place {
  const [ofNight, ofQuestion, party, ...values] = position
  const texts = values.filter((value) => typeof value === 'string')
  const order = sortColumns[sort]
  const right =
    ofNight === night &&
    ofQuestion === question &&
    typeof party === 'string' &&
    /^\d{1,18}$/.test(party) &&
    texts.length === values.length &&
    (values.length === 0 ? sort === 'toNext' : values.length === order.length) &&
    order.every(([, type], i) => type === 'text' || texts[i] === undefined || /^-?\d{1,18}$/.test(texts[i]))
  if (!right) refuse('cursor_invalid')
  return { values: texts.length === 0 ? null : texts, party }
}
