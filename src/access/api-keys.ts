/**
 * Keys for programs. A key acts as the login that made it: same posts, same scope, never more. Only its hash is kept.
 */
import { randomBytes } from 'node:crypto'
import { type Database, nobodyAs } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { hashToken, mayDo, type Session } from './session.ts'

export interface ApiKey {
  id: number
  name: string
  login: string
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
      .select(['used_at', 'revoked_at'])
    if (!mayDo(session, 'keys.manage')) query = query.where('api_key.login_id', '=', session.loginId)
    const rows = await query.orderBy('api_key.id', 'desc').limit(keysShownMax).execute()
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      login: row.login,
      createdAt: row.created_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      usedAt: row.used_at?.toISOString() ?? null,
      revokedAt: row.revoked_at?.toISOString() ?? null,
    }))
  })
}

/** A new key of this login; the token is told this once. Refuses key_needs_person when a key asks for a key. */
export async function createApiKey(
  db: Database,
  clock: Clock,
  session: Session,
  given: { name: string; days: number; address: string },
): Promise<{ key: ApiKey; token: string }> {
  if (session.byKey) refuse('key_needs_person')
  const token = `strata_${randomBytes(32).toString('base64url')}`
  const createdAt = clock.now()
  const expiresAt = Temporal.Instant.fromEpochMilliseconds(clock.millis() + given.days * 86_400_000).toString()
  const id = await db.withScope(nobodyAs(session.who), async (trx) => {
    const row = await trx
      .insertInto('api_key')
      .values({
        name: given.name,
        token_hash: hashToken(token),
        login_id: session.loginId,
        created_at: createdAt,
        expires_at: expiresAt,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    const after = { name: given.name, expiresAt }
    await audit(trx, {
      who: session.who,
      action: 'createKey',
      noun: 'key',
      nounId: String(row.id),
      after,
      address: given.address,
    })
    return row.id
  })
  const key = { id, name: given.name, login: session.name, createdAt, expiresAt }
  return { key: { ...key, usedAt: null, revokedAt: null }, token }
}

/** Ends a key at once: one's own, or any with keys.manage. Refuses not_found. Revoking twice changes nothing. */
export async function revokeApiKey(
  db: Database,
  clock: Clock,
  session: Session,
  given: { id: number; address: string },
): Promise<ApiKey> {
  await db.withScope(nobodyAs(session.who), async (trx) => {
    const before = await trx.selectFrom('api_key').select('revoked_at').where('id', '=', given.id).executeTakeFirst()
    let query = trx
      .updateTable('api_key')
      .set((with_) => ({ revoked_at: with_.fn.coalesce('revoked_at', with_.val(clock.now())) }))
      .where('id', '=', given.id)
    if (!mayDo(session, 'keys.manage')) query = query.where('login_id', '=', session.loginId)
    const changed = await query.executeTakeFirst()
    if (changed.numUpdatedRows === 0n) refuse('not_found', { what: `key ${given.id}`, whatZh: `接口密钥 ${given.id}` })
    await audit(trx, {
      who: session.who,
      action: 'revokeKey',
      noun: 'key',
      nounId: String(given.id),
      before: { revokedAt: before?.revoked_at ?? null },
      after: { revokedAt: before?.revoked_at ?? clock.now() },
      address: given.address,
    })
  })
  const found = (await listApiKeys(db, session)).find((key) => key.id === given.id)
  return found ?? refuse('not_found', { what: `key ${given.id}`, whatZh: `接口密钥 ${given.id}` })
}
