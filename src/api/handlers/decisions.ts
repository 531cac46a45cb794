/** Proposals and policies. */
import { fieldsOf } from '../../access/fields.ts'
import { baseCurrencyOf } from '../../db/base-currency.ts'
import { currentNight } from '../../desk/nights/current.ts'
import { currentPolicy, listPolicies } from '../../desk/policies/store.ts'
import { decideProposals, listProposals } from '../../desk/proposals/store.ts'
import type { Some } from '../handler.ts'

export const decisionHandlers: Some<'listProposals' | 'decideProposals' | 'listPolicies' | 'currentPolicy'> = {
  listProposals: ({ site, scope, session, query }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const night = await currentNight(trx)
      if (!night) return { rows: [], next: null, total: 0 }
      return listProposals(trx, await site.shelf.names(trx, night.policyId), query, fieldsOf(session))
    }),

  decideProposals: ({ site, scope, session, body, address }) =>
    site.workplace.db.withScope(scope, async (trx) => ({
      decided: await decideProposals(trx, site.workplace.clock, {
        decision: body.decision,
        ids: body.ids,
        note: body.note,
        who: session.who,
        loginId: session.loginId,
        staffId: session.staffId,
        address,
      }),
    })),

  listPolicies: ({ site, scope }) =>
    site.workplace.db.withScope(scope, async (trx) => ({
      rows: await listPolicies(trx, site.workplace.clock.today()),
    })),

  currentPolicy: ({ site, scope, query }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const { config, clock } = site.workplace
      const night = await currentNight(trx, query.scheme)
      const scheme = query.scheme ?? night?.scheme ?? 'personal'
      const baseCurrency = await baseCurrencyOf(trx, config)
      return currentPolicy(trx, { scheme, day: clock.today(), baseCurrency })
    }),
}
