/** Nights, pyramid, flows, units, and differences after corrections. */

import { fieldsOf } from '../../access/fields.ts'
import { figuresOf, placesOf, type Session } from '../../access/session.ts'
import { propose } from '../../acts/approvals.ts'
import { nightById } from '../../desk/nights/current.ts'
import { readFlowsBetween, readPyramid, readUnits, type Sight } from '../../desk/nights/pyramid.ts'
import { decideWouldHaveBeen, listNights, listWouldHaveBeen, readNight } from '../../desk/nights/store.ts'
import { queueNight } from '../../jobs/queue.ts'
import { isEmpty } from '../../kit/unit-set.ts'
import { readIfChanged } from '../etag.ts'
import type { Some } from '../handler.ts'
import { actingAt } from '../site.ts'

export const nightHandlers: Some<
  | 'listNights'
  | 'readNight'
  | 'startNight'
  | 'readPyramid'
  | 'readFlows'
  | 'listUnits'
  | 'proposeUnit'
  | 'listWouldHaveBeen'
  | 'decideWouldHaveBeen'
> = {
  listNights: ({ site, scope, query }) => site.workplace.db.withScope(scope, (trx) => listNights(trx, query)),

  readNight: ({ site, scope, params }) => site.workplace.db.withScope(scope, (trx) => readNight(trx, params.id)),

  startNight: async ({ site, scope, session, body, address }) => {
    await site.workplace.db.withScope(scope, (trx) =>
      queueNight(trx, { ...body, by: session.who, address, today: site.workplace.clock.today() }),
    )
    return { queued: true, day: body.day }
  },

  readPyramid: (ask) =>
    readIfChanged(ask, async (trx) => {
      const night = await nightById(trx, ask.params.id)
      const policy = await ask.site.shelf.policy(trx, night.policyId)
      return readPyramid(trx, night, policy, sightOf(ask.session), ask.query.unit)
    }),

  readFlows: (ask) =>
    readIfChanged(ask, async (trx) => {
      const night = await nightById(trx, ask.params.id)
      const policy = await ask.site.shelf.policy(trx, night.policyId)
      return readFlowsBetween(trx, night, policy, sightOf(ask.session), ask.query)
    }),

  listUnits: (ask) =>
    readIfChanged(ask, async (trx) => {
      const visible = placesOf(ask.session, 'pyramid.read')
      return readUnits(trx, (night) => ask.site.shelf.names(trx, night.policyId), visible, ask.query.day)
    }),

  proposeUnit: ({ site, session, body, address }) => propose(actingAt(site), session, { ...body, address }),

  listWouldHaveBeen: ({ site, scope, session, params, query }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const night = await nightById(trx, params.id)
      const names = await site.shelf.names(trx, night.policyId)
      const page = await listWouldHaveBeen(trx, names, { id: night.id, ...query }, fieldsOf(session))
      return { ...page, night: { id: night.id, day: night.day } }
    }),

  decideWouldHaveBeen: ({ site, scope, session, params, body, address }) =>
    site.workplace.db.withScope(scope, async (trx) => ({
      decided: await decideWouldHaveBeen(trx, site.workplace.clock, {
        id: params.id,
        decision: body.decision,
        customerNos: body.customerNos,
        note: body.note,
        who: session.who,
        loginId: session.loginId,
        staffId: session.staffId,
        address,
      }),
    })),
}

function sightOf(session: Session): Sight {
  const units = figuresOf(session, 'pyramid.read')
  return isEmpty(units) ? { book: session.staffId ?? 0 } : { units }
}
