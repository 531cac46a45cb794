/** ETags of reads: a page that has not changed is not sent again, and for most reads not even computed. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Endpoint } from '../contract/endpoint.ts'
import type { Trx } from '../db/database.ts'
import { type Ask, sent } from './handler.ts'

/**
 * Reads what depends on the published nights, the counter of desk changes, who asks and what, and nothing else: its weak
 * ETag is made of these, and a caller that has it already gets a 304 without a question to the record.
 */
export async function readIfChanged<Answer>(
  ask: Pick<Ask<Endpoint>, 'request' | 'reply' | 'session' | 'site' | 'state' | 'scope'>,
  read: (trx: Trx) => Promise<Answer>,
): Promise<Answer | typeof sent> {
  const { session, state, site } = ask
  const rights = JSON.stringify([session.posts, session.walls, session.granted.map(String)])
  const about = [site.version, session.loginId, rights, state.revision, ask.request.url]
  const etag = `W/"${digest(about.join('|'))}"`
  ask.reply.header('etag', etag)
  if (!matches(ask.request, etag)) return site.workplace.db.reading(ask.scope, read)
  ask.reply.status(304).send('')
  return sent
}

/** For reads without a cheaper one: the digest of the answer itself. Used as an onSend hook. */
export async function etagOfPayload(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') return payload
  if (!String(reply.getHeader('content-type') ?? '').startsWith('application/json')) return payload
  if (!reply.hasHeader('etag')) reply.header('etag', `W/"${digest(payload)}"`)
  if (!matches(request, String(reply.getHeader('etag')))) return payload
  reply.status(304).removeHeader('content-type').removeHeader('content-length')
  return ''
}

function matches(request: FastifyRequest, etag: string): boolean {
  const given = request.headers['if-none-match']
  if (given === undefined) return false
  const bare = (text: string) => text.trim().replace(/^W\//, '')
  return given.split(',').some((one) => bare(one) === bare(etag))
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
