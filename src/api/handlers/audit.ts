/** The audit: list, one entry, the chain's state, the files. All speak of the whole bank. */
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { audit } from '../../access/audit.ts'
import { auditFile, spanOfDays } from '../../access/audit-file.ts'
import { auditState, listAuditEntries, openAuditEntry } from '../../desk/audit/store.ts'
import { sendAuditList } from '../audit-list.ts'
import { type Some, sent } from '../handler.ts'

export const auditHandlers: Some<
  'listAudit' | 'readAuditEntry' | 'readAuditState' | 'exportAudit' | 'exportAuditList'
> = {
  listAudit: ({ site, scope, query }) => {
    const { db, config } = site.workplace
    return db.withScope(scope, (trx) => listAuditEntries(trx, config.timeZone, query))
  },

  readAuditEntry: ({ site, scope, session, params, address }) => {
    const { db, keys } = site.workplace
    return db.withScope(scope, async (trx) => {
      const entry = await openAuditEntry(trx, keys, params.id)
      await audit(trx, { who: session.who, action: 'readAudit', noun: 'audit', nounId: params.id, address })
      return entry
    })
  },

  readAuditState: ({ site, scope }) => site.workplace.db.withScope(scope, auditState),

  exportAudit: async ({ site, scope, session, query, address, reply }) => {
    const { db, clock, config } = site.workplace
    await db.withScope(scope, (trx) =>
      audit(trx, { who: session.who, action: 'exportAudit', noun: 'audit', after: query, address }),
    )
    const out = new PassThrough()
    const lines = (trx: Parameters<typeof auditFile>[0]) =>
      Readable.from(auditFile(trx, clock.now(), spanOfDays(config.timeZone, query)))
    // The transaction stays open while the client reads; when the client leaves, it is rolled back.
    void db.withScope(scope, (trx) => pipeline(lines(trx), out)).catch((error: Error) => out.destroy(error))
    reply.header('content-type', 'application/x-ndjson; charset=utf-8')
    reply.header('content-disposition', `attachment; filename="audit-${clock.today()}.jsonl"`)
    reply.send(out)
    return sent
  },

  exportAuditList: sendAuditList,
}
