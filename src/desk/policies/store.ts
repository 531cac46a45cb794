/** Policies: the list, and the one in force with its bars. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { z } from 'zod'
import { toFenText } from '../../contract/common.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { currentPolicy as currentEndpoint, policy as policySchema } from '../../contract/policies.ts'
import { mustAgree } from '../../db/base-currency.ts'
import type { Trx } from '../../db/database.ts'
import { present } from '../../kit/assert.ts'
import type { Currency } from '../../kit/currency.ts'
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

const columns = sql`id, scheme, version, source, sha256, status, in_force_from, recorded_at, recorded_by`

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

/** A new draft of its scheme, one version above the newest. Refuses policy_invalid and currency_differs. */
export async function draftPolicy(
  trx: Trx,
  given: { source: string; by: string; baseCurrency: Currency },
): Promise<z.output<typeof policySchema>> {
  const policy = parsePolicy(given.source)
  mustAgree(given.baseCurrency, policy.currency, `policy ${policy.scheme}`)
  const sha256 = createHash('sha256').update(given.source).digest('hex')
  // Two drafts at once must not take the same number.
  await sql`select pg_advisory_xact_lock(hashtext(${`policy ${policy.scheme}`}))`.execute(trx)
  const { rows } = await sql<PolicyRow>`insert into policy (scheme, version, name, source, sha256, status, recorded_by)
    select ${policy.scheme}, coalesce(max(version), 0) + 1, ${policy.name.zh}, ${given.source}, ${sha256}, 'draft',
      ${given.by} from policy where scheme = ${policy.scheme} returning ${columns}`.execute(trx)
  return asPolicy(present(rows[0], 'the draft just written'), policy)
}

/** A version as a checker compares it with another. */
export interface PolicyVersion {
  id: number
  scheme: string
  version: number
  status: PolicyRow['status']
  inForceFrom: string | null
  /** What it says, as JSON; amounts as decimal strings of fen. */
  rules: Record<string, unknown>
}

/** Refuses not_found. */
export async function policyVersion(trx: Trx, id: number): Promise<PolicyVersion> {
  const { rows } = await sql<PolicyRow>`select ${columns} from policy where id = ${id}`.execute(trx)
  return asVersion(rows[0] ?? refuse('not_found', { what: `policy ${id}`, whatZh: `分级政策 ${id}` }))
}

/** The newest version that has been put in force, whatever its day; null for a scheme's first. */
export async function newestInForce(trx: Trx, scheme: string): Promise<PolicyVersion | null> {
  const { rows } = await sql<PolicyRow>`select ${columns} from policy where scheme = ${scheme} and status <> 'draft'
    order by in_force_from desc nulls last, version desc limit 1`.execute(trx)
  return rows[0] ? asVersion(rows[0]) : null
}

/** From that day on; what the others are follows from the days. */
export async function putInForce(trx: Trx, given: { id: number; from: Day }): Promise<void> {
  await sql`update policy set status = 'inForce', in_force_from = ${given.from} where id = ${given.id}`.execute(trx)
}

function asVersion(row: PolicyRow): PolicyVersion {
  const amounts = (_name: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  return {
    id: row.id,
    scheme: row.scheme,
    version: row.version,
    status: row.status,
    inForceFrom: row.in_force_from,
    rules: JSON.parse(JSON.stringify(parsePolicy(row.source), amounts)) as Record<string, unknown>,
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
