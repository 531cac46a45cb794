/**
 * From the engine to PostgreSQL: rows are written to a file of the load's own folder, changed on the way where they
 * have to be sealed, and copied into a temporary table of the load's transaction. Nothing personal is staged unsealed.
 */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Keys } from '../../access/keys.ts'
import { type Engine, literal } from '../../lake/engine.ts'
import { copyText, type Staged } from './copy-text.ts'
import { sealedBatches } from './seal-threads.ts'
import type { SealedNoun, Wrapped } from './sealed-rows.ts'

export interface Staging {
  engine: Engine
  client: pg.PoolClient
  /** Folder for the file in between; removed by the load. */
  dir: string
}

/** Copies the rows of a query of the engine into a new temporary table; `columns` as in CREATE TABLE, same order. */
export async function stage(at: Staging, table: string, columns: string, query: string): Promise<void> {
  const path = join(at.dir, `${table}.csv`)
  await at.engine.exec(
    `copy (${query}) to ${literal(path)} (format csv, header false, delimiter ',', quote '"', escape '"')`,
  )
  await at.client.query(`create temporary table ${table} (${columns}) on commit drop`)
  await pipeline(
    createReadStream(path, { highWaterMark: 1 << 18 }),
    at.client.query(copyFrom(`copy ${table} from stdin (format csv)`)),
  )
  await at.client.query(`analyze ${table}`)
}

export interface Sealing {
  table: string
  columns: string
  /** Rows of the shape that the sealing of `noun` takes: BIGINT as text (cast it), days as text. */
  query: string
  noun: SealedNoun
  /** The wrapped keys of parties that have one already, for the rows of one batch. */
  wrapped?: (batch: Buffer) => Promise<Wrapped>
  progress(done: number): void
}

/** The same with every row sealed on the way, in threads beside this one. */
export async function stageSealed(at: Staging, keys: Keys, sealing: Sealing): Promise<void> {
  const { table, columns, query } = sealing
  const path = join(at.dir, `${table}.json`)
  await at.engine.exec(`copy (${query}) to ${literal(path)} (format json)`)
  await at.client.query(`create temporary table ${table} (${columns}) on commit drop`)
  // Keys are asked for on the load's own connection, where COPY cannot be under way: so rows are written out first.
  const sealed = join(at.dir, `${table}.copy`)
  const out = await open(sealed, 'w')
  let done = 0
  try {
    const input = { path, noun: sealing.noun, keys, wrapped: sealing.wrapped }
    for await (const batch of sealedBatches(input)) {
      await out.write(batch.text)
      done += batch.rows
      sealing.progress(done)
    }
  } finally {
    await out.close()
  }
  await pipeline(
    createReadStream(sealed, { highWaterMark: 1 << 18 }),
    at.client.query(copyFrom(`copy ${table} from stdin`)),
  )
  await at.client.query(`analyze ${table}`)
}

/** Copies rows at hand into an existing table. */
export async function copyRows(client: pg.PoolClient, into: string, rows: Staged[][]): Promise<void> {
  if (rows.length === 0) return
  await pipeline(Readable.from([copyText(rows)]), client.query(copyFrom(`copy ${into} from stdin`)))
}
