/**
 * Carries out a mapping: a bank's own files become files of our feeds in a temporary folder, which are then checked and
 * loaded like any others. Every row of every source file is accounted for; what the mapping does not name is reported.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type ColumnSql, ExpressionError, expressionSql } from '../feeds/expression.ts'
import type { Feed } from '../feeds/feed.ts'
import { feedNamed, feeds } from '../feeds/index.ts'
import type { Mapping, Target } from '../feeds/mapping.ts'
import { assert, present } from '../kit/assert.ts'
import { Refused, refuse } from '../kit/refusal.ts'
import { type Engine, literal } from './engine.ts'
import { refuseFile } from './file-refusal.ts'
import type { FormatWish } from './format.ts'
import { type BreaksFound, runningRows } from './map-running.ts'
import {
  fileStep,
  lineColumn,
  type MapRequest,
  type Opened,
  openSource,
  type SourceAccount,
  sourceFiles,
  unnamedFiles,
} from './map-source.ts'

export interface MappedFile {
  feed: Feed
  path: string
  /** The source file it was made from. */
  logicalName: string
  rows: bigint
  /** Hand it to checkFile: quarantine then speaks of lines of the source, and holds its misshapen rows. */
  format: FormatWish
  /** What did not become rows of it. */
  made: { merged: bigint; leftOut: { why: string; rows: bigint }[] }
  /** The source file; undefined for rows that the mapping itself holds. */
  source: SourceAccount | undefined
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
  for (const source of opened.values()) result.sources.push(...source.files.map((file) => file.account))
  refuseMisshapenLookups(mapping, opened)
  for (const [i, target] of mapping.targets.entries()) await makeTarget(request, result, opened, target, i)
  const order = (file: MappedFile) => feeds.indexOf(file.feed)
  result.files.sort((a, b) => order(a) - order(b))
  result.notes.push(...notesOf(result))
  return result
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
  if (target.rows) {
    const path = join(outDir, `${String(index).padStart(3, '0')}-${feed.name}.csv`)
    await writeRows(engine, path, target.rows)
    const logicalName = `${read.mapping.name}.yaml`
    const rows = BigInt(target.rows.length)
    result.files.push({ feed, path, logicalName, rows, format: { lineColumn }, made: nothing, source: undefined })
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
  await engine.exec(
    `create or replace temp table mapped as ${await madeSql(engine, { target, compile, source, result })}`,
  )
  for (const [i, file] of source.files.entries()) {
    const { account, misshapen } = file
    const path = join(outDir, `${String(index).padStart(3, '0')}-${i}-${feed.name}.csv`)
    const rows = await writeMapped(engine, { path, target, file: i })
    const out = leftOut.map((part) => ({ why: part.why, rows: part.rows.get(i) ?? 0n }))
    const merged = account.rows - rows - out.reduce((sum, part) => sum + part.rows, 0n)
    assert(
      merged >= 0n && (merged === 0n || target.distinct || target.running),
      `rows of ${account.file} are accounted for`,
    )
    account.targets.push({ feed: feed.name, leftOut: out, merged, made: rows })
    const format = { lineColumn, separator: ',', misshapen }
    result.files.push({
      feed,
      path,
      logicalName: account.file,
      rows,
      format,
      made: { merged, leftOut: out },
      source: account,
    })
  }
}

/** The rows of a target out of `mapped_rows`: one by one, the different ones, or a balance per account and day. */
async function madeSql(
  engine: Engine,
  from: { target: Target; compile: Compile; source: Opened; result: MappedFolder },
): Promise<string> {
  const { target, compile, source, result } = from
  const columns = Object.entries(target.columns ?? {}).map(
    ([name, text]) => `cast(${compile(['columns', name], text)} as varchar) as "${name}"`,
  )
  const kept = `(select * from mapped_rows where not _out)`
  const files = source.files.map((file) => file.account.file)
  if (target.running) return runningRows(engine, { running: target.running, compile, columns, kept, result, files })
  return target.distinct
    ? `select ${columns.join(', ')}, min(${lineColumn}) as ${lineColumn} from ${kept} group by all`
    : `select ${columns.join(', ')}, ${lineColumn} from ${kept}`
}

const nothing = { merged: 0n, leftOut: [] }

/** The rows that one file of a source gave, with the line they came from. */
async function writeMapped(engine: Engine, from: { path: string; target: Target; file: number }): Promise<bigint> {
  const rows = `(select * from mapped where ${lineColumn} // ${fileStep} = ${from.file})`
  await engine.exec(
    `copy (select * replace (${lineColumn} % ${fileStep} as ${lineColumn}) from ${rows}
       order by ${lineColumn}, ${orderColumns(from.target)})
     to ${literal(from.path)} (format csv, header, delimiter ',')`,
  )
  const [counted] = await engine.rows<{ made: bigint }>(`select count(*) as made from ${rows}`)
  return counted?.made ?? 0n
}

/**
 * Misshapen rows of a source stand in the quarantine of every feed made of it. One that is only joined has none: there
 * a missing row would quietly change what is made of others.
 */
function refuseMisshapenLookups(mapping: Mapping, opened: ReadonlyMap<string, Opened>): void {
  for (const [name, source] of opened) {
    if (mapping.targets.some((target) => target.from === name)) continue
    for (const { account, misshapen } of source.files) {
      const [row] = misshapen.rows
      if (row)
        refuseFile(account.file, 'row_misshapen', {
          line: row.line,
          fields: row.fields.length,
          wanted: misshapen.fields,
        })
    }
  }
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
  if (counted?.rows === source.rows) return
  request.read.invalid(['targets', index, 'join'], 'a join finds several rows for one row: narrow it with where')
}

/** What each filter leaves out, by number of the file within the source. */
async function leaveOut(
  engine: Engine,
  target: Target,
  compile: Compile,
): Promise<{ why: string; rows: Map<number, bigint> }[]> {
  const leftOut: { why: string; rows: Map<number, bigint> }[] = []
  for (const [i, filter] of (target.where ?? []).entries()) {
    const failing = `not _out and not coalesce(${compile(['where', i, 'keep'], filter.keep)}, false)`
    const counted = await engine.rows<{ file: bigint; rows: bigint }>(
      `select (${lineColumn} // ${fileStep})::bigint as file, count(*) as rows from mapped_rows where ${failing} group by 1`,
    )
    await engine.exec(`update mapped_rows set _out = true where ${failing}`)
    leftOut.push({ why: filter.otherwise, rows: new Map(counted.map((part) => [Number(part.file), part.rows])) })
  }
  return leftOut
}

/** Balance breaks in sentences. What became of the rows is in the accounts. */
function notesOf(result: MappedFolder): string[] {
  const notes = result.breaks.map((b) =>
    b.kind === 'end'
      ? `${b.file} line ${b.line}: on ${b.day} the running balance is ${b.running}, the file says ${b.said} (${b.change})`
      : `${b.file} line ${b.line}: within ${b.day} the balance goes from ${b.said} to ${b.running} without a transaction`,
  )
  const more = result.breakCount - BigInt(result.breaks.length)
  if (more > 0n) notes.push(`${more} more balance breaks of this size`)
  if (result.smallBreaks.count > 0n) {
    notes.push(
      `${result.smallBreaks.count} smaller balance breaks; an account's own add up to ${result.smallBreaks.largest} at most`,
    )
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
