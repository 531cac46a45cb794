/** Putting a draft of a policy in force from a day. */
import { sql } from 'kysely'
import type { PolicyChange } from '../../contract/changes.ts'
import { newestInForce, type PolicyVersion, policyVersion, putInForce } from '../../desk/policies/store.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Kind } from '../kind.ts'
import { rootUnit } from '../units.ts'

export const policyKind: Kind<PolicyChange> = {
  prepare: async ({ trx }, change) => {
    const draft = await policyVersion(trx, change.policy)
    if (draft.status !== 'draft')
      refuse('input_invalid', { field: 'policy', reason: 'is no draft any more', reasonZh: '已不是草案' })
    const { rows } = await sql<{ day: string | null }>`select max(day) as day from night
      where scheme = ${draft.scheme} and status = 'published'`.execute(trx)
    const last = rows[0]?.day ?? null
    // What has been published was computed by the policy of its day, and stands.
    if (last !== null && change.inForceFrom <= last)
      refuse('input_invalid', {
        field: 'inForceFrom',
        reason: `comes after the last published night (${last})`,
        reasonZh: `应晚于最近一次已发布的跑批（${last}）`,
      })
    const inForce = await newestInForce(trx, draft.scheme)
    return {
      subject: `policy ${draft.scheme}`,
      before: inForce ? facts(inForce, inForce.inForceFrom) : {},
      after: facts(draft, change.inForceFrom),
      unitId: (await rootUnit(trx)).id,
      concernsId: null,
    }
  },

  apply: ({ trx }, change) => putInForce(trx, { id: change.policy, from: change.inForceFrom }),
}

function facts({ version, rules }: PolicyVersion, inForceFrom: string | null): object {
  return { version, inForceFrom, ...rules }
}
