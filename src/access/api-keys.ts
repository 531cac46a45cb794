/**
 * Keys for programs. A key acts as its login: same posts, same scope, never more, and only what its scopes name. Its
 * login is whoever made it, or a program, which has keys and no password. Only its hash is kept.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Permission } from '../contract/permission.ts'
import { type Database, nobodyAs, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { holds } from '../kit/unit-set.ts'
import { audit } from './audit.ts'
import { mustHaveReentered } from './reentry.ts'
import { knownPermissions } from './roles.ts'
import { hashToken, mayDo, mustMay, permissionsOf, placesOf, type Session } from './session.ts'

export interface ApiKey {
  id: number
  name: string
  login: string
  /** Null: whatever the login may do. */
  scopes: Permission[] | null
  createdAt: string
  expiresAt: string
  usedAt: string | null
  revokedAt: string | null
}

const keysShownMax = 500

/** Own keys; everybody's with keys.manage. Newest first. */
export async function listApiKeys(db: Database, session: Session): Promise<ApiKey[]> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    let query = trx
      .selectFrom('api_key')
      .innerJoin('login', 'login.id', 'api_key.login_id')
      .select(['api_key.id', 'api_key.name', 'login.name as login', 'created_at', 'expires_at'])
      .select(['scopes', 'used_at', 'revoked_at'])
    if (!mayDo(session, 'keys.manage')) query = query.where('api_key.login_id', '=', session.loginId)
    const rows = await query.orderBy('api_key.id', 'desc').limit(keysShownMax).execute()
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
  })
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
  const expiresAt = Temporal.Instant.fromEpochMilliseconds(clock.millis() + days * 86_400_000).toString()
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
  const { rows } = await sql<{ id: number; name: string; unit_id: number; permissions: string[] }>`
    select l.id, l.name, p.unit_id, r.permissions from login l join post p on p.login_id = l.id join role r on r.code = p.role
    where l.name = ${program} and l.kind = 'program' and l.disabled_at is null and p.from_day <= ${day} and p.to_day > ${day}
    order by p.id limit 1`.execute(trx)
  const row = rows[0] ?? refuse('not_found', { what: `program ${program}`, whatZh: `系统接口 ${program}` })
  const mine = (permission: Permission) => holds(placesOf(session, permission), row.unit_id)
  return { id: row.id, name: row.name, permissions: knownPermissions(row.permissions).filter(mine) }
}

/** Ends a key at once: one's own, or any with keys.manage. Refuses not_found. Revoking twice changes nothing. */
export async function revokeApiKey(
  db: Database,
  clock: Clock,
  session: Session,
  given: { id: number; address: string },
): Promise<ApiKey> {
  await db.withScope(nobodyAs(session.who), async (trx) => {
    let query = trx
      .updateTable('api_key')
      .set((with_) => ({ revoked_at: with_.fn.coalesce('revoked_at', with_.val(clock.now())) }))
      .where('id', '=', given.id)
    if (!mayDo(session, 'keys.manage')) query = query.where('login_id', '=', session.loginId)
    const changed = await query.executeTakeFirst()
    if (changed.numUpdatedRows === 0n) refuse('not_found', { what: `key ${given.id}`, whatZh: `接口密钥 ${given.id}` })
    const { who } = session
    await audit(trx, { who, action: 'revokeKey', noun: 'key', nounId: String(given.id), address: given.address })
  })
  const found = (await listApiKeys(db, session)).find((key) => key.id === given.id)
  return found ?? refuse('not_found', { what: `key ${given.id}`, whatZh: `接口密钥 ${given.id}` })
}
