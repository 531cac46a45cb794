/** Rows rejected while merging, as quarantine rows: rebuilt as CSV records, since they had passed the reader whole. */
import { mask, type Personal } from '../../access/show.ts'
import { present } from '../../kit/assert.ts'
import type { CheckedFile } from '../../lake/check.ts'
import { literal } from '../../lake/engine.ts'
import type { QuarantineRow } from '../../lake/quarantine.ts'
import type { FileToLoad } from './load.ts'
import type { Merge, Rejection } from './merge.ts'

interface RejectedRow {
  line: bigint
  column_name: string
  rule: string
  expected_zh: string
  expected_en: string
  advice_zh: string
  advice_en: string
  row: string
}

const masked: Record<string, Personal> = {
  account_no: 'account',
  card_no: 'card',
  phone: 'phone',
  identity_no: 'identityNo',
  email: 'email',
  address: 'address',
}

/** The rejected rows of a merge, in order of line. */
export async function rejectedRows(
  merge: Merge,
  checked: CheckedFile,
  file: FileToLoad,
): Promise<{ rows: QuarantineRow[]; rejections: Rejection[] }> {
  if (!checked.acceptedPath || merge.feed.home === 'lake') return { rows: [], rejections: [] }
  const found = await merge.engine.rows<RejectedRow>(
    `select r.*, to_json(a)::varchar as row from load_rejected r
     join read_parquet(${literal(checked.acceptedPath)}) a on a.line = r.line order by r.line, r.column_name, r.rule`,
  )
  const ordinals = new Map<bigint, number>()
  const rows = found.map((row): QuarantineRow => {
    const ordinal = (ordinals.get(row.line) ?? 0) + 1
    ordinals.set(row.line, ordinal)
    const cells = JSON.parse(row.row) as Record<string, unknown>
    const value = textOf(merge, cells, row.column_name)
    const kind = masked[row.column_name]
    return {
      line: row.line,
      ordinal,
      column: row.column_name,
      rule: row.rule,
      value: kind && value !== '' ? mask(kind, value) : value,
      expectedZh: row.expected_zh,
      expectedEn: row.expected_en,
      adviceZh: row.advice_zh,
      adviceEn: row.advice_en,
      rawRow: checked.format.header.map((name) => quoted(textOf(merge, cells, name.toLowerCase()))).join(','),
    }
  })
  if (file.format?.lineColumn !== undefined) await speakOfSource(merge, checked, file, rows)
  const rejections = rows.map((row) => ({ ...row }))
  return { rows, rejections }
}

/** A row that a mapping made is found by the line of the bank's own file, not by that of the file in between. */
async function speakOfSource(
  merge: Merge,
  checked: CheckedFile,
  file: FileToLoad,
  rows: QuarantineRow[],
): Promise<void> {
  if (rows.length === 0) return
  const lines = [...new Set(rows.map((row) => row.line))]
  const columns = checked.format.header.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ')
  const found = await merge.engine.rows<{ here: bigint; line: bigint }>(
    `select here, line from (
       select row_number() over () + 1 as here, cast("${file.format?.lineColumn}" as bigint) as line
       from read_csv(${literal(file.path)}, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false,
         parallel = false, columns = {${columns}}))
     where here in (${lines.join(', ')})`,
  )
  const sourceLine = new Map(found.map((row) => [row.here, row.line]))
  for (const row of rows)
    row.line = present(sourceLine.get(row.line), `line ${row.line} of what was made of ${file.path}`)
}

// Numbers were scaled when they were typed: written back with their places. JSON keeps these sizes exactly enough,
// because a merge rejects for reasons other than the amount; an amount beyond 2^53 is written by its digits.
function textOf(merge: Merge, cells: Record<string, unknown>, name: string): string {
  const value = cells[name]
  if (value === null || value === undefined) return ''
  const column = merge.feed.columns.find((one) => one.name === name)
  if (column?.type.kind === 'decimal') return scaled(String(value), column.type.places)
  if (column?.type.kind === 'amount') return scaled(String(value), 2)
  return String(value)
}

function scaled(digits: string, places: number): string {
  const negative = digits.startsWith('-')
  const padded = digits.replace('-', '').padStart(places + 1, '0')
  const fraction = padded.slice(-places).replace(/0+$/, '')
  return `${negative ? '-' : ''}${padded.slice(0, -places)}${fraction ? `.${fraction}` : ''}`
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
