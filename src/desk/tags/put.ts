/** Putting tags on customers and taking them off: one by one, or all of a filtered list at once. */
import { type RawBuilder, sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import type { CustomerFilter } from '../../contract/customer-filter.ts'
import { bulkTagMax } from '../../contract/tags.ts'
import type { Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { isErased } from '../consents/store.ts'
import { conditions, type ListContext } from '../customers/filters.ts'
import { bumpDesk } from '../nights/store.ts'
import type { StoredTag } from './store.ts'

export interface Tagger {
  who: string
  loginId: number
  address: string
}

/** Answers how many changed. Refuses already_erased. */
export async function tagCustomer(
  trx: Trx,
  party: { id: bigint; customerNo: string },
  { put, take }: { put: readonly StoredTag[]; take: readonly StoredTag[] },
  { who, loginId, address }: Tagger,
): Promise<number> {
  if (put.length > 0 && (await isErased(trx, party.id))) refuse('already_erased', { customer: party.customerNo })
  const ids = (tags: readonly StoredTag[]) => sql`${tags.map(({ id }) => id)}::int[]`
  const on = await sql<{ tag_id: number }>`insert into party_tag (party_id, tag_id, login_id)
    select ${party.id}::bigint, unnest(${ids(put)}), ${loginId}::int on conflict do nothing returning tag_id`.execute(
    trx,
  )
  const off = await sql<{ tag_id: number }>`delete from party_tag
    where party_id = ${party.id} and tag_id = any(${ids(take)}) returning tag_id`.execute(trx)
  const changed = on.rows.length + off.rows.length
  if (changed === 0) return 0
  const named = (rows: readonly { tag_id: number }[]) =>
    rows.map(({ tag_id }) => [...put, ...take].find(({ id }) => id === tag_id)?.zh)
  const after = { put: named(on.rows), taken: named(off.rows) }
  const about = { noun: 'customer', nounId: party.customerNo, partyId: party.id }
  await audit(trx, { who, action: 'tagCustomer', ...about, after, address })
  await bumpDesk(trx)
  return changed
}

export interface BulkAsked {
  filter: CustomerFilter
  act: 'put' | 'take'
}

/** Customers under the filter, and whom it would change. Refuses bulk_too_large. */
export async function previewTagging(
  trx: Trx,
  context: ListContext,
  tag: StoredTag,
  asked: BulkAsked,
): Promise<{ customers: number; changes: number }> {
  const found = await listed(trx, context, tag, asked)
  const { rows } = await sql<{ customers: bigint; changes: bigint }>`select count(*) as customers,
      count(*) filter (where f.changes) as changes from (${found}) f`.execute(trx)
  const { customers = 0n, changes = 0n } = rows[0] ?? {}
  if (changes > bulkTagMax) refuse('bulk_too_large', { customers: changes, most: bulkTagMax })
  return { customers: Number(customers), changes: Number(changes) }
}

/**
 * Does it for all of them or for nobody, with one entry for all. Refuses bulk_changed when the list is not the one of the
 * preview any more, bulk_too_large.
 */
export async function tagCustomers(
  trx: Trx,
  context: ListContext,
  tag: StoredTag,
  asked: BulkAsked & { changes: number; reason: string },
  { who, loginId, address }: Tagger,
): Promise<number> {
  const { changes } = await previewTagging(trx, context, tag, asked)
  if (changes !== asked.changes) refuse('bulk_changed', { before: asked.changes, now: changes })
  const found = await listed(trx, context, tag, asked)
  const changed =
    asked.act === 'put'
      ? await sql`insert into party_tag (party_id, tag_id, login_id)
          select f.party_id, ${tag.id}::int, ${loginId}::int from (${found}) f where f.changes
          on conflict do nothing`.execute(trx)
      : await sql`delete from party_tag t using (${found}) f
          where f.changes and t.tag_id = ${tag.id} and t.party_id = f.party_id`.execute(trx)
  if (Number(changed.numAffectedRows) !== changes) {
    refuse('bulk_changed', { before: changes, now: Number(changed.numAffectedRows) })
  }
  await audit(trx, {
    who,
    action: asked.act === 'put' ? 'tagCustomers' : 'untagCustomers',
    noun: 'tag',
    nounId: String(tag.id),
    after: { tag: tag.zh, customers: changes, filter: asked.filter },
    reason: asked.reason,
    address,
  })
  await bumpDesk(trx)
  return changes
}

/** Parties under the filter with whether they would change; of whoever was erased nothing is put on record. */
async function listed(
  trx: Trx,
  context: ListContext,
  tag: StoredTag,
  { filter, act }: BulkAsked,
): Promise<RawBuilder<unknown>> {
  const where = await conditions(trx, context, filter)
  const has = sql`exists (select from party_tag h where h.party_id = n.party_id and h.tag_id = ${tag.id})`
  const changes =
    act === 'take'
      ? has
      : sql`not ${has} and exists (select from party a where a.id = n.party_id and a.erased_at is null)`
  return sql`select n.party_id, ${changes} as changes from night_customer n
    where n.night_id = ${sql.lit(context.night.id)} and ${where.text}`
}
