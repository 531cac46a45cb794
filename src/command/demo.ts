/** `strata demo`: a made-up bank as feed files. */
import { resolve } from 'node:path'
import { writeDemo } from '../../demo/write.ts'
import type { Config } from '../config.ts'
import { systemClock } from '../kit/clock.ts'
import { addDays, type Day } from '../kit/day.ts'
import { put, putJson, table, text } from './print.ts'
import { progressLine } from './progress.ts'

export interface DemoChoices {
  out: string
  customers: number
  days: number
  seed: number
  end?: Day
  json?: boolean
}

/** Writes it and prints the list of files. */
export async function demo(config: Config, choices: DemoChoices): Promise<void> {
  const line = progressLine()
  const end = choices.end ?? addDays(systemClock(config.timeZone).today(), -1)
  const summary = await writeDemo({
    customers: choices.customers,
    days: choices.days,
    seed: choices.seed,
    out: resolve(choices.out),
    end,
    report: (done, total) => line.report({ step: text('customers', '客户'), done, total }),
  })
  line.clear()
  if (choices.json) return putJson(summary)
  const columns = [{ head: text('file', '文件') }, { head: text('rows', '行数'), right: true }]
  put(
    table(
      columns,
      summary.files.map(({ file, rows }) => [file, String(rows)]),
    ),
  )
  put(
    text(
      `${summary.bank}: ${summary.people} people, ${summary.companies} companies, ${summary.start} to ${summary.end}`,
      `${summary.bank}：${summary.people} 位个人客户，${summary.companies} 家公司，${summary.start} 至 ${summary.end}`,
    ),
  )
}
