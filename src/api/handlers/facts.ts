/** A customer's contact facts: read, edited, restored. */
import { fieldsOf, mustEdit } from '../../access/fields.ts'
import type { EditableField } from '../../contract/permission.ts'
import { editCustomerFacts, readCustomerFacts, restoreCustomerFact } from '../../desk/customers/facts.ts'
import type { Some } from '../handler.ts'

export const factHandlers: Some<'readFacts' | 'editFacts' | 'restoreFact'> = {
  readFacts: ({ site, scope, session, params }) =>
    site.workplace.db.withScope(scope, (trx) =>
      readCustomerFacts(trx, site.workplace.keys, params.no, fieldsOf(session)),
    ),

  editFacts: ({ site, scope, session, params, body, address }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const { version, reason, phone, email, address: home, occupation } = body
      const wanted = {
        ...(phone !== undefined && { phone }),
        ...(email !== undefined && { email }),
        ...(home !== undefined && { address: home }),
        ...(occupation !== undefined && { occupation }),
      }
      for (const field of Object.keys(wanted) as EditableField[]) mustEdit(session, field)
      const editor = { who: session.who, loginId: session.loginId, address, reason, version }
      return { version: await editCustomerFacts(trx, site.workplace.keys, params.no, wanted, editor) }
    }),

  restoreFact: ({ site, scope, session, params, body, address }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const { version, reason, entry, field } = body
      mustEdit(session, field)
      const editor = { who: session.who, loginId: session.loginId, address, reason, version }
      const back = { entry, field }
      return { version: await restoreCustomerFact(trx, site.workplace.keys, params.no, back, editor) }
    }),
}
