/** What stands before every route: strict headers, a content security policy with a nonce per reply, and limits. */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '../access/audit.ts'
import { nobodyAs } from '../db/database.ts'
import { refuse } from '../kit/refusal.ts'
import type { Workplace } from '../nightly/workplace.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a request of whoever is signed in. Refuses too_many_requests. */
    limitPerson(request: FastifyRequest): Promise<void>
  }
}

const windowMs = 60_000

/** Headers, then the limit per address, then the means to limit a person. Before the routes are registered. */
export async function secure(app: FastifyInstance, workplace: Workplace): Promise<void> {
  const { config } = workplace
  await app.register(helmet, headers)
  app.addHook('onSend', async (request, reply) => {
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
    if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains')
  })
  const exceeded = tellOnce(workplace)
  await app.register(rateLimit, {
    max: config.addressRequestsMax,
    timeWindow: windowMs,
    onExceeded: (request) => exceeded(request, `address:${request.ip}`),
  })
  const count = app.createRateLimit({
    max: config.personRequestsMax,
    timeWindow: windowMs,
    keyGenerator: (request) => `login:${request.session?.loginId}`,
  })
  app.decorate('limitPerson', async (request: FastifyRequest) => {
    const limit = await count(request)
    if (limit.isAllowed || !limit.isExceeded) return
    exceeded(request, limit.key)
    refuse('too_many_requests')
  })
}

/** One entry per window and whoever it is: a flood must not become a flood of entries. */
function tellOnce({ db, clock }: Workplace): (request: FastifyRequest, key: string) => void {
  const told = new Map<string, number>()
  return (request, key) => {
    const now = clock.millis()
    if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < windowMs) return
    for (const [other, at] of told) if (now - at >= windowMs) told.delete(other)
    told.set(key, now)
    const who = request.session?.who ?? 'nobody'
    const nounId = request.routeOptions.config.endpoint ?? request.routeOptions.url ?? null
    void db
      .withScope(nobodyAs(who), (trx) =>
        audit(trx, {
          who,
          action: 'throttled',
          noun: 'endpoint',
          nounId,
          reason: 'too_many_requests',
          address: request.ip,
        }),
      )
      .catch((error: unknown) => request.log.error({ err: error }, 'no audit entry of a throttling'))
  }
}

/** The nonce of this reply, the same in its policy and in the page. */
export function nonceOf(reply: FastifyReply): string {
  return noncePerReply(reply.raw)
}

const nonces = new WeakMap<ServerResponse, string>()

function noncePerReply(raw: ServerResponse): string {
  const nonce = nonces.get(raw) ?? randomBytes(18).toString('base64url')
  nonces.set(raw, nonce)
  return nonce
}

const nonceSource = (_request: unknown, response: unknown) => `'nonce-${noncePerReply(response as ServerResponse)}'`

const headers = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // antd writes its styles into the page: with the nonce, and with it only
      styleSrc: ["'self'", nonceSource],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      objectSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
    },
  },
  // Sent with https only, above: over http it means nothing, and a pilot on http must stay reachable.
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'same-origin' },
  xFrameOptions: { action: 'deny' },
} as const
