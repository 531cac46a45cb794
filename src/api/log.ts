/** Logs: one JSON line per request, without secrets and without anything personal. */
import type { FastifyServerOptions } from 'fastify'

/** Pino's options; lines go to `file`, else to stdout. Queries are left out: they hold what people search for. */
export function logOptions(level: string, file?: string): NonNullable<FastifyServerOptions['logger']> {
  if (level === 'silent') return false
  return {
    level,
    ...(file && { file }),
    redact: {
      paths: [
        'req.headers.cookie',
        'req.headers.authorization',
        'res.headers["set-cookie"]',
        ...['password', 'token', 'identityNo', 'phone', 'email', 'address'].flatMap((name) => [name, `*.${name}`]),
      ],
      censor: '…',
    },
    serializers: {
      req: (request: { method: string; url: string; ip?: string }) => ({
        method: request.method,
        path: request.url.split('?')[0]?.replace(/(\/(?:customers|households)\/)[^/]+/, '$1…'),
        ip: request.ip,
      }),
    },
  }
}
