/** Customers of others: found by an exact number, masked; and the blind check whether somebody is a customer already. */
import { sql } from 'kysely'
import type { blindCheck, findElsewhere } from '../contract/elsewhere.ts'
import type { Output } from '../contract/endpoint.ts'
import type { Trx } from '../db/database.ts'
import { audit } from './audit.ts'
import { fieldsOf } from './fields.ts'
import type { Keys } from './keys.ts'
import { plainNumber, tokenOfNumber } from './number-token.ts'
import type { Session } from './session.ts'

type Found = Output<typeof findElsewhere>

/**
 * Those with exactly that customer, phone or identity number whom the scope does not see, masked, and whether a
 * request of one's own waits for each. Nobody behind a wall. Audited.
 */
export async function findCustomersElsewhere(
  trx: Trx,
  keys: Keys,
  session: Session,
  asked: { q: string; address: string },
): Promise<Found> {
  const token = tokenOfNumber(keys, asked.q, fieldsOf(session))
  const { rows } = await sql<{
    customer_no: string
    kind: 'person' | 'company'
    name: string
    code: string
    unit: string
    manager: string | null
    asked: boolean
  }>`select f.customer_no, f.kind, f.name, u.code, u.name as unit, s.name as manager,
      exists (select from access_request r where r.party_id = f.party_id and r.login_id = ${session.loginId}
        and r.decision is null) as asked
    from strata.find_elsewhere(${plainNumber(asked.q)}, ${token}) f join unit u on u.id = f.unit_id
    left join staff s on s.id = f.rm_id
    where not exists (select from party p where p.id = f.party_id)`.execute(trx)
  // What was typed can be a number of a person: only that something was looked for, and how much was found.
  await audit(trx, {
    who: session.who,
    action: 'findElsewhere',
    noun: 'customers',
    after: { found: rows.length },
    address: asked.address,
  })
  return {
    rows: rows.map((row) => ({
      customerNo: row.customer_no,
      kind: row.kind,
      name: row.name,
      unit: { code: row.code, name: row.unit },
      rm: row.manager,
      asked: row.asked,
    })),
  }
}

/** Whether an identity number belongs to a customer already, anywhere in the bank: the unit to ask, and nothing else. */
export async function checkBlindly(
  trx: Trx,
  keys: Keys,
  session: Session,
  asked: { identityNo: string; address: string },
): Promise<Output<typeof blindCheck>> {
  const number = plainNumber(asked.identityNo).toUpperCase()
  const { rows } = await sql<{ code: string; name: string }>`select u.code, u.name
    from unit u where u.id = strata.unit_to_ask(${keys.blindIndex('identityNo', number)})`.execute(trx)
  const unit = rows[0] ?? null
  await audit(trx, {
    who: session.who,
    action: 'checkBlindly',
    noun: 'customers',
    after: { exists: unit !== null },
    address: asked.address,
  })
  return { exists: unit !== null, unit }
}
