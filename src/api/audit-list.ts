/** The list of audit entries as CSV: under the list's filters, in its words, marked with who took it and when. */
import { audit } from '../access/audit.ts'
import { asUsual } from '../access/volume.ts'
import type { exportAuditList } from '../contract/audit.ts'
import { auditWordsEn } from '../contract/audit-words.en.ts'
import { auditWordsZhCN } from '../contract/audit-words.zh-CN.ts'
import { countAuditEntries, listAuditEntries, type Shown } from '../desk/audit/store.ts'
import { refuse } from '../kit/refusal.ts'
import { bom, csvLine } from './csv.ts'
import { csvRowsMax, sendLines } from './exports.ts'
import type { Ask, sent } from './handler.ts'

const words = {
  zh: { ...auditWordsZhCN, strata: '系统', nobody: '未登录', pending: '待封存' },
  en: { ...auditWordsEn, strata: 'Strata', nobody: 'Not signed in', pending: 'Not yet sealed' },
}
type Words = (typeof words)['zh']

/**
 * Newest first, no further than what was counted: the file's own entry comes after. There is no approval of a large one,
 * as the chain's file holds as much for the same reader. Refuses export_too_large, volume_unusual.
 */
export async function sendAuditList(ask: Ask<typeof exportAuditList>): Promise<typeof sent> {
  const { site, scope, session, query, address, reply } = ask
  const { language, ...filter } = query
  const { clock, config } = site.workplace
  const usual = { action: 'exportAuditList', address } as const
  const counted = await asUsual(site.workplace, { session, scope }, usual, async (trx) => {
    const found = await countAuditEntries(trx, config.timeZone, filter, csvRowsMax)
    if (found.count > csvRowsMax) refuse('export_too_large', { rows: found.count, limit: csvRowsMax })
    const after = { rows: found.count, filter }
    await audit(trx, { who: session.who, action: 'exportAuditList', noun: 'audit', after, address })
    return found
  })
  const columns = columnsOf(language, `${session.name} ${clock.now()}`)
  reply.header('content-disposition', `attachment; filename="audit-list-${clock.today()}.csv"`)
  reply.header('x-rows', String(counted.count))
  return sendLines(ask, async (trx, put) => {
    await put(bom + csvLine(columns.map((column) => column[language])))
    let cursor: string | null = counted.cursor
    while (cursor !== null) {
      const page: Page = await listAuditEntries(trx, config.timeZone, { ...filter, cursor, limit: 500 })
      await put(page.rows.map((row) => csvLine(columns.map((column) => column.of(row)))).join(''))
      cursor = page.next
    }
  })
}

type Page = Awaited<ReturnType<typeof listAuditEntries>>

interface Column {
  zh: string
  en: string
  of: (entry: Shown) => string | number | null
}

/** The list's own, its quiet codes in columns beside their words. */
function columnsOf(language: 'zh' | 'en', mark: string): Column[] {
  const text = words[language]
  const plain = (zh: string, en: string, of: Column['of']): Column => ({ zh, en, of })
  return [
    plain('时间', 'When', (entry) => entry.at),
    plain('操作人', 'Who', (entry) => whoDid(entry, text)),
    plain('操作人代码', 'Who (code)', (entry) => entry.who),
    plain('动作', 'Action', (entry) => text.actions[entry.action] ?? entry.action),
    plain('对象', 'What', (entry) => text.nouns[entry.noun] ?? entry.noun),
    plain('记录', 'Record', (entry) => entry.nounName?.[language] ?? null),
    plain('记录代码', 'Record (code)', (entry) => entry.nounId),
    plain('客户号', 'Customer number', (entry) => entry.customerNo),
    plain('来源', 'From where', (entry) => entry.address),
    plain('封存序号', 'Seal', (entry) => entry.sealed?.seq ?? text.pending),
    plain('链上散列', 'Hash in the chain', (entry) => entry.sealed?.hash ?? null),
    plain('导出标记', 'Exported by', () => mark),
  ]
}

function whoDid({ who, whoName }: Shown, words: Words): string {
  if (who === 'strata' || who === 'nobody') return words[who]
  return whoName ?? who
}
