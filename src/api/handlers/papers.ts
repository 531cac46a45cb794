/** Papers that customers handed in, their files, and who else may open them. */
import { asUsual } from '../../access/volume.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import { addKind, paperKinds } from '../../desk/papers/kinds.ts'
import { openFile } from '../../desk/papers/open.ts'
import { fileNameOf } from '../../desk/papers/papers.ts'
import type { AtWork } from '../../desk/papers/places.ts'
import { papersOf } from '../../desk/papers/read.ts'
import { expiringPapers, reuses } from '../../desk/papers/reports.ts'
import { askFor, decide, endRequest, requests } from '../../desk/papers/requests.ts'
import { endRule, makeRule, paperRules } from '../../desk/papers/rules.ts'
import { reuse, takeIn, withdraw } from '../../desk/papers/take.ts'
import { type Ask, type Some, sent } from '../handler.ts'
import { readPaperForm } from '../paper-form.ts'

export const paperHandlers: Some<
  | 'listPaperKinds'
  | 'addPaperKind'
  | 'listPapers'
  | 'takePaper'
  | 'withdrawPaper'
  | 'openPaper'
  | 'reusePaper'
  | 'listExpiringPapers'
  | 'listPaperReuses'
  | 'requestPaper'
  | 'listPaperRequests'
  | 'decidePaperRequest'
  | 'endPaperRequest'
  | 'listPaperRules'
  | 'makePaperRule'
  | 'endPaperRule'
> = {
  listPaperKinds: ({ site, scope }) =>
    site.workplace.db.withScope(scope, async (trx) => ({ rows: await paperKinds(trx) })),

  addPaperKind: (ask) => ask.site.workplace.db.withScope(ask.scope, (trx) => addKind(trx, ask.body, workOf(ask))),

  listPapers: (ask) => ask.site.workplace.db.withScope(ask.scope, (trx) => papersOf(trx, ask.params.no, workOf(ask))),

  takePaper: async (ask) => {
    // Before the transaction, which must not wait for a phone that sends slowly
    const given = await readPaperForm(ask.request)
    return ask.site.workplace.db.withScope(ask.scope, (trx) => takeIn(trx, ask.params.no, given, workOf(ask)))
  },

  withdrawPaper: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, (trx) => withdraw(trx, ask.params.id, ask.body.reason, workOf(ask))),

  openPaper: async (ask) => {
    const { site, scope, session, params, query, reply, address } = ask
    const { bytes, media } = await asUsual(
      site.workplace,
      { session, scope },
      { action: 'openPaper', address },
      (trx) => openFile(trx, params.id, query.purpose, workOf(ask)),
    )
    reply.header('content-type', media)
    reply.header('content-disposition', `inline; filename="${fileNameOf(params.id, media)}"`)
    // On a shared counter nothing is left in the browser
    reply.header('cache-control', 'no-store')
    reply.send(bytes)
    return sent
  },

  reusePaper: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, (trx) => reuse(trx, ask.params.id, ask.body.purpose, workOf(ask))),

  listExpiringPapers: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, (trx) => expiringPapers(trx, ask.query, workOf(ask))),

  listPaperReuses: (ask) => ask.site.workplace.db.withScope(ask.scope, (trx) => reuses(trx, ask.query, workOf(ask))),

  requestPaper: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, (trx) => askFor(trx, ask.params.id, ask.body, workOf(ask))),

  listPaperRequests: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, (trx) => requests(trx, ask.query, workOf(ask))),

  decidePaperRequest: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, (trx) => decide(trx, ask.params.id, ask.body, workOf(ask))),

  endPaperRequest: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, (trx) => endRequest(trx, ask.params.id, workOf(ask))),

  listPaperRules: ({ site, scope }) =>
    site.workplace.db.withScope(scope, async (trx) => ({ rows: await paperRules(trx) })),

  makePaperRule: (ask) => ask.site.workplace.db.withScope(ask.scope, (trx) => makeRule(trx, ask.body, workOf(ask))),

  endPaperRule: (ask) => ask.site.workplace.db.withScope(ask.scope, (trx) => endRule(trx, ask.params.id, workOf(ask))),
}

function workOf({
  site,
  session,
  scope,
  address,
}: Pick<Ask<Endpoint>, 'site' | 'session' | 'scope' | 'address'>): AtWork {
  const { keys, clock } = site.workplace
  return { session, scope, keys, clock, address }
}
