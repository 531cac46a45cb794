/** Health and events. */
import { sql } from 'kysely'
import { everything } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { type Some, sent } from '../handler.ts'

export const systemHandlers: Some<'followEvents' | 'readHealth'> = {
  followEvents: async ({ site, session, request, reply }) => {
    if (!(await site.events.follow(session, request, reply))) refuse('too_many_requests')
    return sent
  },

  readHealth: async ({ site, reply }) => {
    const database = await site.workplace.db
      .withScope(everything, (trx) => sql`select 1`.execute(trx))
      .then(() => true)
      .catch(() => false)
    if (!database) reply.status(503)
    return {
      status: database ? ('ok' as const) : ('failing' as const),
      database,
      version: site.version,
      uptimeSeconds: Math.floor((site.workplace.clock.millis() - site.startedMillis) / 1000),
    }
  },
}
