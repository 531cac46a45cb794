/** The list of users: people, programs and break-glass accounts, filtered, sorted and paged in SQL. */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { UserKind, UserSort, UserState, user } from '../contract/users.ts'
import { type Database, nobodyAs, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { isOpenSession, type Session } from './session.ts'

export type User = z.output<typeof user>

export interface UsersAsked {
  /** A part of the sign-in name, of the name or of the staff code. */
  q?: string | undefined
  kind?: UserKind | undefined
  state?: UserState | undefined
  role?: string | undefined
  sort: UserSort
  dir: 'asc' | 'desc'
  limit: number
  /** Where the page before ended: the sorted value and the id. */
  after: { value: string | null; id: number } | null
}

interface Row {
  id: number
  name: string
  display_name: string
  kind: UserKind
  state: UserState
  locked_at: Date | null
  locked_by: string | null
  reason: string | null
  staff: string | null
  posts: User['posts']
  second_factor: boolean
  single_sign_on: boolean
  sessions: number
  last_sign_in_at: Date | null
  valid_until: Date | null
  total: number
  sorted: string | null
}

/** Users are the bank's, whatever unit their posts are at, for whoever reads them at the top. */
export function listUsers(
  db: Database,
  clock: Clock,
  session: Session,
  asked: UsersAsked,
): Promise<{ rows: User[]; total: number; after: UsersAsked['after'] }> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const where = filterOf(clock, asked)
    const counted = await sql<{ total: number }>`select count(*)::int as total from ${from} where ${where}`.execute(trx)
    const rows = await readUsers(
      trx,
      clock,
      sql`where ${where} and ${behind(asked)} ${orderOf(asked)} limit ${asked.limit + 1}`,
      asked.sort,
    )
    const page = rows.slice(0, asked.limit)
    const last = page.at(-1)
    return {
      rows: page.map(asUser),
      total: counted.rows[0]?.total ?? 0,
      after: rows.length > asked.limit && last ? { value: last.sorted, id: last.id } : null,
    }
  })
}

/** One user. Refuses not_found. */
export async function userById(trx: Trx, clock: Clock, id: number): Promise<User> {
  const [row] = await readUsers(trx, clock, sql`where l.id = ${id}`, 'name')
  return row ? asUser(row) : refuse('not_found', { what: `user ${id}`, whatZh: `用户 ${id}` })
}

const from = sql`login l left join login_lock k on k.login_id = l.id left join staff s on s.id = l.staff_id`

/** Of a login `l` with its lock `k`. */
export const stateOf = (clock: Clock) => sql`case when l.disabled_at is not null then 'disabled'
  when k.login_id is not null then 'locked'
  when l.valid_until <= ${clock.now()} then 'spent' else 'active' end`

const sorts: Record<UserSort, RawBuilder<unknown>> = {
  name: sql`l.name`,
  displayName: sql`l.display_name`,
  lastSignIn: sql`coalesce(l.last_sign_in_at, '-infinity')`,
}

async function readUsers(trx: Trx, clock: Clock, rest: RawBuilder<unknown>, sort: UserSort): Promise<Row[]> {
  const day = clock.today()
  const { rows } = await sql<Row>`select l.id, l.name, l.display_name, l.kind, ${stateOf(clock)} as state,
      k.locked_at, (select display_name from login by where by.id = k.locked_by) as locked_by, k.reason,
      s.code as staff, l.last_sign_in_at, l.valid_until, l.oidc_subject is not null as single_sign_on,
      exists (select from totp where totp.login_id = l.id and confirmed_at is not null) as second_factor,
      (select count(*)::int from session e where e.login_id = l.id and ${isOpenSession(clock, 'e')}) as sessions,
      coalesce((select json_agg(json_build_object('role', json_build_object('code', r.code, 'zh', r.name_zh, 'en', r.name_en),
          'unit', json_build_object('code', u.code, 'name', u.name), 'origin', p.origin) order by p.id)
        from post p join role r on r.code = p.role join unit u on u.id = p.unit_id
        where p.login_id = l.id and p.from_day <= ${day} and p.to_day > ${day}), '[]') as posts,
      (${sorts[sort]})::text as sorted
    from ${from} ${rest}`.execute(trx)
  return rows
}

/** What `like` is asked with for a part of a text in lower case. */
export const likePart = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

function filterOf(clock: Clock, { q, kind, state, role }: UsersAsked): RawBuilder<unknown> {
  const day = clock.today()
  const part = q === undefined ? null : likePart(q)
  const conditions = [
    ...(part === null
      ? []
      : [sql`(l.name like ${part} or lower(l.display_name) like ${part} or lower(s.code) like ${part})`]),
    ...(kind === undefined ? [] : [sql`l.kind = ${kind}`]),
    ...(state === undefined ? [] : [sql`${stateOf(clock)} = ${state}`]),
    ...(role === undefined
      ? []
      : [
          sql`exists (select from post p where p.login_id = l.id and p.role = ${role}
          and p.from_day <= ${day} and p.to_day > ${day})`,
        ]),
  ]
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)
}

function behind({ after, sort, dir }: UsersAsked): RawBuilder<unknown> {
  if (after === null) return sql`true`
  const value = sort === 'lastSignIn' ? sql`${after.value}::timestamptz` : sql`${after.value}::text`
  const pair = sql`(${sorts[sort]}, l.id)`
  return dir === 'asc' ? sql`${pair} > (${value}, ${after.id}::int)` : sql`${pair} < (${value}, ${after.id}::int)`
}

function orderOf({ sort, dir }: UsersAsked): RawBuilder<unknown> {
  return dir === 'asc' ? sql`order by ${sorts[sort]}, l.id` : sql`order by ${sorts[sort]} desc, l.id desc`
}

function asUser(row: Row): User {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    kind: row.kind,
    state: row.state,
    lock: row.locked_at && { at: row.locked_at.toISOString(), by: row.locked_by ?? '', reason: row.reason ?? '' },
    staff: row.staff,
    posts: row.posts,
    secondFactor: row.second_factor,
    singleSignOn: row.single_sign_on,
    sessions: row.sessions,
    lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
    validUntil: row.valid_until?.toISOString() ?? null,
  }
}
