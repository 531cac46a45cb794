/**
 * The list of customers as of one night: filters, orders, pages. List, count and export are built from the same
 * conditions, so they always speak of the same customers; which of them the session sees is decided by the scope of
 * the transaction.
 */
import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { mask } from '../../access/show.ts'
import { toFenText } from '../../contract/common.ts'
import type { CustomerFilter, CustomerRow, customerSorts } from '../../contract/customers.ts'
import { runIn } from '../../db/connection.ts'
import type { Scope, Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Policy } from '../../tiers/policy.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { type NightPointer, ofScheme, subtree, type TierNames } from '../nights/current.ts'
import { type FindKeys, searchCondition } from './search.ts'

export type CustomerSort = (typeof customerSorts)[number]

export interface ListAsked {
  filter: CustomerFilter
  sort: CustomerSort
  dir: 'asc' | 'desc'
}

export interface ListContext {
  night: NightPointer
  policy: Policy
  names: TierNames
  keys: FindKeys
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
  const after = asked.cursor === undefined ? null : positionOf(asked.cursor, context.night.id, question, asked.sort)
  const where = await conditions(trx, context, asked.filter)
  const rows = await page(trx, context.night.id, asked, where, after, asked.limit + 1)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  const next =
    rows.length > asked.limit && last
      ? encodeCursor([context.night.id, question, last.party_id, ...(valuesOf(last, asked.sort) ?? [])])
      : null
  return { rows: shown.map((row) => asCustomerRow(row, context.names)), next }
}

/** The night that a cursor belongs to, so that later pages stay on it when another is published meanwhile. */
export function nightOfCursor(cursor: string): number {
  const [night] = decodeCursor(cursor)
  return typeof night === 'number' && Number.isSafeInteger(night) && night > 0 ? night : refuse('cursor_invalid')
}

/** Every row, in order, `batch` at a time: for exports. */
export async function* eachCustomer(
  trx: Trx,
  context: ListContext,
  asked: ListAsked,
  batch = 2000,
): AsyncGenerator<CustomerRow[]> {
  const where = await conditions(trx, context, asked.filter)
  let after: Place | null = null
  for (;;) {
    const rows = await page(trx, context.night.id, asked, where, after, batch)
    if (rows.length > 0) yield rows.map((row) => asCustomerRow(row, context.names))
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
export async function countCustomers(
  trx: Trx,
  context: ListContext,
  filter: CustomerFilter,
  scope: Pick<Scope, 'units' | 'book'>,
): Promise<Counted[]> {
  if (scope.book === null && Object.entries(filter).every(([key, value]) => value === undefined || counted.has(key))) {
    return countOfNight(trx, context, filter, scope.units)
  }
  const where = await conditions(trx, context, filter)
  const { rows } = await sql<Counted>`select n.qualified_tier::int as tier, n.kind, count(*) as customers,
      sum(n.aum_fen)::numeric(38, 0) as assets_fen, sum(n.average_fen)::numeric(38, 0) as average_fen
    from night_customer n where n.night_id = ${context.night.id} and ${where.text}
    group by n.qualified_tier, n.kind order by n.qualified_tier desc, n.kind desc`.execute(trx)
  return rows
}

const counted = new Set(['tier', 'unit', 'kind'])

async function countOfNight(
  trx: Trx,
  context: ListContext,
  filter: CustomerFilter,
  units: Scope['units'],
): Promise<Counted[]> {
  const all = [sql`night_id = ${context.night.id}`]
  if (units !== 'all') all.push(sql`unit_id = any(${[...units]}::int[])`)
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

/** The row of a night about one party, to be read within another statement. */
export function figuresOf(nightId: number, partyId: RawBuilder<unknown>): RawBuilder<StoredRow> {
  return sql<StoredRow>`select ${columns} from night_customer n ${joins}
    where n.night_id = ${sql.lit(nightId)} and n.party_id = ${partyId}`
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
    const statement = sql<StoredRow>`select ${columns} from (select n.* from night_customer n where n.night_id = ${sql.lit(night)} and ${where.text} and ${place}
        order by ${by} limit ${sql.lit(most)}) n ${joins} order by ${by}`
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

/** Of a page: which rows, and whether the text alone decides how they are best found. */
interface Conditions {
  text: RawBuilder<unknown>
  planned: boolean
}

/** Filters by which no plan is kept: how many rows they let through differs too much from one value to the next. */
const unplanned = ['unit', 'rm', 'minFen', 'maxFen', 'q'] as const satisfies (keyof CustomerFilter)[]

// What has few values stands in the text as it is, so that each value has its own plan.
async function conditions(trx: Trx, context: ListContext, filter: CustomerFilter): Promise<Conditions> {
  const all: RawBuilder<unknown>[] = []
  // One value alone leaves the rows in the order of an index that begins with it; "any" of one does not.
  const oneOf = (list: readonly string[], type: 'smallint' | 'int') =>
    list.length === 1
      ? sql`${sql.lit(list[0])}::${sql.raw(type)}`
      : sql`any(${sql.lit(`{${list}}`)}::${sql.raw(type)}[])`
  // Who stands outside the scheme has no tier of it, not even "none".
  if (filter.tier || filter.inForce) all.push(ofScheme(context.policy, 'n.kind'))
  if (filter.tier) all.push(sql`n.qualified_tier = ${oneOf(filter.tier.split(','), 'smallint')}`)
  if (filter.inForce)
    all.push(sql`coalesce(n.tier_in_force, 0::smallint) = ${oneOf(filter.inForce.split(','), 'smallint')}`)
  if (filter.unit) all.push(sql`n.unit_id = ${oneOf((await subtree(trx, filter.unit)).map(String), 'int')}`)
  if (filter.rm) all.push(sql`n.rm_id = (select id from staff where code = ${filter.rm})`)
  if (filter.path) all.push(sql`n.path = ${sql.lit(filter.path)}`)
  if (filter.near !== undefined) all.push(nearLine(context.policy, filter.near))
  if (filter.minFen !== undefined) all.push(sql`n.average_fen >= ${filter.minFen}::bigint`)
  if (filter.maxFen !== undefined) all.push(sql`n.average_fen <= ${filter.maxFen}::bigint`)
  if (filter.kind) all.push(sql`n.kind = ${sql.lit(filter.kind)}`)
  if (filter.q) all.push(searchCondition(filter.q, context.keys))
  if (filter.notice === 'true') all.push(sql`n.notice_count > 0`)
  if (filter.notice === 'false') all.push(sql`n.notice_count = 0`)
  if (filter.confidenceBelow !== undefined)
    all.push(sql`n.confidence < 100 and n.confidence < ${sql.lit(filter.confidenceBelow)}::smallint`)
  return {
    text: all.length === 0 ? sql`true` : sql.join(all, sql` and `),
    planned: unplanned.every((key) => filter[key] === undefined),
  }
}

/** Lacks at most `percent` of the bar of the next tier that has one. */
function nearLine(policy: Policy, percent: number): RawBuilder<unknown> {
  const cases = policy.tiers
    .filter((tier) => tier.individual !== null)
    .map((tier) => {
      const most = ((tier.individual ?? 0n) * BigInt(percent)) / 100n
      const below = sql`n.qualified_tier = ${sql.lit(tier.ordinal - 1)}::smallint`
      return sql`(${below} and n.to_next_fen <= ${sql.lit(String(most))}::bigint)`
    })
  return cases.length === 0 ? sql`false` : sql`(${sql.join(cases, sql` or `)})`
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
}

function positionOf(cursor: string, night: number, question: string, sort: CustomerSort): Place {
  const [ofNight, ofQuestion, party, ...values] = decodeCursor(cursor)
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

/** What `figuresOf` and a page of the list read, amounts as text. */
export interface StoredRow {
  party_id: string
  customer_no: string
  kind: 'person' | 'company'
  name: string
  unit_code: string
  unit_name: string
  rm_code: string | null
  rm_name: string | null
  qualified_tier: number
  tier_in_force: number | null
  path: CustomerRow['path']
  average_fen: string
  sum_fen: string
  days: number
  household_no: string | null
  household_average_fen: string | null
  household_members: number | null
  to_next_fen: string | null
  to_keep_fen: string | null
  aum_fen: string
  deposit_fen: string
  wealth_fen: string
  fund_fen: string
  insurance_fen: string
  bond_fen: string
  metal_fen: string
  securities_fen: string
  transit_fen: string
  foreign_fen: string
  overdraft_fen: string
  average_before_fen: string
  recency_days: number | null
  frequency: number
  monetary_fen: string
  r_score: number | null
  f_score: number | null
  m_score: number | null
  first_activity_on: string | null
  last_activity_on: string | null
  confidence: number
  gaps: string[]
  notice_count: number
}

const columns = sql`n.party_id, n.customer_no, n.kind, n.name, u.code as unit_code, u.name as unit_name,
  s.code as rm_code, s.name as rm_name, n.qualified_tier, n.tier_in_force, n.path, n.average_fen, n.sum_fen, n.days,
  h.household_no, n.household_average_fen, n.household_members, n.to_next_fen, n.to_keep_fen, n.aum_fen, n.deposit_fen,
  n.wealth_fen, n.fund_fen, n.insurance_fen, n.bond_fen, n.metal_fen, n.securities_fen, n.transit_fen, n.foreign_fen,
  n.overdraft_fen, n.average_before_fen, n.recency_days, n.frequency, n.monetary_fen, n.r_score, n.f_score, n.m_score,
  n.first_activity_on, n.last_activity_on, n.confidence, n.gaps, n.notice_count`
const joins = sql`join unit u on u.id = n.unit_id left join staff s on s.id = n.rm_id
  left join household h on h.id = n.household_id`

/** As the API shows it: the name masked, amounts as text, tiers by name. */
export function asCustomerRow(row: StoredRow, names: TierNames): CustomerRow {
  const fenOrNull = (amount: string | null) => (amount === null ? null : toFenText(amount))
  return {
    customerNo: row.customer_no,
    kind: row.kind,
    name: shownName(row.kind, row.name),
    unit: { code: row.unit_code, name: row.unit_name },
    rm: row.rm_code === null ? null : { code: row.rm_code, name: row.rm_name ?? '' },
    qualifiedTier: names(row.qualified_tier, row.kind),
    tierInForce: names(row.tier_in_force ?? 0, row.kind),
    path: row.path,
    averageFen: toFenText(row.average_fen),
    sumFen: toFenText(row.sum_fen),
    days: row.days,
    householdNo: row.household_no,
    householdAverageFen: fenOrNull(row.household_average_fen),
    householdMembers: row.household_members,
    toNextFen: fenOrNull(row.to_next_fen),
    toKeepFen: fenOrNull(row.to_keep_fen),
    aumFen: toFenText(row.aum_fen),
    depositFen: toFenText(row.deposit_fen),
    wealthFen: toFenText(row.wealth_fen),
    fundFen: toFenText(row.fund_fen),
    insuranceFen: toFenText(row.insurance_fen),
    bondFen: toFenText(row.bond_fen),
    metalFen: toFenText(row.metal_fen),
    securitiesFen: toFenText(row.securities_fen),
    transitFen: toFenText(row.transit_fen),
    foreignFen: toFenText(row.foreign_fen),
    overdraftFen: toFenText(row.overdraft_fen),
    averageBeforeFen: toFenText(row.average_before_fen),
    recencyDays: row.recency_days,
    frequency: row.frequency,
    monetaryFen: toFenText(row.monetary_fen),
    rScore: row.r_score,
    fScore: row.f_score,
    mScore: row.m_score,
    firstActivityOn: row.first_activity_on,
    lastActivityOn: row.last_activity_on,
    confidence: row.confidence,
    gaps: row.gaps,
    noticeCount: row.notice_count,
  }
}

/** People are masked; a company's name is public. */
export function shownName(kind: 'person' | 'company', name: string): string {
  return kind === 'company' ? name : mask('name', name)
}
