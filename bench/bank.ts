/**
 * The bank that the benchmarks run on: written, loaded and compacted once per size, kept under var/bench/<customers>
 * (STRATA_HOME names another place for var). Its PostgreSQL is the embedded one.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDemo } from '../demo/write.ts'
import { openRecord } from '../src/command/record.ts'
import { readConfig } from '../src/config.ts'
import { type Day, day } from '../src/kit/day.ts'
import { loadFolder } from '../src/nightly/load/folder.ts'
import { openWorkplace, type Workplace } from '../src/nightly/workplace.ts'

export interface BenchBank {
  workplace: Workplace
  customers: number
  /** The last day with facts. */
  day: Day
  close(): Promise<void>
}

export const benchDay = day('2026-10-31')
const days = 92
const seed = 7

/**
 * Opens the bank of that size; the first time it is made, which takes minutes at a million. A benchmark that adds facts
 * names a bank of its own by `only`: the others would measure what it left.
 */
export async function openBench(customers: number, only?: string): Promise<BenchBank> {
  const home = join(
    readConfig(process.env).home,
    'bench',
    only === undefined ? String(customers) : `${customers}-${only}`,
  )
  const done = join(home, 'loaded')
  mkdirSync(home, { recursive: true })
  const config = readConfig({ ...process.env, STRATA_HOME: home })
  const record = await openRecord(config, { verb: 'bench', alone: true, say: (sentence) => console.error(sentence) })
  const workplace = await openWorkplace(record.config)
  if (!existsSync(done)) await fill(workplace, customers, done)
  return {
    workplace,
    customers,
    day: benchDay,
    close: async () => {
      await workplace.close()
      await record.close(60_000)
    },
  }
}

async function fill(workplace: Workplace, customers: number, done: string): Promise<void> {
  const out = join(workplace.tempDir, 'bench-feeds')
  const begun = performance.now()
  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`
  await writeDemo({ customers, days, seed, out, end: benchDay, form: 'bench' })
  console.error(`${customers} customers written after ${seconds()}`)
  const account = await loadFolder(workplace, out, {
    onFile: (file) => console.error(`  ${file.file}: ${file.accepted} of ${file.read} rows, ${seconds()}`),
  })
  if (account.files.some((file) => file.status === 'refused'))
    throw new Error('a file of the benchmark bank was refused')
  rmSync(out, { recursive: true, force: true })
  writeFileSync(done, `${customers} customers, ${days} days, seed ${seed}\n`)
}
