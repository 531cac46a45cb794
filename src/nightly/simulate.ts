/**
 * What another policy would do to the last published night. Changed bars or another household rule are answered from
 * a table in memory that holds each party's sums; changed weights, window or currency compute the sums anew first.
 * The simulator has an engine of its own, so that a simulation waits for no load and no night.
 */
import { join } from 'node:path'
import { mustAgree } from '../db/base-currency.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { type Engine, openEngine } from '../lake/engine.ts'
import { assignSql } from '../tiers/assign.ts'
import { householdSql } from '../tiers/household.ts'
import type { Policy } from '../tiers/policy.ts'
import { parsePolicy } from '../tiers/policy-text.ts'
import { type Comparison, movesSql, summarise } from '../tiers/simulate.ts'
import { windowOf } from '../tiers/window.ts'
import { assignTiers } from './assign-tiers.ts'
import { computeMeasures, desk, partySql, spansOf } from './compute.ts'
import type { Manifest } from './freeze.ts'
import { policyById, type StoredPolicy, schemeDefault } from './policies.ts'
import type { StepFile } from './run-files.ts'
import { measureRelation, stored } from './steps.ts'
import { computeInputOf } from './what-if.ts'
import type { Progress, Workplace } from './workplace.ts'

export interface SimulateRequest {
  scheme?: string
  /** A whole policy as YAML. */
  policyText?: string
  /** Or the policy of the published night with other bars (fen) by tier code … */
  bars?: readonly { tier: string; individualFen?: bigint; householdFen?: bigint }[]
  /** … and another household rule. */
  householdRule?: 'mean' | 'sum'
}

export interface SimulateResult extends Comparison {
  night: { id: number; day: Day }
  policy: Policy
  milliseconds: number
  /** Whether the sums had to be computed anew. */
  recomputed: boolean
}

export interface Simulator {
  /** Refuses `night_missing`, `policy_invalid`, `engine_busy`, `engine_timeout`, `rate_missing`. */
  simulate(request: SimulateRequest, report?: (progress: Progress) => void): Promise<SimulateResult>
  /** Loads the table of the published night before somebody asks. */
  warm(scheme?: string): Promise<void>
  close(): Promise<void>
}

interface Warm {
  nightId: number
  day: Day
  policy: StoredPolicy
  manifest: Manifest
}

const timeoutSeconds = 60
const queueMax = 8

/** One per serving process. Its engine starts at the first question and forgets nothing until a new night is published. */
export function openSimulator(workplace: Workplace): Simulator {
  const engine = openEngine({
    threads: workplace.config.threads,
    memoryLimitMb: workplace.config.memoryLimitMb,
    tempDir: join(workplace.tempDir, 'simulate'),
    queueMax: 256,
    timeoutSeconds,
  })
  const warm = new Map<string, Warm>()
  let waiting = 0
  let turn: Promise<unknown> = Promise.resolve()

  // One after the other: two at once would share the schema of a recomputation.
  function queued<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= queueMax) refuse('engine_busy')
    waiting++
    const result = turn.then(work, work).finally(() => {
      waiting--
    })
    turn = result.catch(() => undefined)
    return result
  }

  async function ready(scheme: string): Promise<Warm> {
    const night = await currentNight(workplace, scheme)
    const known = warm.get(scheme)
    const [table] = await engine.rows<{ n: bigint }>(
      `select count(*)::bigint as n from duckdb_tables() where schema_name = '${schemaOf(scheme)}' and table_name = 'base'`,
    )
    if (known?.nightId === night.nightId && table?.n === 1n) return known
    await loadBase(workplace, engine, scheme, night)
    warm.set(scheme, night)
    return night
  }

  return {
    warm: (scheme = schemeDefault) => queued(async () => void (await ready(scheme))),
    simulate: (request, report = () => undefined) =>
      queued(async () => {
        const scheme = request.scheme ?? schemeDefault
        const night = await ready(scheme)
        const policy = changedPolicy(night.policy.policy, request)
        const began = performance.now()
        const recomputed = !sameSums(night.policy.policy, policy)
        const moves = recomputed
          ? await movesAnew(workplace, engine, { scheme, night, policy, report })
          : await movesOfBars(engine, scheme, policy, windowOf(policy, night.day).days)
        const milliseconds = Math.round((performance.now() - began) * 10) / 10
        return { ...summarise(moves), night: { id: night.nightId, day: night.day }, policy, milliseconds, recomputed }
      }),
    close: () => engine.close(),
  }
}

function schemaOf(scheme: string): string {
  return `warm_${scheme.replaceAll(/[^a-zA-Z0-9]/g, '_')}`
}

async function currentNight(workplace: Workplace, scheme: string): Promise<Warm & { steps: StepFile[] }> {
  const found = await workplace.db.owner.query(
    `select n.id, n.day, n.policy_id, n.manifest, n.steps from published_night p join night n on n.id = p.night_id
     where p.scheme = $1`,
    [scheme],
  )
  const [row] = found.rows
  if (!row) return refuse('night_missing')
  const policy = await policyById(workplace.db.owner, row.policy_id)
  return { nightId: row.id, day: row.day, policy, manifest: row.manifest, steps: row.steps }
}

/** Condition on a party `p`: whom the scheme is for. Others have no tier in it and would only swell the lowest row. */
function inScheme(policy: Policy): string {
  return policy.appliesTo === 'everyone' ? 'true' : `p.kind = '${policy.appliesTo}'`
}

/** The table: one row per party of the scheme, with what every tier rule reads and the tier and assets of the night. */
async function loadBase(
  workplace: Workplace,
  engine: Engine,
  scheme: string,
  night: Warm & { steps?: StepFile[] },
): Promise<void> {
  const schema = schemaOf(scheme)
  const input = computeInputOf(workplace, night.policy.policy, night.day, night.manifest)
  const file = (name: string) => night.steps?.find((step) => step.name === name)
  const anyHousehold: Policy = {
    ...night.policy.policy,
    criteria: null,
    household: { measure: 'mean', membership: 'atCutOff', ...night.policy.policy.household, membersMin: 1 },
  }
  await engine.exec(`create schema if not exists ${schema};
    create or replace view ${schema}.measured as select * from ${measureRelation(workplace.lakeDir, file('measure'))}`)
  await engine.exec(`create or replace table ${schema}.base as
    select m.party_id, p.kind, p.identity_valid as has_valid_identity, true as counts,
      a.sum_scaled::hugeint as own_sum, h.household_id, h.household_sum, h.household_members, m.frequency,
      m.product_classes, a.qualified_tier, m.aum_fen
    from ${schema}.measured m
    join ${stored(workplace.lakeDir, file('assign'))} a on a.party_id = m.party_id
    join ${partySql(input)} p on p.party_id = m.party_id
    left join (${householdSql(anyHousehold, {
      members: desk(input, 'household_member'),
      sums: `(select a.party_id, a.sum_scaled::hugeint as own_sum, m.member_sum, true as counts
        from ${stored(workplace.lakeDir, file('assign'))} a join ${schema}.measured m on m.party_id = a.party_id)`,
      day: night.day,
    })}) h on h.party_id = m.party_id
    where ${inScheme(night.policy.policy)}`)
}

// The tier before and the assets ride along in place of the party, so that one pass over one table answers.
async function movesOfBars(engine: Engine, scheme: string, policy: Policy, days: number): Promise<Comparison['moves']> {
  const least = policy.household?.membersMin ?? 1
  const assigned = assignSql(policy, {
    days,
    input: `(select aum_fen * 64 + qualified_tier as party_id, kind, has_valid_identity, counts, own_sum,
      case when household_members >= ${least} then household_id end as household_id,
      case when household_members >= ${least} then household_sum end as household_sum,
      case when household_members >= ${least} then household_members end as household_members,
      frequency, product_classes from ${schemaOf(scheme)}.base)`,
  })
  const rows = await engine.rows<{ from_tier: bigint; to_tier: bigint; customers: bigint; assets_fen: string }>(`
    select from_tier::bigint as from_tier, qualified_tier::bigint as to_tier, count(*)::bigint as customers,
      sum((party_id - from_tier) // 64)::varchar as assets_fen
    from (select party_id, ((party_id % 64) + 64) % 64 as from_tier, qualified_tier from (${assigned}))
    group by 1, 2 order by 1, 2`)
  return rows.map(plainMove)
}

async function movesAnew(
  workplace: Workplace,
  engine: Engine,
  work: { scheme: string; night: Warm; policy: Policy; report: (progress: Progress) => void },
): Promise<Comparison['moves']> {
  const { night, policy, report } = work
  const input = computeInputOf(workplace, policy, night.day, night.manifest)
  try {
    report({ step: 'measure', done: 0, total: 3 })
    await computeMeasures(engine, 'simulated', input)
    report({ step: 'assign', done: 1, total: 3 })
    await assignTiers(engine, 'simulated', {
      policy,
      day: night.day,
      snapshotDir: input.snapshotDir,
      spans: spansOf(policy, night.day),
      measure: 'simulated.measure',
    })
    report({ step: 'compare', done: 2, total: 3 })
    const rows = await engine.rows<{ from_tier: bigint; to_tier: bigint; customers: bigint; assets_fen: string }>(
      movesSql({
        before: `(select party_id, qualified_tier as tier, aum_fen as assets_fen from ${schemaOf(work.scheme)}.base)`,
        after: `(select a.party_id, a.qualified_tier as tier, m.aum_fen as assets_fen
          from simulated.assigned a join simulated.measure m on m.party_id = a.party_id
          join ${partySql(input)} p on p.party_id = a.party_id where ${inScheme(policy)})`,
      }),
    )
    report({ step: 'compare', done: 3, total: 3 })
    return rows.map(plainMove)
  } finally {
    await engine.exec('drop schema if exists simulated cascade').catch(() => undefined)
  }
}

function plainMove(row: { from_tier: bigint; to_tier: bigint; customers: bigint; assets_fen: string }) {
  return {
    fromTier: Number(row.from_tier),
    toTier: Number(row.to_tier),
    customers: Number(row.customers),
    assetsFen: BigInt(row.assets_fen),
  }
}

function changedPolicy(current: Policy, request: SimulateRequest): Policy {
  const policy = request.policyText === undefined ? current : parsePolicy(request.policyText)
  mustAgree(current.currency, policy.currency, `policy ${policy.scheme}`)
  for (const bar of request.bars ?? []) {
    if (!policy.tiers.some((tier) => tier.code === bar.tier)) {
      refuse('policy_invalid', { line: 0, reason: `没有等级 ${bar.tier} / there is no tier ${bar.tier}` })
    }
  }
  const tiers = policy.tiers.map((tier) => {
    const bar = request.bars?.find((one) => one.tier === tier.code)
    if (!bar) return tier
    return {
      ...tier,
      individual: (bar.individualFen ?? tier.individual) as typeof tier.individual,
      household: (bar.householdFen ?? tier.household) as typeof tier.household,
    }
  })
  const household =
    request.householdRule === undefined
      ? policy.household
      : { membership: 'atCutOff' as const, membersMin: 2, ...policy.household, measure: request.householdRule }
  return { ...policy, tiers, household }
}

/** Whether two policies give every party the same sums, so that only bars, paths and rules differ. */
function sameSums(a: Policy, b: Policy): boolean {
  const key = (policy: Policy) =>
    JSON.stringify(
      [
        policy.window,
        policy.currency,
        policy.negative,
        policy.rateAgeDaysMax,
        Object.entries(policy.weights).sort(),
        Object.entries(policy.special).map(([kind, rule]) => [kind, rule.counts]),
        policy.household?.membership === 'byDay',
      ],
      (_, value) => (typeof value === 'bigint' ? value.toString() : value),
    )
  return key(a) === key(b)
}
