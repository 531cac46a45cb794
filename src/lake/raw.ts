/**
 * Rows as text, whatever they came in: one relation with a column `c_<name>` per column of the feed, the exact number
 * of rows, and a way back from a row's position to its line and original cells.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Feed } from '../feeds/feed.ts'
import { assert } from '../kit/assert.ts'
import type { PlainBytes } from './bytes.ts'
import { fieldEnd, type MisshapenRow, readHeader, scanRegular, tokenise } from './csv.ts'
import { decodeText } from './decode.ts'
import { type Engine, literal } from './engine.ts'
import { refuseFile } from './file-refusal.ts'
import type { FileFormat, FormatWish, Texture } from './format.ts'
import { readParquet } from './parquet.ts'
import { quarantineRowsMax } from './quarantine.ts'
import { readSheet } from './xlsx.ts'

export interface RawRow {
  line: bigint
  /** Cells in the file's order. */
  fields: string[]
}

export interface RawFile {
  format: FileFormat
  /** Columns of the feed that the file has. */
  present: Set<string>
  unknownColumns: string[]
  /** Well-shaped rows: what the relation gives. */
  rows: bigint
  misshapen: MisshapenRow[]
  misshapenCount: bigint
  /** Fields that a row should have, where that is not the length of the header. */
  misshapenFields?: number
  trailer: string[] | undefined
  /** SQL in parentheses: `line` BIGINT and `c_<name>` VARCHAR per present column. */
  relation: string
  /** The rows at these lines, ascending. */
  rowsAt(lines: readonly bigint[]): Promise<RawRow[]>
  texture: Texture
  /** The line to speak of, where it is not the row's own. */
  lineOfRow?: (row: RawRow) => bigint
}

export interface RawRequest {
  engine: Engine
  feed: Feed
  file: string
  outDir: string
  bytes: PlainBytes
  wish: FormatWish
}

/** Opens the file as text rows; refuses what cannot be read as a table of this feed. */
export async function openRaw(request: RawRequest): Promise<RawFile> {
  const { bytes, file } = request
  if (bytes.container !== 'csv' && bytes.compression !== 'none') refuseFile(file, 'archive_unknown')
  if (bytes.container === 'parquet') return readParquet(request)
  if (bytes.container === 'xlsx') return openSheet(request)
  const raw = await openText(request)
  const at = raw.format.header.indexOf(request.wish.lineColumn ?? '')
  if (at < 0) return raw
  const unknownColumns = raw.unknownColumns.filter((name) => name !== request.wish.lineColumn)
  const lineOfRow = (row: RawRow) => BigInt(row.fields[at] ?? 0)
  const { misshapen } = request.wish
  if (!misshapen) return { ...raw, unknownColumns, lineOfRow }
  // This file was written by the mapping and is whole; the one it was made from may not have been.
  assert(raw.misshapenCount === 0n, `what was made of ${file} is well-shaped`)
  const { rows, count: misshapenCount, fields: misshapenFields } = misshapen
  return { ...raw, unknownColumns, lineOfRow, misshapen: [...rows], misshapenCount, misshapenFields }
}

async function openText(request: RawRequest): Promise<RawFile> {
  const { bytes, feed, file, outDir, wish } = request
  const text = await decodeText(bytes.plainPath, file, outDir, wish.encoding)
  const known = feed.columns.map((column) => column.name)
  const head = readHeader(text.textPath, file, wish.columnNames ?? known, wish.separator)
  const separator = wish.separator ?? head.separator
  const header = wish.columnNames ? [...wish.columnNames] : head.cells.map((cell) => cell.toLowerCase())
  const headerLines = wish.columnNames ? 0 : 1
  const columns = matchHeader(feed, file, header)
  const format: FileFormat = {
    container: 'csv',
    compression: bytes.compression,
    encoding: text.encoding,
    byteOrderMark: text.byteOrderMark,
    separator,
    header,
  }
  const scan = await scanRegular(text.textPath, { separator, fields: header.length, headerLines })
  const common = { format, present: columns.present, unknownColumns: columns.unknown, texture: text.texture }
  if (scan.regular) {
    const rowsAt = async (at: readonly bigint[]) => {
      const wanted = new Set(at.map((line) => Number(line) - 1))
      const lines = await linesOf(text.textPath, (index) => wanted.has(index), at.length)
      return lines.map(({ index, line }) => ({ line: BigInt(index + 1), fields: line.split(separator) }))
    }
    const relation = directRelation(
      text.textPath,
      separator,
      header,
      columns.present,
      headerLines,
      Boolean(scan.trailer),
    )
    const counts = { rows: BigInt(scan.rows), misshapen: [], misshapenCount: 0n, trailer: scan.trailer }
    return { ...common, ...counts, relation, rowsAt }
  }
  const path = join(outDir, 'rows.txt')
  const shape = {
    file,
    separator,
    fields: header.length,
    headerLines,
    loneCr: scan.loneCr,
    misshapenMax: quarantineRowsMax,
  } as const
  const found = await tokenise(text.textPath, path, shape)
  return {
    ...common,
    misshapen: found.misshapen,
    misshapenCount: BigInt(found.misshapenCount),
    trailer: found.trailer,
    ...intermediateFile(path, header, columns.present, found.rows),
  }
}

async function openSheet(request: RawRequest): Promise<RawFile> {
  const path = join(request.outDir, 'rows.txt')
  const sheet = await readSheet(request.bytes.plainPath, request.file, path)
  const header = sheet.header.map((cell) => cell.toLowerCase())
  const columns = matchHeader(request.feed, request.file, header)
  return {
    format: { container: 'xlsx', compression: 'none', encoding: 'utf-8', byteOrderMark: false, separator: '', header },
    present: columns.present,
    unknownColumns: columns.unknown,
    misshapen: [],
    misshapenCount: 0n,
    trailer: undefined,
    texture: 'any',
    ...intermediateFile(path, header, columns.present, sheet.rows),
  }
}

/** Which columns of the feed the header has. Refuses a missing header, missing and repeated columns. */
export function matchHeader(
  feed: Feed,
  file: string,
  header: readonly string[],
): { present: Set<string>; unknown: string[] } {
  const known = new Set(feed.columns.map((column) => column.name))
  const wanted = feed.columns.filter((column) => column.required).map((column) => column.name)
  if (!header.some((cell) => known.has(cell))) {
    refuseFile(file, 'header_missing', { found: header.join(' ').slice(0, 60), columns: wanted.join(', '), line: 1 })
  }
  const seen = new Set<string>()
  for (const [i, cell] of header.entries()) {
    if (cell === '') refuseFile(file, 'header_unreadable', { position: i + 1, line: 1 })
    if (seen.has(cell)) refuseFile(file, 'column_twice', { column: cell, line: 1 })
    seen.add(cell)
  }
  const missing = wanted.filter((name) => !seen.has(name))
  if (missing.length > 0) {
    refuseFile(file, 'column_missing', { columns: missing.join(', '), expected: wanted.join(', '), line: 1 })
  }
  return {
    present: new Set(header.filter((cell) => known.has(cell))),
    unknown: header.filter((cell) => !known.has(cell)),
  }
}

/** The intermediate file as a relation: see `tokenise`. */
export function intermediateFile(
  path: string,
  header: readonly string[],
  present: ReadonlySet<string>,
  rows: number,
): Pick<RawFile, 'rows' | 'relation' | 'rowsAt'> {
  const rowsAt = async (at: readonly bigint[]) => {
    const wanted = new Set(at.map(String))
    const lines = await linesOf(path, (_, line) => wanted.has(line.slice(0, line.indexOf(fieldEnd))), at.length)
    return lines.map(({ line }) => {
      const [number, ...fields] = line.split(fieldEnd)
      return { line: BigInt(number ?? 0), fields }
    })
  }
  return { rows: BigInt(rows), relation: intermediateRelation(path, header, present), rowsAt }
}

export function intermediateRelation(path: string, header: readonly string[], present: ReadonlySet<string>): string {
  const types = ["'line': 'BIGINT'", ...header.map((_, i) => `'f${i}': 'VARCHAR'`)].join(', ')
  return `(select line, ${picked(header, present)} from read_csv(${literal(path)}, header = false, delim = '${fieldEnd}',
    quote = '', escape = '', comment = '', nullstr = '', auto_detect = false, strict_mode = true,
    max_line_size = 8388608, columns = {${types}}))`
}

function directRelation(
  path: string,
  separator: string,
  header: readonly string[],
  present: ReadonlySet<string>,
  headerLines: 0 | 1,
  trailer: boolean,
): string {
  const types = header.map((_, i) => `'f${i}': 'VARCHAR'`).join(', ')
  // The trailer has another number of fields or begins with its mark; everything else was seen to be regular.
  const skip = trailer ? `where f0 is null or not starts_with(f0, '#total')` : ''
  // Numbered as they are read: once rows have gone through a join, their order says nothing.
  return `(select line, ${picked(header, present)} from (select row_number() over () + ${headerLines} as line, * from read_csv(${literal(path)}, header = ${headerLines === 1},
    delim = ${literal(separator)}, quote = '', escape = '', comment = '', nullstr = '', auto_detect = false,
    max_line_size = 2097152${trailer ? ', ignore_errors = true' : ''}, columns = {${types}})) ${skip})`
}

function picked(header: readonly string[], present: ReadonlySet<string>): string {
  return header.flatMap((name, i) => (present.has(name) ? [`f${i} as "c_${name}"`] : [])).join(', ')
}

/** The lines that are wanted, at most `count`. (node:readline would also split at U+2028.) */
async function linesOf(
  path: string,
  wanted: (index: number, line: string) => boolean,
  count: number,
): Promise<{ index: number; line: string }[]> {
  const found: { index: number; line: string }[] = []
  let [index, rest] = [0, '']
  const take = (line: string) => {
    if (wanted(index, line)) found.push({ index, line: plainLine(line, index) })
    index++
  }
  if (count === 0) return found
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const read of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const text = rest + decoder.decode(read as Buffer, { stream: true })
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0 && found.length < count; end = text.indexOf('\n', start)) {
      take(text.slice(start, end))
      start = end + 1
    }
    rest = text.slice(start)
    if (found.length === count) return found
  }
  if (rest !== '') take(rest)
  return found
}

function plainLine(line: string, index: number): string {
  const bare = line.endsWith('\r') ? line.slice(0, -1) : line
  return index === 0 ? bare.replace(/^\ufeff/, '') : bare
}
