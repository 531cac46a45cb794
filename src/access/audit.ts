/** Audit entries (留痕): who did what to what, when, from where. Written in the transaction of what they speak of. */
import { sql } from 'kysely'
import type pg from 'pg'
import type { Trx } from '../db/database.ts'

export interface AuditEntry {
  /** 'login:17', 'key:3', 'strata', or 'nobody' before a sign-in. */
  who: string
  /** A verb in camelCase: 'signIn', 'exportCustomers', 'decideProposals'. */
  action: string
  noun: string
  nounId?: string | null
  /** No personal data in clear: counts, ids, codes. */
  before?: unknown
  after?: unknown
  reason?: string | null
  address?: string | null
}

/** Adds the entry; it is never changed or deleted. */
export async function audit(trx: Trx, entry: AuditEntry): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
  await sql`insert into audit_entry (who, action, noun, noun_id, before, after, reason, address)
    values (${entry.who}, ${entry.action}, ${entry.noun}, ${entry.nounId ?? null}, ${json(entry.before)}::jsonb,
      ${json(entry.after)}::jsonb, ${entry.reason ?? null}, ${entry.address ?? null})`.execute(trx)
}

/** The same in a transaction of the owner: batch work. */
export async function auditAsOwner(client: pg.PoolClient, entry: AuditEntry): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
  const { who, action, noun, nounId = null, before, after, reason = null, address = null } = entry
  await client.query(
    `insert into audit_entry (who, action, noun, noun_id, before, after, reason, address)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [who, action, noun, nounId, json(before), json(after), reason, address],
  )
}
