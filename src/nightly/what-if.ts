/** Tiers of a day computed apart from any night: another policy, another window, today's facts. Publishes nothing. */
import { join } from 'node:path'
import { addDays, type Day } from '../kit/day.ts'
import { intervalRows } from '../lake/compact.ts'
import { type Engine, literal } from '../lake/engine.ts'
import type { Policy } from '../tiers/policy.ts'
import { assignTiers } from './assign-tiers.ts'
import { type ComputeInput, computeMeasures, desk, type Spans, spansOf } from './compute.ts'
import { inputsAtRest, type Manifest, manifestFacts } from './freeze.ts'
import { bringIntervals } from './intervals.ts'
import type { Workplace } from './workplace.ts'

/** Inputs as they are now, or as a night's manifest froze them. */
export type Inputs = Pick<Manifest, 'files' | 'snapshot' | 'intervals'>

/** Facts, desk snapshot and intervals of now, through the month of `day`. */
export async function inputsOfNow(workplace: Workplace, day: Day): Promise<Inputs> {
  const { facts, snapshot } = await inputsAtRest(workplace)
  const months = await bringIntervals(workplace, {
    facts: facts.filter((file) => file.noun === 'balance'),
    snapshot,
    through: day,
    register: false,
  })
  return { files: facts, snapshot, intervals: months.map(({ month, path, sha256 }) => ({ month, path, sha256 })) }
}

/** What `computeMeasures` reads, from inputs. */
export function computeInputOf(workplace: Workplace, policy: Policy, day: Day, inputs: Inputs): ComputeInput {
  const { before } = spansOf(policy, day)
  const months = (inputs.intervals ?? []).filter(
    (month) => month.month <= day && month.month.slice(0, 7) >= addDays(before, -1).slice(0, 7),
  )
  return {
    policy,
    day,
    lakeDir: workplace.lakeDir,
    snapshotDir: join(workplace.lakeDir, 'snapshots', inputs.snapshot),
    intervals: intervalRows(workplace.lakeDir, months),
    months: months.map(({ month, path }) => ({ month, rows: intervalRows(workplace.lakeDir, [{ path }]) })),
    rateFiles: manifestFacts(inputs, 'rate'),
    transactionFiles: manifestFacts(inputs, 'transaction'),
  }
}

/** Fills `<schema>.measure`, `<schema>.assigned` and `<schema>.household_result` under a policy. */
export async function computeTiers(engine: Engine, schema: string, input: ComputeInput): Promise<Spans> {
  const spans = await computeMeasures(engine, schema, input)
  await assignTiers(engine, schema, {
    policy: input.policy,
    day: input.day,
    snapshotDir: input.snapshotDir,
    spans,
    measure: `${schema}.measure`,
  })
  return spans
}

/** (party_id, tier_in_force): the newest change in force on the day, made before it. */
export function inForceSql(input: { snapshotDir: string }, scheme: string, day: Day): string {
  return `(select party_id,
      max_by(to_tier, (effective_on - date '1900-01-01')::bigint * 1000000000000 + id) as tier_in_force
    from ${desk(input, 'tier_change')}
    where scheme = ${literal(scheme)} and effective_on <= date '${day}'
      and (night_day is null or night_day < date '${day}')
    group by party_id)`
}
