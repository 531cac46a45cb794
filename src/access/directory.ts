/** Roles, posts and walls as they are; posts only of the units that the session answers for. */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { post, role, wall } from '../contract/access.ts'
import { inUnits, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { forever } from '../kit/day.ts'
import type { UnitSet } from '../kit/unit-set.ts'
import { editsOfRole, fieldsOfRole } from './fields.ts'
import { knownPermissions } from './roles.ts'
import { likePart } from './user-list.ts'

type Role = z.output<typeof role>
type Post = z.output<typeof post>
type Wall = z.output<typeof wall>

/** Shipped ones first. */
export async function listRoles(trx: Trx, clock: Clock): Promise<Role[]> {
  const today = clock.today()
  type Stored = Omit<Role, 'permissions' | 'fields' | 'edits' | 'holders'>
  const { rows } = await sql<
    Stored & { permissions: string[]; fields: unknown; edits: string[]; holders: bigint }
  >`select r.code, r.name_zh as zh, r.name_en as en, r.customers, r.permissions, r.fields, r.edits, r.shipped,
      r.edited_at is not null as edited,
      (select count(distinct p.login_id) from post p where p.role = r.code and p.from_day <= ${today}
        and p.to_day > ${today}) as holders
    from role r order by r.shipped desc, r.code limit 1000`.execute(trx)
  return rows.map((row) => ({
    ...row,
    permissions: knownPermissions(row.permissions),
    fields: fieldsOfRole(row.fields),
    edits: editsOfRole(row.edits),
    holders: Number(row.holders),
    edited: row.edited && row.shipped,
  }))
}

export interface PostsAsked {
  which: 'today' | 'all'
  unit?: string | undefined
  role?: string | undefined
  login?: string | undefined
  /** A part of the person's name, the sign-in name, the role or the unit. */
  q?: string | undefined
  limit: number
  /** Where the page before ended: the person's name and the id. */
  after: { value: string; id: number } | null
}

/** A page by person, with how many there are; `after` is where the next one begins. */
export async function listPosts(
  trx: Trx,
  clock: Clock,
  places: UnitSet,
  { limit, after, ...asked }: PostsAsked,
): Promise<{ rows: Post[]; total: number; after: PostsAsked['after'] }> {
  const where = sql.join(conditionsOf(clock, places, asked), sql` and `)
  const from = sql`from post p join login l on l.id = p.login_id join role r on r.code = p.role
    join unit u on u.id = p.unit_id where ${where}`
  const behind = after === null ? sql`true` : sql`(l.display_name, p.id) > (${after.value}::text, ${after.id}::int)`
  const { rows } = await sql<Post & { toDay: string }>`select p.id,
      json_build_object('login', l.name, 'name', l.display_name) as person,
      json_build_object('code', r.code, 'zh', r.name_zh, 'en', r.name_en) as role,
      json_build_object('code', u.code, 'name', u.name) as unit, p.from_day as "fromDay", p.to_day as "toDay"
    ${from} and ${behind} order by l.display_name, p.id limit ${limit + 1}`.execute(trx)
  const total = await sql<{ total: number }>`select count(*)::int as total ${from}`.execute(trx)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => ({ ...row, toDay: row.toDay === forever ? null : row.toDay })),
    total: total.rows[0]?.total ?? 0,
    after: rows.length > limit && last ? { value: last.person.name, id: last.id } : null,
  }
}

function conditionsOf(
  clock: Clock,
  places: UnitSet,
  { which, unit, role, login, q }: Omit<PostsAsked, 'limit' | 'after'>,
): RawBuilder<unknown>[] {
  const today = clock.today()
  const all: RawBuilder<unknown>[] = [inUnits(places, 'p.unit_id'), sql`l.disabled_at is null`]
  if (which === 'today') all.push(sql`p.from_day <= ${today} and p.to_day > ${today}`)
  if (unit !== undefined) all.push(sql`u.code = ${unit}`)
  if (role !== undefined) all.push(sql`p.role = ${role}`)
  if (login !== undefined) all.push(sql`l.name = ${login}`)
  if (q !== undefined) {
    const part = likePart(q)
    all.push(sql`(l.name like ${part} or lower(l.display_name) like ${part} or r.name_zh like ${part}
      or lower(r.name_en) like ${part} or lower(u.name) like ${part})`)
  }
  return all
}

/** Sign-ins that a post can be given to, by name; with a part, those that have it in a name. */
export async function listLogins(
  trx: Trx,
  { q, limit }: { q?: string | undefined; limit: number },
): Promise<Post['person'][]> {
  const part = q === undefined ? null : likePart(q)
  const { rows } = await sql<Post['person']>`select name as login, display_name as name from login
    where disabled_at is null and ${part === null ? sql`true` : sql`(name like ${part} or lower(display_name) like ${part})`}
    order by display_name, id limit ${limit}`.execute(trx)
  return rows
}

/** Standing and coming ones first, then those that ended. */
export async function listWalls(trx: Trx, clock: Clock): Promise<Wall[]> {
  const today = clock.today()
  const { rows } = await sql<Wall & { toDay: string }>`select w.id, w.name,
      json_build_object('code', a.code, 'name', a.name) as around,
      json_build_object('code', g.code, 'name', g.name) as against, w.from_day as "fromDay", w.to_day as "toDay",
      w.from_day <= ${today} and w.to_day > ${today} as stands
    from wall w join unit a on a.id = w.around_id join unit g on g.id = w.against_id
    order by w.to_day <= ${today}, w.id desc limit 1000`.execute(trx)
  return rows.map((row) => ({ ...row, toDay: row.toDay === forever ? null : row.toDay }))
}
