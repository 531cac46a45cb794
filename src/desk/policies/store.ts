/** Policies: the list, and the one in force with its bars. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { toFenText } from '../../contract/common.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { currentPolicy as currentEndpoint, policy as policySchema } from '../../contract/policies.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { parsePolicy } from '../../tiers/policy.ts'

interface PolicyRow {
  id: number
  scheme: string
  version: number
  name: string
  source: string
  sha256: string
  status: 'draft' | 'inForce' | 'superseded'
  in_force_from: string | null
  recorded_at: Date
  recorded_by: string
}

const columns = sql`id, scheme, version, name, source, sha256, status, in_force_from, recorded_at, recorded_by`

/** Newest version first. */
export async function listPolicies(trx: Trx): Promise<z.output<typeof policySchema>[]> {
  const { rows } = await sql<PolicyRow>`select ${columns} from policy order by scheme, version desc limit 500`.execute(
    trx,
  )
  return rows.map(asPolicy)
}

/** The newest version of the scheme whose day has come. Refuses policy_missing. */
export async function currentPolicy(
  trx: Trx,
  asked: { scheme: string; day: Day; baseCurrency: string },
): Promise<Output<typeof currentEndpoint>> {
  const { rows } =
    await sql<PolicyRow>`select ${columns} from policy where scheme = ${asked.scheme} and status <> 'draft'
    order by (in_force_from is null or in_force_from <= ${asked.day}) desc,
      case when in_force_from <= ${asked.day} then in_force_from end desc nulls last, version desc limit 1`.execute(trx)
  const row = rows[0] ?? refuse('policy_missing')
  const policy = parsePolicy(row.source)
  const days = { calendarMonth: 31, calendarQuarter: 92 }
  return {
    policy: asPolicy(row),
    source: row.source,
    baseCurrency: asked.baseCurrency,
    window: {
      kind: policy.window.kind,
      // of a calendar window the longest it can be
      days: policy.window.kind === 'trailing' ? policy.window.days : days[policy.window.kind],
    },
    householdRule: policy.household?.measure ?? 'mean',
    appliesTo: policy.appliesTo,
    tiers: policy.tiers.map((tier) => ({
      ordinal: tier.ordinal,
      code: tier.code,
      zh: tier.zh,
      en: tier.en,
      individualFen: tier.individual === null ? null : toFenText(tier.individual),
      householdFen: tier.household === null ? null : toFenText(tier.household),
      confirm: !tier.confirmed,
      secondPerson: tier.approval === 'secondPerson',
    })),
  }
}

function asPolicy(row: PolicyRow): z.output<typeof policySchema> {
  return {
    id: row.id,
    scheme: row.scheme,
    version: row.version,
    name: row.name,
    sha256: row.sha256,
    status: row.status,
    inForceFrom: row.in_force_from,
    recordedAt: row.recorded_at.toISOString(),
    recordedBy: row.recorded_by,
  }
}
