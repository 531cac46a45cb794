/**
 * Text tables. A *regular* file (no quotation marks, one line per row, the same number of separators in each) is read
 * by the engine as it stands; any other is tokenised here, record by record, into a plain intermediate file with the
 * line number in front. Either way the number of rows and the line of each are known exactly, not as the engine saw it.
 */
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { headOf } from './bytes.ts'
import { lineBytesMax } from './decode.ts'
import { refuseFile } from './file-refusal.ts'

export const separators = [',', ';', '|', '\t', '~', '\x01'] as const
/** Between the fields of the intermediate file; blanked out of values, where it has no business. */
export const fieldEnd = '\x1f'
const trailerMark = '#total'

/** A row with another number of fields than the header, or with text after a closing quotation mark. */
export interface MisshapenRow {
  line: number
  rule: 'field_count' | 'quote_misplaced'
  fields: string[]
}

export interface Scan {
  /** The engine may read the file directly: data row k stands on line k + 1 (k from 1). */
  regular: boolean
  /** Data rows of a regular file; 0 otherwise. */
  rows: number
  /** Of a regular file: the trailer's fields. */
  trailer: string[] | undefined
  /** CR without LF occurs. */
  loneCr: boolean
}

/** The fields of the first record and the separator between them; `known` are column names to recognise it by. */
export function readHeader(
  path: string,
  file: string,
  known: readonly string[],
  wish?: string,
): { separator: string; cells: string[] } {
  const text = new TextDecoder('utf-8').decode(headOf(path, lineBytesMax))
  const names = new Set(known)
  let best: { separator: string; cells: string[]; score: number } | undefined
  for (const separator of wish === undefined ? separators : [wish]) {
    const record = parseRecord(text, 0, { separator, loneCr: /\r(?!\n)/.test(text), final: true })
    if (record === 'unterminated') refuseFile(file, 'quote_unterminated', { line: 1 })
    if (record === 'incomplete') continue
    const cells = record.fields.map((cell) => cell.trim())
    const score = cells.filter((cell) => names.has(cell)).length + cells.length / 10_000
    if (!best || score > best.score) best = { separator, cells, score }
  }
  return { separator: best?.separator ?? ',', cells: best?.cells ?? [] }
}

/** Looks at every byte once: is the file regular, and how many rows has it? About 1 ns a byte. */
export async function scanRegular(
  path: string,
  wanted: { separator: string; fields: number; headerLines: 0 | 1 },
): Promise<Scan> {
  const kind = byteKinds(wanted.separator)
  const tail = new Tail()
  let [lines, count, lineStart, position, badLines] = [0, 0, 0, 0, 0]
  let [quotes, loneCr, pendingCr, lfLines, crLfLines, lastBadStart] = [false, false, false, 0, 0, -1]
  const needed = wanted.fields - 1
  const endLine = (at: number, hadCr: boolean) => {
    lines++
    if (hadCr) crLfLines++
    else lfLines++
    if (count !== needed || at - lineStart - (hadCr ? 1 : 0) === 0 || at - lineStart > lineBytesMax) {
      badLines++
      lastBadStart = lineStart
    }
    count = 0
    lineStart = at + 1
  }
  for await (const read of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = read as Buffer
    for (let i = 0; i < bytes.length; i++) {
      const k = kind[bytes[i] as number] as number
      if (k === 0 && !pendingCr) continue
      if (pendingCr && k !== 3) loneCr = true
      if (k === 1) count++
      else if (k === 2) quotes = true
      else if (k === 3) endLine(position + i, pendingCr)
      pendingCr = k === 4
    }
    position += bytes.length
    tail.take(bytes)
    if (quotes && loneCr) break
  }
  if (pendingCr) loneCr = true
  if (position > lineStart) endLine(position, false)
  // The last line may lack its line end; otherwise all lines end alike.
  const alike = crLfLines === 0 || lfLines === 0 || (lfLines === 1 && !tail.endsWithLf())
  const trailer = trailerOf(tail.lastLine(), wanted.separator)
  const excused = trailer && badLines === 1 && lastBadStart === tail.lastLineStart(position)
  const regular = !quotes && !loneCr && alike && (badLines === 0 || Boolean(excused))
  return { regular, rows: regular ? Math.max(0, lines - wanted.headerLines - (trailer ? 1 : 0)) : 0, trailer, loneCr }
}

/** Rewrites any text table as `line, field …` separated by `fieldEnd`, one record a line; misshapen rows are set apart. */
export async function tokenise(
  path: string,
  outPath: string,
  about: { file: string; separator: string; fields: number; headerLines: 0 | 1; loneCr: boolean; misshapenMax: number },
): Promise<{ rows: number; misshapen: MisshapenRow[]; misshapenCount: number; trailer: string[] | undefined }> {
  const out = createWriteStream(outPath)
  const misshapen: MisshapenRow[] = []
  let [rows, misshapenCount, line, rest, isHeader] = [0, 0, 1, '', about.headerLines === 1]
  let trailer: { line: number; fields: string[] } | undefined
  const shape = { separator: about.separator, loneCr: about.loneCr }
  const aside = (row: MisshapenRow) => {
    misshapenCount++
    if (misshapen.length < about.misshapenMax) misshapen.push(row)
  }
  const take = (record: ParsedRecord, at: number): string => {
    if (trailer) aside({ line: trailer.line, rule: 'field_count', fields: trailer.fields })
    trailer = undefined
    if (record.misplaced && record.lineBreaks > 1) refuseFile(about.file, 'quote_unterminated', { line: at })
    if (record.fields[0]?.startsWith(trailerMark)) trailer = { line: at, fields: record.fields }
    else if (record.misplaced) aside({ line: at, rule: 'quote_misplaced', fields: record.fields })
    else if (record.fields.length !== about.fields) aside({ line: at, rule: 'field_count', fields: record.fields })
    else {
      rows++
      return intermediate(at, record.fields)
    }
    return ''
  }
  const drain = async (final: boolean) => {
    let [position, written] = [0, '']
    while (position < rest.length) {
      const record = parseRecord(rest, position, { ...shape, final })
      if (record === 'unterminated') refuseFile(about.file, 'quote_unterminated', { line })
      if (record === 'incomplete') break
      if (isHeader) isHeader = false
      else if (!record.blank) written += take(record, line)
      line += record.lineBreaks
      position = record.next
    }
    rest = rest.slice(position)
    // An open quotation mark swallows what follows: 4 MB of it is no field.
    if (rest.length > 4 * lineBytesMax) {
      refuseFile(about.file, rest.includes('"') ? 'quote_unterminated' : 'line_too_long', { line, limit: lineBytesMax })
    }
    if (written !== '' && !out.write(written)) await once(out, 'drain')
  }
  try {
    const decoder = new TextDecoder('utf-8')
    for await (const read of createReadStream(path, { highWaterMark: 1 << 20 })) {
      rest += decoder.decode(read as Buffer, { stream: true })
      await drain(false)
    }
    rest += decoder.decode()
    await drain(true)
  } finally {
    out.end()
  }
  await once(out, 'close')
  return { rows, misshapen, misshapenCount, trailer: trailer?.fields }
}

/** One line of the intermediate file. Line breaks inside a value become blanks: cleaning would make them so anyway. */
export function intermediate(line: number | bigint, fields: readonly string[]): string {
  let out = String(line)
  for (const field of fields) out += fieldEnd + (needsBlank(field) ? blanked(field) : field)
  return `${out}\n`
}

function needsBlank(field: string): boolean {
  return field.includes('\n') || field.includes('\r') || field.includes(fieldEnd)
}

function blanked(field: string): string {
  return field.replaceAll(fieldEnd, ' ').replace(/[\r\n]+/g, ' ')
}

/** A record as CSV, quoted where needed. */
export function csvRecord(fields: readonly string[]): string {
  return fields.map((f) => (/[",\r\n]/.test(f) ? `"${f.replaceAll('"', '""')}"` : f)).join(',')
}

interface ParsedRecord {
  fields: string[]
  /** Position after the record and its line end. */
  next: number
  /** Line ends inside and after it. */
  lineBreaks: number
  /** Text stood after a closing quotation mark. */
  misplaced: boolean
  blank: boolean
}

interface Shape {
  separator: string
  loneCr: boolean
  /** Nothing follows the text: its end ends the record. */
  final: boolean
}

function parseRecord(text: string, start: number, shape: Shape): ParsedRecord | 'incomplete' | 'unterminated' {
  const end = lineEnd(text, start, shape)
  if (end === undefined) return 'incomplete'
  const line = text.slice(start, end.at)
  if (!line.includes('"')) {
    const fields = line.split(shape.separator)
    return { fields, next: end.next, lineBreaks: 1, misplaced: false, blank: line.trim() === '' }
  }
  return parseQuoted(text, start, shape)
}

function lineEnd(text: string, start: number, shape: Shape): { at: number; next: number } | undefined {
  let lf = text.indexOf('\n', start)
  if (shape.loneCr) {
    const cr = text.indexOf('\r', start)
    // A CR at the very end may be the first half of CRLF.
    if (cr >= 0 && (lf < 0 || cr < lf) && (cr + 1 < text.length || shape.final)) {
      return { at: cr, next: text[cr + 1] === '\n' ? cr + 2 : cr + 1 }
    }
    if (cr >= 0 && (lf < 0 || cr < lf)) return undefined
  }
  if (lf < 0) {
    if (!shape.final) return undefined
    lf = text.length
    return { at: lf, next: lf }
  }
  return { at: text[lf - 1] === '\r' && lf > start ? lf - 1 : lf, next: lf + 1 }
}

function parseQuoted(text: string, start: number, shape: Shape): ParsedRecord | 'incomplete' | 'unterminated' {
  const fields: string[] = []
  let [at, lineBreaks, misplaced] = [start, 0, false]
  for (;;) {
    let value: string
    if (text[at] === '"') {
      const closed = closeQuote(text, at + 1)
      if (closed === undefined) return shape.final ? 'unterminated' : 'incomplete'
      if (closed.next >= text.length && !shape.final) return 'incomplete'
      value = closed.value
      lineBreaks += value.match(shape.loneCr ? /\r\n|\n|\r/g : /\n/g)?.length ?? 0
      at = closed.next
      const stop = fieldStop(text, at, shape)
      if (stop === undefined) return 'incomplete'
      if (text.slice(at, stop).trim() !== '') {
        misplaced = true
        value += text.slice(at, stop)
      }
      at = stop
    } else {
      const stop = fieldStop(text, at, shape)
      if (stop === undefined) return 'incomplete'
      value = text.slice(at, stop)
      at = stop
    }
    fields.push(value)
    if (text.startsWith(shape.separator, at) && at < text.length) {
      at += shape.separator.length
      continue
    }
    const next = text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : Math.min(at + 1, text.length)
    return { fields, next, lineBreaks: lineBreaks + 1, misplaced, blank: false }
  }
}

function closeQuote(text: string, start: number): { value: string; next: number } | undefined {
  let [value, from] = ['', start]
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote < 0) return undefined
    if (text[quote + 1] !== '"') return { value: value + text.slice(from, quote), next: quote + 1 }
    value += text.slice(from, quote + 1)
    from = quote + 2
  }
}

/** Where an unquoted stretch ends: at a separator or a line end; undefined when the text ends first. */
function fieldStop(text: string, start: number, shape: Shape): number | undefined {
  const separator = text.indexOf(shape.separator, start)
  const end = lineEnd(text, start, shape)
  if (separator >= 0 && (end === undefined || separator < end.at)) return separator
  return end?.at
}

function byteKinds(separator: string): Uint8Array {
  const kind = new Uint8Array(256)
  kind[separator.charCodeAt(0)] = 1
  kind[0x22] = 2
  kind[0x0a] = 3
  kind[0x0d] = 4
  return kind
}

/** The fields of a last line that gives control totals. */
export function trailerOf(line: string, separator: string): string[] | undefined {
  return line.startsWith(trailerMark) ? line.split(separator) : undefined
}

/** The last bytes of a stream, enough for a trailer line. */
class Tail {
  #bytes: Buffer = Buffer.alloc(0)

  take(bytes: Buffer): void {
    const both = bytes.length >= 65_536 ? bytes : Buffer.concat([this.#bytes, bytes])
    this.#bytes = Buffer.from(both.subarray(Math.max(0, both.length - 65_536)))
  }

  endsWithLf(): boolean {
    return this.#bytes[this.#bytes.length - 1] === 10
  }

  lastLine(): string {
    const text = this.#bytes.toString('latin1')
    return text.slice(this.#start()).replace(/[\r\n]+$/, '')
  }

  /** Offset in a file of `length` bytes at which the last line begins. */
  lastLineStart(length: number): number {
    return length - this.#bytes.length + this.#start()
  }

  #start(): number {
    return this.#bytes.lastIndexOf(10, this.#bytes.length - 2) + 1
  }
}
