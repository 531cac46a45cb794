/** Bytes for the tests of broken and unusual files. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import writeXlsxFile from 'write-excel-file/node'
import { type Engine, literal } from '../../src/lake/engine.ts'

export const balanceHead = 'account_no,day,balance,currency'
export const good = `${balanceHead}\nA1,2026-01-31,100.50,CNY\nA2,2026-01-31,7.00,CNY\n`
export const customerHead = 'customer_no,kind,name,unit_code,identity_kind,identity_no,birth_on,phone,email'
/** 张三 in GB18030. */
export const zhangSan = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd])

export function damaged(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  const position = at < 0 ? copy.length + at : at
  for (let i = position; i < Math.min(position + 4, copy.length); i++) copy[i] = (copy[i] ?? 0) ^ 0xff
  return copy
}

/** By asking the decoder: every two-byte code of the few characters used. */
export function gb18030(text: string): Buffer {
  const decoder = new TextDecoder('gb18030')
  const codes = new Map<string, number[]>()
  for (let a = 0x81; a <= 0xfe; a++)
    for (let b = 0x40; b <= 0xfe; b++) codes.set(decoder.decode(new Uint8Array([a, b])), [a, b])
  return Buffer.from(
    [...text].flatMap((c) => ((c.codePointAt(0) ?? 0) < 128 ? [c.charCodeAt(0)] : (codes.get(c) ?? []))),
  )
}

export async function parquet(engine: Engine, query: string): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), 'strata-parquet-'))
  await engine.exec(`copy (${query}) to ${literal(join(dir, 'x.parquet'))} (format parquet)`)
  const bytes = readFileSync(join(dir, 'x.parquet'))
  rmSync(dir, { recursive: true })
  return bytes
}

export async function workbook(rows: string[][]): Promise<Buffer> {
  const cells = rows.map((row) => row.map((value) => ({ type: String, value })))
  return (await writeXlsxFile(cells).toBuffer()) as Buffer
}
