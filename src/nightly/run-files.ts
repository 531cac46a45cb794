/** What a step of a night leaves behind: whole Parquet files under lake/runs/<night>, each with a digest of its rows. */
import { createHash } from 'node:crypto'
import { createReadStream, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { writeParquet } from '../lake/compact.ts'
import { type Engine, literal } from '../lake/engine.ts'
import type { Workplace } from './workplace.ts'

export interface StepFile {
  /** Name of the table, also of its file. */
  name: string
  /** Relative to the lake. */
  path: string
  /** Of the file. */
  sha256: string
  rows: string
  /** SHA-256 over the rows in full key order in a fixed text form; without surrogate ids. */
  digest: string
}

export interface StepOutput {
  name: string
  /** Rows of the file; HUGEINT is cast to DECIMAL(38, 0), which Parquet keeps exactly. */
  query: string
  /** The same rows as the digest sees them: the bank's numbers for ids, in key order, as columns of text and numbers. */
  digestQuery: (file: string) => string
}

/** Writes one output of a step and takes its digest. */
export async function writeStepFile(workplace: Workplace, nightId: number, output: StepOutput): Promise<StepFile> {
  const { engine, lakeDir, tempDir } = workplace
  const path = `runs/${nightId}/${output.name}.parquet`
  const target = join(lakeDir, path)
  return withLessMemory(workplace, async () => {
    const written = await writeParquet(engine, output.query, target)
    const digest = await rowsDigest(engine, tempDir, output.digestQuery(`read_parquet(${literal(target)})`))
    return { name: output.name, path, sha256: written.sha256, rows: written.rows.toString(), digest }
  })
}

/** Of the engine's memory, in percent: what writes and reads files takes the rest without the engine's counting it. */
const besideFilesPercent = 70

/**
 * Runs what sorts or joins whole steps from file to file: its tables go to disk a little earlier, and what it frees is given
 * back at once, which costs a computation some percent. So a night of a million customers stays below 1 GiB.
 */
export async function withLessMemory<T>({ engine, config }: Workplace, work: () => Promise<T>): Promise<T> {
  const limit = (percent: number, givesBack: boolean) =>
    engine.exec(`set allocator_background_threads = ${givesBack};
      set memory_limit = '${Math.floor((config.memoryLimitMb * percent) / 100)}MB'`)
  // What the engine holds cannot always be let go: then it keeps its limit
  await limit(besideFilesPercent, true).catch(() => undefined)
  try {
    return await work()
  } finally {
    await limit(100, false)
  }
}

/** SHA-256 of the CSV text of an ordered query. */
export async function rowsDigest(engine: Engine, tempDir: string, query: string): Promise<string> {
  const csv = join(tempDir, `digest-${process.pid}-${Math.trunc(performance.now() * 1000)}.csv`)
  try {
    await engine.exec(`copy (${query}) to ${literal(csv)} (format csv, header true, delimiter ',')`)
    const hash = createHash('sha256')
    await pipeline(createReadStream(csv), hash)
    return hash.digest('hex')
  } finally {
    rmSync(csv, { force: true })
  }
}
