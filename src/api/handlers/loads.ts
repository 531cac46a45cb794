/** Loads, quarantine, feeds, data quality. */
import { audit } from '../../access/audit.ts'
import { mustMay, mustSeeWholeBank, placesOf } from '../../access/session.ts'
import { dismissRows } from '../../desk/loads/dismiss.ts'
import { lastLoads, listLoads, listQuarantine, loadById, readLoad } from '../../desk/loads/store.ts'
import { readQuality } from '../../desk/quality/store.ts'
import type { Column } from '../../feeds/feed.ts'
import { feeds } from '../../feeds/index.ts'
import { sendQuarantine, sendWholeQuarantine } from '../exports.ts'
import type { Some } from '../handler.ts'

export const loadHandlers: Some<
  'listLoads' | 'readLoad' | 'listQuarantine' | 'dismissQuarantine' | 'exportQuarantine' | 'listFeeds' | 'readQuality'
> = {
  listLoads: ({ site, scope, query }) => site.workplace.db.withScope(scope, (trx) => listLoads(trx, query)),

  readLoad: ({ site, scope, params }) => site.workplace.db.withScope(scope, (trx) => readLoad(trx, params.id)),

  listQuarantine: ({ site, scope, params, query }) =>
    site.workplace.db.withScope(scope, (trx) => listQuarantine(trx, { id: params.id, ...query })),

  dismissQuarantine: ({ site, scope, session, params, body, address }) => {
    mustSeeWholeBank(session, 'loads.upload')
    const asked = { loadId: params.id, lines: body.lines, reason: body.reason, who: session.who, address }
    return site.workplace.db.withScope(scope, async (trx) => {
      await loadById(trx, params.id)
      return { dismissed: await dismissRows(trx, asked) }
    })
  },

  exportQuarantine: async (ask) => {
    const { site, scope, params, query, session, address } = ask
    if (query.rows === 'whole') mustMay(session, 'loads.upload')
    const load = await site.workplace.db.withScope(scope, async (trx) => {
      const found = await loadById(trx, params.id)
      const action = query.rows === 'whole' ? 'openQuarantine' : 'exportQuarantine'
      await audit(trx, { who: session.who, action, noun: 'load', nounId: String(found.id), address })
      return found
    })
    return query.rows === 'whole' ? sendWholeQuarantine(ask, load) : sendQuarantine(ask, load)
  },

  listFeeds: ({ site, scope }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      const known = await lastLoads(trx)
      return {
        rows: feeds.map((feed) => ({
          name: feed.name,
          zh: feed.zh,
          en: feed.en,
          meaningZh: feed.meaningZh,
          meaningEn: feed.meaningEn,
          key: [...feed.key],
          dayColumn: feed.dayColumn ?? null,
          after: [...feed.after],
          columns: feed.columns.map((column) => ({
            name: column.name,
            type: typeText(column),
            required: column.required,
            personal: column.personal ?? false,
            references: column.references ?? null,
            check: column.check ?? null,
            zh: column.zh,
            en: column.en,
            example: column.example,
          })),
          ...(known.get(feed.name) ?? { last: null, loads: 0, rowsAccepted: '0' }),
        })),
      }
    }),

  readQuality: ({ site, scope, session, query }) =>
    site.workplace.db.withScope(scope, (trx) => readQuality(trx, query, placesOf(session, 'quality.read'))),
}

function typeText({ type }: Column): string {
  switch (type.kind) {
    case 'choice':
      return type.values.join(' | ')
    case 'text':
      return `text (${type.lengthMax})`
    case 'decimal':
      return `decimal (${type.places})`
    default:
      return type.kind
  }
}
