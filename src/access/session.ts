/**
 * Sessions and who they speak for. A browser holds a random token in a cookie, a program a bearer key; the database
 * keeps only their hashes. Posts, roles and walls are read anew for every request, so a change of rights holds at once.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { CustomerScope, EditableField, FieldRights, Permission, RoleRef } from '../contract/permission.ts'
import { customerScopes, headOfficePermissions } from '../contract/permission.ts'
import { runPlanned } from '../db/connection.ts'
import type { Database, Scope, Trx } from '../db/database.ts'
import { assert } from '../kit/assert.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { allUnits, isAll, isEmpty, minus, noUnits, type UnitSet, union } from '../kit/unit-set.ts'
import { editsOfRole, fieldsOfRole } from './fields.ts'
import { nobody } from './login.ts'
import { reachOf, unitsOf, type Wall } from './reach.ts'
import { knownPermissions } from './roles.ts'

export const sessionCookie = 'strata_session'
/** What must still be done before a session can do anything: enter a code, set a password of one's own, enrol. */
export const steps = ['code', 'password', 'enrol'] as const
export type Step = (typeof steps)[number]

/** Settings of the installation. */
export interface SessionLimits {
  /** Signed out after this many minutes without a request. */
  idleMinutes: number
  /** Signed out after this many hours, whatever happens. */
  hours: number
  /** Open sessions of one person. */
  sessionsMax: number
}

/** A role that the person holds at a unit today. */
export interface Post {
  role: RoleRef
  unit: { id: number; code: string; name: string; nameEn: string | null; kind: string }
  customers: CustomerScope
  permissions: readonly Permission[]
  /** What of a customer is read through it. */
  fields: FieldRights
  /** What of a person's facts is edited through it, given customers.edit. */
  edits: readonly EditableField[]
  /** Ids of the unit and everything below it; null for the whole bank. */
  subtree: readonly number[] | null
}

/** Whoever asks, known by a session or a key. */
export interface Session {
  /** 'login:17' or 'key:3'. */
  who: string
  loginId: number
  /** Of a person's session; null for a key. */
  sessionId: number | null
  /** By a program: a key can do less than a person (no keys of its own). */
  byKey: boolean
  kind: 'person' | 'program' | 'breakGlass'
  /** How the session was opened; null for a key. */
  origin: 'password' | 'oidc' | null
  /** While there is a step, the session has no posts: it can do nothing but take it. */
  awaits: Step | null
  hasSecondFactor: boolean
  /** A role that is held asks for a second factor. */
  needsSecondFactor: boolean
  /** When it last proved who it is, in milliseconds; null when it never did. */
  enteredMillis: number | null
  name: string
  displayName: string
  staffId: number | null
  /** In the order in which they were given. */
  posts: readonly Post[]
  walls: readonly Wall[]
  /** Single customers of others, granted for a time. */
  granted: readonly bigint[]
}

interface Row {
  login_id: number
  key_id: number | null
  session_id: number | null
  scopes: string[] | null
  origin: 'password' | 'oidc' | null
  entered_at: Date | null
  factor_at: Date | null
  seen_at: Date
  kind: Session['kind']
  password_temporary: boolean
  has_factor: boolean
  name: string
  display_name: string
  staff_id: number | null
  posts: StoredPost[]
  walls: Wall[]
  granted: string[]
}

interface StoredPost {
  role: RoleRef
  unit: Post['unit']
  customers: string
  permissions: string[]
  secondFactor: boolean
  fields: unknown
  edits: string[]
  subtree: number[] | null
}

/** Everything about whoever asks as of a day and an instant, in one statement. */
const about = (clock: Clock): RawBuilder<unknown> => {
  const day = clock.today()
  return sql`l.id as login_id, l.name, l.display_name, l.staff_id, l.kind, l.password_temporary,
    exists (select from totp where totp.login_id = l.id and confirmed_at is not null) as has_factor,
    coalesce((select json_agg(json_build_object('role', json_build_object('code', r.code, 'zh', r.name_zh, 'en', r.name_en),
        'unit', json_build_object('id', u.id, 'code', u.code, 'name', u.name, 'nameEn', u.name_en,
          'kind', u.kind),
        'customers', r.customers, 'permissions', r.permissions, 'secondFactor', r.second_factor,
        'fields', r.fields, 'edits', r.edits,
        'subtree', case when u.parent_id is not null then ${below('u')} end) order by p.id)
      from post p join role r on r.code = p.role join unit u on u.id = p.unit_id
      where p.login_id = l.id and p.from_day <= ${day} and p.to_day > ${day}), '[]') as posts,
    coalesce((select json_agg(json_build_object('around', ${below('a')},
        'against', ${below('g', sql`and below.id in (select unit_id from post where login_id = l.id)`)}) order by w.id)
      from wall w ${unitOf('a', 'around_id')} ${unitOf('g', 'against_id')}
      where w.from_day <= ${day} and w.to_day > ${day}), '[]') as walls,
    strata.granted_to(l.id, ${clock.now()})::text[] as granted`
}

/** Looked up, which the limit sees to: joined, all units of the bank were read first, for a bank without a wall too. */
const unitOf = (name: string, column: string) =>
  sql`cross join lateral (select path from unit where id = ${sql.ref(`w.${column}`)} limit 1) ${sql.ref(name)}`

/** Of a row of `session`: neither over nor idle for too long. */
export const isOpenSession = (
  clock: Clock,
  row: string,
): RawBuilder<unknown> => sql`${sql.ref(`${row}.expires_at`)} > ${clock.now()}
  and ${sql.ref(`${row}.seen_at`)} > ${clock.now()}::timestamptz - ${sql.ref(`${row}.idle_minutes`)} * interval '1 minute'`

/** A login that may be used: neither ended nor locked nor spent. */
const open = (clock: Clock) => sql`l.disabled_at is null and (l.valid_until is null or l.valid_until > ${clock.now()})
  and not exists (select from login_lock where login_lock.login_id = l.id)`

/** A unit and everything below it; of those a wall stands against, only where the person has a post. */
const below = (unit: string, and: RawBuilder<unknown> = sql``) => sql`(select coalesce(json_agg(below.id), '[]')
  from unit below where below.path >= ${sql.ref(`${unit}.path`)} and below.path < ${sql.ref(`${unit}.path`)} || '~' ${and})`

/**
 * The session of a cookie's token, or undefined when there is none any more. With `listens` it is not used by that: a
 * page that stands open and listens to events would never be idle.
 */
export async function sessionOf(
  db: Database,
  clock: Clock,
  token: string,
  { listens = false } = {},
): Promise<Session | undefined> {
  const tokenHash = hashToken(token)
  const now = clock.now()
  const [row] = await db.reading(nobody, (trx) =>
    runPlanned(
      trx,
      sql<Row>`select null::int as key_id, s.id as session_id, s.origin, s.entered_at, s.factor_at,
        null::text[] as scopes, s.seen_at, ${about(clock)}
      from session s join login l on l.id = s.login_id
      where s.token_hash = ${tokenHash} and ${isOpenSession(clock, 's')} and ${open(clock)}`,
    ),
  )
  if (!row) return undefined
  // Once a minute is enough to know who is idle, and spares a write per request.
  if (!listens && clock.millis() - row.seen_at.getTime() > 60_000) {
    await db.withScope(nobody, (trx) =>
      sql`update session set seen_at = ${now} where token_hash = ${tokenHash}`.execute(trx),
    )
  }
  return asSession(row)
}

/** The session of a bearer key. Refuses key_expired. */
export async function sessionOfKey(db: Database, clock: Clock, token: string): Promise<Session> {
  const now = clock.now()
  const found = await db.withScope(nobody, async (trx) => {
    const { rows } = await sql<Row>`select k.id as key_id, null::int as session_id, null::text as origin,
        null::timestamptz as entered_at, null::timestamptz as factor_at, k.scopes,
        coalesce(k.used_at, k.created_at) as seen_at, ${about(clock)}
      from api_key k join login l on l.id = k.login_id
      where k.token_hash = ${hashToken(token)} and k.expires_at > ${now} and k.revoked_at is null
        and ${open(clock)}`.execute(trx)
    const row = rows[0]
    if (row) await touchKey(trx, row, clock)
    return row
  })
  if (!found) refuse('key_expired')
  return asSession(found)
}

/**
 * What a person may see and do today, without a session of theirs: for whoever stands in for them. Undefined for an
 * unknown, disabled, locked or spent sign-in.
 */
export async function rightsOf(trx: Trx, clock: Clock, loginId: number): Promise<Session | undefined> {
  return (await rightsOfEach(trx, clock, [loginId]))[0]
}

/** The same of several people, by id; without those who have none. */
export function rightsOfEach(trx: Trx, clock: Clock, loginIds: readonly number[]): Promise<Session[]> {
  return rightsWhere(trx, clock, loginIds, open(clock))
}

/** What a person's posts give, also while the sign-in is locked: for whoever explains it. Undefined for a disabled one. */
export async function rightsByPosts(trx: Trx, clock: Clock, loginId: number): Promise<Session | undefined> {
  return (await rightsWhere(trx, clock, [loginId], sql`l.disabled_at is null`))[0]
}

async function rightsWhere(
  trx: Trx,
  clock: Clock,
  loginIds: readonly number[],
  state: RawBuilder<unknown>,
): Promise<Session[]> {
  const { rows } = await sql<Row>`select null::int as key_id, null::int as session_id, null::text as origin,
      null::timestamptz as entered_at, null::timestamptz as factor_at, null::text[] as scopes,
      ${clock.now()}::timestamptz as seen_at, ${about(clock)}
    from login l where l.id = any(${[...loginIds]}::int[]) and ${state} order by l.id`.execute(trx)
  return rows.map((row) => asSession(row, null))
}

async function touchKey(trx: Trx, row: Row, clock: Clock): Promise<void> {
  await sql`update api_key set used_at = ${clock.now()} where id = ${row.key_id}
    and (used_at is null or used_at < ${clock.now()}::timestamptz - interval '1 minute')`.execute(trx)
}

/** Whether a post of the session has the permission, at a unit where it counts. */
export function mayDo(session: Session, permission: Permission): boolean {
  return headOfficePermissions.has(permission) ? seesWholeBank(session, permission) : holdsAnywhere(session, permission)
}

function holdsAnywhere(session: Session, permission: Permission): boolean {
  return session.posts.some((post) => post.permissions.includes(permission))
}

/** What the session may do, by any post. */
export function permissionsOf(session: Session): Permission[] {
  return [...new Set(session.posts.flatMap((post) => post.permissions))]
}

/** The widest scope of customers that a post has: what pages say about the session. */
export function customersOf(session: Session): CustomerScope {
  return customerScopes.findLast((scope) => session.posts.some((post) => post.customers === scope)) ?? 'none'
}

/**
 * What the session may see when it uses a permission: the posts that have it decide, with the walls that bind them.
 * Never made from anything the request says.
 */
export function scopeOf(session: Session, permission: Permission): Scope {
  const posts = session.posts.filter((post) => post.permissions.includes(permission))
  const reach = reachOf(
    posts.map((post) => ({ ...post, unitId: post.unit.id, crossesWalls: post.permissions.includes('walls.cross') })),
    session.walls,
  )
  const book =
    session.staffId === null || isEmpty(reach.book)
      ? null
      : { staffId: session.staffId, without: minus(allUnits, reach.book).units }
  const granted = posts.length > 0 ? session.granted : []
  return { units: reach.units, book, granted, walled: reach.walled.units, who: session.who }
}

/** The units at or above which the session holds a permission: the part of the tree that it is shown. */
export function placesOf(session: Session, permission: Permission): UnitSet {
  return together(session.posts.filter((post) => post.permissions.includes(permission)))
}

/**
 * The units whose sums the session may see by a permission: counts without a person in them, which no wall hides. Empty
 * for whoever has a book only.
 */
export function figuresOf(session: Session, permission: Permission): UnitSet {
  return together(session.posts.filter((post) => post.permissions.includes(permission) && post.customers !== 'book'))
}

function together(posts: readonly Post[]): UnitSet {
  return posts.reduce((units, post) => union(units, unitsOf(post)), noUnits)
}

/** Refuses permission_missing unless the session has one of them, head_office_only where it has one but below. */
export function mustMay(session: Session, ...any: readonly Permission[]): void {
  if (!any.some((one) => mayDo(session, one))) refuseAll(session, any)
}

/**
 * For what speaks of every unit at once by a permission that counts below too. Refuses head_office_only where it is held
 * there, else permission_missing.
 */
export function mustSeeWholeBank(session: Session, permission: Permission): void {
  if (!seesWholeBank(session, permission)) refuseAll(session, [permission])
}

function refuseAll(session: Session, any: readonly Permission[]): never {
  const below = any.find((one) => holdsAnywhere(session, one))
  if (below) refuse('head_office_only', { permission: below })
  refuse('permission_missing', { permission: any.join(' / ') })
}

/** What it may do for the whole bank: by a post at the top of the tree. */
export function permissionsAtTop(session: Session): Permission[] {
  return permissionsOf(session).filter((permission) => seesWholeBank(session, permission))
}

/** Whether a post at the top of the tree has the permission. */
export function seesWholeBank(session: Session, permission: Permission): boolean {
  return session.posts.some((post) => post.permissions.includes(permission) && isAll(unitsOf(post)))
}

/** What the cookie of a session keeps, and nothing else. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256: the token is random and long, so a slow hash would only cost. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function asSession(row: Row, awaits = stepOf(row)): Session {
  return {
    who: row.key_id === null ? `login:${row.login_id}` : `key:${row.key_id}`,
    loginId: row.login_id,
    sessionId: row.session_id,
    byKey: row.key_id !== null,
    kind: row.kind,
    origin: row.origin,
    awaits,
    hasSecondFactor: row.has_factor,
    needsSecondFactor: asksForFactor(row),
    enteredMillis: row.entered_at?.getTime() ?? null,
    name: row.name,
    displayName: row.display_name,
    staffId: row.staff_id,
    posts: awaits === null ? row.posts.map((post) => asPost(post, row.scopes)) : [],
    walls: row.walls,
    granted: awaits === null ? row.granted.map(BigInt) : [],
  }
}

/**
 * Asked anew for every request, so that it binds at once when a role begins to ask for a second factor. The bank's own
 * sign-on asks for its own; a break-glass account must open when no device is at hand.
 */
function stepOf(row: Row): Step | null {
  if (row.key_id !== null || row.origin === 'oidc' || row.kind === 'breakGlass') return null
  if (row.has_factor && row.factor_at === null) return 'code'
  if (row.password_temporary) return 'password'
  return asksForFactor(row) && !row.has_factor ? 'enrol' : null
}

function asksForFactor(row: Row): boolean {
  return row.posts.some((post) => post.secondFactor)
}

/** A key with scopes has of each post what is among them. */
function asPost({ secondFactor: _, ...stored }: StoredPost, scopes: string[] | null): Post {
  const customers = customerScopes.find((scope) => scope === stored.customers)
  assert(customers, `a known scope of customers, not ${stored.customers}`)
  const held = knownPermissions(stored.permissions)
  return {
    ...stored,
    customers,
    permissions: scopes === null ? held : held.filter((one) => scopes.includes(one)),
    fields: fieldsOfRole(stored.fields),
    edits: editsOfRole(stored.edits),
  }
}
