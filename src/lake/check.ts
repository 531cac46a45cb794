/**
 * One file of one feed, read and checked: bytes to rows, rows to typed columns, and every row that does not fit to
 * quarantine with its line, rule, expectation and advice. Nothing is stored here; the caller decides what becomes of it.
 */

import type { Feed, Reference } from '../feeds/feed.ts'
import type { Currency } from '../kit/currency.ts'
import type { Day } from '../kit/day.ts'
import type { ControlResult } from './control.ts'
import type { Engine } from './engine.ts'
import type { FileFormat, FormatWish } from './format.ts'
import type { QuarantineRow } from './quarantine.ts'

/** What is known of a noun by its number, as SQL the engine can read (a sub-select in parentheses or a table name). */
export interface ReferenceMap {
  /**
   * Columns: `no` VARCHAR and `id` BIGINT, one row per number. For 'account': `token_hi` UBIGINT, `token_lo` UBIGINT
   * and `id` BIGINT (token = md5_number_upper/lower of secret || number), optionally `currency` VARCHAR, which is then
   * compared with the row's.
   */
  relation: string
  /** Further columns of `relation` to hand through as `<reference>_<column>`, e.g. account_product_id. */
  carry?: readonly string[]
}

export interface CheckRequest {
  feed: Feed
  /** The bytes. */
  path: string
  /** The name that people know it by; in every refusal and quarantine row. */
  logicalName: string
  /** An existing folder for outputs and intermediate files; the caller removes it. Holds personal data in the clear. */
  outDir: string
  baseCurrency: Currency
  today: Day
  /** Known numbers. A reference without a map is not checked and gets no id column. */
  references: Partial<Record<Reference, ReferenceMap>>
  /** The key of account tokens. */
  accountSecret: string
  /** Share of bad rows above which the file is refused; default 0.01. */
  badRowLimit?: number
  /** Overrides what would be sniffed. */
  format?: FormatWish
  /** Path of the control file; default `<path>.ctl` when it exists. */
  controlPath?: string
}

export interface ColumnStatistics {
  column: string
  /** Rows looked at (all rows read that had the right number of fields). */
  checked: bigint
  /** Empty, though required or wanted. */
  missing: bigint
  /** Present and wrong: type, check, reference; those let in (`onFailure: 'report'`) included. */
  invalid: bigint
  /** Of `invalid`, those let in. */
  reported: bigint
}

/**
 * A checked file. `accepted` Parquet columns, in the feed's order:
 * - `line` BIGINT (line of the original file) for feeds whose home is the record; lake feeds have none
 * - text, choice VARCHAR (cleaned) · day DATE · boolean BOOLEAN · integer BIGINT · amount BIGINT in minor units of the
 *   row's currency · decimal BIGINT × 10^places · empty = NULL
 * - a reference: `<stem>_id` BIGINT (`customer_no` → `customer_id`, `unit_code` → `unit_id`) after the text column;
 *   for an account reference the number itself is left out, then the columns of `carry`
 * - personal text without reference: in record feeds the text, and for `account_no` and `card_no` also
 *   `account_no_hi`, `account_no_lo` UBIGINT; in lake feeds the two token columns only
 * - report-only failures: `reported` VARCHAR, names of failed columns separated by ',' or NULL; record feeds only
 */
export interface CheckedFile {
  feed: string
  logicalName: string
  /** Of the file's bytes as they came. */
  sha256: string
  bytes: number
  format: FileFormat
  /** read = accepted + quarantined, asserted. */
  read: bigint
  accepted: bigint
  quarantined: bigint
  /** Parquet; undefined when no row was accepted. */
  acceptedPath: string | undefined
  /** In order of line; at most `quarantineRowsMax`. One bad row may have several entries (`ordinal` 1, 2 …). */
  quarantine: QuarantineRow[]
  /** Of accepted rows, by the feed's day column. */
  firstDay: Day | undefined
  lastDay: Day | undefined
  control: ControlResult
  columns: ColumnStatistics[]
  /** Second and further rows that say the same under the same key; let out of `accepted`, counted as quarantined. */
  duplicates: bigint
  /** Columns of the file that the feed does not know: reported, not read. */
  unknownColumns: string[]
}

/**
 * Reads and checks one file. Throws `file_refused` or `too_many_bad_rows` when the whole file cannot be taken; then
 * nothing of it stands anywhere but in `outDir`.
 */
export async function checkFile(_engine: Engine, _request: CheckRequest): Promise<CheckedFile> {
  throw new Error('under construction')
}
