/** Revealing one field of one customer: with a right and a reason, on record, and for a minute on the page. */
import { sql } from 'kysely'
import type { revealedFields } from '../contract/elsewhere.ts'
import type { Trx } from '../db/database.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { mustRead } from './fields.ts'
import type { Keys } from './keys.ts'
import type { Session } from './session.ts'
import { groupOf, showFacts } from './show.ts'

/** How long a page shows what was revealed. */
const shownSeconds = 60

/**
 * The field in clear, null when there is none, and how long a page may show it. Refuses not_found (also outside the
 * scope), field_hidden, key_needs_person. Audited without the value.
 */
export async function revealFieldOf(
  trx: Trx,
  keys: Keys,
  session: Session,
  asked: { customerNo: string; field: (typeof revealedFields)[number]; reason: string; address: string },
): Promise<{ value: string | null; seconds: number }> {
  if (session.byKey) refuse('key_needs_person')
  mustRead(session, asked.field === 'name' ? 'name' : groupOf[asked.field])
  const { rows } = await sql<{ id: bigint; name: string; sealed: Buffer | null; wrapped: Buffer | null }>`
    select p.id, p.name, p.sealed, k.wrapped from customer c join party p on p.id = c.party_id
    left join party_key k on k.party_id = p.id where c.customer_no = ${asked.customerNo}`.execute(trx)
  const named = { what: `customer ${asked.customerNo}`, whatZh: `客户 ${asked.customerNo}` }
  const party = rows[0] ?? refuse('not_found', named)
  await audit(trx, {
    who: session.who,
    action: 'reveal',
    noun: 'customer',
    nounId: asked.customerNo,
    after: { field: asked.field },
    reason: asked.reason,
    address: asked.address,
  })
  if (asked.field === 'name') return { value: party.name, seconds: shownSeconds }
  const facts = showFacts(keys, { partyId: party.id, sealed: party.sealed, wrapped: party.wrapped }, true)
  return { value: facts[asked.field] ?? null, seconds: shownSeconds }
}
