/**
 * The original of every loaded file, kept sealed under a key of its own (access/seal.ts, `newFileKey`): compressed
 * (unless it came compressed) and encrypted with AES-256-GCM while streaming. Layout: version (1) | compressed by us 0/1 (1) | nonce (12) | ciphertext | tag (16).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { closeSync, createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PassThrough, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { assert } from '../../kit/assert.ts'
import { type Content, ContentReading } from '../../lake/bytes.ts'

const version = 1
const headLength = 14
const tagLength = 16

/** Writes the sealed form of `path` to `target` and fsyncs it; tells what it read, and how far on the way. */
export async function sealOriginal(
  key: Buffer,
  path: string,
  target: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Content> {
  const compress = !/\.(gz|zst|parquet|xlsx)$/i.test(path)
  const nonce = randomBytes(12)
  const head = Buffer.concat([Buffer.from([version, compress ? 1 : 0]), nonce])
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(head)
  await mkdir(dirname(target), { recursive: true })
  const out = createWriteStream(target)
  out.write(head)
  const packed: Transform = compress
    ? createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    : new PassThrough()
  const reading = new ContentReading()
  let bytes = 0
  const read = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      reading.take(chunk as Buffer)
      bytes += (chunk as Buffer).length
      onBytes(bytes)
      yield chunk as Buffer
    }
  }
  await pipeline(read, packed, cipher, out)
  const handle = await open(target, 'a')
  await handle.write(cipher.getAuthTag())
  await handle.sync()
  await handle.close()
  return reading.end()
}

/** The inverse: writes the original bytes to `target`; throws when a single bit was changed. */
export async function openOriginal(key: Buffer, sealedPath: string, target: string): Promise<void> {
  const size = statSync(sealedPath).size
  const head = bytesAt(sealedPath, 0, headLength)
  assert(head[0] === version && size >= headLength + tagLength, 'a sealed original of this version')
  const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(2))
  decipher.setAAD(head)
  decipher.setAuthTag(bytesAt(sealedPath, size - tagLength, tagLength))
  const unpacked: Transform = head[1] === 1 ? createZstdDecompress() : new PassThrough()
  const body = createReadStream(sealedPath, { start: headLength, end: size - tagLength - 1 })
  await pipeline(body, decipher, unpacked, createWriteStream(target))
}

function bytesAt(path: string, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const handle = openSync(path, 'r')
  try {
    readSync(handle, bytes, 0, length, position)
  } finally {
    closeSync(handle)
  }
  return bytes
}
