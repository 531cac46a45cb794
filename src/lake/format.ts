/** What a file is made of. */

export type Compression = 'none' | 'gzip' | 'zstd'
export type Encoding = 'utf-8' | 'gb18030'
export type Container = 'csv' | 'parquet' | 'xlsx'

/** What the caller knows better than the sniffer. */
export interface FormatWish {
  encoding?: Encoding
  separator?: string
  /** Column names of a file without a header line. */
  columnNames?: readonly string[]
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
