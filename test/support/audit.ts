/** Audit entries as a test looks at them: opened. */
import { openEntry } from '../../src/access/audit.ts'
import type { Keys } from '../../src/access/keys.ts'
import type { Database } from '../../src/db/database.ts'

export interface SeenEntry {
  id: bigint
  who: string
  action: string
  noun: string
  nounId: string | null
  partyId: bigint | null
  address: string | null
  // biome-ignore lint/suspicious/noExplicitAny: tests look into values of every shape
  before: any
  // biome-ignore lint/suspicious/noExplicitAny: tests look into values of every shape
  after: any
  reason: string | null
}

/** All entries of an action, oldest first; what is sealed under a customer's key stays closed. */
export async function auditEntries(db: Database, keys: Keys, action: string): Promise<SeenEntry[]> {
  const { rows } = await db.owner.query(
    `select id, who, action, noun, noun_id as "nounId", party_id as "partyId", by_party_key as "byPartyKey", address,
       before, after, reason from audit_entry where action = $1 order by id`,
    [action],
  )
  return rows.map((row) => ({ ...row, ...openEntry(keys, row, null) }))
}
