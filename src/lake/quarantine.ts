/** A row that was kept out, and why. */

export interface QuarantineRow {
  /** Line of the original file; the header is line 1. Parquet and XLSX: row number, the header counted as row 1. */
  line: bigint
  /** 1, 2 … when a row breaks several rules. */
  ordinal: number
  /** Column of the feed; '' when it is the row as a whole. */
  column: string
  rule: string
  /** As it stood in the file; masked where the column is personal; '' when empty. */
  value: string
  expectedZh: string
  expectedEn: string
  adviceZh: string
  adviceEn: string
  /** The whole row as one CSV record under `CheckedFile.format.header`. Holds personal data: seal it. Null: not kept. */
  rawRow: string | null
}

/** More bad rows than these are not described one by one: the file is refused. */
export const quarantineRowsMax = 100_000

/** The first and last few characters of a personal value: enough to find it again, too little to use it. */
export function maskValue(value: string): string {
  const characters = [...value]
  const kept = characters.length >= 12 ? 4 : characters.length >= 5 ? 2 : 0
  const hidden = '*'.repeat(Math.max(0, characters.length - 2 * kept))
  return characters.slice(0, kept).join('') + hidden + (kept === 0 ? '' : characters.slice(-kept).join(''))
}

/** The cells of one CSV record by the names of its header; empty ones are left out. */
export function cellsOf(record: string, header: readonly string[]): Map<string, string> {
  const cells: string[] = []
  let at = 0
  while (at <= record.length) {
    if (record[at] === '"') {
      const end = closingQuote(record, at + 1)
      cells.push(record.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 2
    } else {
      const comma = record.indexOf(',', at)
      const end = comma < 0 ? record.length : comma
      cells.push(record.slice(at, end))
      at = end + 1
    }
  }
  return new Map(
    header.flatMap((name, i): [string, string][] => (cells[i]?.trim() ? [[name.toLowerCase(), cells[i].trim()]] : [])),
  )
}

function closingQuote(record: string, from: number): number {
  for (let at = from; at < record.length; at++) {
    if (record[at] !== '"') continue
    if (record[at + 1] !== '"') return at
    at++
  }
  return record.length
}
