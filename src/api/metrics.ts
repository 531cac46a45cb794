/** Metrics for Prometheus at /metrics: from this machine, or with a key. */
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { refuse } from '../kit/refusal.ts'
import { whoAsks } from './register.ts'
import type { Site } from './site.ts'

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** Times every request from now on; `serve` adds the route. */
export function measure(app: FastifyInstance, site: Site): { serve: () => void } {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'strata_http_seconds',
    help: 'Time to answer, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.03, 0.06, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  })
  new Gauge({
    name: 'strata_event_streams',
    help: 'Browsers that follow events',
    registers: [registry],
    collect() {
      this.set(site.events.streams)
    },
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  app.addHook('onClose', async () => registry.clear())
  const route = () =>
    app.get('/metrics', { schema: { hide: true } as object }, async (request, reply) => {
      const session = await whoAsks(site, request)
      if (!loopback.has(request.ip) && !session?.byKey) refuse('not_signed_in')
      return reply.header('content-type', registry.contentType).send(await registry.metrics())
    })
  return { serve: route }
}
