/** Small feed files as workbooks and Parquet, which some banks send instead of text. Same rows, same bytes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import writeExcelFile, { type SheetData } from 'write-excel-file/node'
import { literal, openEngine } from '../src/lake/engine.ts'

/** Writes one sheet: a header and rows; numbers become number cells. */
export async function writeWorkbook(
  path: string,
  header: readonly string[],
  rows: readonly (string | number)[][],
): Promise<void> {
  const sheet: SheetData = [header, ...rows].map((row) =>
    row.map((value) => (typeof value === 'number' ? { value, type: Number } : { value, type: String })),
  )
  const bytes = await writeExcelFile(sheet).toBuffer()
  writeFileSync(path, withoutClock(bytes))
}

/**
 * Turns a CSV file (all text, header, UTF-8) into Parquet. `types` names the columns that are not text. One thread, so
 * that the rows keep their order and the bytes are the same every time.
 */
export async function csvToParquet(from: string, to: string, types: Readonly<Record<string, string>>): Promise<void> {
  const tempDir = mkdtempSync(join(tmpdir(), 'strata-parquet-'))
  const engine = openEngine({ threads: 1, memoryLimitMb: 256, tempDir })
  const casts = Object.entries(types).map(([column, type]) => `cast(${column} as ${type}) as ${column}`)
  try {
    await engine.exec(`
      copy (select * replace (${casts.join(', ')}) from read_csv(${literal(from)}, all_varchar = true, header = true, nullstr = ''))
      to ${literal(to)} (format parquet, compression zstd)`)
  } finally {
    await engine.close()
    rmSync(tempDir, { recursive: true, force: true })
  }
}

/** A zip archive with the times of its entries set to 1980-01-01, so that the bytes do not tell when it was written. */
function withoutClock(zip: Buffer): Buffer {
  const bytes = Buffer.from(zip)
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  let entry = bytes.readUInt32LE(end + 16)
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    const local = bytes.readUInt32LE(entry + 42)
    bytes.writeUInt32LE(0x00210000, entry + 12)
    bytes.writeUInt32LE(0x00210000, local + 10)
    entry += 46 + bytes.readUInt16LE(entry + 28) + bytes.readUInt16LE(entry + 30) + bytes.readUInt16LE(entry + 32)
  }
  return bytes
}
