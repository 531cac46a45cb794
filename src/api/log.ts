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
      err: shownError,
      req: (request: { method: string; url: string; ip?: string }) => ({
        method: request.method,
        path: request.url.split('?')[0]?.replace(/(\/(?:customers|households)\/)[^/]+/, '$1…'),
        ip: request.ip,
      }),
    },
  }
}

/**
 * An error without what it was about: the database quotes values in its messages and details. What is in quotes and
 * every longer number is left out; kind, code and place in the program stay.
 */
function shownError(error: Error & { code?: string }): { type: string; message: string; stack: string; code?: string } {
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    message: error.message.replace(/"[^"]*"|'[^']*'|\([^)]*\)/g, '"…"').replace(/\d{4,}/g, '…'),
    stack: places.slice(0, 12).join('\n'),
    ...(error.code !== undefined && { code: error.code }),
  }
}
