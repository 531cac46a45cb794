/** Small workbooks: the first sheet, its first row the header. Values as a person sees them in a plain cell. */

import { once } from 'node:events'
import { createReadStream, createWriteStream, statSync } from 'node:fs'
import readXlsxFile from 'read-excel-file/node'
import { intermediate } from './csv.ts'
import { refuseFile } from './file-refusal.ts'

/** A workbook is read in memory; larger tables come as CSV or Parquet. */
export const sheetRowsMax = 200_000
const sheetBytesMax = 64 * 2 ** 20
const formulaErrors = new Set(['#REF!', '#N/A', '#VALUE!', '#DIV/0!', '#NAME?', '#NULL!', '#NUM!'])

/** Writes the sheet's rows as an intermediate file (see csv.ts); blank rows are no rows. */
export async function readSheet(
  path: string,
  file: string,
  outPath: string,
): Promise<{ header: string[]; rows: number }> {
  if (statSync(path).size > sheetBytesMax) refuseFile(file, 'too_large', { limit: sheetBytesMax })
  const sheet = await readCells(path, file)
  if (sheet.length > sheetRowsMax + 1)
    refuseFile(file, 'sheet_too_large', { rows: sheet.length - 1, limit: sheetRowsMax })
  const header = (sheet[0] ?? []).map((cell) => cellText(cell).trim())
  while (header.length > 0 && header[header.length - 1] === '') header.pop()
  if (header.length === 0) refuseFile(file, 'empty')
  const out = createWriteStream(outPath)
  let rows = 0
  for (const [i, cells] of sheet.entries()) {
    if (i === 0) continue
    const fields = header.map((_, c) => cellText(cells[c] ?? null))
    if (fields.every((field) => field.trim() === '')) continue
    for (const [c, value] of fields.entries()) {
      if (formulaErrors.has(value)) refuseFile(file, 'sheet_error', { line: i + 1, column: header[c] ?? '', value })
    }
    rows++
    if (!out.write(intermediate(i + 1, fields))) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
  return { header, rows }
}

type Cell = string | number | boolean | Date | null

async function readCells(path: string, file: string): Promise<Cell[][]> {
  try {
    const sheets = (await readXlsxFile(createReadStream(path))) as unknown
    return firstSheet(sheets)
  } catch (error) {
    refuseFile(file, 'sheet_unreadable', {
      detail: error instanceof Error ? error.message.slice(0, 120) : String(error),
    })
  }
}

/** Version 9 gives a list of sheets, each with its rows under `data`. */
function firstSheet(sheets: unknown): Cell[][] {
  const first = Array.isArray(sheets) ? sheets[0] : undefined
  if (first && typeof first === 'object' && 'data' in first) return first.data as Cell[][]
  return (sheets ?? []) as Cell[][]
}

function cellText(cell: Cell): string {
  if (cell === null) return ''
  if (cell instanceof Date) return cell.toISOString().replace(/T00:00:00\.000Z$/, '')
  if (typeof cell === 'number') return numberText(cell)
  return String(cell)
}

/** Excel keeps 15 digits; 17-digit noise of binary fractions (0.1 + 0.2) is not what stands in the cell. */
function numberText(value: number): string {
  const short = Number(value.toPrecision(15))
  const text = String(short)
  return /e/.test(text) && Number.isInteger(short) ? BigInt(short).toString() : text
}
