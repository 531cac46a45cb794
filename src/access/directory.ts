/** Roles, posts and walls as they are; posts only of the units that the session answers for. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { listPosts as listPostsEndpoint, post, role, wall } from '../contract/access.ts'
import type { Output } from '../contract/endpoint.ts'
import { inUnits, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import type { UnitSet } from '../kit/unit-set.ts'
import { editsOfRole, fieldsOfRole } from './fields.ts'
import { knownPermissions } from './roles.ts'

const postsShownMax = 2000
const loginsShownMax = 5000
const forever = '2299-12-31'

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

/** By person, with the sign-ins that a post can be given to. */
export async function listPosts(
  trx: Trx,
  clock: Clock,
  places: UnitSet,
  asked: { which: 'today' | 'all'; unit?: string | undefined; role?: string | undefined; login?: string | undefined },
): Promise<Output<typeof listPostsEndpoint>> {
  const today = clock.today()
  const all = [inUnits(places, 'p.unit_id') as ReturnType<typeof sql>, sql`l.disabled_at is null`]
  if (asked.which === 'today') all.push(sql`p.from_day <= ${today} and p.to_day > ${today}`)
  if (asked.unit) all.push(sql`u.code = ${asked.unit}`)
  if (asked.role) all.push(sql`p.role = ${asked.role}`)
  if (asked.login) all.push(sql`l.name = ${asked.login}`)
  const from = sql`from post p join login l on l.id = p.login_id join role r on r.code = p.role
    join unit u on u.id = p.unit_id where ${sql.join(all, sql` and `)}`
  const { rows } = await sql<Post & { toDay: string }>`select p.id,
      json_build_object('login', l.name, 'name', l.display_name) as person,
      json_build_object('code', r.code, 'zh', r.name_zh, 'en', r.name_en) as role,
      json_build_object('code', u.code, 'name', u.name) as unit, p.from_day as "fromDay", p.to_day as "toDay"
    ${from} order by l.display_name, l.name, p.from_day, p.id limit ${postsShownMax}`.execute(trx)
  const total = await sql<{ total: bigint }>`select count(*) as total ${from}`.execute(trx)
  const logins = await sql<Post['person']>`select name as login, display_name as name from login
    where disabled_at is null order by display_name, name limit ${loginsShownMax}`.execute(trx)
  return {
    rows: rows.map((row) => ({ ...row, toDay: row.toDay === forever ? null : row.toDay })),
    total: Number(total.rows[0]?.total ?? 0n),
    logins: logins.rows,
  }
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
