/** Policies: the list, and the one in force with its bars. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { toFenText } from '../../contract/common.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { currentPolicy as currentEndpoint, policy as policySchema } from '../../contract/policies.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { inForceFirst } from '../../tiers/in-force.ts'
import type { Policy } from '../../tiers/policy.ts'
import { parsePolicy } from '../../tiers/policy-text.ts'

interface PolicyRow {
  id: number
  scheme: string
  version: number
  source: string
  sha256: string
  status: z.output<typeof policySchema>['status']
  in_force_from: string | null
  recorded_at: Date
  recorded_by: string
}

/**
 * Policies with what each is on the day of its scheme's published night, or else on `asked.day`. Which one is in
 * force follows from the days, so that nothing has to be written when a day comes.
 */
const policies = (asked: { day: Day; scheme?: string }) => sql<PolicyRow>`
  select id, scheme, version, source, sha256, in_force_from, recorded_at, recorded_by,
    case when status = 'draft' then 'draft'
      when place = 1 then 'inForce'
      when in_force_from > on_day then 'planned'
      else 'superseded' end as status
  from (select *, row_number() over (partition by scheme, status = 'draft'
      order by ${sql.raw(inForceFirst('on_day'))}) as place
    from (select policy.*, coalesce(night.day, ${asked.day}::date) as on_day from policy
      left join published_night on published_night.scheme = policy.scheme
      left join night on night.id = published_night.night_id
      where ${asked.scheme ?? null}::text is null or policy.scheme = ${asked.scheme ?? null}) dated) placed
  order by scheme, version desc limit 500`

/** Newest version first. `today` counts for a scheme without a published night. */
export async function listPolicies(trx: Trx, today: Day): Promise<z.output<typeof policySchema>[]> {
  const { rows } = await policies({ day: today }).execute(trx)
  return rows.map((row) => asPolicy(row, parsePolicy(row.source)))
}

/** The version of the scheme that its published night, or else `day`, counts by. Refuses policy_missing. */
export async function currentPolicy(
  trx: Trx,
  asked: { scheme: string; day: Day; baseCurrency: string },
): Promise<Output<typeof currentEndpoint>> {
  const { rows } = await policies(asked).execute(trx)
  const row = rows.find((one) => one.status === 'inForce') ?? refuse('policy_missing')
  const policy = parsePolicy(row.source)
  const days = { calendarMonth: 31, calendarQuarter: 92 }
  return {
    policy: asPolicy(row, policy),
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

function asPolicy(row: PolicyRow, { name }: Policy): z.output<typeof policySchema> {
  return {
    id: row.id,
    scheme: row.scheme,
    version: row.version,
    name: name.zh,
    nameEn: name.en,
    sha256: row.sha256,
    status: row.status,
    inForceFrom: row.in_force_from,
    recordedAt: row.recorded_at.toISOString(),
    recordedBy: row.recorded_by,
  }
}
