/**
 * The bytes of a file that came in: hashed, taken out of gzip or zstd under limits, and named for what they are by
 * their first bytes (an extension is a wish, not a fact).
 */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { refuseFile } from './file-refusal.ts'
import type { Compression, Container } from './format.ts'

export interface ByteLimits {
  /** Size of what came in. */
  bytesMax: number
  /** Size after decompression. */
  plainBytesMax: number
  /** Decompressed bytes per compressed byte, above the first 64 MB: a million repeated rows stay below, bombs do not. */
  ratioMax: number
}

export const byteLimits: ByteLimits = { bytesMax: 64 * 2 ** 30, plainBytesMax: 256 * 2 ** 30, ratioMax: 200 }

/** What one reading of all bytes of a file says of it. */
export interface Content {
  /** SHA-256, hex. */
  sha256: string
  /** Line ends (LF), and one more when the last line has none. */
  lines: number
}

export interface PlainBytes {
  /** Of the file as it came; known when it has been read to its end, which other work need not wait for. */
  sha256: Promise<string>
  /** Of the plain text. */
  lines: Promise<number>
  bytes: number
  container: Container
  compression: Compression
  /** The decompressed file; the original when it was not compressed. */
  plainPath: string
}

/**
 * Hashes and, where needed, decompresses `path` into `outDir`. Refuses empty, truncated and exploding files. A caller
 * that reads the whole file anyway hands in what it finds as `content`.
 */
export async function readBytes(
  path: string,
  file: string,
  outDir: string,
  options: { limits?: ByteLimits; checkName?: boolean; content?: Promise<Content> } = {},
): Promise<PlainBytes> {
  const limits = options.limits ?? byteLimits
  const bytes = statSync(path).size
  if (bytes === 0) refuseFile(file, 'empty')
  if (bytes > limits.bytesMax) refuseFile(file, 'too_large', { limit: limits.bytesMax })
  const head = headOf(path, 16)
  const compression = compressionOf(head)
  if (options.checkName ?? true) checkExtension(file, compression)
  if (compression === 'none') {
    const content = options.content ?? contentOf(path)
    return { ...parts(content), bytes, container: containerOf(head), compression, plainPath: path }
  }
  const plainPath = join(outDir, 'plain.bin')
  const content = Promise.resolve(await decompress({ path, plainPath, file, compression, limits }))
  if (statSync(plainPath).size === 0) refuseFile(file, 'empty')
  return { ...parts(content), bytes, container: containerOf(headOf(plainPath, 16)), compression, plainPath }
}

function parts(content: Promise<Content>): Pick<PlainBytes, 'sha256' | 'lines'> {
  const [sha256, lines] = [content.then((found) => found.sha256), content.then((found) => found.lines)]
  // A file may be refused before anybody asks for these.
  for (const part of [sha256, lines]) part.catch(() => undefined)
  return { sha256, lines }
}

/** The first `count` bytes, fewer when the file is shorter. */
export function headOf(path: string, count: number): Buffer {
  const buffer = Buffer.alloc(count)
  const handle = openSync(path, 'r')
  try {
    let filled = 0
    for (;;) {
      const got = readSync(handle, buffer, filled, count - filled, filled)
      filled += got
      if (got === 0 || filled === count) return buffer.subarray(0, filled)
    }
  } finally {
    closeSync(handle)
  }
}

/** SHA-256 of a file, hex. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Reads a file to its end. */
export async function contentOf(path: string): Promise<Content> {
  const reading = new ContentReading()
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) reading.take(chunk as Buffer)
  return reading.end()
}

/** Takes the bytes of a file as they pass by. */
export class ContentReading {
  readonly #hash = createHash('sha256')
  readonly #lines = new LineCount()

  take(bytes: Buffer): void {
    this.#hash.update(bytes)
    this.#lines.take(bytes)
  }

  end(): Content {
    return { sha256: this.#hash.digest('hex'), lines: this.#lines.end() }
  }
}

class LineCount {
  #ends = 0
  #last = lf

  take(bytes: Buffer): void {
    // A plain loop: asking for each next line end by indexOf costs more than the short way to it.
    for (let i = 0; i < bytes.length; i++) if (bytes[i] === lf) this.#ends++
    this.#last = bytes[bytes.length - 1] ?? this.#last
  }

  end(): number {
    return this.#ends + (this.#last === lf ? 0 : 1)
  }
}

const lf = 10

function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd'
  return 'none'
}

function containerOf(head: Buffer): Container {
  if (head.subarray(0, 4).equals(Buffer.from('PAR1'))) return 'parquet'
  if (head.subarray(0, 4).equals(Buffer.from([0x50, 0x4b, 3, 4]))) return 'xlsx'
  return 'csv'
}

function checkExtension(file: string, compression: Compression): void {
  const wanted = /\.gz$/i.test(file) ? 'gzip' : /\.zst$/i.test(file) ? 'zstd' : undefined
  if (wanted && compression !== wanted) refuseFile(file, 'not_compressed', { wanted })
}

async function decompress(from: {
  path: string
  plainPath: string
  file: string
  compression: 'gzip' | 'zstd'
  limits: ByteLimits
}): Promise<Content> {
  const lines = new LineCount()
  const hash = createHash('sha256')
  let read = 0
  let written = 0
  const inflate: Transform = from.compression === 'gzip' ? createGunzip({ chunkSize: 1 << 18 }) : createZstdDecompress()
  const out = createWriteStream(from.plainPath)
  const limited = new Writable({
    highWaterMark: 1 << 20,
    write(chunk: Buffer, _encoding, done) {
      written += chunk.length
      lines.take(chunk)
      const ratioBroken = written > 2 ** 26 && written > read * from.limits.ratioMax
      if (written > from.limits.plainBytesMax || ratioBroken) return done(new Bomb())
      if (out.write(chunk)) done()
      else out.once('drain', () => done())
    },
    final: (done) => out.end(() => done()),
  })
  async function* source(): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(from.path, { highWaterMark: 1 << 18 })) {
      hash.update(chunk as Buffer)
      read += (chunk as Buffer).length
      yield chunk as Buffer
    }
  }
  try {
    await pipeline(source, inflate, limited)
  } catch (error) {
    out.destroy()
    if (error instanceof Bomb)
      refuseFile(from.file, 'zip_bomb', { limit: from.limits.plainBytesMax, ratio: from.limits.ratioMax })
    const code = (error as { code?: string }).code ?? ''
    if (/^(Z_|ZSTD_|ERR_)/.test(code)) refuseFile(from.file, brokenReason(code, error), { after: written })
    throw error
  }
  return { sha256: hash.digest('hex'), lines: lines.end() }
}

class Bomb extends Error {}

function brokenReason(code: string, error: unknown): 'truncated' | 'corrupted' {
  return code === 'Z_BUF_ERROR' || /unexpected end/i.test(String(error)) ? 'truncated' : 'corrupted'
}
