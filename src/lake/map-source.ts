/** The bank's own files that a mapping names: found in the folder, opened whatever they came in, and read into tables. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Feed } from '../feeds/feed.ts'
import type { Mapping, ReadMapping, Source } from '../feeds/mapping.ts'
import { assert } from '../kit/assert.ts'
import { readBytes } from './bytes.ts'
import { type ControlResult, compareTotals, controlTotals, type Said, summedNames } from './control.ts'
import { readHeader } from './csv.ts'
import { decodeText } from './decode.ts'
import { type Engine, literal } from './engine.ts'
import { refuseFile } from './file-refusal.ts'
import type { FormatWish, MisshapenSource } from './format.ts'
import { openRaw, type RawFile } from './raw.ts'
import { readSheet } from './xlsx.ts'

/** The column that says where a row began: number of the file within its source × `fileStep` + line. */
export const lineColumn = '__line'
export const fileStep = 2n ** 40n

export interface SourceAccount {
  file: string
  /** Well-shaped rows. */
  rows: bigint
  /** Rows with a wrong number of fields: used by no target, and in the quarantine of each. */
  misshapen: bigint
  /** What the sender said of the file, and that it is so. */
  control: ControlResult
  /** rows = leftOut + merged + made, for each target. For running balances `merged` are further rows of one day. */
  targets: { feed: string; leftOut: { why: string; rows: bigint }[]; merged: bigint; made: bigint }[]
}

export interface Opened {
  columns: string[]
  /** Table `source_<name>`: columns `"<column>"` VARCHAR and `__line`. */
  table: string
  /** Of all its files. */
  rows: bigint
  files: { account: SourceAccount; misshapen: MisshapenSource }[]
}

export interface MapRequest {
  engine: Engine
  read: ReadMapping
  dir: string
  /** An existing folder; the caller removes it. Holds personal data in the clear. */
  outDir: string
}

/** The files of the folder that each source names, in order of name. */
export function sourceFiles(mapping: Mapping, dir: string): Map<string, string[]> {
  const names = readdirSync(dir)
    .filter((name) => statSync(join(dir, name)).isFile() && !/\.ctl$/i.test(name))
    .sort()
  return new Map(
    Object.entries(mapping.sources).map(([source, { file }]) => {
      const parts = file.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      const pattern = new RegExp(`^${parts.join('.*')}$`)
      return [source, names.filter((name) => pattern.test(name))]
    }),
  )
}

export function unnamedFiles(dir: string, named: ReadonlySet<string>): string[] {
  return readdirSync(dir)
    .filter((name) => statSync(join(dir, name)).isFile() && !named.has(name) && !/\.ctl$/i.test(name))
    .sort()
}

/** Reads all files of a source into one table. Refuses `file_refused`: unreadable, other columns, other totals. */
export async function openSource(
  request: MapRequest,
  name: string,
  source: Source,
  files: readonly string[],
): Promise<Opened> {
  const { engine, outDir } = request
  const table = `source_${name}`
  const opened: Opened = { columns: [], table, rows: 0n, files: [] }
  for (const [i, file] of files.entries()) {
    const { raw, sha256 } = await openAny(request, source, file)
    const columns = raw.format.header
    if (i === 0) opened.columns = columns
    else refuseOtherColumns(file, opened.columns, columns)
    const path = join(outDir, `${table}-${i}.parquet`)
    const cells = columns.map((column) => `"c_${column}" as "${column}"`).join(', ')
    await engine.exec(`copy (select line, ${cells} from ${raw.relation}) to ${literal(path)} (format parquet)`)
    // A row stays a line: what is made of it must be found again by its line.
    const plain = (column: string) =>
      `nullif(trim(regexp_replace("${column}", '[\\r\\n]+', ' ', 'g')), '') as "${column}"`
    const select = `select ${columns.map(plain).join(', ')}, ${BigInt(i) * fileStep} + line as ${lineColumn}
      from read_parquet(${literal(path)})`
    await engine.exec(
      i === 0 ? `create or replace temp table ${table} as ${select}` : `insert into ${table} by name ${select}`,
    )
    const said = controlTotals(file, join(request.dir, `${file}.ctl`), raw.trailer)
    const rows = raw.rows + raw.misshapenCount
    const control = compareTotals(
      file,
      said,
      await readTotals(engine, { said, source, file, path, columns, rows, sha256 }),
    )
    opened.rows += raw.rows
    opened.files.push({
      account: { file, rows: raw.rows, misshapen: raw.misshapenCount, control, targets: [] },
      misshapen: { rows: raw.misshapen, count: raw.misshapenCount, fields: columns.length },
    })
  }
  const [counted] = await engine.rows<{ rows: bigint }>(`select count(*) as rows from ${table}`)
  assert(counted?.rows === opened.rows, `all rows of ${name} are read`)
  return opened
}

function refuseOtherColumns(file: string, first: readonly string[], columns: readonly string[]): void {
  const missing = first.filter((column) => !columns.includes(column))
  const more = columns.filter((column) => !first.includes(column))
  if (missing.length + more.length === 0) return
  const params = { columns: [...missing, ...more].join(', '), expected: first.join(', '), line: 1 }
  refuseFile(file, 'column_missing', params)
}

/** Rows, sha256 and sums of the file's own columns: more cannot be said of a file whose columns have no meaning yet. */
async function readTotals(
  engine: Engine,
  from: {
    said: Said
    source: Source
    file: string
    path: string
    columns: readonly string[]
    rows: bigint
    sha256: string
  },
): Promise<Map<string, string>> {
  const totals = new Map([
    ['rows', String(from.rows)],
    ['sha256', from.sha256],
  ])
  for (const [name, value] of from.said.totals) {
    const known = totals.has(name) || from.columns.includes(name.replace(/^sum\./, '').toLowerCase())
    if (!known || name === 'day') refuseFile(from.file, 'totals_unreadable', { text: `${name}=${value}` })
  }
  for (const name of summedNames(from.said)) {
    const [sum] = await engine.rows<{ sum: string | null }>(
      `select cast(sum(map_number("${name.toLowerCase()}", '${from.source.decimal ?? '.'}')) as varchar) as sum
       from read_parquet(${literal(from.path)})`,
    )
    totals.set(`sum.${name}`, sum?.sum ?? '0')
  }
  return totals
}

/** A file of any columns: the header, or the mapping, says which. */
async function openAny(request: MapRequest, source: Source, file: string): Promise<{ raw: RawFile; sha256: string }> {
  const { engine, outDir } = request
  const bytes = await readBytes(join(request.dir, file), file, outDir)
  const wish: FormatWish = {
    ...(source.separator && { separator: source.separator }),
    ...(source.encoding && { encoding: source.encoding }),
    ...(source.columns && { columnNames: source.columns }),
  }
  let names = source.columns
  if (!names && bytes.container === 'csv') {
    const text = await decodeText(bytes.plainPath, file, outDir, source.encoding)
    const head = readHeader(text.textPath, file, [], source.separator)
    wish.separator ??= head.separator
    names = head.cells
  } else if (bytes.container === 'xlsx') {
    names = (await readSheet(bytes.plainPath, file, join(outDir, 'sheet.txt'))).header
  }
  if (!names) {
    const described = await engine.rows<{ name: string }>(
      `select column_name as name from (describe select * from read_parquet(${literal(bytes.plainPath)}))`,
    )
    names = described.map((column) => column.name)
  }
  const feed = textFeed(
    file,
    names.map((name) => name.toLowerCase()),
  )
  return { raw: await openRaw({ engine, feed, file, outDir, bytes, wish }), sha256: await bytes.sha256 }
}

function textFeed(file: string, names: readonly string[]): Feed {
  const type = { kind: 'text' as const, lengthMax: 10_000 }
  const columns = names.map((name) => ({ name, type, required: false, zh: name, en: name, example: '' }))
  return { name: file, zh: file, en: file, meaningZh: '', meaningEn: '', home: 'record', key: [], after: [], columns }
}
