/** The steps of a night between freezing and publishing. Each reads files and writes whole files; see night.ts. */
import { join } from 'node:path'
import { type Engine, literal } from '../lake/engine.ts'
import { measures } from '../measures/index.ts'
import { lifeSql } from '../tiers/life.ts'
import type { Policy } from '../tiers/policy.ts'
import { isCutOff } from '../tiers/window.ts'
import { assignTiers } from './assign-tiers.ts'
import { type ComputeInput, computeMeasures, desk, spansOf } from './compute.ts'
import type { Manifest } from './freeze.ts'
import { partyColumns } from './measure-sql.ts'
import { type StepFile, type StepOutput, writeStepFile } from './run-files.ts'
import { scoresSql } from './scores.ts'
import { computeInputOf, inForceSql } from './what-if.ts'
import type { Workplace } from './workplace.ts'

export interface NightContext {
  workplace: Workplace
  nightId: number
  policy: Policy
  manifest: Manifest
  /** Files of the steps done so far, by name. */
  files: Map<string, StepFile>
}

export const stepNames = ['measure', 'assign', 'score', 'life'] as const
export type StepName = (typeof stepNames)[number]

/** Runs one step; returns what it wrote. */
export async function runStep(name: StepName, context: NightContext): Promise<StepFile[]> {
  await context.workplace.engine.exec('create schema if not exists night')
  const outputs = await steps[name](context)
  const files: StepFile[] = []
  for (const output of outputs) files.push(await writeStepFile(context.workplace, context.nightId, output))
  // The next step reads the files and needs the memory
  await forgetTables(context.workplace.engine)
  return files
}

const steps: Record<StepName, (context: NightContext) => Promise<StepOutput[]>> = {
  measure: measureStep,
  assign: assignStep,
  score: scoreStep,
  life: lifeStep,
}

/** What `computeMeasures` needs, from a manifest. */
export function computeInput(context: Pick<NightContext, 'workplace' | 'policy' | 'manifest'>): ComputeInput {
  return computeInputOf(context.workplace, context.policy, context.manifest.day, context.manifest)
}

async function measureStep(context: NightContext): Promise<StepOutput[]> {
  const input = computeInput(context)
  await computeMeasures(context.workplace.engine, 'night', input)
  const columns = measures.map((measure) =>
    measure.unit === 'fen·days × 10^19' ? `${measure.column}::decimal(38,0) as ${measure.column}` : measure.column,
  )
  return [
    {
      name: 'measure',
      query: `select party_id, ${[...partyColumns, ...columns].join(', ')} from night.measure order by party_id`,
      digestQuery: (file) =>
        byCustomer(
          input,
          file,
          measures.map((measure) => measure.column),
        ),
    },
  ]
}

/**
 * The measures of a finished step with its sums as HUGEINT again, and what else is asked for of `partyColumns`. A measure
 * that the program has learnt since the step ran is left out, so that a night computed before an upgrade still answers
 * simulations.
 */
export function measureRelation(lakeDir: string, file: StepFile | undefined, also: readonly string[] = []): string {
  const names = (wanted: readonly string[]) =>
    `columns(name -> list_contains([${wanted.map(literal).join(', ')}], name))`
  const of = (isSum: boolean) =>
    names(measures.filter(({ unit }) => (unit === 'fen·days × 10^19') === isSum).map(({ column }) => column))
  const columns = ['party_id', ...also, `${of(true)}::hugeint`, of(false)]
  return `(select ${columns.join(', ')} from ${stored(lakeDir, file)})`
}

/** A written step file as a relation. */
export function stored(lakeDir: string, file: StepFile | undefined): string {
  if (!file) throw new Error('a step reads only what an earlier step wrote')
  return `read_parquet(${literal(join(lakeDir, file.path))})`
}

const assignedColumns = [
  'qualified_tier',
  'path',
  'individual_tier',
  'household_tier',
  'entry_tier',
  'average_fen',
  'sum_fen',
  'sum_scaled',
  'household_average_fen',
  'household_members',
  'household_sum',
  'points',
  'to_next_fen',
  'to_keep_fen',
  'near_line',
  'average_before_fen',
  'may_rise',
  'may_fall',
]

async function assignStep(context: NightContext): Promise<StepOutput[]> {
  const { workplace, policy, manifest, files } = context
  const input = computeInput(context)
  const measured = measureRelation(workplace.lakeDir, files.get('measure'), partyColumns)
  await workplace.engine.exec(`create or replace view night.measured as select * from ${measured}`)
  await assignTiers(workplace.engine, 'night', {
    policy,
    day: manifest.day,
    snapshotDir: input.snapshotDir,
    spans: spansOf(policy, manifest.day),
    measure: 'night.measured',
  })
  return [
    {
      name: 'assign',
      query: `select party_id, household_id, ${assignedColumns
        .map((name) => (name === 'sum_scaled' || name === 'household_sum' ? `${name}::decimal(38,0) as ${name}` : name))
        .join(', ')} from night.assigned order by party_id`,
      digestQuery: (file) =>
        `select p.customer_no, h.household_no, ${assignedColumns.map((name) => `t.${name}`).join(', ')}
         from ${file} t join ${desk(input, 'party')} p on p.party_id = t.party_id
         left join ${desk(input, 'household')} h on h.household_id = t.household_id order by p.customer_no`,
    },
    {
      name: 'household',
      query: `select household_id, household_no, unit_id, members, consenting, household_sum::decimal(38,0) as household_sum,
        sum_fen, average_fen, tier from night.household_result order by household_id`,
      digestQuery: (file) =>
        `select household_no, members, consenting, household_sum, sum_fen, average_fen, tier from ${file} order by household_no`,
    },
  ]
}

async function scoreStep(context: NightContext): Promise<StepOutput[]> {
  const input = computeInput(context)
  const { lakeDir } = context.workplace
  const query = await scoresSql(context.workplace.engine, {
    policy: context.policy,
    day: context.manifest.day,
    measure: measureRelation(lakeDir, context.files.get('measure'), partyColumns),
    windowDays: spansOf(context.policy, context.manifest.day).window.days,
  })
  return [
    {
      name: 'score',
      query: `${query} order by party_id`,
      digestQuery: (file) =>
        byCustomer(input, file, ['recency_days', 'r_score', 'f_score', 'm_score', 'confidence', 'gaps']),
    },
  ]
}

const lifeColumns = [
  'from_tier',
  'change_to',
  'change_reason',
  'propose_to',
  'propose_reason',
  'effective_on',
  'notice_count',
]

async function lifeStep(context: NightContext): Promise<StepOutput[]> {
  const { workplace, policy, manifest, files } = context
  const input = computeInput(context)
  const { day } = manifest
  const state = manifest.stateBefore
    ? `read_parquet(${literal(join(workplace.lakeDir, manifest.stateBefore.path))})`
    : '(select null::bigint as party_id, null::smallint as notice_count where false)'
  const inForce = inForceSql(input, manifest.scheme, day)
  const life = lifeSql(
    policy,
    { day, isCutOff: isCutOff(policy, day), isFirst: manifest.isFirst },
    {
      input: `(select t.party_id, f.tier_in_force, s.notice_count, t.qualified_tier, t.entry_tier, t.may_rise, t.may_fall
        from ${stored(workplace.lakeDir, files.get('assign'))} t
        left join ${inForce} f on f.party_id = t.party_id left join ${state} s on s.party_id = t.party_id)`,
    },
  )
  return [
    {
      name: 'life',
      query: `select * from (${life}) order by party_id`,
      digestQuery: (file) => byCustomer(input, file, lifeColumns),
    },
  ]
}

function byCustomer(input: { snapshotDir: string }, file: string, columns: readonly string[]): string {
  return `select p.customer_no, ${columns.map((name) => `t.${name}`).join(', ')}
    from ${file} t join ${desk(input, 'party')} p on p.party_id = t.party_id order by p.customer_no`
}

/** Frees the tables that the steps of a night made in the engine. */
export async function forgetTables(engine: Engine, schema = 'night'): Promise<void> {
  await engine.exec(`drop schema if exists ${schema} cascade`)
}
