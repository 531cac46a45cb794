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
  /** The whole row as one CSV record under `CheckedFile.format.header`. Holds personal data: seal it. */
  rawRow: string
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
