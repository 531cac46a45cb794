/**
 * Turns the contract into routes: who asks, may they, from where, then the handler. Nothing is registered that the
 * contract does not name, and a contract endpoint without a handler does not compile.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { withNewestKeys } from '../access/keys.ts'
import { mustMay, type Session, scopeOf, sessionCookie, sessionOf, sessionOfKey } from '../access/session.ts'
import { type Endpoint, isUnnamed, leavesTraces } from '../contract/endpoint.ts'
import { contract } from '../contract/index.ts'
import { uploadFeed } from '../contract/loads.ts'
import { nobodyAs, type Scope } from '../db/database.ts'
import { type RecordState, recordState } from '../desk/nights/current.ts'
import { refuse } from '../kit/refusal.ts'
import { type Handler, type Handlers, sent } from './handler.ts'
import { schemaOf } from './openapi.ts'
import type { Site } from './site.ts'
import { takeUpload } from './upload.ts'

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | undefined
    state: RecordState | undefined
  }
  interface FastifyContextConfig {
    /** Name of the contract's endpoint. */
    endpoint?: string
  }
}

/** Registers every endpoint of one kind of body; files need a scope of their own, where bodies are not parsed. */
export function registerContract(app: FastifyInstance, site: Site, handlers: Handlers, takes: Endpoint['takes']): void {
  for (const [name, endpoint] of Object.entries(contract) as [keyof Handlers, Endpoint][]) {
    if (endpoint.takes === takes) register(app, site, endpoint, handlers[name] as unknown as Handler<Endpoint>)
  }
}

function register(app: FastifyInstance, site: Site, endpoint: Endpoint, handler: Handler<Endpoint>): void {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    schema: schemaOf(endpoint),
    config: {
      endpoint: endpoint.name,
      ...(endpoint.name === 'signIn' && { rateLimit: { max: 60, timeWindow: 60_000 } }),
    },
    // Before the body is read: nobody uploads a gigabyte to be told that they may not.
    onRequest: async (request) => {
      checkOrigin(request, endpoint)
      await identify(site, request, endpoint)
      if (!request.session) return
      await app.limitPerson(request)
      allow(request.session, endpoint)
      if (endpoint.takes === 'file') await takeEarly(site, request, request.session)
    },
    handler: async (request, reply) => {
      const { session } = request
      reply.header('cache-control', endpoint.method === 'GET' ? 'private, no-cache' : 'no-store')
      const answer = await withNewestKeys(site.workplace.keys, () =>
        handler({
          site,
          scope: scopeFor(endpoint, session),
          address: request.ip,
          request,
          reply,
          session: session as Session,
          state: request.state as RecordState,
          params: request.params,
          query: request.query,
          body: request.body,
        }),
      )
      return answer === sent ? reply : reply.status(endpoint.status).send(answer)
    },
  })
}

/**
 * A raw body is received here, not in the handler: Fastify lets go of a request whose line is closed before it gets
 * there, and the file that came by it with it. What is not in order is left to the validation that follows.
 */
async function takeEarly(site: Site, request: FastifyRequest, session: Session): Promise<void> {
  const params = uploadFeed.params.safeParse(request.params)
  const query = uploadFeed.query.safeParse(request.query)
  if (!request.heldBody || !params.success || !query.success) return
  const { file } = query.data
  request.upload = await takeUpload(site, request, {
    feed: params.data.feed,
    file,
    by: session.who,
    address: request.ip,
  })
}

/** What the endpoint's own permission shows; one that asks for none, or for any of several, shows nobody. */
function scopeFor({ permission }: Endpoint, session: Session | undefined): Scope {
  if (isUnnamed(permission) || typeof permission !== 'string') return nobodyAs(session?.who ?? 'nobody')
  return session ? scopeOf(session, permission) : nobodyAs('nobody')
}

/**
 * Finds the session behind the request, and for a read in the same round trip the state of the record that its ETag
 * depends on. Refuses not_signed_in, key_expired, and sign_in_unfinished while a step is left.
 */
async function identify(site: Site, request: FastifyRequest, endpoint: Endpoint): Promise<void> {
  if (endpoint.permission === 'public') return
  const { db } = site.workplace
  const [session, state] = await db.together((shared) =>
    Promise.all([
      whoAsks(site, request, { db: shared, listens: endpoint.answers === 'events' }),
      endpoint.method === 'GET' ? shared.reading(nobodyAs('nobody'), recordState) : undefined,
    ]),
  )
  if (!session) refuse('not_signed_in')
  if (session.awaits !== null && endpoint.permission !== 'entering')
    refuse('sign_in_unfinished', { step: session.awaits })
  request.session = session
  request.state = state
}

/** By key or by cookie; undefined when there is neither or the session is over. Refuses key_expired. */
export async function whoAsks(
  { workplace }: Site,
  request: FastifyRequest,
  { db = workplace.db, listens = false } = {},
): Promise<Session | undefined> {
  const { clock } = workplace
  const bearer = bearerOf(request)
  if (bearer !== undefined) return sessionOfKey(db, clock, bearer)
  const token = sessionTokenOf(request)
  return token === undefined ? undefined : sessionOf(db, clock, token, { listens })
}

function allow(session: Session, { permission }: Endpoint): void {
  if (isUnnamed(permission)) return
  mustMay(session, ...(typeof permission === 'string' ? [permission] : permission))
}

/** A page of another site must not act in a signed-in browser's name: SameSite cookies, and the Origin must be ours. */
function checkOrigin(request: FastifyRequest, endpoint: Endpoint): void {
  if (!leavesTraces(endpoint) || bearerOf(request) !== undefined) return
  const { origin } = request.headers
  if (origin !== undefined) {
    const ours = URL.parse(`${request.protocol}://${request.host}`)?.host
    if (ours === undefined || URL.parse(origin)?.host !== ours) refuse('origin_refused', { origin })
    return
  }
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    refuse('origin_refused', { origin: String(site) })
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([\w.~+/=-]{1,200})$/.exec(request.headers.authorization ?? '')?.[1]
}

/**
 * The name of a cookie of ours. Over https no other host of the bank's domain can put one of this name into a browser
 * (RFC 6265bis, 4.1.3.2), and none without the prefix is looked at.
 */
export function cookieName(request: FastifyRequest, name: string): string {
  return request.protocol === 'https' ? `__Host-${name}` : name
}

/** As the prefix asks: secure, for the whole host, of no domain. */
export function cookieAttributes(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: request.protocol === 'https' } as const
}

/** What the browser holds of its session. */
export function sessionTokenOf(request: FastifyRequest): string | undefined {
  return request.cookies[cookieName(request, sessionCookie)]
}

/** Puts the session's token into the browser, or takes it out. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string | null): void {
  const name = cookieName(request, sessionCookie)
  if (token === null) reply.clearCookie(name, cookieAttributes(request))
  else reply.setCookie(name, token, cookieAttributes(request))
}
