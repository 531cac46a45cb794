/** Roles, posts, walls; proposing changes of them, and rehearsing a change before it is proposed. */
import { listLogins, listPosts, listRoles, listWalls } from '../../access/directory.ts'
import { placesOf } from '../../access/session.ts'
import { propose } from '../../acts/approvals.ts'
import { rehearseChange } from '../../acts/rehearse.ts'
import { encodeCursor, pairOfCursor } from '../../desk/cursor.ts'
import type { Some } from '../handler.ts'
import { actingAt } from '../site.ts'

export const accessHandlers: Some<
  | 'listRoles'
  | 'proposeRole'
  | 'listPosts'
  | 'listLogins'
  | 'proposePost'
  | 'listWalls'
  | 'proposeWall'
  | 'rehearseChange'
> = {
  listRoles: ({ site, scope }) =>
    site.workplace.db.withScope(scope, async (trx) => ({ rows: await listRoles(trx, site.workplace.clock) })),

  listPosts: ({ site, scope, session, query: { cursor, ...asked } }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const places = placesOf(session, 'access.read')
      const { after, ...page } = await listPosts(trx, site.workplace.clock, places, {
        ...asked,
        after: pairOfCursor(cursor),
      })
      return { ...page, next: after && encodeCursor([after.value, after.id]) }
    }),

  listLogins: ({ site, scope, query }) =>
    site.workplace.db.withScope(scope, async (trx) => ({ rows: await listLogins(trx, query) })),

  listWalls: ({ site, scope }) =>
    site.workplace.db.withScope(scope, async (trx) => ({ rows: await listWalls(trx, site.workplace.clock) })),

  proposeRole: ({ site, session, body, address }) => propose(actingAt(site), session, { ...body, address }),
  proposePost: ({ site, session, body, address }) => propose(actingAt(site), session, { ...body, address }),
  proposeWall: ({ site, session, body, address }) => propose(actingAt(site), session, { ...body, address }),

  rehearseChange: ({ site, session, body }) => rehearseChange(actingAt(site), session, body.change),
}
