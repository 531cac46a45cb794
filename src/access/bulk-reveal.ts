/**
 * One field of many customers in clear, for a file that a second person approved. The whole file is one audit entry with
 * count and SHA-256 of the customers; a row for each says whose field it showed.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Trx } from '../db/database.ts'
import { audit } from './audit.ts'
import { mustRead } from './fields.ts'
import type { Keys } from './keys.ts'
import type { Session } from './session.ts'
import { groupOf, showFacts } from './show.ts'

/** More than anybody calls or writes to in a campaign of an outlet; a larger leak would be the bank's whole book. */
export const bulkRevealRowsMax = 5000

/**
 * The field of each of those customers whom the transaction sees, by customer number; null where there is none. Refuses
 * field_hidden. Audited without the values.
 */
export async function revealOfMany(
  trx: Trx,
  keys: Keys,
  session: Session,
  asked: {
    customerNos: readonly string[]
    field: 'phone' | 'email' | 'address'
    approval: number
    about: object
    address: string
  },
): Promise<Map<string, string | null>> {
  const { customerNos, field, approval, about, address } = asked
  mustRead(session, groupOf[field])
  const { rows } = await sql<{ id: bigint; no: string; sealed: Buffer | null; wrapped: Buffer | null }>`select
      p.id, p.customer_no as no, p.sealed, k.wrapped from party p left join party_key k on k.party_id = p.id
    where p.customer_no = any(${[...customerNos]}::text[]) order by p.id limit ${bulkRevealRowsMax}`.execute(trx)
  const ids = rows.map((row) => String(row.id))
  await sql`insert into bulk_reveal (approval_id, party_id)
    select ${approval}, party from unnest(${ids}::bigint[]) party`.execute(trx)
  await audit(trx, {
    who: session.who,
    action: 'revealInBulk',
    noun: 'bulkReveal',
    nounId: String(approval),
    after: { field, customers: rows.length, sha256: digestOf(ids), ...about },
    address,
  })
  return new Map(
    rows.map(({ id, no, sealed, wrapped }) => [
      no,
      showFacts(keys, { partyId: id, sealed, wrapped }, true)[field] ?? null,
    ]),
  )
}

/** Of our ids of the customers in ascending order, one a line: what `bulk_reveal` must come to. */
function digestOf(ids: readonly string[]): string {
  return createHash('sha256').update(ids.join('\n')).digest('hex')
}
