/** Refusals under audit: what somebody was not allowed to do, and keys that opened nothing. */
import type { FastifyRequest } from 'fastify'
import { audit } from '../access/audit.ts'
import { type Database, nobodyAs } from '../db/database.ts'
import { type RefusalCode, type RefusalParams, refusals } from '../kit/refusal.ts'

/**
 * Writes the entry of a refusal that is about rights (403) or a dead key. Wrong passwords and waiting have entries of
 * their own (access/login.ts); a request that was merely wrong has none.
 */
export async function auditRefusal(
  db: Database,
  request: FastifyRequest,
  { code, params }: { code: RefusalCode; params: RefusalParams },
): Promise<void> {
  if (refusals[code].status !== 403 && code !== 'key_expired') return
  const who = request.session?.who ?? 'nobody'
  const detail = params.permission ?? params.origin
  await db.withScope(nobodyAs(who), (trx) =>
    audit(trx, {
      who,
      action: code === 'key_expired' ? 'keyRefused' : 'refused',
      noun: 'endpoint',
      nounId: request.routeOptions.config.endpoint ?? request.routeOptions.url ?? null,
      reason: detail === undefined ? code : `${code} ${String(detail).slice(0, 200)}`,
      address: request.ip,
    }),
  )
}
