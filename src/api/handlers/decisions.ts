/** Proposals of tiers, and policies. */

import { audit } from '../../access/audit.ts'
import { fieldsOf } from '../../access/fields.ts'
import { propose } from '../../acts/approvals.ts'
import { baseCurrencyOf } from '../../db/base-currency.ts'
import { currentNight } from '../../desk/nights/current.ts'
import { currentPolicy, draftPolicy, listPolicies } from '../../desk/policies/store.ts'
import { decideProposals, listProposals } from '../../desk/proposals/store.ts'
import type { Some } from '../handler.ts'
import { actingAt } from '../site.ts'

export const decisionHandlers: Some<
  'listProposals' | 'decideProposals' | 'listPolicies' | 'draftPolicy' | 'proposePolicy' | 'currentPolicy'
> = {
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

  draftPolicy: ({ site, scope, session, body, address }) => {
    return site.workplace.db.withScope(scope, async (trx) => {
      const baseCurrency = await baseCurrencyOf(trx, site.workplace.config)
      const draft = await draftPolicy(trx, { source: body.source, by: session.who, baseCurrency })
      const { scheme, version, sha256 } = draft
      const about = { noun: 'policy', nounId: String(draft.id), after: { scheme, version, sha256 } }
      await audit(trx, { who: session.who, action: 'draftPolicy', ...about, address })
      return draft
    })
  },

  proposePolicy: ({ site, session, body, address }) => propose(actingAt(site), session, { ...body, address }),

  currentPolicy: ({ site, scope, query }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const { config, clock } = site.workplace
      const night = await currentNight(trx, query.scheme)
      const scheme = query.scheme ?? night?.scheme ?? 'personal'
      const baseCurrency = await baseCurrencyOf(trx, config)
      return currentPolicy(trx, { scheme, day: clock.today(), baseCurrency })
    }),
}
