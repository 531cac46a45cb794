/**
 * What a feed is: a table that a core system hands over, as columns with types, keys and checks. Everything that reads
 * a file (checking, quarantine, the documentation page, the demo bank) reads these descriptions and nothing else.
 */

/** How the text of a cell is read. Nothing is rounded or guessed: what does not fit goes to quarantine. */
export type ColumnType =
  /** Trimmed; full-width letters and digits become half-width; inner runs of blanks become one. */
  | { kind: 'text'; lengthMax: number }
  /** A calendar day 'YYYY-MM-DD', 'YYYYMMDD' or 'YYYY/M/D'. */
  | { kind: 'day' }
  /** A plain decimal in major units, at most the places of the currency named by `currencyColumn`, else of the base. */
  | { kind: 'amount'; currencyColumn?: string }
  | { kind: 'integer'; min?: number; max?: number }
  /** A decimal of at most `places` decimal places, kept as an integer × 10^places. */
  | { kind: 'decimal'; places: number; positive?: boolean }
  /** 'Y/N', 'true/false', '1/0', '是/否'. */
  | { kind: 'boolean' }
  | { kind: 'choice'; values: readonly string[] }

/** A check beyond the type. `identityNo` is GB 11643, `creditCode` GB 32100, `cardNo` Luhn. */
export type Check = 'identityNo' | 'creditCode' | 'mobile' | 'cardNo' | 'email' | 'currency' | 'notFuture'

/** The noun whose number stands in a column; an unknown one quarantines the row. */
export type Reference = 'unit' | 'staff' | 'customer' | 'account' | 'product' | 'household'

export interface Column {
  name: string
  type: ColumnType
  required: boolean
  /** Masked wherever it is shown; sealed at rest. */
  personal?: boolean
  references?: Reference
  check?: Check
  /**
   * What a failed `check` or a missing value that is `wanted` does: 'quarantine' keeps the row out, 'report' lets it in
   * with the value and counts it against quality. Default 'quarantine'.
   */
  onFailure?: 'quarantine' | 'report'
  /** Not required, but counted as incomplete when missing. */
  wanted?: boolean
  /** Summed into the control totals. */
  summed?: boolean
  zh: string
  en: string
  example: string
}

export interface Feed {
  /** Also the beginning of its files' names: 'balances.csv', 'balances-2026-01-31.csv.gz'. */
  name: string
  zh: string
  en: string
  /** What it is for and what a row means. */
  meaningZh: string
  meaningEn: string
  /** 'record' lands in PostgreSQL, 'lake' in Parquet. */
  home: 'record' | 'lake'
  /** Columns that together may occur once in a file; a second row with the same key is quarantined. */
  key: readonly string[]
  /** The column that says which business day a row speaks of. */
  dayColumn?: string
  /** Feeds that have to be loaded before, for their references. */
  after: readonly string[]
  columns: readonly Column[]
}

/** Column constructors: `required('name', type, zh, en, example, more)`. */
export function required(
  name: string,
  type: ColumnType,
  zh: string,
  en: string,
  example: string,
  more: Partial<Column> = {},
): Column {
  return { name, type, required: true, zh, en, example, ...more }
}

export function optional(
  name: string,
  type: ColumnType,
  zh: string,
  en: string,
  example: string,
  more: Partial<Column> = {},
): Column {
  return { name, type, required: false, zh, en, example, ...more }
}

export const text = (lengthMax = 200): ColumnType => ({ kind: 'text', lengthMax })
export const dayType: ColumnType = { kind: 'day' }
export const choice = (...values: string[]): ColumnType => ({ kind: 'choice', values })
export const amount = (currencyColumn?: string): ColumnType =>
  currencyColumn ? { kind: 'amount', currencyColumn } : { kind: 'amount' }
