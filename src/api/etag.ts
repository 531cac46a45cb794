/** ETags of reads: a page that has not changed is not sent again, and for most reads not even computed. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Endpoint } from '../contract/endpoint.ts'
import type { Trx } from '../db/database.ts'
import type { Ask } from './handler.ts'

/**
 * Sets the weak ETag of what a read depends on: the published nights, the counter of desk changes, who asks and what.
 * True when the caller has it already: then a 304 was sent and there is nothing left to do.
 */
export async function unchanged(
  ask: Pick<Ask<Endpoint>, 'request' | 'reply' | 'session' | 'site'>,
  trx: Trx,
): Promise<boolean> {
  const { rows } = await sql<{ revision: string }>`select
    (select coalesce(string_agg(scheme || night_id, ',' order by scheme), '') from published_night) || '/' ||
    (select value from setting where name = 'deskVersion') || '/' || (select coalesce(max(id), 0) from night) as revision`.execute(
    trx,
  )
  const { session } = ask
  const rights = JSON.stringify([session.posts, session.walls, session.granted.map(String)])
  const about = [ask.site.version, session.loginId, rights, rows[0]?.revision, ask.request.url]
  const etag = `W/"${digest(about.join('|'))}"`
  ask.reply.header('etag', etag)
  if (!matches(ask.request, etag)) return false
  ask.reply.status(304).send('')
  return true
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
