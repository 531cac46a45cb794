/** One verb from the environment to its exit code: 0 done, 1 refused with the reason, 2 usage, 70 a fault of ours. */
import { type Config, readConfig } from '../config.ts'
import { Refused } from '../kit/refusal.ts'
import { auditMigrations } from '../nightly/installation.ts'
import { openWorkplace, type Workplace } from '../nightly/workplace.ts'
import { atEnd, closeAll, holdWhileEnding, listenForEnd } from './ending.ts'
import { say, sayRefusal, text } from './print.ts'
import { progressLine } from './progress.ts'
import { openRecord } from './record.ts'

const faultCode = 70
/** A short command waits this long for others that use the PostgreSQL which it started. */
const drainMs = 600_000
/** PostgreSQL writes its last checkpoint. */
export const stopMs = 40_000

/** Runs `work` with the configuration; a refusal is printed and becomes exit code 1. */
export async function run(work: (config: Config) => Promise<void>): Promise<void> {
  try {
    await work(readConfig(process.env))
    await holdWhileEnding()
    await closeAll()
  } catch (error) {
    await holdWhileEnding()
    await closeAll()
    process.exitCode = 1
    if (error instanceof Refused) sayRefusal(error)
    else {
      process.exitCode = faultCode
      say(`strata: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
  }
  // An engine or a pool that was forgotten must not keep a finished command alive.
  process.exit()
}

/** Runs `work` at a workplace: record, lake, engine, keys, progress on the terminal. Everything is closed afterwards. */
export async function runAt(verb: string, work: (workplace: Workplace) => Promise<void>): Promise<void> {
  await run(async (config) => {
    listenForEnd(() => undefined)
    const record = await openRecord(config, { verb, say })
    atEnd(() => record.close(drainMs), drainMs + stopMs)
    record.onEnd((reason) => {
      say(text(`PostgreSQL ended: ${reason}`, `PostgreSQL 已退出：${reason}`))
      process.exit(1)
    })
    const line = progressLine()
    const workplace = await openWorkplace(record.config, { report: line.report })
    atEnd(() => workplace.close())
    atEnd(() => line.clear())
    await auditMigrations(workplace)
    await work(workplace)
  })
}
