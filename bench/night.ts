/**
 * `npm run bench -- night [--customers 1000000]`: measures, tiers and scores of a night against a scan of (account, day,
 * balance) from zstd daily snapshots of the same data, and against PostgreSQL on the same intervals. Memory is the peak
 * PSS of our process tree without PostgreSQL.
 */
import { createReadStream, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { addDays, eachDay } from '../src/kit/day.ts'
import { type Engine, fileList, literal, openEngine } from '../src/lake/engine.ts'
import { runNight } from '../src/nightly/night.ts'
import { type BenchBank, openBench } from './bank.ts'
import { nightWork } from './night-work.ts'
import { interleave, mebibytes, option, printMachine, printTimings, watchMemory } from './support.ts'

const windowDays = 90
const bank = await openBench(option('customers', 1_000_000))
const { workplace } = bank
printMachine()

const work = await nightWork(bank)
const intervals = work.intervals
const snapshots = await writeSnapshots(bank, intervals)
const scanner = openEngine({ ...engineSize(), tempDir: join(workplace.tempDir, 'scan') })
const timings = await interleave(
  [
    {
      name: `scan of ${snapshots.length} zstd snapshots`,
      run: () => scan(scanner, snapshots),
      pid: () => scanner.pid(),
    },
    { name: 'measures, tiers, scores', run: work.run, pid: work.pid },
  ],
  option('runs', 5),
)
printTimings(`night, ${bank.customers} customers, ${await countOf(intervals)} intervals`, timings)
await scanner.close()
await onlyEngine()
const memory = watchMemory()
await work.run()
console.log(`  peak PSS without PostgreSQL ${mebibytes(memory.stop())}`)
await work.close()

if (option('postgres', 1) === 1) {
  await intoPostgres(bank, intervals)
  const compared = await interleave(
    [
      { name: 'PostgreSQL: Σ value × days per position', run: () => workplace.db.owner.query(postgresSum()) },
      { name: 'DuckDB: the same', run: () => workplace.engine.rows(duckSum(intervals)) },
    ],
    3,
  )
  printTimings('the same encoding, the same sum', compared)
}

const wholeMemory = watchMemory()
const begun = performance.now()
const night = await runNight(workplace, { day: bank.day })
const seconds = (performance.now() - begun) / 1000
const steps = new Map(night.steps.map((step) => [step.name, `${step.name} ${step.seconds.toFixed(1)}`]))
console.log(
  `whole night with publishing: ${seconds.toFixed(1)} s (${[...steps.values()].join(', ')} s), peak PSS ${mebibytes(wholeMemory.stop())}`,
)
await bank.close()

// The bank's own engine was needed to make the files; it starts again when it is asked again.
async function onlyEngine(): Promise<void> {
  const pid = workplace.engine.pid()
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, 500))
}

function engineSize() {
  return { threads: workplace.config.threads, memoryLimitMb: workplace.config.memoryLimitMb }
}

/** What a bank without intervals would keep: one row per account and day. */
async function writeSnapshots({ day }: BenchBank, relation: string): Promise<string[]> {
  const folder = join(workplace.tempDir, 'snapshots')
  mkdirSync(folder, { recursive: true })
  const paths: string[] = []
  for (const one of eachDay(addDays(day, 1 - windowDays), day)) {
    const path = join(folder, `${one}.parquet`)
    paths.push(path)
    if (existsSync(path)) continue
    await workplace.engine.exec(`copy (
      select position_id as account, date '${one}' as day, value as balance from ${relation}
      where from_day <= date '${one}' and to_day > date '${one}' order by position_id
    ) to ${literal(path)} (format parquet, compression zstd)`)
  }
  return paths
}

async function scan(engine: Engine, paths: readonly string[]): Promise<void> {
  await engine.rows(
    `select sum(account) as a, max(day)::text as d, sum(balance) as b from read_parquet(${fileList(paths)})`,
  )
}

async function countOf(relation: string): Promise<bigint> {
  const [row] = await workplace.engine.rows<{ n: bigint }>(`select count(*) as n from ${relation}`)
  return row?.n ?? 0n
}

async function intoPostgres(_bank: BenchBank, relation: string): Promise<void> {
  const file = join(workplace.tempDir, 'intervals.csv')
  await workplace.engine.exec(
    `copy (select position_id, from_day, to_day, value from ${relation}) to ${literal(file)} (format csv, header false)`,
  )
  const client = await workplace.db.owner.connect()
  try {
    await client.query('drop table if exists bench_interval')
    await client.query('create table bench_interval (position_id bigint, from_day date, to_day date, value bigint)')
    await pipeline(createReadStream(file), client.query(copyFrom('copy bench_interval from stdin (format csv)')))
    await client.query('vacuum analyze bench_interval')
  } finally {
    client.release()
    rmSync(file, { force: true })
  }
}

function overlap(least: string, greatest: string): string {
  const from = addDays(bank.day, 1 - windowDays)
  return `${greatest}(0, ${least}(to_day, date '${addDays(bank.day, 1)}') - ${greatest}(from_day, date '${from}'))`
}

function postgresSum(): string {
  return `select count(*), sum(s) from (select position_id, sum(greatest(value, 0)::numeric * ${overlap('least', 'greatest')}) as s
    from bench_interval group by position_id) p`
}

function duckSum(relation: string): string {
  return `select count(*) as n, sum(s) as s from (select position_id, sum(greatest(value, 0)::hugeint * ${overlap('least', 'greatest')}) as s
    from ${relation} group by position_id) p`
}
