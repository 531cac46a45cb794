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
  return asPolicy(present(rows[0], 'the draft just written'))
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

/** From that day on; versions whose time is over by `today` are superseded. */
export async function putInForce(trx: Trx, given: { id: number; from: Day; today: Day }): Promise<void> {
  await sql`update policy set status = 'inForce', in_force_from = ${given.from} where id = ${given.id}`.execute(trx)
  await sql`update policy p set status = 'superseded' where p.status = 'inForce' and exists (select from policy n
    where n.scheme = p.scheme and n.status = 'inForce' and n.in_force_from <= ${given.today}
      and (n.in_force_from, n.version) > (p.in_force_from, p.version))`.execute(trx)
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
