/** The OpenAPI 3.1 document and its readable page, both made from the contract. */
import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { sessionCookie } from '../access/session.ts'
import { problem } from '../contract/common.ts'
import { type Endpoint, isUnnamed, leavesTraces, none } from '../contract/endpoint.ts'
import { headOfficePermissions } from '../contract/permission.ts'
import { type RefusalCode, refusals } from '../kit/refusal.ts'
import { nonceOf } from './security.ts'

/** Before the routes are registered. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Strata',
        version,
        description: [
          'Money is a decimal string of fen, the minor unit of the base currency. Days are `YYYY-MM-DD`.',
          'Lists are read page by page: give `next` back as `cursor`.',
          'A refusal is `application/problem+json` with its text in Chinese and English.',
          '',
          '金额为以分表示的十进制字符串；日期为 `YYYY-MM-DD`；列表逐页读取，把 `next` 作为 `cursor` 传回。',
        ].join('\n'),
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
          key: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
}

/** The page at /api/docs, in a scope of its own: it writes styles into itself, which no other page may. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  app.get('/api/openapi.json', { schema: { hide: true } as FastifySchema }, async () => app.swagger())
  await app.register(async (docs) => {
    docs.addHook('onSend', async (_request, reply, payload) => {
      const nonce = nonceOf(reply)
      reply.header('content-security-policy', docsPolicy(nonce))
      const isPage = String(reply.getHeader('content-type')).startsWith('text/html') && typeof payload === 'string'
      return isPage ? payload.replace(/<script\b/g, `<script nonce="${nonce}"`) : payload
    })
    await docs.register(scalar, {
      routePrefix: '/api/docs',
      configuration: {
        url: '/api/openapi.json',
        title: 'Strata API',
        withDefaultFonts: false,
        telemetry: false,
        agent: { disabled: true },
        mcp: { disabled: true },
      },
    })
  })
}

function docsPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')
}

/** What any endpoint may refuse, beside its own list. */
export function refusalsOf(endpoint: Endpoint): RefusalCode[] {
  const always: RefusalCode[] = ['input_invalid', 'too_many_requests', 'internal_failure']
  if (endpoint.permission !== 'public') always.push('not_signed_in', 'key_expired')
  if (endpoint.permission !== 'public' && endpoint.permission !== 'entering') always.push('sign_in_unfinished')
  if (!isUnnamed(endpoint.permission)) {
    always.push('permission_missing')
    if ([endpoint.permission].flat().some((one) => headOfficePermissions.has(one))) always.push('head_office_only')
  }
  if (leavesTraces(endpoint)) always.push('origin_refused')
  if (endpoint.method === 'POST') always.push('body_too_large')
  return [...new Set([...endpoint.refusals, ...always])]
}

/** Fastify's schema of an endpoint: what is validated, what is serialised, what the document says. */
export function schemaOf(endpoint: Endpoint): FastifySchema {
  const response: Record<string, unknown> = { [endpoint.status]: successOf(endpoint) }
  for (const code of refusalsOf(endpoint)) {
    const { status } = refusals[code]
    const said = response[status] as { description: string } | undefined
    const description = said ? `${said.description}, ${code}` : code
    response[status] = { description, content: { 'application/problem+json': { schema: problem } } }
  }
  return {
    operationId: endpoint.name,
    tags: [endpoint.tag],
    summary: `${endpoint.label.zh} · ${endpoint.label.en}`,
    description: permissionText(endpoint),
    security: endpoint.permission === 'public' ? [] : [{ session: [] }, { key: [] }],
    ...(hasFields(endpoint.params) && { params: endpoint.params }),
    querystring: endpoint.query,
    ...(endpoint.method === 'POST' && endpoint.takes !== 'file' && endpoint.body !== none && { body: endpoint.body }),
    ...(endpoint.takes === 'form' && { consumes: ['application/x-www-form-urlencoded'] }),
    ...(endpoint.takes === 'file' && { consumes: ['application/octet-stream', 'text/csv', 'multipart/form-data'] }),
    response,
  } as FastifySchema
}

function successOf(endpoint: Endpoint): unknown {
  const description = endpoint.label.en
  if (endpoint.answers === 'json') return endpoint.output
  if (endpoint.answers === 'redirect') return { description, content: { 'text/html': { schema: z.string() } } }
  const schema = endpoint.answers === 'events' ? endpoint.output : z.string()
  const types = endpoint.answers === 'events' ? ['text/event-stream'] : fileTypes
  return { description, content: Object.fromEntries(types.map((type) => [type, { schema }])) }
}
const fileTypes = ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet']

function permissionText({ permission }: Endpoint): string {
  if (permission === 'public') return 'No sign-in needed.'
  if (permission === 'entering') return 'Anybody who is signed in, also before the last step.'
  if (permission === 'signedIn') return 'Anybody who is signed in.'
  if (typeof permission === 'string') return `Needs the permission \`${permission}\`.`
  return `Needs one of the permissions ${permission.map((one) => `\`${one}\``).join(', ')}.`
}

function hasFields(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject && Object.keys(schema.shape).length > 0
}
