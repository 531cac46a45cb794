/**
 * From bytes to UTF-8 text: UTF-8 (with or without byte order mark) is taken as it is, GB18030 is rewritten, anything
 * else is refused with the first line that does not fit. A file is in one encoding or it is refused.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { headOf } from './bytes.ts'
import { type FileReason, refuseFile } from './file-refusal.ts'
import type { Encoding, Texture } from './format.ts'

/** A line longer than this is no line of a table. */
export const lineBytesMax = 1 << 20

export interface PlainText {
  encoding: Encoding
  byteOrderMark: boolean
  /** UTF-8; the path that came in when nothing had to be rewritten. */
  textPath: string
  /** Lets cleaning take the short way. */
  texture: Texture
}

/** The file as UTF-8. Refuses UTF-16, NUL bytes, mixed and invalid encodings, naming line and byte offset. */
export async function decodeText(path: string, file: string, outDir: string, wish?: Encoding): Promise<PlainText> {
  refuseUtf16(path, file)
  const head = headOf(path, 3)
  const byteOrderMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf
  const found = await scanEncoding(path, file)
  if (found.utf8 && wish !== 'gb18030')
    return { encoding: 'utf-8', byteOrderMark, textPath: path, texture: found.texture }
  if (found.ascii) return { encoding: wish ?? 'utf-8', byteOrderMark, textPath: path, texture: found.texture }
  if (wish === 'utf-8' || byteOrderMark) await refuseFirstLine(path, file, 'utf-8')
  if (wish === undefined) await classifyLines(path, file)
  return { encoding: 'gb18030', byteOrderMark: false, textPath: await rewrite(path, file, outDir), texture: 'any' }
}

interface LineChunk {
  bytes: Buffer
  offset: number
}

/** The file in pieces that end with a line end (LF or CR); neither occurs inside a character of either encoding. */
async function* lineChunks(path: string, file: string): AsyncGenerator<LineChunk> {
  let rest: Buffer = Buffer.alloc(0)
  let offset = 0
  for await (const read of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = rest.length === 0 ? (read as Buffer) : Buffer.concat([rest, read as Buffer])
    const cut = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1
    if (cut === 0 && bytes.length > 4 * lineBytesMax) {
      refuseFile(file, 'line_too_long', { line: await lineOf(path, offset), limit: lineBytesMax })
    }
    if (cut > 0) yield { bytes: bytes.subarray(0, cut), offset }
    offset += cut
    rest = Buffer.from(bytes.subarray(cut))
  }
  if (rest.length > 0) yield { bytes: rest, offset }
}

/** The number of the line that holds the byte at `offset`; a lone CR ends a line only where there is no LF at all. */
export async function lineOf(path: string, offset: number): Promise<number> {
  let lf = 0
  let cr = 0
  let seen = 0
  for await (const read of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = (read as Buffer).subarray(0, Math.max(0, offset - seen))
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lf++
    if (lf === 0) for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) cr++
    seen += (read as Buffer).length
    if (seen >= offset) break
  }
  return 1 + (lf > 0 ? lf : cr)
}

function refuseUtf16(path: string, file: string): void {
  const head = headOf(path, 4096)
  const mark = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  let nuls = 0
  for (const byte of head) if (byte === 0) nuls++
  // ASCII columns in UTF-16 make every second byte a NUL.
  if (mark || nuls > head.length * 0.3) refuseFile(file, 'utf16')
}

async function scanEncoding(path: string, file: string): Promise<{ utf8: boolean; ascii: boolean; texture: Texture }> {
  let [utf8, ascii, blanks, runs] = [true, true, false, false]
  for await (const chunk of lineChunks(path, file)) {
    const nul = chunk.bytes.indexOf(0)
    if (nul >= 0) {
      const offset = chunk.offset + nul
      refuseFile(file, 'nul_byte', { line: await lineOf(path, offset), offset })
    }
    blanks ||= chunk.bytes.includes(32) || chunk.bytes.includes(9)
    runs ||= blanks && (chunk.bytes.includes('  ') || chunk.bytes.includes(9))
    if (isAscii(chunk.bytes)) continue
    ascii = false
    utf8 &&= isUtf8(chunk.bytes)
  }
  // Vertical tabs and form feeds are so rare that they are left to the file's own fault: they stay in the text.
  return { utf8, ascii, texture: !ascii || runs ? 'any' : blanks ? 'plain' : 'bare' }
}

function* linesOf(chunk: LineChunk): Generator<LineChunk> {
  let start = 0
  for (let i = 0; i <= chunk.bytes.length; i++) {
    if (i < chunk.bytes.length && chunk.bytes[i] !== 10 && chunk.bytes[i] !== 13) continue
    if (i > start) yield { bytes: chunk.bytes.subarray(start, i), offset: chunk.offset + start }
    start = i + 1
  }
}

/**
 * Decides a file that is not valid UTF-8 throughout. A line is surely UTF-8 when it is valid and has a Chinese
 * character (three bytes, E3–E9 or EF first); about 1 in 25,000 short GB18030 names looks so by chance, hence the 1 %.
 */
async function classifyLines(path: string, file: string): Promise<void> {
  let sure = 0
  let other = 0
  let firstSure: number | undefined
  let firstOther: number | undefined
  for await (const chunk of lineChunks(path, file)) {
    if (isAscii(chunk.bytes)) continue
    for (const line of linesOf(chunk)) {
      if (isAscii(line.bytes)) continue
      if (!isUtf8(line.bytes)) {
        other++
        firstOther ??= line.offset
      } else if (hasThreeByteCharacter(line.bytes)) {
        sure++
        firstSure ??= line.offset
      }
    }
  }
  if (firstSure === undefined || sure <= (sure + other) * 0.01) return
  if (firstOther !== undefined && other <= (sure + other) * 0.01) await refuseFirstLine(path, file, 'utf-8')
  const offset = Math.max(firstSure, firstOther ?? 0)
  refuseFile(file, 'encoding_mixed', { line: await lineOf(path, offset), offset })
}

function hasThreeByteCharacter(line: Buffer): boolean {
  for (const byte of line) if ((byte >= 0xe3 && byte <= 0xe9) || byte === 0xef) return true
  return false
}

async function refuseFirstLine(path: string, file: string, encoding: Encoding): Promise<never> {
  const decoder = () => new TextDecoder(encoding, { fatal: true })
  for await (const chunk of lineChunks(path, file)) {
    for (const line of linesOf(chunk)) {
      const at = firstInvalid(line.bytes, decoder)
      if (at === undefined) continue
      const offset = line.offset + at
      const name: FileReason = 'encoding_wrong'
      refuseFile(file, name, { line: await lineOf(path, offset), offset, encoding: encoding.toUpperCase() })
    }
  }
  throw new Error('the file became valid while it was read')
}

/** Position of the first byte that cannot be decoded: the longest prefix that decodes (as a stream) ends before it. */
function firstInvalid(bytes: Buffer, decoder: () => TextDecoder): number | undefined {
  const decodes = (length: number, whole: boolean): boolean => {
    try {
      decoder().decode(bytes.subarray(0, length), { stream: !whole })
      return true
    } catch {
      return false
    }
  }
  if (decodes(bytes.length, true)) return undefined
  let good = 0
  let bad = bytes.length + 1
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (middle <= bytes.length && decodes(middle, false)) good = middle
    else bad = middle
  }
  return Math.min(good, bytes.length - 1)
}

async function rewrite(path: string, file: string, outDir: string): Promise<string> {
  const textPath = join(outDir, 'text.csv')
  const out = createWriteStream(textPath)
  for await (const chunk of lineChunks(path, file)) {
    let text: string
    try {
      text = new TextDecoder('gb18030', { fatal: true }).decode(chunk.bytes)
    } catch {
      out.destroy()
      return refuseFirstLine(path, file, 'gb18030')
    }
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
  return textPath
}
