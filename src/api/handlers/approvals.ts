/** What waits for a second person, deciding it, and delegations. */
import { colleaguesOf, createDelegation, endDelegation, listDelegations } from '../../access/delegations.ts'
import { decide, listApprovals, readApproval, withdraw } from '../../acts/approvals.ts'
import { eraseApproved } from '../../acts/erase.ts'
import { encodeCursor, idOfCursor } from '../../desk/cursor.ts'
import { Refused } from '../../kit/refusal.ts'
import { erasingPlace } from '../../nightly/workplace.ts'
import type { Some } from '../handler.ts'
import { actingAt } from '../site.ts'

export const approvalHandlers: Some<
  | 'listApprovals'
  | 'readApproval'
  | 'decideApproval'
  | 'withdrawApproval'
  | 'listDelegations'
  | 'createDelegation'
  | 'endDelegation'
> = {
  listApprovals: ({ site, scope, session, query }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const { cursor, ...asked } = query
      const { rows, hasMore, ...rest } = await listApprovals(trx, actingAt(site), session, {
        ...asked,
        before: idOfCursor(cursor),
      })
      const last = rows.at(-1)
      return { rows, next: hasMore && last ? encodeCursor([last.id]) : null, ...rest }
    }),

  readApproval: ({ site, scope, session, params }) =>
    site.workplace.db.withScope(scope, (trx) => readApproval(trx, site.workplace.clock, session, params.id)),

  decideApproval: async ({ site, scope, session, params, body, address }) => {
    const { workplace } = site
    const decided = await decide(actingAt(site), session, { ...params, ...body, address })
    if (decided.kind !== 'erase' || decided.status !== 'approved') return decided
    // The worker goes on with it when a load stands in the way, or when we die here.
    await eraseApproved(erasingPlace(workplace), BigInt(decided.id)).catch(unlessBusy)
    return workplace.db.withScope(scope, (trx) => readApproval(trx, workplace.clock, session, params.id))
  },

  withdrawApproval: ({ site, session, params, address }) => withdraw(actingAt(site), session, { ...params, address }),

  listDelegations: ({ site, scope, session }) =>
    site.workplace.db.withScope(scope, async (trx) => ({
      rows: await listDelegations(trx, session),
      colleagues: await colleaguesOf(trx, site.workplace.clock, session),
    })),

  createDelegation: ({ site, scope, session, body, address }) =>
    site.workplace.db.withScope(scope, (trx) =>
      createDelegation(trx, site.workplace.clock, session, { ...body, address }),
    ),

  endDelegation: ({ site, scope, session, params, address }) =>
    site.workplace.db.withScope(scope, (trx) =>
      endDelegation(trx, site.workplace.clock, session, { ...params, address }),
    ),
}

function unlessBusy(error: unknown): void {
  if (!(error instanceof Refused && error.code === 'load_busy')) throw error
}
