/**
 * Sessions and who they speak for. A browser holds a random token in a cookie, a program a bearer key; the database
 * keeps only their hashes. Rights and scope are read anew for every request, so a change of role holds at once.
 */
import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Permission, Role } from '../contract/permission.ts'
import { roles } from '../contract/permission.ts'
import { runPlanned } from '../db/connection.ts'
import type { Database, Scope, Trx } from '../db/database.ts'
import { assert } from '../kit/assert.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { nobody } from './login.ts'
import { grants, mayDo } from './roles.ts'

export const sessionCookie = 'strata_session'
/** Signed out after this long without a request, and at the latest after the second. */
const idleMinutesMax = 60
const sessionHoursMax = 12

/** Whoever asks, known by a session or a key. */
export interface Session {
  /** 'login:17' or 'key:3'. */
  who: string
  loginId: number
  /** By a program: a key can do less than a person (no keys of its own). */
  byKey: boolean
  name: string
  displayName: string
  role: Role
  staffId: number | null
  unit: { id: number; code: string; name: string; kind: string; path: string }
  /** Units whose figures and customers are visible; 'all' at the top of the tree. */
  units: readonly number[] | 'all'
}

/** Opens a session; the token goes into the cookie and is kept nowhere else. */
export async function openSession(
  db: Database,
  clock: Clock,
  given: { loginId: number; address: string; agent: string },
): Promise<{ token: string; expiresAt: string }> {
  const token = randomBytes(32).toString('base64url')
  const expiresAt = inHours(clock, sessionHoursMax)
  await db.withScope(nobody, async (trx) => {
    await sql`insert into session (token_hash, login_id, created_at, seen_at, expires_at, address, agent)
      values (${hashToken(token)}, ${given.loginId}, ${clock.now()}, ${clock.now()}, ${expiresAt}, ${given.address},
        ${given.agent.slice(0, 200)})`.execute(trx)
    await audit(trx, { who: `login:${given.loginId}`, action: 'signIn', noun: 'session', address: given.address })
  })
  return { token, expiresAt }
}

/** Ends the session at once. */
export async function closeSession(db: Database, token: string, who: string, address: string): Promise<void> {
  await db.withScope(nobody, async (trx) => {
    await trx.deleteFrom('session').where('token_hash', '=', hashToken(token)).execute()
    await audit(trx, { who, action: 'signOut', noun: 'session', address })
  })
}

interface Row {
  login_id: number
  key_id: number | null
  seen_at: Date
  name: string
  display_name: string
  role: string
  staff_id: number | null
  unit_id: number
  code: string
  unit_name: string
  kind: string
  path: string
  parent_id: number | null
  units: number[]
}

const who = sql`l.id as login_id, l.name, l.display_name, l.role, l.staff_id, u.id as unit_id, u.code,
  u.name as unit_name, u.kind, u.path, u.parent_id,
  case when u.parent_id is null then '{}'::int[]
    else array(select below.id from unit below where below.path >= u.path and below.path < u.path || '~') end as units`

/** The session of a cookie's token, or undefined when there is none any more. */
export async function sessionOf(db: Database, clock: Clock, token: string): Promise<Session | undefined> {
  const tokenHash = hashToken(token)
  const now = clock.now()
  const [row] = await db.reading(nobody, (trx) =>
    runPlanned(
      trx,
      sql<Row>`select null::int as key_id, s.seen_at, ${who}
      from session s join login l on l.id = s.login_id join unit u on u.id = l.unit_id
      where s.token_hash = ${tokenHash} and s.expires_at > ${now}
        and s.seen_at > ${now}::timestamptz - ${idleMinutesMax} * interval '1 minute' and l.disabled_at is null`,
    ),
  )
  if (!row) return undefined
  // Once a minute is enough to know who is idle, and spares a write per request.
  if (clock.millis() - row.seen_at.getTime() > 60_000) {
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
    const { rows } = await sql<Row>`select k.id as key_id, coalesce(k.used_at, k.created_at) as seen_at, ${who}
      from api_key k join login l on l.id = k.login_id join unit u on u.id = l.unit_id
      where k.token_hash = ${hashToken(token)} and k.expires_at > ${now} and k.revoked_at is null
        and l.disabled_at is null`.execute(trx)
    const row = rows[0]
    if (row) await touchKey(trx, row, clock)
    return row
  })
  if (!found) refuse('key_expired')
  return asSession(found)
}

async function touchKey(trx: Trx, row: Row, clock: Clock): Promise<void> {
  await sql`update api_key set used_at = ${clock.now()} where id = ${row.key_id}
    and (used_at is null or used_at < ${clock.now()}::timestamptz - interval '1 minute')`.execute(trx)
}

/** What the session may see. Never made from anything the request says. */
export function scopeOf(session: Session): Scope {
  const { customers } = grants[session.role]
  if (customers === 'none') return { units: [], book: null, who: session.who }
  // A book goes across units: an assigned customer may be at home in another outlet. No staff number: an empty book.
  if (customers === 'book') return { units: 'all', book: session.staffId ?? 0, who: session.who }
  return { units: session.units, book: null, who: session.who }
}

/** Refuses permission_missing unless the session's role has it. */
export function mustMay(session: Session, permission: Permission): void {
  if (!mayDo(session.role, permission)) refuse('permission_missing', { permission })
}

/** For what speaks of every unit at once: the permission counts only at the top of the tree. Refuses permission_missing. */
export function mustSeeWholeBank(session: Session, permission: Permission): void {
  if (session.units !== 'all') refuse('permission_missing', { permission: `${permission} (head office)` })
}

/** Deletes sessions that ended and attempts that are forgotten; returns how many sessions. */
export async function sweepSessions(db: Database, clock: Clock): Promise<number> {
  return db.withScope(nobody, async (trx) => {
    const gone = await sql`delete from session where expires_at < ${clock.now()}
      or seen_at < ${clock.now()}::timestamptz - ${idleMinutesMax} * interval '1 minute'`.execute(trx)
    await sql`delete from sign_in_attempt where last_at < ${clock.now()}::timestamptz - interval '1 day'`.execute(trx)
    return Number(gone.numAffectedRows ?? 0n)
  })
}

/** SHA-256: the token is random and long, so a slow hash would only cost. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function asSession(row: Row): Session {
  assert((roles as readonly string[]).includes(row.role), `a known role, not ${row.role}`)
  return {
    who: row.key_id === null ? `login:${row.login_id}` : `key:${row.key_id}`,
    loginId: row.login_id,
    byKey: row.key_id !== null,
    name: row.name,
    displayName: row.display_name,
    role: row.role as Role,
    staffId: row.staff_id,
    unit: { id: row.unit_id, code: row.code, name: row.unit_name, kind: row.kind, path: row.path },
    units: row.parent_id === null ? 'all' : row.units,
  }
}

function inHours(clock: Clock, hours: number): string {
  return Temporal.Instant.fromEpochMilliseconds(clock.millis() + hours * 3_600_000).toString()
}
