/** What needs the engine: reasons, histories, simulations, uploads. */
import { join } from 'node:path'
import { loadById } from '../../desk/loads/store.ts'
import { feedNamed } from '../../feeds/index.ts'
import { present } from '../../kit/assert.ts'
import { Refused, refuse } from '../../kit/refusal.ts'
import { loadFile } from '../../nightly/load/folder.ts'
import type { Some } from '../handler.ts'
import { receiveFile } from '../upload.ts'

export const requestHandlers: Some<'explainCustomer' | 'readHistory' | 'simulate' | 'uploadFeed' | 'mendFirst'> = {
  explainCustomer: async () => refuse('engine_busy'),
  readHistory: async () => refuse('engine_busy'),
  simulate: async () => refuse('engine_busy'),
  mendFirst: async () => refuse('engine_busy'),

  uploadFeed: async ({ site, scope, session, params, query, request }) => {
    const { workplace } = site
    if (!feedNamed(params.feed)) refuse('feed_unknown', { feed: params.feed })
    const inbox = join(workplace.config.home, 'inbox')
    const bytesMax = 2048 * 1_048_576
    const file = await receiveFile(request, { inbox, name: query.file, bytesMax })
    try {
      const account = await loadFile(workplace, {
        path: file.path,
        feed: params.feed,
        logicalName: file.name,
        by: session.who,
      })
      if (account.refusal) throw new Refused(account.refusal.code, account.refusal.params)
      const load = await workplace.db.withScope(scope, (trx) => loadById(trx, present(account.loadId, 'the load')))
      return { outcome: account.status === 'already' ? ('alreadyLoaded' as const) : ('loaded' as const), load }
    } finally {
      await file.remove()
    }
  },
}
