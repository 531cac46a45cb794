/** Parquet as a feed file: the engine reads it; types that could have rounded something are refused. */
import type { ColumnType, Feed } from '../feeds/feed.ts'
import { Refused } from '../kit/refusal.ts'
import { type Engine, literal } from './engine.ts'
import { refuseFile } from './file-refusal.ts'
import { matchHeader, type RawFile, type RawRequest } from './raw.ts'

const whole = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT']
/** Besides VARCHAR, which every kind of column may be. */
const allowed: Record<ColumnType['kind'], readonly string[]> = {
  text: whole,
  choice: [],
  day: ['DATE'],
  amount: [...whole, 'DECIMAL'],
  decimal: [...whole, 'DECIMAL'],
  integer: whole,
  boolean: ['BOOLEAN', ...whole],
}

/** The rows of a Parquet file. Refuses damaged files and unfit types. */
export async function readParquet(request: RawRequest): Promise<RawFile> {
  const { engine, feed, file, bytes } = request
  const source = `read_parquet(${literal(bytes.plainPath)}, file_row_number = true)`
  const described = await describe(engine, source, file)
  const header = described.map((column) => column.name.toLowerCase()).filter((name) => name !== 'file_row_number')
  const columns = matchHeader(feed, file, header)
  checkTypes(feed, file, described)
  // Reading every page once: a damaged one is found before anything is half checked.
  const cells = described
    .filter((column) => columns.present.has(column.name.toLowerCase()))
    .map((column) => `cast(${quoted(column.name)} as varchar) as "c_${column.name.toLowerCase()}"`)
  const [counted] = await readable(file, () => engine.rows<{ rows: bigint }>(`select count(*) as rows from ${source}`))
  const all = header.map((_, i) => `coalesce(cast(${quoted(described[i]?.name ?? '')} as varchar), '') as f${i}`)
  return {
    format: {
      container: 'parquet',
      compression: 'none',
      encoding: 'utf-8',
      byteOrderMark: false,
      separator: '',
      header,
    },
    present: columns.present,
    unknownColumns: columns.unknown,
    rows: counted?.rows ?? 0n,
    misshapen: [],
    misshapenCount: 0n,
    trailer: undefined,
    relation: `(select file_row_number + 2 as line, ${cells.join(', ')} from ${source})`,
    texture: 'any',
    rowsAt: async (at) => {
      if (at.length === 0) return []
      const rows = await engine.rows<Record<string, string | bigint>>(
        `select file_row_number as n, ${all.join(', ')} from ${source}
         where file_row_number + 2 in (${at.join(', ')}) order by file_row_number`,
      )
      return rows.map((row) => ({
        line: (row['n'] as bigint) + 2n,
        fields: header.map((_, i) => String(row[`f${i}`])),
      }))
    },
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/** The columns. This reads the footer only, so whatever the engine says against it is the file's fault. */
async function describe(engine: Engine, source: string, file: string): Promise<{ name: string; type: string }[]> {
  try {
    return await engine.rows<{ name: string; type: string }>(
      `select column_name as name, column_type as type from (describe select * from ${source}) limit 10000`,
    )
  } catch (error) {
    if (error instanceof Refused || /out of memory|the engine died/i.test(String(error))) throw error
    refuseFile(file, 'parquet_corrupted')
  }
}

function checkTypes(feed: Feed, file: string, described: readonly { name: string; type: string }[]): void {
  for (const { name, type } of described) {
    const column = feed.columns.find((c) => c.name === name.toLowerCase())
    if (!column) continue
    const fits = ['VARCHAR', ...allowed[column.type.kind]]
    if (!fits.includes(type.replace(/\(.*\)$/, ''))) {
      refuseFile(file, 'parquet_type', { column: column.name, found: type, wanted: fits.join(', ') })
    }
  }
}

/** Errors of the engine about the file's own bytes are the file's fault; anything else is ours. */
export async function readable<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (
      /parquet|magic bytes|thrift|TProtocol|snappy|zstd|decompress|footer|corrupt|out of buffer|invalid unicode/i.test(
        message.split('\n')[0] ?? '',
      )
    ) {
      refuseFile(file, 'parquet_corrupted')
    }
    throw error
  }
}
