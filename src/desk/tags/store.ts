/** The bank's tags: the vocabulary, and who has which. */
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import type { Session } from '../../access/session.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import type { editTag as editEndpoint, listTags, readCustomerTags } from '../../contract/tags.ts'
import type { Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { bumpDesk } from '../nights/store.ts'

type Tag = Output<typeof listTags>['rows'][number]
type Words = Pick<Tag, 'zh' | 'en' | 'colour' | 'roles'>

/** More words than anybody chooses from. */
export const tagsMax = 500

export interface StoredTag extends Words {
  id: number
  edition: number
  retired: boolean
}

/** All of them by name, those in use first. `counting`: with how many of the scope's customers have each. */
export async function tags(trx: Trx, session: Session, counting: boolean): Promise<Tag[]> {
  const { rows } = await sql<StoredTag & { customers: bigint | null }>`select t.id, t.name_zh as zh, t.name_en as en,
      t.colour, t.roles, t.edition, t.retired_at is not null as retired, n.customers
    from tag t left join lateral (select count(*) as customers from party_tag p where p.tag_id = t.id) n on ${counting}
    order by t.retired_at is not null, t.name_zh limit ${tagsMax}`.execute(trx)
  return rows.map((row) => ({
    ...row,
    may: !row.retired && postsFor(session, row).length > 0,
    customers: row.customers === null ? null : Number(row.customers),
  }))
}

/** The posts by which the session puts a tag on and off: those that use tags, in a role that the tag is for. */
export function postsFor(session: Session, { roles }: Pick<StoredTag, 'roles'>): Session['posts'] {
  return session.posts.filter(
    (post) => post.permissions.includes('tags.use') && (roles.length === 0 || roles.includes(post.role.code)),
  )
}

/** Refuses not_found. */
export async function tagById(trx: Trx, id: number): Promise<StoredTag> {
  const { rows } = await sql<StoredTag>`select id, name_zh as zh, name_en as en, colour, roles, edition,
      retired_at is not null as retired from tag where id = ${id}`.execute(trx)
  return rows[0] ?? refuse('not_found', { what: `tag ${id}`, whatZh: `标签 ${id}` })
}

/** Who manages, from where. */
interface Manager {
  who: string
  address: string
  now: string
}

/** Refuses tag_known for a name in use, tags_many. */
export async function makeTag(trx: Trx, words: Words, manager: Manager): Promise<number> {
  const { rows: counted } = await sql<{ count: bigint }>`select count(*) as count from tag`.execute(trx)
  if ((counted[0]?.count ?? 0n) >= tagsMax) refuse('tags_many', { most: tagsMax })
  const { rows } = await sql<{ id: number }>`insert into tag (name_zh, name_en, colour, roles)
    values (${words.zh}, ${words.en}, ${words.colour}, ${[...words.roles]}::text[])
    on conflict (lower(name_zh)) where retired_at is null do nothing returning id`.execute(trx)
  const id = rows[0]?.id ?? refuse('tag_known', { name: words.zh })
  await bumpDesk(trx)
  const { who, address } = manager
  await audit(trx, { who, action: 'makeTag', noun: 'tag', nounId: String(id), after: words, address })
  return id
}

/** Refuses not_found, tag_changed when somebody was faster, tag_known. */
export async function editTag(
  trx: Trx,
  id: number,
  asked: Checked<typeof editEndpoint>['body'],
  { who, address, now }: Manager,
): Promise<void> {
  await sql`select from tag where id = ${id} for update`.execute(trx)
  const before = await tagById(trx, id)
  if (before.edition !== asked.edition) refuse('tag_changed')
  const { rows } = await sql`select from tag where id <> ${id} and retired_at is null and not ${asked.retired}
    and lower(name_zh) = lower(${asked.zh})`.execute(trx)
  if (rows.length > 0) refuse('tag_known', { name: asked.zh })
  await sql`update tag set name_zh = ${asked.zh}, name_en = ${asked.en}, colour = ${asked.colour},
      roles = ${[...asked.roles]}::text[], edition = edition + 1,
      retired_at = case when ${asked.retired} then coalesce(retired_at, ${now}::timestamptz) end
    where id = ${id}`.execute(trx)
  await bumpDesk(trx)
  const { edition: _edition, ...after } = asked
  const said = { zh: before.zh, en: before.en, colour: before.colour, roles: before.roles, retired: before.retired }
  await audit(trx, { who, action: 'editTag', noun: 'tag', nounId: String(id), before: said, after, address })
}

/** What a customer has, in the order in which it was put on. */
export async function tagsOf(trx: Trx, partyId: bigint): Promise<Output<typeof readCustomerTags>['tags']> {
  const { rows } = await sql<{ id: number; by: string; put_at: Date }>`select t.tag_id as id, l.display_name as "by",
      t.put_at from party_tag t join login l on l.id = t.login_id
    where t.party_id = ${partyId} order by t.put_at, t.tag_id limit ${tagsMax}`.execute(trx)
  return rows.map(({ id, by, put_at }) => ({ id, by, putAt: put_at.toISOString() }))
}
