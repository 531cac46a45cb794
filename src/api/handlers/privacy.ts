/** Consents, a customer's own data, erasure, retention, keys. */
import { mustHaveReentered } from '../../access/reentry.ts'
import { keyStatus } from '../../access/rotate.ts'
import { propose } from '../../acts/approvals.ts'
import { listErasures } from '../../acts/erasures.ts'
import { consentsOf, isErased, recordConsent, withdrawConsent } from '../../desk/consents/store.ts'
import { encodeCursor, idOfCursor } from '../../desk/cursor.ts'
import { partyByNo } from '../../desk/customers/page.ts'
import { forever } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { disclose, rehearseRetention, setRetention } from '../../nightly/requests.ts'
import { type Some, sent } from '../handler.ts'
import { actingAt } from '../site.ts'

export const privacyHandlers: Some<
  | 'readConsents'
  | 'recordConsent'
  | 'withdrawConsent'
  | 'discloseCustomer'
  | 'proposeErasure'
  | 'listErasures'
  | 'readRetention'
  | 'setRetention'
  | 'readKeys'
> = {
  readConsents: ({ site, scope, params }) =>
    site.workplace.db.reading(scope, async (trx) =>
      consentsOf(trx, (await partyByNo(trx, params.no)).id, site.workplace.clock.today()),
    ),

  recordConsent: ({ site, scope, params, body, session, address }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const today = site.workplace.clock.today()
      const party = await partyByNo(trx, params.no)
      if (await isErased(trx, party.id)) refuse('already_erased', { customer: params.no })
      const { fromDay = today, toDay = forever, ...given } = body
      await recordConsent(trx, party, { ...given, fromDay, toDay, who: session.who, address })
      return consentsOf(trx, party.id, today)
    }),

  withdrawConsent: ({ site, scope, params, body, session, address }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const today = site.workplace.clock.today()
      const party = await partyByNo(trx, params.no)
      await withdrawConsent(trx, party, { ...body, fromDay: today, who: session.who, address })
      return consentsOf(trx, party.id, today)
    }),

  discloseCustomer: async ({ site, scope, params, body, session, address, reply }) => {
    mustHaveReentered(session, site.workplace.clock)
    const { format, language, reason } = body
    const asked = { customerNo: params.no, format, language, reason, who: session.who, address }
    const file = await disclose(site.workplace, scope, asked)
    reply.header('content-type', format === 'html' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8')
    reply.header('content-disposition', `attachment; filename="personal-data-${file.partyId}.${format}"`)
    reply.send(file.text)
    return sent
  },

  proposeErasure: async ({ site, scope, params, body, session, address }) => {
    const { db, clock } = site.workplace
    mustHaveReentered(session, clock)
    const party = await db.withScope(scope, (trx) => partyByNo(trx, params.no))
    if (body.customerNo !== params.no) {
      refuse('input_invalid', { field: 'customerNo', reason: 'must repeat the number', reasonZh: '应与客户号一致' })
    }
    const change = { kind: 'erase' as const, customerNo: party.customerNo }
    return propose(actingAt(site), session, { change, reason: body.reason, address })
  },

  listErasures: async ({ site, session, query }) => {
    const { cursor, limit } = query
    const { next, ...page } = await listErasures(site.workplace.db, session, { before: idOfCursor(cursor), limit })
    return { ...page, next: next && encodeCursor([next]) }
  },

  readRetention: ({ site }) => rehearseRetention(site.workplace),

  setRetention: async ({ site, session, body, address }) => {
    await setRetention(site.workplace, { ...body, who: session.who, address })
    return rehearseRetention(site.workplace)
  },

  readKeys: async ({ site }) => {
    const generations = await keyStatus(site.workplace.db.owner)
    return {
      generations: generations.map((one) => ({
        generation: one.generation,
        madeAt: one.madeAt.toISOString(),
        retiredAt: one.retiredAt?.toISOString() ?? null,
        keptBy: one.keptBy,
        parties: Number(one.parties),
        purposes: Number(one.purposes),
      })),
    }
  },
}
