/** The night that readers see, and the names of its tiers. */
import { type RawBuilder, sql } from 'kysely'
import type { TierRef } from '../../contract/common.ts'
import { runPlanned } from '../../db/connection.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Policy } from '../../tiers/policy.ts'
import { parsePolicy } from '../../tiers/policy-text.ts'

export interface NightPointer {
  id: number
  day: Day
  scheme: string
  policyId: number
}

/**
 * A tier by its ordinal: 0 is 'none', or 'outside' when the kind of customer is given and the scheme is not for it, as a
 * company under the personal scheme.
 */
export type TierNames = (ordinal: number, kind?: 'person' | 'company') => TierRef

const columns = sql`n.id, n.day, n.scheme, n.policy_id as "policyId"`

/** The published night of a scheme, by default of the personal one; undefined before the first. */
export async function currentNight(trx: Trx, scheme?: string): Promise<NightPointer | undefined> {
  const { rows } = await sql<NightPointer>`select ${columns} from published_night p join night n on n.id = p.night_id
    where ${scheme ?? null}::text is null or p.scheme = ${scheme ?? null}
    order by p.scheme <> 'personal', p.scheme limit 1`.execute(trx)
  return rows[0]
}

/** What a read of the record depends on, beside what it asks for. */
export interface RecordState {
  /** As `currentNight`. */
  night: NightPointer | undefined
  /** Differs when a night was published or begun, or the desk has changed something. */
  revision: string
}

/** The state now, in one statement. */
export async function recordState(trx: Trx): Promise<RecordState> {
  const [row] = await runPlanned(
    trx,
    sql<{ revision: string } & (NightPointer | { id: null })>`select
      (select coalesce(string_agg(scheme || night_id, ',' order by scheme), '') from published_night) || '/' ||
      (select value from setting where name = 'deskVersion') || '/' || (select coalesce(max(id), 0) from night) as revision,
      ${columns} from (values (1)) one left join lateral (select n.* from published_night p join night n on n.id = p.night_id
        order by p.scheme <> 'personal', p.scheme limit 1) n on true`,
  )
  if (!row || row.id === null) return { night: undefined, revision: row?.revision ?? '' }
  const { revision, ...night } = row
  return { night, revision }
}

/** As `currentNight`; refuses night_missing. */
export async function mustCurrentNight(trx: Trx, scheme?: string): Promise<NightPointer> {
  return (await currentNight(trx, scheme)) ?? refuse('night_missing')
}

/** One night by id, published at some time; 'current' is the one in force. Refuses not_found, night_missing. */
export async function nightById(trx: Trx, id: number | 'current'): Promise<NightPointer> {
  if (id === 'current') return mustCurrentNight(trx)
  const { rows } = await sql<NightPointer>`select ${columns} from night n
    where n.id = ${id} and n.published_at is not null`.execute(trx)
  return rows[0] ?? refuse('not_found', { what: `night ${id}`, whatZh: `跑批 ${id}` })
}

/** The newest published night whose day had come by `day`; undefined before the first. */
export async function lastNightUntil(trx: Trx, day: Day): Promise<NightPointer | undefined> {
  const { rows } = await sql<NightPointer>`select ${columns} from night n
    where n.day <= ${day} and n.published_at is not null
    order by n.scheme <> 'personal', n.scheme, n.day desc, n.id desc limit 1`.execute(trx)
  return rows[0]
}

/** Policies never change once recorded, so each is parsed once per process and database. */
export class PolicyShelf {
  readonly #known = new Map<number, Policy>()

  /** The policy of that row. */
  async policy(trx: Trx, policyId: number): Promise<Policy> {
    const found = this.#known.get(policyId)
    if (found) return found
    const row = await trx.selectFrom('policy').select('source').where('id', '=', policyId).executeTakeFirst()
    if (!row) refuse('policy_missing')
    const policy = parsePolicy(row.source)
    this.#known.set(policyId, policy)
    return policy
  }

  async names(trx: Trx, policyId: number): Promise<TierNames> {
    return tierNames(await this.policy(trx, policyId))
  }
}

const outside: TierRef = { ordinal: 0, code: 'outside' }

export function tierNames(policy: Policy): TierNames {
  const known = [{ ordinal: 0, code: 'none' }, ...policy.tiers.map(({ ordinal, code }) => ({ ordinal, code }))]
  // An ordinal of an older policy with more tiers still shows, by number.
  return (ordinal, kind) => {
    if (ordinal === 0 && kind && policy.appliesTo !== 'everyone' && policy.appliesTo !== kind) return outside
    return known[ordinal] ?? { ordinal, code: `tier${ordinal}` }
  }
}

/** Whom the scheme is for, as a condition on the kind of customer: the pyramid of people leaves companies out. */
export function ofScheme({ appliesTo }: Policy, column: string): RawBuilder<unknown> {
  return appliesTo === 'everyone' ? sql`true` : sql`${sql.ref(column)} = ${sql.lit(appliesTo)}`
}

/** Ids of a unit and everything below it, by code. Refuses not_found. */
export async function subtree(trx: Trx, code: string): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select below.id from unit top
    join unit below on below.path >= top.path and below.path < top.path || '~' where top.code = ${code}`.execute(trx)
  if (rows.length === 0) refuse('not_found', { what: `unit ${code}`, whatZh: `机构 ${code}` })
  return rows.map((row) => row.id)
}

/** The same as the tree stood on `day`; empty when the unit was not in it. Refuses not_found for an unknown code. */
export async function subtreeOn(trx: Trx, code: string, day: Day): Promise<number[]> {
  const top = await trx.selectFrom('unit').select('id').where('code', '=', code).executeTakeFirst()
  if (!top) refuse('not_found', { what: `unit ${code}`, whatZh: `机构 ${code}` })
  const { rows } = await sql<{ id: number }>`select id from strata.subtree_on(${top.id}, ${day}) as below (id)`.execute(
    trx,
  )
  return rows.map((row) => row.id)
}
