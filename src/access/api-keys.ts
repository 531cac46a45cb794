/**
 * Keys for programs. A key acts as its login: same posts, same scope, never more, and only what its scopes name. Its
 * login is whoever made it, or a program, which has keys and no password. Only its hash is kept.
 */
import { randomBytes } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { apiKey } from '../contract/keys.ts'
import type { Permission } from '../contract/permission.ts'
import { type Database, nobodyAs, type Trx } from '../db/database.ts'
import { type Clock, hoursAfter } from '../kit/clock.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { holds } from '../kit/unit-set.ts'
import { audit } from './audit.ts'
import { mustHaveReentered } from './reentry.ts'
import { knownPermissions } from './roles.ts'
import { hashToken, mayDo, mustMay, permissionsOf, placesOf, type Session } from './session.ts'

type ApiKey = z.output<typeof apiKey>

const keysShownMax = 500

/** Own keys and those one made for programs; everybody's with keys.manage. Newest first. */
export async function listApiKeys(db: Database, session: Session, login?: string): Promise<ApiKey[]> {
  return db.withScope(nobodyAs(session.who), (trx) =>
    readKeys(
      trx,
      sql`${mine(session)} and (${login ?? null}::text is null or l.name = ${login ?? null})`,
      keysShownMax,
    ),
  )
}

/** The keys of these logins, newest first. */
export function keysOf(trx: Trx, loginIds: readonly number[]): Promise<ApiKey[]> {
  return readKeys(trx, sql`k.login_id = any(${[...loginIds]}::int[])`, loginIds.length * keysShownMax)
}

async function readKeys(trx: Trx, where: RawBuilder<unknown>, limit: number): Promise<ApiKey[]> {
  const { rows } = await sql<{
    id: number
    name: string
    login: string
    scopes: string[] | null
    created_at: Date
    expires_at: Date
    used_at: Date | null
    revoked_at: Date | null
  }>`select k.id, k.name, l.name as login, k.scopes, k.created_at, k.expires_at, k.used_at, k.revoked_at
    from api_key k join login l on l.id = k.login_id where ${where} order by k.id desc limit ${limit}`.execute(trx)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    login: row.login,
    scopes: row.scopes && knownPermissions(row.scopes),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    usedAt: row.used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }))
}

/** The keys `k` that a session sees and revokes. */
function mine(session: Session): RawBuilder<unknown> {
  if (mayDo(session, 'keys.manage')) return sql`true`
  const { loginId } = session
  return sql`(k.login_id = ${loginId} or k.made_by = ${loginId})`
}

export interface KeyRequest {
  name: string
  days: number
  /** A part of what its login may do; all of it when missing. */
  scopes?: readonly Permission[] | undefined
  /** A program of that name instead of oneself; takes programs.manage. */
  program?: string | undefined
  address: string
}

/**
 * A new key; the token is told this once. Refuses key_needs_person when a key asks for a key, reentry_needed,
 * permission_missing and not_found for a program, scope_beyond.
 */
export async function createApiKey(
  db: Database,
  clock: Clock,
  session: Session,
  asked: KeyRequest,
): Promise<{ key: ApiKey; token: string }> {
  mustHaveReentered(session, clock)
  const { name, days, address } = asked
  const token = `strata_${randomBytes(32).toString('base64url')}`
  const createdAt = clock.now()
  const expiresAt = hoursAfter(clock.millis(), days * 24)
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const login = await keyLogin(trx, clock, session, asked.program)
    const given = asked.scopes ?? (asked.program === undefined ? null : login.permissions)
    const scopes = given && [...new Set(given)]
    const beyond = scopes?.find((scope) => !login.permissions.includes(scope))
    if (beyond) refuse('scope_beyond', { permission: beyond })
    const row = await trx
      .insertInto('api_key')
      .values({
        name,
        token_hash: hashToken(token),
        login_id: login.id,
        created_at: createdAt,
        expires_at: expiresAt,
        scopes,
        made_by: session.loginId,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const after = { name, expiresAt, scopes, login: login.name }
    const { who } = session
    await audit(trx, { who, action: 'createKey', noun: 'key', nounId: String(row.id), after, address })
    const key = { id: row.id, name, login: login.name, scopes, createdAt, expiresAt, usedAt: null, revokedAt: null }
    return { key, token }
  })
}

interface KeyLogin {
  id: number
  name: string
  /** What a key of it may be given. */
  permissions: readonly Permission[]
}

/**
 * Whom the key acts as. Nobody gives a program what they cannot do themselves, at its unit: an administrator, who sees
 * no customer, cannot make a key that does.
 */
async function keyLogin(trx: Trx, clock: Clock, session: Session, program: string | undefined): Promise<KeyLogin> {
  if (program === undefined) return { id: session.loginId, name: session.name, permissions: permissionsOf(session) }
  mustMay(session, 'programs.manage')
  const day = clock.today()
  const { rows } = await sql<{ id: number; name: string; posts: ProgramPost[] }>`
    select l.id, l.name, ${postsOfProgram(day)} as posts from login l
    where l.name = ${program} and l.kind = 'program' and l.disabled_at is null`.execute(trx)
  const row = rows[0]
  if (!row || row.posts.length === 0) refuse('not_found', { what: `program ${program}`, whatZh: `系统接口 ${program}` })
  return { id: row.id, name: row.name, permissions: grantableOf(session, row.posts) }
}

export interface ProgramPost {
  unitId: number
  permissions: string[]
}

/** The posts that the login `l` holds, oldest first. */
export const postsOfProgram = (day: Day) => sql`coalesce((select json_agg(json_build_object('unitId', p.unit_id,
    'permissions', r.permissions) order by p.id)
  from post p join role r on r.code = p.role
  where p.login_id = l.id and p.from_day <= ${day} and p.to_day > ${day}), '[]')`

/**
 * Of a program's permissions those that the session holds at every unit at which the program does: a key has what it is
 * given at all of them.
 */
export function grantableOf(session: Session, posts: readonly ProgramPost[]): Permission[] {
  const named = new Set(posts.flatMap((post) => knownPermissions(post.permissions)))
  return [...named].filter((permission) =>
    posts.every((post) => !post.permissions.includes(permission) || holds(placesOf(session, permission), post.unitId)),
  )
}

/** Ends a key at once: one's own, one that one made, or any with keys.manage. Refuses not_found. Revoking twice changes nothing. */
export async function revokeApiKey(
  db: Database,
  clock: Clock,
  session: Session,
  given: { id: number; address: string },
): Promise<ApiKey> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const named = { what: `key ${given.id}`, whatZh: `接口密钥 ${given.id}` }
    const before = await trx.selectFrom('api_key').select('revoked_at').where('id', '=', given.id).executeTakeFirst()
    const revokedAt = before?.revoked_at ?? clock.now()
    const changed = await sql`update api_key k set revoked_at = ${revokedAt}
      where k.id = ${given.id} and ${mine(session)}`.execute(trx)
    if (changed.numAffectedRows === 0n) refuse('not_found', named)
    await audit(trx, {
      who: session.who,
      action: 'revokeKey',
      noun: 'key',
      nounId: String(given.id),
      before: { revokedAt: before?.revoked_at ?? null },
      after: { revokedAt },
      address: given.address,
    })
    const [key] = await readKeys(trx, sql`k.id = ${given.id}`, 1)
    return key ?? refuse('not_found', named)
  })
}
