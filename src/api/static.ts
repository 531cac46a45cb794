/** The web page's files: ready compressed, kept for ever where the name holds a hash, and the page for every path. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import statics from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { sendProblem } from './problem.ts'

/** Serves `webDir` at the root; paths without a file give index.html, except under /api. */
export async function serveWeb(app: FastifyInstance, webDir: string | undefined): Promise<void> {
  const hasPage = webDir !== undefined && existsSync(join(webDir, 'index.html'))
  if (hasPage) {
    await app.register(statics, {
      root: webDir,
      preCompressed: true,
      wildcard: false,
      index: 'index.html',
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Names under assets/ hold a hash of their content.
        const kept = /[\\/]assets[\\/]/.test(path)
        reply.header('cache-control', kept ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/'
    const wantsPage = request.method === 'GET' && !path.startsWith('/api/') && !/\.\w+$/.test(path)
    if (hasPage && wantsPage) return reply.sendFile('index.html')
    return sendProblem(reply, 'not_found', { what: path })
  })
}
