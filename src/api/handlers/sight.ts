/** Who sees what, and people's rights for the yearly review. */
import { audit } from '../../access/audit.ts'
import { explain } from '../../access/explain-access.ts'
import { allPeople, listPeople, markReviewed, readPersonReport } from '../../access/people.ts'
import { encodeCursor, pairOfCursor } from '../../desk/cursor.ts'
import { bom, csvLine } from '../csv.ts'
import { type Some, sent } from '../handler.ts'

const heads = {
  zh: ['用户名', '姓名', '状态', '岗位', '可见客户数', '临时授权数', '最近登录', '复审人', '复审时间', '复审后有变更'],
  en: [
    'login',
    'name',
    'state',
    'posts',
    'customers',
    'grants',
    'last sign-in',
    'reviewed by',
    'reviewed at',
    'changed since',
  ],
}
const words = {
  zh: { active: '启用', locked: '锁定', disabled: '停用', spent: '过期', yes: '是' },
  en: { active: 'active', locked: 'locked', disabled: 'disabled', spent: 'spent', yes: 'yes' },
}

export const sightHandlers: Some<'explainAccess' | 'listPeople' | 'readPerson' | 'exportPeople' | 'reviewPerson'> = {
  explainAccess: ({ site, session, query }) => explain(site.workplace.db, site.workplace.clock, session, query),

  listPeople: async ({ site, session, query }) => {
    const { cursor, ...asked } = query
    const { db, clock } = site.workplace
    const { rows, after } = await listPeople(db, clock, session, { ...asked, after: pairOfCursor(cursor) })
    return { rows, next: after && encodeCursor([after.value, after.id]) }
  },

  readPerson: ({ site, session, params }) =>
    readPersonReport(site.workplace.db, site.workplace.clock, session, params.login),

  exportPeople: async ({ site, scope, session, query, reply, address }) => {
    const { db, clock } = site.workplace
    const { language } = query
    const people = await allPeople(db, clock, session)
    const after = { rows: people.length }
    await db.withScope(scope, (trx) =>
      audit(trx, { who: session.who, action: 'exportRights', noun: 'login', after, address }),
    )
    const lines = people.map((person) =>
      csvLine([
        person.login,
        person.name,
        words[language][person.state],
        person.posts.map(({ role, unit }) => `${role[language]} @ ${unit.name} (${unit.code})`).join('; '),
        person.customers,
        person.grants,
        person.lastSignInAt,
        person.review?.by.name ?? null,
        person.review?.at ?? null,
        person.review?.changedSince ? words[language].yes : null,
      ]),
    )
    reply.header('content-type', 'text/csv; charset=utf-8')
    reply.header('content-disposition', `attachment; filename="rights-${clock.today()}.csv"`)
    reply.send(bom + csvLine(heads[language]) + lines.join(''))
    return sent
  },

  reviewPerson: ({ site, session, params, body, address }) =>
    markReviewed(site.workplace.db, site.workplace.clock, session, { ...params, note: body.note, address }),
}
