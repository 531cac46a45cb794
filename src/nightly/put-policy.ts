/** Putting another version of a policy in force. The command line does it alone; a second person is the bank's own matter. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { audit } from '../access/audit.ts'
import { baseCurrencyOf, mustAgree } from '../db/base-currency.ts'
import { type Database, everything, type Trx } from '../db/database.ts'
import type { Currency } from '../kit/currency.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { inForceFirst } from '../tiers/in-force.ts'
import { canonicalText, type Policy } from '../tiers/policy.ts'
import { parsePolicy } from '../tiers/policy-text.ts'

export interface PutPolicy {
  scheme: string
  version: number
  inForceFrom: Day
  sha256: string
}

/**
 * Writes `text` into the record as the next version of its scheme, for nights from `from` on. What is published stands,
 * so `from` lies after the published night. Refuses `policy_invalid`, `currency_differs`, `policy_day_past`,
 * `policy_unchanged` and `policy_tiers_differ`. Audited.
 */
export async function putPolicy(
  db: Database,
  configured: { baseCurrency: Currency; baseCurrencyGiven: boolean },
  given: { text: string; from: Day },
): Promise<PutPolicy> {
  const policy = parsePolicy(given.text)
  const { scheme } = policy
  return db.withScope(everything, async (trx) => {
    mustAgree(await baseCurrencyOf(trx, configured), policy.currency, `policy ${scheme}`)
    const known = await knownOf(trx, scheme, given.from)
    if (known.published !== null && given.from <= known.published) {
      refuse('policy_day_past', { day: given.from, night: known.published })
    }
    if (known.source !== null) mustGoOn(parsePolicy(known.source), policy, known)
    const sha256 = createHash('sha256').update(given.text).digest('hex')
    const { rows } = await sql<{ id: number; version: number }>`
      insert into policy (scheme, version, name, source, sha256, status, in_force_from, recorded_by)
      select ${scheme}, coalesce(max(version), 0) + 1, ${policy.name.zh}, ${given.text}, ${sha256}, 'inForce', ${given.from},
        ${everything.who} from policy where scheme = ${scheme} returning id, version`.execute(trx)
    const [made] = rows
    const version = made?.version ?? 0
    await audit(trx, {
      who: everything.who,
      action: 'putPolicy',
      noun: 'policy',
      nounId: String(made?.id),
      before: { version: known.version },
      after: { scheme, version, inForceFrom: given.from, sha256 },
    })
    return { scheme, version, inForceFrom: given.from, sha256 }
  })
}

interface Known {
  /** Day of the published night. */
  published: Day | null
  /** Of the version that would count on the day; null before the first. */
  version: number | null
  source: string | null
}

async function knownOf(trx: Trx, scheme: string, day: Day): Promise<Known> {
  const { rows } = await sql<Known>`select
      (select night.day from published_night join night on night.id = published_night.night_id
        where published_night.scheme = ${scheme}) as published, counting.version, counting.source
    from (select ${day}::date as day) asked left join lateral (select version, source from policy
      where scheme = ${scheme} and status <> 'draft'
      order by ${sql.raw(inForceFirst('asked.day'))} limit 1) counting on true`.execute(trx)
  return rows[0] ?? { published: null, version: null, source: null }
}

/** Tiers in force are kept by their place: once a night is published a policy may add tiers above, no more. */
function mustGoOn(before: Policy, after: Policy, known: Known): void {
  if (canonicalText(before) === canonicalText(after)) refuse('policy_unchanged', { version: known.version ?? 0 })
  if (known.published === null) return
  for (const [index, tier] of before.tiers.entries()) {
    const code = after.tiers[index]?.code
    if (code !== tier.code) {
      refuse('policy_tiers_differ', { place: index + 1, before: tier.code, after: code ?? '–' })
    }
  }
}
