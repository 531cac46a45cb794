/** The computing part of a night (measures, tiers, scores; not publishing) as something that can be run again and again. */
import { openEngine } from '../src/lake/engine.ts'
import { assignTiers } from '../src/nightly/assign-tiers.ts'
import { computeMeasures } from '../src/nightly/compute.ts'
import { policyInForce } from '../src/nightly/policies.ts'
import { scoresSql } from '../src/nightly/scores.ts'
import { computeInputOf, inputsOfNow } from '../src/nightly/what-if.ts'
import type { BenchBank } from './bank.ts'

export interface NightWork {
  /** The relation of intervals that it reads. */
  intervals: string
  run(): Promise<void>
  pid(): number | undefined
  close(): Promise<void>
}

/** Freezes the inputs once; `run` computes from the lake's files to a table of scores, in an engine of its own. */
export async function nightWork(bank: BenchBank): Promise<NightWork> {
  const { workplace } = bank
  const { policy } = await policyInForce(workplace.db.owner, 'personal', bank.day, workplace.config.baseCurrency)
  const input = computeInputOf(workplace, policy, bank.day, await inputsOfNow(workplace, bank.day))
  const engine = openEngine({
    threads: workplace.config.threads,
    memoryLimitMb: workplace.config.memoryLimitMb,
    tempDir: `${workplace.tempDir}/night-work`,
  })
  return {
    intervals: input.intervals,
    run: async () => {
      // as a night does at its end: what the run before left would only press on the memory of this one
      await engine.exec('drop schema if exists bench cascade')
      const spans = await computeMeasures(engine, 'bench', input)
      await assignTiers(engine, 'bench', {
        policy,
        day: bank.day,
        snapshotDir: input.snapshotDir,
        spans,
        measure: 'bench.measure',
      })
      const scores = await scoresSql(engine, {
        policy,
        day: bank.day,
        measure: 'bench.measure',
        windowDays: spans.window.days,
      })
      await engine.exec(`create or replace table bench.score as ${scores}`)
    },
    pid: () => engine.pid(),
    close: () => engine.close(),
  }
}
