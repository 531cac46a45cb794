/**
 * Carries out a mapping: a bank's own files become files of our feeds in a temporary folder, which are then checked and
 * loaded like any others. Every row of every source file is accounted for; what the mapping does not name is reported.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type ColumnSql, ExpressionError, expressionSql } from '../feeds/expression.ts'
import type { Feed } from '../feeds/feed.ts'
import { feedNamed, feeds } from '../feeds/index.ts'
import type { Mapping, ReadMapping, Source, Target } from '../feeds/mapping.ts'
import { assert, present } from '../kit/assert.ts'
import { Refused, refuse } from '../kit/refusal.ts'
import { readBytes } from './bytes.ts'
import { readHeader } from './csv.ts'
import { decodeText } from './decode.ts'
import { type Engine, literal } from './engine.ts'
import type { FormatWish } from './format.ts'
import { type BreaksFound, lineColumn, runningRows } from './map-running.ts'
import { openRaw, type RawFile } from './raw.ts'

export interface MappedFile {
  feed: Feed
  path: string
  /** The source file it was made from. */
  logicalName: string
  rows: bigint
  /** Hand it to checkFile: quarantine then speaks of lines of the source. */
  format: FormatWish
}

export interface SourceAccount {
  file: string
  rows: bigint
  /** Rows with a wrong number of fields, with their lines (at most 100): used by no target. */
  misshapen: bigint
  misshapenLines: number[]
  /** rows = leftOut + merged + made, for each target. For running balances `merged` are further rows of one day. */
  targets: { feed: string; leftOut: { why: string; rows: bigint }[]; merged: bigint; made: bigint }[]
}

export interface MappedFolder extends BreaksFound {
  consent: string | undefined
  /** In the order of loading. */
  files: MappedFile[]
  sources: SourceAccount[]
  /** Files of the folder that the mapping does not name. */
  unnamed: string[]
  /** The same in sentences, for whoever loads. */
  notes: string[]
}

export interface MapRequest {
  engine: Engine
  read: ReadMapping
  dir: string
  /** An existing folder; the caller removes it. Holds personal data in the clear. */
  outDir: string
}

/** The text of a mapping: a file's path, or the name of one that comes with the program ('berka'). Refuses `not_found`. */
export function mappingText(name: string): { text: string; file: string } {
  const own = new URL(`../feeds/mappings/${name}.yaml`, import.meta.url)
  if (/^[a-z0-9-]+$/.test(name) && existsSync(own)) return { text: readFileSync(own, 'utf8'), file: `${name}.yaml` }
  if (!existsSync(name)) refuse('not_found', { what: `mapping ${name}` })
  return { text: readFileSync(name, 'utf8'), file: basename(name) }
}

/** Runs the mapping over the files of `dir`. Refuses `mapping_invalid` and `file_refused`; nothing else is written. */
export async function runMapping(request: MapRequest): Promise<MappedFolder> {
  const { mapping } = request.read
  const named = sourceFiles(mapping, request.dir)
  const result: MappedFolder = {
    consent: mapping.consent,
    files: [],
    sources: [],
    unnamed: unnamedFiles(request.dir, new Set([...named.values()].flat())),
    breaks: [],
    breakCount: 0n,
    smallBreaks: { count: 0n, largest: '0.00' },
    notes: [],
  }
  await request.engine.exec(macros)
  const opened = new Map<string, Opened>()
  for (const [name, files] of named) {
    if (files.length === 0) request.read.invalid(['sources', name, 'file'], `no file ${mapping.sources[name]?.file}`)
    opened.set(name, await openSource(request, name, present(mapping.sources[name], name), files))
  }
  for (const source of opened.values()) result.sources.push(source.account)
  for (const [i, target] of mapping.targets.entries()) await makeTarget(request, result, opened, target, i)
  const order = (file: MappedFile) => feeds.indexOf(file.feed)
  result.files.sort((a, b) => order(a) - order(b))
  result.notes.push(...notesOf(result))
  return result
}

interface Opened {
  /** File name as shown. */
  file: string
  columns: string[]
  /** Table `source_<name>`: columns `"<column>"` VARCHAR and `__line`. */
  table: string
  account: SourceAccount
}

function sourceFiles(mapping: Mapping, dir: string): Map<string, string[]> {
  const names = readdirSync(dir)
    .filter((name) => statSync(join(dir, name)).isFile())
    .sort()
  return new Map(
    Object.entries(mapping.sources).map(([source, { file }]) => {
      const pattern = new RegExp(
        `^${file
          .split('*')
          .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*')}$`,
      )
      return [source, names.filter((name) => pattern.test(name))]
    }),
  )
}

function unnamedFiles(dir: string, named: ReadonlySet<string>): string[] {
  return readdirSync(dir)
    .filter((name) => statSync(join(dir, name)).isFile() && !named.has(name) && !/\.ctl$/i.test(name))
    .sort()
}

async function openSource(
  request: MapRequest,
  name: string,
  source: Source,
  files: readonly string[],
): Promise<Opened> {
  const { engine, outDir } = request
  const table = `source_${name}`
  const account: SourceAccount = { file: files.join(', '), rows: 0n, misshapen: 0n, misshapenLines: [], targets: [] }
  let columns: string[] = []
  for (const [i, file] of files.entries()) {
    const raw = await openAny(request, source, file)
    columns = raw.format.header
    const path = join(outDir, `${table}-${i}.parquet`)
    const cells = columns.map((column) => `"c_${column}" as "${column}"`).join(', ')
    await engine.exec(
      `copy (select ${raw.hasLine ? 'line, ' : ''}${cells} from ${raw.relation}) to ${literal(path)} (format parquet)`,
    )
    const line = raw.hasLine ? 'line' : `file_row_number + ${source.columns ? 1 : 2}`
    const select = `select ${columns.map((column) => `nullif(trim("${column}"), '') as "${column}"`).join(', ')}, ${line} as ${lineColumn}
      from read_parquet(${literal(path)}, file_row_number = true)`
    await engine.exec(
      i === 0 ? `create or replace temp table ${table} as ${select}` : `insert into ${table} by name ${select}`,
    )
    account.rows += raw.rows
    account.misshapen += raw.misshapenCount
    account.misshapenLines.push(...raw.misshapen.slice(0, 100).map((row) => row.line))
  }
  const [counted] = await engine.rows<{ rows: bigint }>(`select count(*) as rows from ${table}`)
  assert(counted?.rows === account.rows, `all rows of ${account.file} are read`)
  return { file: account.file, columns, table, account }
}

/** A file of any columns: the header, or the mapping, says which. */
async function openAny(request: MapRequest, source: Source, file: string): Promise<RawFile> {
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
    names = head.cells.map((cell) => cell.toLowerCase())
  }
  if (!names) {
    const described = await engine.rows<{ name: string }>(
      `select column_name as name from (describe select * from read_parquet(${literal(bytes.plainPath)}))`,
    )
    names = described.map((column) => column.name.toLowerCase())
  }
  const columns = names.map((name) => ({
    name,
    type: { kind: 'text' as const, lengthMax: 10_000 },
    required: false,
    zh: name,
    en: name,
    example: '',
  }))
  const feed: Feed = {
    name: file,
    zh: file,
    en: file,
    meaningZh: '',
    meaningEn: '',
    home: 'record',
    key: [],
    after: [],
    columns,
  }
  return openRaw({ engine, feed, file, outDir, bytes, wish })
}

async function makeTarget(
  request: MapRequest,
  result: MappedFolder,
  opened: ReadonlyMap<string, Opened>,
  target: Target,
  index: number,
): Promise<void> {
  const { engine, read, outDir } = request
  const feed = present(feedNamed(target.feed), target.feed)
  const path = join(outDir, `${String(index).padStart(3, '0')}-${feed.name}.csv`)
  if (target.rows) {
    await writeRows(engine, path, target.rows)
    const logicalName = `${read.mapping.name}.yaml`
    result.files.push({ feed, path, logicalName, rows: BigInt(target.rows.length), format: { lineColumn } })
    return
  }
  const source = present(opened.get(target.from ?? ''), 'source')
  const compile = compiler(request, opened, target, index)
  const joined = joinedSql(opened, target, compile)
  try {
    await engine.exec(`create or replace temp table mapped_rows as ${joined}`)
  } catch (error) {
    read.invalid(['targets', index, 'join'], engineReason(error))
  }
  await checkExpressions(request, target, compile, index)
  await refuseMultiplied(request, source, index)
  const leftOut = await leaveOut(engine, target, compile)
  const columns = Object.entries(target.columns ?? {}).map(
    ([name, text]) => `cast(${compile(['columns', name], text)} as varchar) as "${name}"`,
  )
  const kept = `(select * from mapped_rows where not _out)`
  const made = target.running
    ? await runningRows(engine, { running: target.running, compile, columns, kept, result, file: source.file })
    : target.distinct
      ? `select ${columns.join(', ')}, min(${lineColumn}) as ${lineColumn} from ${kept} group by all`
      : `select ${columns.join(', ')}, ${lineColumn} from ${kept}`
  await engine.exec(`create or replace temp table mapped as ${made}`)
  await engine.exec(
    `copy (select * from mapped order by ${lineColumn}, ${orderColumns(target)}) to ${literal(path)} (format csv, header, delimiter ',')`,
  )
  const [counted] = await engine.rows<{ made: bigint }>('select count(*) as made from mapped')
  const rows = counted?.made ?? 0n
  const out = leftOut.reduce((sum, part) => sum + part.rows, 0n)
  const merged = source.account.rows - out - rows
  assert(
    merged >= 0n && (merged === 0n || target.distinct || target.running),
    `rows of ${source.file} are accounted for`,
  )
  source.account.targets.push({ feed: feed.name, leftOut, merged, made: rows })
  result.files.push({ feed, path, logicalName: source.file, rows, format: { lineColumn, separator: ',' } })
}

function orderColumns(target: Target): string {
  const names = Object.keys(target.columns ?? {})
  return [...names, ...(target.running ? ['day'] : [])].map((name) => `"${name}"`).join(', ')
}

async function writeRows(engine: Engine, path: string, rows: readonly Record<string, string>[]): Promise<void> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const values = rows.map(
    (row, i) => `(${[...names.map((name) => literal(row[name] ?? '')), String(i + 1)].join(', ')})`,
  )
  const columns = [...names.map((name) => `"${name}"`), lineColumn].join(', ')
  await engine.exec(
    `copy (select * from (values ${values.join(', ')}) t(${columns})) to ${literal(path)} (format csv, header, delimiter ',')`,
  )
}

type Compile = (path: readonly (string | number)[], text: string) => string

/** Expressions of one target over its source and what is joined to it; errors point into the mapping. */
function compiler(request: MapRequest, opened: ReadonlyMap<string, Opened>, target: Target, index: number): Compile {
  const names = new Map<string, string>()
  const own = present(target.from, 'from')
  for (const column of opened.get(own)?.columns ?? []) {
    names.set(column, `"${own}.${column}"`)
    names.set(`${own}.${column}`, `"${own}.${column}"`)
  }
  for (const join of target.join ?? []) {
    const alias = join.as ?? join.source
    for (const column of opened.get(join.source)?.columns ?? []) names.set(`${alias}.${column}`, `"${alias}.${column}"`)
  }
  const column: ColumnSql = (name) => names.get(name.toLowerCase())
  return (path, text) => {
    try {
      return expressionSql(text, column, request.read.mapping.lookups ?? {})
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      return request.read.invalid(['targets', index, ...path], `${path.join('.')}: ${error.message}`)
    }
  }
}

/** The engine looks at every expression alone, so that one it cannot read is named with its place. */
async function checkExpressions(request: MapRequest, target: Target, compile: Compile, index: number): Promise<void> {
  const { account, day, amount, compare } = target.running ?? {}
  const running = Object.entries({ account, day, amount, compare }).map(
    ([name, text]) => [['running', name], text] as const,
  )
  const columns = Object.entries(target.columns ?? {}).map(([name, text]) => [['columns', name], text] as const)
  const filters = (target.where ?? []).map((filter, i) => [['where', i, 'keep'], filter.keep] as const)
  for (const [path, text] of [...running, ...columns, ...filters]) {
    if (text === undefined) continue
    try {
      await request.engine.rows(`select cast(${compile(path, text)} as varchar) as value from mapped_rows limit 0`)
    } catch (error) {
      if (error instanceof Refused) throw error
      request.read.invalid(['targets', index, ...path], `${path.join('.')}: ${engineReason(error)}`)
    }
  }
}

function engineReason(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : String(error)
}

function prefixed(source: Opened, alias: string): string {
  return source.columns.map((column) => `"${column}" as "${alias}.${column}"`).join(', ')
}

function joinedSql(opened: ReadonlyMap<string, Opened>, target: Target, compile: Compile): string {
  const own = present(target.from, 'from')
  const source = present(opened.get(own), own)
  let sql = `(select ${prefixed(source, own)}, ${lineColumn} from ${source.table})`
  for (const [i, join] of (target.join ?? []).entries()) {
    const other = present(opened.get(join.source), join.source)
    const where = join.where ? `where ${compile(['join', i, 'where'], join.where)}` : ''
    const right = `(select * from (select ${prefixed(other, join.as ?? join.source)} from ${other.table}) ${where})`
    sql = `(select * from ${sql} l left join ${right} r on ${compile(['join', i, 'on'], join.on)})`
  }
  return `select *, false as _out from ${sql}`
}

async function refuseMultiplied(request: MapRequest, source: Opened, index: number): Promise<void> {
  const [counted] = await request.engine.rows<{ rows: bigint }>('select count(*) as rows from mapped_rows')
  if (counted?.rows === source.account.rows) return
  request.read.invalid(['targets', index, 'join'], 'a join finds several rows for one row: narrow it with where')
}

async function leaveOut(engine: Engine, target: Target, compile: Compile): Promise<{ why: string; rows: bigint }[]> {
  const leftOut: { why: string; rows: bigint }[] = []
  for (const [i, filter] of (target.where ?? []).entries()) {
    const keep = compile(['where', i, 'keep'], filter.keep)
    const [counted] = await engine.rows<{ rows: bigint }>(
      `select count(*) as rows from mapped_rows where not _out and not coalesce(${keep}, false)`,
    )
    await engine.exec(`update mapped_rows set _out = true where not _out and not coalesce(${keep}, false)`)
    leftOut.push({ why: filter.otherwise, rows: counted?.rows ?? 0n })
  }
  return leftOut
}

function notesOf(result: MappedFolder): string[] {
  const notes = result.breaks.map(
    (b) =>
      `${b.file} line ${b.line}: on ${b.day} the running balance is ${b.running}, the file says ${b.said} (${b.change})`,
  )
  if (result.smallBreaks.count > 0n) {
    notes.push(`${result.smallBreaks.count} smaller balance breaks, the largest ${result.smallBreaks.largest}`)
  }
  for (const source of result.sources) {
    if (source.misshapen > 0n) {
      notes.push(
        `${source.file}: ${source.misshapen} rows with a wrong number of fields, lines ${source.misshapenLines.join(', ')}`,
      )
    }
    for (const target of source.targets) {
      for (const { why, rows } of target.leftOut)
        if (rows > 0n) notes.push(`${source.file} → ${target.feed}: ${rows} rows left out: ${why}`)
    }
  }
  return notes
}

/** Functions of the expression language that the engine does not have. Unreadable text gives NULL, never a guess. */
const macros = `
  create or replace temp macro map_number(x, comma) as
    try_cast(replace(replace(replace(x, ' ', ''), case when comma = ',' then '.' else ',' end, ''), comma, '.') as decimal(28, 4));
  create or replace temp macro map_whole(x) as try_cast(x as bigint);
  create or replace temp macro map_day(x, format) as cast(try_cast(try_strptime(x, format) as date) as varchar);
  create or replace temp macro map_two_digit_year(x, century) as
    cast(try_cast(try_strptime(substr(cast(century as varchar), 1, 2) || x, '%Y%m%d') as date) as varchar);
  create or replace temp macro map_part(x, separator, n) as nullif(split_part(x, separator, n), '');
  create or replace temp macro map_luhn(x) as x || cast((10 - list_sum(list_transform(range(0, length(x)), lambda i:
    case when i % 2 = 0 then (2 * try_cast(substr(x, length(x) - i, 1) as int)) % 10 + (2 * try_cast(substr(x, length(x) - i, 1) as int)) // 10
    else try_cast(substr(x, length(x) - i, 1) as int) end)) % 10) % 10 as varchar);`
