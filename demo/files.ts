/**
 * Writes feed files row by row without holding them: CSV in the variants that banks really hand over (separator, BOM,
 * CRLF, GB18030, gzip, zstd), with control totals beside them. `drain` is awaited between batches of customers.
 */
import { createWriteStream, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Transform, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import { encodeGb18030 } from './gb18030.ts'
import { csvToParquet } from './workbook.ts'

export interface FileForm {
  compression?: 'gz' | 'zst'
  encoding?: 'utf8' | 'gb18030'
  bom?: boolean
  /** Default ','. */
  separator?: string
  /** Rows end in CRLF instead of LF. */
  crlf?: boolean
  /** Every cell in double quotes. */
  quoted?: boolean
  /** Columns whose sums stand in the side file, with their decimal places; `[]` for rows only. */
  control?: readonly string[]
  /** Becomes Parquet when closed; names the columns that are not text there. */
  parquet?: Readonly<Record<string, string>>
}

const chunkLength = 64 * 1024

/** One file being written. Rows are counted as data rows; the header is line 1, so row n stands on line n + 1. */
export class FeedFile {
  readonly path: string
  readonly name: string
  readonly form: FileForm
  rows = 0
  bytes = 0
  /** The row count at which the next dirty row is due; kept here so that each file's share is bounded by itself. */
  dirtyAt = Number.POSITIVE_INFINITY
  /** Rows spoiled so far. */
  dirty = 0
  private text = ''
  private readonly sums: number[]
  private readonly sink: Writable
  private readonly head: Writable
  private waiting: Promise<void> | undefined
  private failure: unknown

  constructor(folder: string, name: string, columns: readonly string[], form: FileForm = {}) {
    this.name = form.parquet
      ? name.replace('.csv', '.parquet')
      : form.compression
        ? `${name}.${form.compression}`
        : name
    this.path = join(folder, form.parquet ? `.${name}.part` : this.name)
    this.form = form
    this.sums = (form.control ?? []).map(() => 0)
    this.sink = createWriteStream(this.path)
    this.sink.on('error', (error) => {
      this.failure = error
    })
    const packer = compressor(form)
    packer?.on('error', (error) => {
      this.failure = error
    })
    packer?.pipe(this.sink)
    this.head = packer ?? this.sink
    if (form.bom) this.text = '\uFEFF'
    this.cells(columns)
    this.rows = 0
  }

  /** A row that needs no quoting, separators already in place. For hot loops. */
  line(text: string): void {
    this.text += this.form.crlf ? `${text}\r\n` : `${text}\n`
    this.rows++
    if (this.text.length > chunkLength) this.flush()
  }

  /** A row of cells; quotes what needs it. */
  cells(values: readonly string[]): void {
    const separator = this.form.separator ?? ','
    let text = ''
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!
      const quote = this.form.quoted || value.includes(separator) || /["\n\r]/.test(value)
      text += (i ? separator : '') + (quote ? `"${value.replaceAll('"', '""')}"` : value)
    }
    this.line(text)
  }

  /** Adds to the control total of column `index`, in hundredths (or the scale that `close` is told). */
  add(index: number, amount: number): void {
    this.sums[index]! += amount
  }

  /** Resolves when the sink can take more. */
  drain(): Promise<void> | undefined {
    if (this.failure) throw this.failure
    return this.waiting
  }

  /** Ends the file and writes its side file. `places` are the decimal places in which `add` was told. */
  async close(places = 2): Promise<void> {
    this.flush()
    this.head.end()
    await finished(this.sink)
    if (this.failure) throw this.failure
    if (this.form.parquet) {
      await csvToParquet(this.path, join(dirname(this.path), this.name), this.form.parquet)
      rmSync(this.path)
    }
    if (!this.form.control) return
    const lines = [`rows=${this.rows}`]
    for (const [i, column] of this.form.control.entries()) {
      lines.push(`sum.${column}=${decimal(this.sums[i]!, places)}`)
    }
    writeFileSync(`${this.path}.ctl`, `${lines.join('\n')}\n`)
  }

  private flush(): void {
    if (this.text === '') return
    const chunk = this.form.encoding === 'gb18030' ? encodeGb18030(this.text) : Buffer.from(this.text)
    this.text = ''
    this.bytes += chunk.length
    if (this.head.write(chunk) || this.waiting) return
    this.waiting = new Promise((resolve) => {
      this.head.once('drain', () => {
        this.waiting = undefined
        resolve()
      })
    })
  }
}

// Level 1: the files are read once; higher levels cost more time here than they save in reading.
function compressor(form: FileForm): Transform | undefined {
  if (form.compression === 'gz') return createGzip({ level: 1, chunkSize: 128 * 1024 })
  if (form.compression === 'zst') {
    const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 18 }
    return createZstdCompress({ params, chunkSize: 128 * 1024 })
  }
  return undefined
}

/** All files of one bank: opened when first asked for, drained and closed together. */
export class FeedFolder {
  readonly folder: string
  private readonly open = new Map<string, FeedFile>()
  private readonly closed: { file: string; rows: number; dirty: number }[] = []

  constructor(folder: string) {
    this.folder = folder
  }

  /** The file of that name (without .gz or .zst), opened with `columns` and `form` the first time. */
  file(name: string, columns: readonly string[], form: FileForm = {}): FeedFile {
    let file = this.open.get(name)
    if (!file) {
      file = new FeedFile(this.folder, name, columns, form)
      this.open.set(name, file)
    }
    return file
  }

  /** Waits until every file can take more; undefined when none has to wait. */
  drain(): Promise<unknown> | undefined {
    const waiting: Promise<void>[] = []
    for (const file of this.open.values()) {
      const promise = file.drain()
      if (promise) waiting.push(promise)
    }
    return waiting.length > 0 ? Promise.all(waiting) : undefined
  }

  async close(): Promise<{ file: string; rows: number; dirty: number }[]> {
    for (const file of this.open.values()) {
      await file.close()
      this.closed.push({ file: file.name, rows: file.rows, dirty: file.dirty })
    }
    this.open.clear()
    return this.closed.sort((a, b) => (a.file < b.file ? -1 : 1))
  }
}

/** An integer amount as a plain decimal of `places` places. Safe up to 2^53. */
export function decimal(amount: number, places: number): string {
  if (places === 0) return String(amount)
  const magnitude = amount < 0 ? -amount : amount
  const scale = 10 ** places
  const whole = Math.floor(magnitude / scale)
  const rest = String(magnitude - whole * scale).padStart(places, '0')
  return `${amount < 0 ? '-' : ''}${whole}.${rest}`
}

/** Hundredths as '1234.50'; the common case of `decimal`, for hot loops. */
export function money(amount: number): string {
  const magnitude = amount < 0 ? -amount : amount
  const whole = Math.floor(magnitude / 100)
  const rest = magnitude - whole * 100
  return (amount < 0 ? '-' : '') + whole + (rest < 10 ? '.0' : '.') + rest
}
