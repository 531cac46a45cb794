/** The tier list as a file, for other programs: as published, or computed under another policy, window or day. */
import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { to as copyTo } from 'pg-copy-streams'
import { maskNameSql } from '../access/show.ts'
import { mustAgree, storedBaseCurrency } from '../db/base-currency.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { literal } from '../lake/engine.ts'
import type { Policy } from '../tiers/policy.ts'
import { parsePolicy } from '../tiers/policy-text.ts'
import { desk, spansOf } from './compute.ts'
import type { Manifest } from './freeze.ts'
import { checkDay, newestDay } from './night-day.ts'
import { policyById, policyInForce, schemeDefault } from './policies.ts'
import { isKept } from './prune.ts'
import type { StepFile } from './run-files.ts'
import { forgetTables, stored } from './steps.ts'
import { computeInputOf, computeTiers, inForceSql, inputsOfNow } from './what-if.ts'
import type { Workplace } from './workplace.ts'

export interface ExportRequest {
  /** Default: the day of the published night; before the first one, the newest day with balances. */
  day?: Day
  /** A policy to compute under, as YAML; default: what is published, else the policy in force. */
  policyText?: string
  /** Default 'personal'. */
  scheme?: string
  format: 'csv' | 'json' | 'parquet'
  /** Path of the file; written under another name and renamed when whole. */
  out: string
}

export interface ExportResult {
  day: Day
  policyVersion: number
  rows: bigint
}

/** Rows in order of customer number; the same inputs give the same bytes. Refuses as a night does. */
export async function exportTiers(workplace: Workplace, request: ExportRequest): Promise<ExportResult> {
  const scheme = request.scheme ?? schemeDefault
  const night = await publishedNight(workplace, scheme, request.day)
  const published = request.policyText === undefined ? night : undefined
  if (request.policyText === undefined && request.day === undefined && !night) refuse('night_missing')
  const day = request.day ?? night?.day ?? (await newestDay(workplace))
  const names = join(workplace.tempDir, `names-${process.pid}-${Math.trunc(performance.now() * 1000)}.csv`)
  try {
    await exportMaskedNames(workplace, names)
    const source = published
      ? await ofNight(workplace, published)
      : await computed(workplace, { ...request, scheme, day })
    const rows = await write(workplace, source, names, request)
    return { day: source.day, policyVersion: source.version, rows }
  } finally {
    rmSync(names, { force: true })
    await forgetTables(workplace.engine, 'tiers')
  }
}

interface Source {
  policy: Policy
  version: number
  day: Day
  snapshotDir: string
  /** Relation with party_id and what a night assigns. */
  assigned: string
  /** Relation (party_id, tier_in_force). */
  inForce: string
}

interface PublishedNight {
  id: number
  day: Day
  policy_id: number
  manifest: Manifest
  steps: StepFile[]
}

async function publishedNight(workplace: Workplace, scheme: string, day?: Day): Promise<PublishedNight | undefined> {
  const found = await workplace.db.owner.query(
    `select n.id, n.day, n.policy_id, n.manifest, n.steps from night n left join published_night p on p.night_id = n.id
     where n.scheme = $1 and ${isKept} and ($2::date is null and p.night_id is not null or n.day = $2)
     order by n.id desc limit 1`,
    [scheme, day ?? null],
  )
  return found.rows[0]
}

async function ofNight(workplace: Workplace, night: PublishedNight): Promise<Source> {
  const policy = await policyById(workplace.db.owner, night.policy_id)
  const file = (name: string) => night.steps.find((step) => step.name === name)
  return {
    policy: policy.policy,
    version: policy.version,
    day: night.day,
    snapshotDir: join(workplace.lakeDir, 'snapshots', night.manifest.snapshot),
    assigned: stored(workplace.lakeDir, file('assign')),
    inForce: `(select party_id, coalesce(change_to, from_tier) as tier_in_force from ${stored(workplace.lakeDir, file('life'))})`,
  }
}

async function computed(workplace: Workplace, request: ExportRequest & { scheme: string; day: Day }): Promise<Source> {
  const { day } = request
  await checkDay(workplace, day)
  const inForce = request.policyText
    ? { policy: await draftPolicy(workplace, request.policyText), version: 0 }
    : await policyInForce(workplace.db.owner, request.scheme, day, workplace.config.baseCurrency)
  const inputs = await inputsOfNow(workplace, day)
  const input = computeInputOf(workplace, inForce.policy, day, inputs)
  workplace.report({ step: 'measure', detail: day })
  await computeTiers(workplace.engine, 'tiers', input)
  return {
    policy: inForce.policy,
    version: inForce.version,
    day,
    snapshotDir: input.snapshotDir,
    assigned: 'tiers.assigned',
    inForce: inForceSql(input, inForce.policy.scheme, day),
  }
}

// The lake's rates are those of the base currency: under another one every sum would be wrong.
async function draftPolicy(workplace: Workplace, policyText: string): Promise<Policy> {
  const policy = parsePolicy(policyText)
  const base = (await storedBaseCurrency(workplace.db.owner)) ?? workplace.config.baseCurrency
  mustAgree(base, policy.currency, `policy ${policy.scheme}`)
  return policy
}

async function exportMaskedNames(workplace: Workplace, file: string): Promise<void> {
  const client = await workplace.db.owner.connect()
  try {
    const rows = client.query(copyTo(`copy (select id, ${maskNameSql('name')} from party) to stdout (format csv)`))
    await pipeline(rows, createWriteStream(file, { mode: 0o600 }))
  } finally {
    client.release()
  }
}

async function write(workplace: Workplace, source: Source, names: string, request: ExportRequest): Promise<bigint> {
  const out = resolve(request.out)
  mkdirSync(dirname(out), { recursive: true })
  const temporary = `${out}.${process.pid}.part`
  const format = {
    csv: 'format csv, header true',
    json: 'format json, array true',
    parquet: 'format parquet, compression zstd',
  }
  try {
    await workplace.engine.exec(
      `copy (${rowsSql(source, names, request.format)}) to ${literal(temporary)} (${format[request.format]})`,
    )
    renameSync(temporary, out)
  } finally {
    rmSync(temporary, { force: true })
  }
  const [counted] = await workplace.engine.rows<{ n: bigint }>(`select count(*)::bigint as n from ${source.assigned} a`)
  return counted?.n ?? 0n
}

// JSON carries money as decimal strings, as the API does: a reader of floats loses fen above 2^53.
function rowsSql(source: Source, names: string, format: ExportRequest['format']): string {
  const money = (column: string) => (format === 'json' ? `a.${column}::varchar as ${column}` : `a.${column}`)
  const code = (column: string) =>
    `case ${column} ${source.policy.tiers.map((tier) => `when ${tier.ordinal} then ${literal(tier.code)}`).join(' ')} else 'none' end`
  return `select p.customer_no, n.name, ${code('a.qualified_tier')} as qualified_tier,
      ${code('coalesce(f.tier_in_force, 0)')} as tier_in_force, a.path, ${money('average_fen')}, ${money('sum_fen')},
      ${spansOf(source.policy, source.day).window.days} as days, h.household_no, ${money('household_average_fen')}, a.household_members,
      ${money('to_next_fen')}, ${source.version} as policy_version, '${source.day}' as day
    from ${source.assigned} a
    join ${desk(source, 'party')} p on p.party_id = a.party_id
    left join ${source.inForce} f on f.party_id = a.party_id
    left join ${desk(source, 'household')} h on h.household_id = a.household_id
    left join read_csv(${literal(names)}, header = false, delim = ',', quote = '"', escape = '"', auto_detect = false,
      columns = {'id': 'BIGINT', 'name': 'VARCHAR'}) n on n.id = a.party_id
    order by p.customer_no`
}
