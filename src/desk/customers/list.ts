/**
 * The list of customers as of one night: filters, orders, pages. List, count and export are built from the same
 * conditions, so they always speak of the same customers; which of them the session sees is decided by the scope of
 * the transaction.
 */
import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { Keys } from '../../access/keys.ts'
import { mask } from '../../access/show.ts'
import { toFenText } from '../../contract/common.ts'
import type { CustomerFilter, CustomerRow, customerSorts } from '../../contract/customers.ts'
import { inUnits, type Scope, type Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { isEmpty } from '../../kit/unit-set.ts'
import type { Policy } from '../../tiers/policy.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { type NightPointer, ofScheme, subtree, type TierNames } from '../nights/current.ts'
import { searchCondition } from './search.ts'

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
  keys: Keys
  /** Of the transaction; row-level security applies it, the list uses it to choose its way. */
  scope: Scope
}

/** Columns and types of each order; ties are broken by party_id. Each is an index of a night's partition. */
const sortColumns: Record<CustomerSort, [column: string, type: 'bigint' | 'text' | 'smallint'][]> = {
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
  const where = await conditions(trx, context, asked.filter)
  const rows = await page(trx, context.night.id, asked, where, after, asked.limit + 1)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  const next =
    rows.length > asked.limit && last
      ? sealCursor(context.keys, [context.night.id, question, String(last.party_id), ...(last.sort_values ?? [])])
      : null
  return { rows: shown.map((row) => asCustomerRow(row, context.names)), next }
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
  const where = await conditions(trx, context, asked.filter)
  let after: Place | null = null
  for (;;) {
    const rows = await page(trx, context.night.id, asked, where, after, batch)
    if (rows.length > 0) yield rows.map((row) => asCustomerRow(row, context.names))
    const last = rows.at(-1)
    if (rows.length < batch || !last) return
    after = { values: last.sort_values, party: String(last.party_id) }
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
    from night_customer n where n.night_id = ${context.night.id} and ${where}
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

/** One customer's row of a night, by party; undefined when the night or the scope does not know it. */
export async function customerOfNight(
  trx: Trx,
  night: number,
  partyId: bigint,
  names: TierNames,
): Promise<CustomerRow | undefined> {
  const { rows } = await sql<StoredRow>`select ${columns}, null as sort_values from night_customer n ${joins}
    where n.night_id = ${night} and n.party_id = ${partyId}`.execute(trx)
  return rows[0] && asCustomerRow(rows[0], names)
}

async function page(
  trx: Trx,
  night: number,
  asked: ListAsked,
  where: RawBuilder<unknown>,
  after: Place | null,
  limit: number,
): Promise<StoredRow[]> {
  const order = sortColumns[asked.sort]
  const direction = sql.raw(asked.dir)
  const beyond = sql.raw(asked.dir === 'asc' ? '>' : '<')
  const sorted = order.map(([column]) => sql.ref(`n.${column}`))
  const first = sorted[0] ?? sql`n.party_id`
  const select = sql`select ${columns}, case when ${first} is not null then array[${sql.join(
    sorted.map((column) => sql`${column}::text`),
  )}] end as sort_values from night_customer n ${joins} where n.night_id = ${night} and ${where}`
  const nullable = asked.sort === 'toNext'
  const rows: StoredRow[] = []
  if (after?.values !== null) {
    const from = after ? sql`and (${sql.join(sorted)}, n.party_id) ${beyond} (${placeOf(order, after)})` : sql``
    const known = nullable ? sql`and ${first} is not null` : sql``
    const by = sql.join([...sorted, sql`n.party_id`].map((column) => sql`${column} ${direction}`))
    const found = await sql<StoredRow>`${select} ${known} ${from} order by ${by} limit ${limit}`.execute(trx)
    rows.push(...found.rows)
  }
  // Those without a value come last, a run of their own.
  if (nullable && rows.length < limit) {
    const from = after?.values === null ? sql`and n.party_id ${beyond} ${after.party}::bigint` : sql``
    const found = await sql<StoredRow>`${select} and ${first} is null ${from}
      order by n.party_id ${direction} limit ${limit - rows.length}`.execute(trx)
    rows.push(...found.rows)
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

async function conditions(trx: Trx, context: ListContext, filter: CustomerFilter): Promise<RawBuilder<unknown>> {
  const all = ownBookOnly(context.scope)
  const numbers = (text: string) => text.split(',').map(Number)
  // Who stands outside the scheme has no tier of it, not even "none".
  if (filter.tier || filter.inForce) all.push(ofScheme(context.policy, 'n.kind'))
  if (filter.tier) all.push(sql`n.qualified_tier = any(${numbers(filter.tier)}::smallint[])`)
  if (filter.inForce)
    all.push(sql`coalesce(n.tier_in_force, 0::smallint) = any(${numbers(filter.inForce)}::smallint[])`)
  if (filter.unit) all.push(sql`n.unit_id = any(${await subtree(trx, filter.unit)}::int[])`)
  if (filter.rm) all.push(sql`n.rm_id = (select id from staff where code = ${filter.rm})`)
  if (filter.path) all.push(sql`n.path = ${filter.path}`)
  if (filter.near !== undefined) all.push(nearLine(context.policy, filter.near))
  if (filter.minFen !== undefined) all.push(sql`n.average_fen >= ${filter.minFen}::bigint`)
  if (filter.maxFen !== undefined) all.push(sql`n.average_fen <= ${filter.maxFen}::bigint`)
  if (filter.kind) all.push(sql`n.kind = ${filter.kind}`)
  if (filter.q) all.push(searchCondition(filter.q, context.keys))
  if (filter.notice === 'true') all.push(sql`n.notice_count > 0`)
  if (filter.notice === 'false') all.push(sql`n.notice_count = 0`)
  if (filter.confidenceBelow !== undefined)
    all.push(sql`n.confidence < 100 and n.confidence < ${filter.confidenceBelow}::smallint`)
  return all.length === 0 ? sql`true` : sql.join(all, sql` and `)
}

/** Said once more for a mere book, because the many-sided condition of row-level security finds no index for it. */
function ownBookOnly({ units, book, granted }: Scope): RawBuilder<unknown>[] {
  return book && isEmpty(units) && granted.length === 0 ? [sql`n.rm_id = ${book.staffId}`] : []
}

/** Lacks at most `percent` of the bar of the next tier that has one. */
function nearLine(policy: Policy, percent: number): RawBuilder<unknown> {
  const cases = policy.tiers
    .filter((tier) => tier.individual !== null)
    .map((tier) => {
      const most = ((tier.individual ?? 0n) * BigInt(percent)) / 100n
      return sql`(n.qualified_tier = ${tier.ordinal - 1}::smallint and n.to_next_fen <= ${String(most)}::bigint)`
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

interface StoredRow {
  party_id: bigint
  sort_values: string[] | null
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
  average_fen: bigint
  sum_fen: bigint
  days: number
  household_no: string | null
  household_average_fen: bigint | null
  household_members: number | null
  to_next_fen: bigint | null
  to_keep_fen: bigint | null
  aum_fen: bigint
  deposit_fen: bigint
  wealth_fen: bigint
  fund_fen: bigint
  insurance_fen: bigint
  bond_fen: bigint
  metal_fen: bigint
  securities_fen: bigint
  transit_fen: bigint
  foreign_fen: bigint
  overdraft_fen: bigint
  average_before_fen: bigint
  recency_days: number | null
  frequency: number
  monetary_fen: bigint
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

function asCustomerRow(row: StoredRow, names: TierNames): CustomerRow {
  const fenOrNull = (amount: bigint | null) => (amount === null ? null : toFenText(amount))
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
