/** What a file is made of. */
import type { MisshapenRow } from './csv.ts'

export type Compression = 'none' | 'gzip' | 'zstd'
export type Encoding = 'utf-8' | 'gb18030'
export type Container = 'csv' | 'parquet' | 'xlsx'

/** What the caller knows better than the sniffer. */
export interface FormatWish {
  encoding?: Encoding
  separator?: string
  /** Column names of a file without a header line. */
  columnNames?: readonly string[]
  /** A column that holds the line of the file the row was made from: said in quarantine instead of the own line. */
  lineColumn?: string
  /** Rows of that file that were no rows at all: they are counted and quarantined with the rest. */
  misshapen?: MisshapenSource
}

export interface MisshapenSource {
  /** The first of them. */
  rows: readonly MisshapenRow[]
  count: bigint
  /** How many fields a row should have. */
  fields: number
}

export interface FileFormat {
  container: Container
  compression: Compression
  encoding: Encoding
  byteOrderMark: boolean
  /** Of CSV; '' otherwise. */
  separator: string
  /** Column names in the file's order, as written (trimmed). */
  header: string[]
}

/**
 * What a look at every byte said of the text, so that cleaning can be skipped where there is nothing to clean:
 * 'bare' is ASCII without any blank, 'plain' ASCII without tabs and runs of blanks.
 */
export type Texture = 'bare' | 'plain' | 'any'
