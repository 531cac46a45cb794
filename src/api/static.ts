/** The web page's files: ready compressed, kept for ever where the name holds a hash, and the page for every path. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import statics from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { sendProblem } from './problem.ts'
import { nonceOf } from './security.ts'

/** Stands in the built page where the nonce of a reply goes; web/vite.config.ts writes it. */
const nonceMark = 'STRATA-NONCE'

/** Serves `webDir` at the root; paths without a file give index.html, except under /api. */
export async function serveWeb(app: FastifyInstance, webDir: string | undefined): Promise<void> {
  const page = webDir === undefined ? undefined : pageOf(webDir)
  if (webDir !== undefined && page !== undefined) {
    await app.register(statics, {
      root: webDir,
      preCompressed: true,
      wildcard: false,
      index: false,
      globIgnore: ['index.html*'],
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Names under assets/ hold a hash of their content.
        const kept = /[\\/]assets[\\/]/.test(path)
        reply.header('cache-control', kept ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
    app.get('/', { schema: { hide: true } as object }, (_request, reply) => sendPage(reply, page))
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/'
    const wantsPage = request.method === 'GET' && !path.startsWith('/api/') && !/\.\w+$/.test(path)
    if (page !== undefined && wantsPage) return sendPage(reply, page)
    return sendProblem(reply, 'not_found', { what: path })
  })
}

function pageOf(webDir: string): string | undefined {
  const path = join(webDir, 'index.html')
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

// Never kept: a page from a cache would carry the nonce of another reply.
function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page.replaceAll(nonceMark, nonceOf(reply)))
}
