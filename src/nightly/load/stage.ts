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
import { type Engine, literal } from '../../lake/engine.ts'

/** A value of a staged row as the text of PostgreSQL's COPY: bytes become bytea, lists text[]. */
export type Staged = string | number | bigint | boolean | Buffer | readonly string[] | null | undefined

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

/**
 * The same with every row passed through `change`, in batches of `batchRows`, so that a change may ask the database
 * once per batch. Rows come as objects of the query's columns: BIGINT as text (cast it), days as text.
 */
export async function stageChanged<Row>(
  at: Staging,
  table: string,
  columns: string,
  query: string,
  change: (rows: Row[]) => Promise<Staged[][]> | Staged[][],
  progress?: (done: number) => void,
): Promise<void> {
  const path = join(at.dir, `${table}.json`)
  await at.engine.exec(`copy (${query}) to ${literal(path)} (format json)`)
  await at.client.query(`create temporary table ${table} (${columns}) on commit drop`)
  // Batches are changed on the load's own connection before COPY begins on it: so they are written out first.
  const changed = join(at.dir, `${table}.copy`)
  const out = await open(changed, 'w')
  try {
    let done = 0
    for await (const batch of batches<Row>(path)) {
      await out.write(copyText(await change(batch)))
      done += batch.length
      progress?.(done)
    }
  } finally {
    await out.close()
  }
  await pipeline(
    createReadStream(changed, { highWaterMark: 1 << 18 }),
    at.client.query(copyFrom(`copy ${table} from stdin`)),
  )
  await at.client.query(`analyze ${table}`)
}

/** Copies rows at hand into an existing table. */
export async function copyRows(client: pg.PoolClient, into: string, rows: Staged[][]): Promise<void> {
  if (rows.length === 0) return
  await pipeline(Readable.from([copyText(rows)]), client.query(copyFrom(`copy ${into} from stdin`)))
}

const batchRows = 5000

async function* batches<Row>(path: string): AsyncGenerator<Row[]> {
  let batch: Row[] = []
  for await (const line of lines(path)) {
    batch.push(JSON.parse(line) as Row)
    if (batch.length === batchRows) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

// Not node:readline: it also ends a line at U+2028, which JSON may hold.
async function* lines(path: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}

function copyText(rows: readonly Staged[][]): string {
  let text = ''
  for (const row of rows) text += `${row.map(cell).join('\t')}\n`
  return text
}

function cell(value: Staged): string {
  if (value === null || value === undefined) return '\\N'
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'object') {
    const items = value.map((item) => `"${item.replace(/[\\"]/g, (c) => `\\${c}`)}"`)
    return escaped(`{${items.join(',')}}`)
  }
  return String(value)
}

// Most texts hold nothing to escape, and looking is cheaper than replacing. U+0000 cannot be stored at all.
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters COPY gives a meaning
  if (!/[\\\t\n\r\u0000]/.test(text)) return text
  return text
    .replaceAll('\u0000', '')
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
}
