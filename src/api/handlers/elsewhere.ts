/** Customers of others, requests for them, and revealed fields. */
import { checkBlindly, findCustomersElsewhere } from '../../access/elsewhere.ts'
import { decideRequest, endRequest, listRequests, requestCustomer } from '../../access/requests.ts'
import { revealFieldOf } from '../../access/reveal.ts'
import { mustMay, type Session, scopeOf } from '../../access/session.ts'
import { asUsual } from '../../access/volume.ts'
import type { Scope } from '../../db/database.ts'
import { encodeCursor, idOfCursor } from '../../desk/cursor.ts'
import type { Some } from '../handler.ts'

export const elsewhereHandlers: Some<
  | 'findElsewhere'
  | 'blindCheck'
  | 'requestAccess'
  | 'listAccessRequests'
  | 'decideAccessRequest'
  | 'endAccess'
  | 'revealField'
> = {
  findElsewhere: ({ site: { workplace }, scope, session, query, address }) =>
    asUsual(workplace, { session, scope }, { action: 'findElsewhere', address }, (trx) =>
      findCustomersElsewhere(trx, workplace.keys, session, { q: query.q, address }),
    ),

  blindCheck: ({ site: { workplace }, scope, session, body, address }) =>
    asUsual(workplace, { session, scope }, { action: 'checkBlindly', address }, (trx) =>
      checkBlindly(trx, workplace.keys, session, { ...body, address }),
    ),

  requestAccess: ({ site: { workplace }, scope, session, body, address }) =>
    workplace.db.withScope(scope, (trx) => requestCustomer(trx, workplace.clock, session, { ...body, address })),

  listAccessRequests: ({ site: { workplace }, scope, session, query }) => {
    if (query.box === 'others') mustMay(session, 'access.grant')
    return workplace.db.withScope(query.box === 'others' ? ownersScope(session) : scope, async (trx) => {
      const before = idOfCursor(query.cursor)
      const rows = await listRequests(trx, workplace.clock, session, { ...query, before, limit: query.limit + 1 })
      const shown = rows.slice(0, query.limit)
      const last = shown.at(-1)
      return { rows: shown, next: rows.length > query.limit && last ? encodeCursor([last.id]) : null }
    })
  },

  decideAccessRequest: ({ site: { workplace }, session, params, body, address }) =>
    workplace.db.withScope(ownersScope(session), (trx) =>
      decideRequest(trx, workplace.clock, session, {
        id: params.id,
        decision: body.decision,
        hours: body.hours,
        note: body.note,
        address,
      }),
    ),

  // One's own requests are seen without seeing the customer
  endAccess: ({ site: { workplace }, session, params, address }) =>
    workplace.db.withScope(ownersScope(session), (trx) =>
      endRequest(trx, workplace.clock, session, { id: params.id, address }),
    ),

  revealField: ({ site: { workplace }, scope, session, params, body, address }) =>
    asUsual(workplace, { session, scope }, { action: 'reveal', address }, (trx) =>
      revealFieldOf(trx, workplace.keys, session, { customerNo: params.no, ...body, address }),
    ),
}

/** Whose customers one may show to others: not those that are merely granted to oneself. */
function ownersScope(session: Session): Scope {
  return { ...scopeOf(session, 'access.grant'), granted: [] }
}
