/**
 * The HTTP server: sign-in, the endpoints of the contract, events, documentation, health, metrics, and the web page's
 * files. Thin: each route finds the session and its scope, calls, and maps a refusal.
 */
import { readFileSync } from 'node:fs'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { refuse } from '../kit/refusal.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { etagOfPayload } from './etag.ts'
import { EventHub } from './events.ts'
import { handlers } from './handlers.ts'
import { logOptions } from './log.ts'
import { measure } from './metrics.ts'
import { describeRoutes, serveDocs } from './openapi.ts'
import { planAhead } from './plan-ahead.ts'
import { failed, refusalOf, sendProblem } from './problem.ts'
import { auditRefusal } from './refused.ts'
import { registerContract, whoAsks } from './register.ts'
import { secure } from './security.ts'
import { serializerCompiler } from './serialise.ts'
import { openSite } from './site.ts'
import { serveWeb } from './static.ts'
import { acceptFiles, acceptForms } from './upload.ts'

export interface ServeOptions {
  /** 0 = any free port. */
  port: number
  host: string
  /** Folder of the built web page; without it the API alone is served. */
  webDir?: string
  /** Where log lines go; stdout when missing. */
  logFile?: string
}

/** A JSON body larger than this is refused before it is read. */
const jsonBytesMax = 1_048_576
const closeMsMax = 5000

/** Starts the server; `address` is 'http://127.0.0.1:7300'. `close` lets running requests end, then stops. */
export async function serve(
  workplace: Workplace,
  options: ServeOptions,
): Promise<{ address: string; close: () => Promise<void> }> {
  const app = await buildServer(workplace, options)
  await planAhead(workplace).catch((error) => app.log.warn(error, 'nothing was planned ahead'))
  const address = await app
    .listen({ port: options.port, host: options.host })
    .catch(async (error: { code?: string }) => {
      await app.close()
      const { port, host } = options
      if (error.code === 'EADDRINUSE') {
        refuse('config_invalid', {
          name: 'STRATA_PORT',
          value: port,
          expected: 'a port that no other program listens on',
        })
      }
      if (error.code === 'EACCES') {
        refuse('config_invalid', { name: 'STRATA_PORT', value: port, expected: 'a port that this user may listen on' })
      }
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
        refuse('config_invalid', { name: 'STRATA_HOST', value: host, expected: 'an address of this machine' })
      }
      throw error
    })
  return { address, close: () => app.close() }
}

/** The server without a port, for tests and for `serve`. */
export async function buildServer(
  workplace: Workplace,
  options: Pick<ServeOptions, 'webDir' | 'logFile'> = {},
): Promise<FastifyInstance> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const app = Fastify({
    logger: logOptions(workplace.config.logLevel, options.logFile),
    bodyLimit: jsonBytesMax,
    // A reverse proxy on this machine may say for whom it asks; nobody else.
    trustProxy: 'loopback',
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 120 },
  })
  const events = new EventHub(workplace.db, directUrl(workplace), async (session, request) => {
    const now = await whoAsks(site, request, { listens: true }).catch(() => undefined)
    return now?.loginId === session.loginId
  })
  const site = openSite(workplace, events, version)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.decorateRequest('session', undefined)
  app.decorateRequest('state', undefined)
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error)
    if (!refusal) return failed(error, request, reply)
    await auditRefusal(workplace.db, request, refusal)
    return sendProblem(reply, refusal.code, refusal.params)
  })
  await app.register(cookie)
  await secure(app, workplace)
  app.addHook('onSend', etagOfPayload)
  const metrics = measure(app, site)
  await describeRoutes(app, version)
  registerContract(app, site, handlers, 'json')
  await app.register(async (forms) => {
    acceptForms(forms)
    registerContract(forms, site, handlers, 'form')
  })
  await app.register(async (files) => {
    await acceptFiles(files)
    registerContract(files, site, handlers, 'file')
  })
  metrics.serve()
  await serveDocs(app)
  await serveWeb(app, options.webDir)
  await events.open()
  site.uploads.resume()
  app.addHook('preClose', async () => {
    await events.close()
    // Whoever still talks after this is cut off, so that stopping takes seconds, not a browser's patience.
    setTimeout(() => app.server.closeAllConnections(), closeMsMax).unref()
  })
  app.addHook('onClose', async () => {
    await site.uploads.close()
    await site.simulator.close()
  })
  return app
}

// LISTEN needs a session without a pooler in between.
function directUrl({ config, db }: Workplace): string {
  return config.databaseDirectUrl || db.ownerUrl
}
