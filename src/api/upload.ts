/**
 * Files that come in over HTTP: streamed to the inbox, never held in memory, refused as soon as they are too large.
 */
import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { feedNamed } from '../feeds/index.ts'
import { refuse } from '../kit/refusal.ts'
import type { FileAccount } from '../nightly/requests.ts'
import type { Site } from './site.ts'

/** In this scope no body is parsed: it stays a stream until a handler takes it. */
export async function acceptFiles(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  await app.register(multipart, { limits: { files: 1, fields: 10, parts: 12 } })
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  holdBodies(app)
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The beginning of a raw body, taken in while it is found out who sends it. */
    heldBody: PassThrough | undefined
    /** Received and given to be loaded. */
    upload: Upload | undefined
  }
}

const heldBytesMax = 1_048_576

/**
 * Takes the beginning of a raw body in at once: Node throws away what a closed line has left unread, and a small file
 * that arrived whole would be lost while its sender's session is looked up. (Forms are read from the line itself.)
 */
function holdBodies(app: FastifyInstance): void {
  app.decorateRequest('heldBody', undefined)
  app.decorateRequest('upload', undefined)
  app.addHook('onRequest', (request, _reply, done) => {
    const type = request.headers['content-type'] ?? ''
    if (type !== '' && !/^multipart\//i.test(type)) {
      request.heldBody = new PassThrough({ highWaterMark: heldBytesMax })
      // Whoever reads the body is told by its own pipeline; until then nobody is.
      pipeline(request.raw, request.heldBody).catch(() => undefined)
    }
    done()
  })
  app.addHook('preParsing', (request, _reply, payload, done) => done(null, request.heldBody ?? payload))
  // A body that nobody wanted is let go, or the line could not be used again.
  app.addHook('onResponse', (request, _reply, done) => {
    request.heldBody?.resume()
    done()
  })
}

/** A file that was received: it is loaded whatever becomes of the line that it came by. */
export interface Upload {
  feed: string
  file: string
  account: Promise<FileAccount>
}

/** Receives a file for a feed and gives it to be loaded. Refuses feed_unknown and what `receiveFile` refuses. */
export async function takeUpload(
  { uploads, workplace }: Pick<Site, 'uploads' | 'workplace'>,
  request: FastifyRequest,
  asked: { feed: string; file: string | undefined; by: string; address: string },
): Promise<Upload> {
  const { feed, by, address } = asked
  if (!feedNamed(feed)) refuse('feed_unknown', { feed })
  const bytesMax = workplace.config.uploadMaxMb * 1_048_576
  const file = await receiveFile(request, { inbox: uploads.inbox, name: asked.file, bytesMax })
  const account = uploads.give(file, { feed, by, address })
  // Whoever stopped waiting is not told of a fault; the record and the events are.
  account.catch(() => undefined)
  return { feed, file: file.name, account }
}

interface Received {
  path: string
  /** The name that its sender gave it, without folders. */
  name: string
}

/**
 * Writes the body, raw or the one file of a form, to the inbox. Refuses body_too_large before reading when its length
 * is announced and while reading otherwise, and input_invalid without a file or a name.
 */
async function receiveFile(
  request: FastifyRequest,
  given: { inbox: string; name: string | undefined; bytesMax: number },
): Promise<Received> {
  const limit = `${Math.floor(given.bytesMax / 1_048_576)} MiB`
  if (Number(request.headers['content-length'] ?? 0) > given.bytesMax) refuse('body_too_large', { limit })
  const source = request.isMultipart() ? await formFile(request, given.bytesMax) : rawFile(request, given.name)
  const name = given.name ?? source.name
  if (!/^[\p{L}\p{N}_.-]{1,120}$/u.test(name) || name.startsWith('.')) {
    refuse('input_invalid', { field: 'file', reason: 'needs a plain file name', reasonZh: '应为普通文件名' })
  }
  mkdirSync(given.inbox, { recursive: true, mode: 0o700 })
  const path = join(given.inbox, `${randomBytes(8).toString('hex')}-${name}`)
  try {
    await pipeline(source.stream, upTo(given.bytesMax, limit), createWriteStream(path, { mode: 0o600 }))
    return { path, name }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

interface Source {
  stream: NodeJS.ReadableStream
  name: string
}

async function formFile(request: FastifyRequest, bytesMax: number): Promise<Source> {
  const part = await request.file({ limits: { fileSize: bytesMax + 1, files: 1 }, throwFileSizeLimit: false })
  if (!part) refuse('input_invalid', { field: 'file', reason: 'the form holds no file', reasonZh: '表单中没有文件' })
  return { stream: part.file, name: part.filename.split(/[\\/]/).at(-1) ?? '' }
}

function rawFile(request: FastifyRequest, name: string | undefined): Source {
  const body = request.heldBody ?? (request.body as NodeJS.ReadableStream | undefined)
  if (!body) refuse('input_invalid', { field: 'body', reason: 'is empty', reasonZh: '为空' })
  if (name === undefined) {
    refuse('input_invalid', {
      field: 'file',
      reason: 'is missing: name the file with ?file=balances.csv',
      reasonZh: '缺失：请用 ?file=balances.csv 给出文件名',
    })
  }
  return { stream: body, name }
}

function upTo(bytesMax: number, limit: string): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > bytesMax) {
        try {
          refuse('body_too_large', { limit })
        } catch (error) {
          done(error as Error)
        }
      } else done(null, chunk)
    },
  })
}

/** In this scope a body is the fields of a form. */
export function acceptForms(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
}
