/** Which customers a list shows: the filters that people set, as conditions on a night's rows. */
import { type RawBuilder, sql } from 'kysely'
import type { Keys } from '../../access/keys.ts'
import type { CustomerFilter } from '../../contract/customer-filter.ts'
import type { FieldRights } from '../../contract/permission.ts'
import type { Scope, Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Policy } from '../../tiers/policy.ts'
import { type NightPointer, ofScheme, subtree, type TierNames } from '../nights/current.ts'
import { searchCondition } from './search.ts'

export interface ListContext {
  night: NightPointer
  policy: Policy
  names: TierNames
  keys: Keys
  /** What of a customer may be shown; what is hidden is neither filtered nor sorted by. */
  fields: FieldRights
  /** Of the transaction; row-level security applies it, the list uses it to choose its way. */
  scope: Scope
}

/** Of a page: which rows, and whether the text alone decides how they are best found. */
export interface Conditions {
  text: RawBuilder<unknown>
  planned: boolean
  /** Whether there is any, so that rows are passed by. */
  narrow: boolean
}

/** Filters by which no plan is kept: how many rows they let through differs too much from one value to the next. */
const unplanned = ['unit', 'rm', 'minFen', 'maxFen', 'q'] as const satisfies (keyof CustomerFilter)[]

/**
 * The conditions of a list, a count or an export. What has few values stands in the text as it is, so that each value has
 * its own plan.
 */
export async function conditions(trx: Trx, context: ListContext, filter: CustomerFilter): Promise<Conditions> {
  if (byMoney.some((key) => filter[key] !== undefined)) mustNotHide(context.fields)
  const all = withinScope(context.scope)
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
  if (filter.q) all.push(searchCondition(filter.q, { ...context, day: context.night.day }))
  if (filter.notice === 'true') all.push(sql`n.notice_count > 0`)
  if (filter.notice === 'false') all.push(sql`n.notice_count = 0`)
  if (filter.confidenceBelow !== undefined)
    all.push(sql`n.confidence < 100 and n.confidence < ${sql.lit(filter.confidenceBelow)}::smallint`)
  if (filter.state) all.push(valueNow('state', filter.state))
  if (filter.stage) all.push(valueNow('stage', filter.stage))
  if (filter.tag) all.push(tagged(filter.tag))
  return {
    text: all.length === 0 ? sql`true` : sql.join(all, sql` and `),
    narrow: all.length > 0,
    planned: context.scope.book === null && unplanned.every((key) => filter[key] === undefined),
  }
}

/** Whose value state or stage is one of these now. */
function valueNow(column: 'state' | 'stage', codes: string): RawBuilder<unknown> {
  const some = sql.join(codes.split(',').map((code) => sql.lit(code)))
  return sql`exists (select from value_now v where v.party_id = n.party_id and v.${sql.ref(column)} in (${some}))`
}

/** Who has one of these tags. */
function tagged(ids: string): RawBuilder<unknown> {
  return sql`exists (select from party_tag t where t.party_id = n.party_id and t.tag_id = any(${sql.lit(`{${ids}}`)}::int[]))`
}

const byMoney = ['near', 'minFen', 'maxFen'] as const satisfies (keyof CustomerFilter)[]

/** Refuses field_hidden: an order or a bound would tell what is not shown. */
export function mustNotHide({ money }: FieldRights): void {
  if (money === 'hidden') refuse('field_hidden', { field: 'money' })
}

/**
 * What row-level security decides, said once more in words that an index serves: for the customers of one outlet, or of one
 * manager, its many-sided condition would be tried on every customer of the bank. Never narrower than the scope.
 */
function withinScope({ units, book, granted }: Scope): RawBuilder<unknown>[] {
  if (units.except) return []
  const ways: RawBuilder<unknown>[] = []
  const [only] = units.units
  if (units.units.length === 1) ways.push(sql`n.unit_id = ${only}`)
  else if (only !== undefined) ways.push(sql`n.unit_id = any(${[...units.units]}::int[])`)
  if (book) ways.push(sql`n.rm_id = ${book.staffId}`)
  if (granted.length > 0) ways.push(sql`n.party_id = any(${granted.map(String)}::bigint[])`)
  return [ways.length === 0 ? sql`false` : sql`(${sql.join(ways, sql` or `)})`]
}

/**
 * The average, own or of the household, lacks at most `percent` of the bar of the next tier that has one. It goes by the
 * average, not by what would have to come in until the cut-off: just before that, a small gap takes a large inflow.
 */
function nearLine(policy: Policy, percent: number): RawBuilder<unknown> {
  const atLeast = (bar: bigint) => sql.lit(String(bar - (bar * BigInt(percent)) / 100n))
  const household =
    policy.household?.measure === 'sum' ? 'n.household_average_fen * n.household_members' : 'n.household_average_fen'
  const cases = policy.tiers.flatMap(({ ordinal, individual, household: bar }) => {
    const ways: RawBuilder<unknown>[] = []
    if (individual !== null) ways.push(sql`n.average_fen >= ${atLeast(individual)}::bigint`)
    if (bar !== null && policy.household) ways.push(sql`${sql.raw(household)} >= ${atLeast(bar)}::bigint`)
    if (ways.length === 0) return []
    return [sql`(n.qualified_tier = ${sql.lit(ordinal - 1)}::smallint and (${sql.join(ways, sql` or `)}))`]
  })
  return cases.length === 0 ? sql`false` : sql`(${sql.join(cases, sql` or `)})`
}
