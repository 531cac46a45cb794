/** Exports: customers as CSV or XLSX, quarantined rows as CSV. Streamed from the database, masked, audited. */
import { Readable } from 'node:stream'
import writeExcel from 'write-excel-file/node'
import { audit } from '../access/audit.ts'
import { fieldsOf } from '../access/fields.ts'
import type { Session } from '../access/session.ts'
import { asUsual } from '../access/volume.ts'
import { spendApproved } from '../acts/approvals.ts'
import type { CustomerRow, exportCustomers } from '../contract/customers.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import type { exportQuarantine } from '../contract/loads.ts'
import { baseCurrencyOf } from '../db/base-currency.ts'
import type { Trx } from '../db/database.ts'
import type { ListContext } from '../desk/customers/filters.ts'
import { countCustomers, eachCustomer, type ListAsked, mustOrderBy, usualSort } from '../desk/customers/list.ts'
import { type Load, listQuarantine } from '../desk/loads/store.ts'
import { mustCurrentNight, type NightPointer, nightById } from '../desk/nights/current.ts'
import { present } from '../kit/assert.ts'
import { minorUnits } from '../kit/currency.ts'
import { formatAmount } from '../kit/money.ts'
import { refuse } from '../kit/refusal.ts'
import { exportName, exportQuarantine as exportRows } from '../nightly/requests.ts'
import { bom, csvLine, guarded } from './csv.ts'
import { type Ask, sent } from './handler.ts'

/** A workbook is made in memory; a larger one is a CSV. */
const xlsxRowsMax = 20_000
export const csvRowsMax = 5_000_000

interface ExportColumn {
  zh: string
  en: string
  of: (row: CustomerRow, names: (code: string) => string) => string | number | null
}

export type ContextOf = (trx: Trx, night: NightPointer) => Promise<ListContext>

interface Counted {
  night: NightPointer
  asked: ListAsked
  format: 'csv' | 'xlsx'
  language: 'zh' | 'en'
  rows: number
}

/**
 * The customers of the list under the same filters and in the same order; or what an approval says, once. Refuses
 * night_missing, export_too_large, export_needs_approval, volume_unusual, and what
 * `spendApproved` refuses.
 */
export async function sendCustomers(ask: Ask<typeof exportCustomers>, contextOf: ContextOf): Promise<typeof sent> {
  const { site, scope, session, address, reply } = ask
  const { db, clock, config } = site.workplace
  const usual = { action: 'exportCustomers', address } as const
  const { night, asked, format, language, rows, currency } = await asUsual(
    site.workplace,
    { session, scope },
    usual,
    async (trx) => {
      const counted =
        ask.query.approval === undefined
          ? await freeExport(ask, trx, contextOf)
          : await approvedExport(ask, trx, contextOf)
      const { q, ...rest } = counted.asked.filter
      // What was searched for can be a name or a number of a person.
      const filter = q === undefined ? rest : { ...rest, q: '…' }
      const { approval } = ask.query
      const after = { format: counted.format, rows: counted.rows, night: counted.night.id, filter, approval }
      await audit(trx, { who: session.who, action: 'exportCustomers', noun: 'customers', after, address })
      return { ...counted, currency: await baseCurrencyOf(trx, config) }
    },
  )
  const columns = exportColumns(minorUnits[currency], `${session.name} ${clock.now()}`)
  reply.header('content-disposition', `attachment; filename="customers-${night.day}.${format}"`)
  reply.header('x-rows', String(rows))
  if (format === 'xlsx') {
    const all: CustomerRow[] = []
    const names = await db.withScope(scope, async (trx) => {
      const context = await contextOf(trx, night)
      for await (const batch of eachCustomer(trx, context, asked)) all.push(...batch)
      return tierNamesOf(context, language)
    })
    reply.header('content-type', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
    reply.send(await workbook(all, columns, language, names))
    return sent
  }
  return sendLines(ask, async (trx, put) => {
    const context = await contextOf(trx, night)
    const names = tierNamesOf(context, language)
    await put(bom + csvLine(columns.map((column) => column[language])))
    for await (const batch of eachCustomer(trx, context, asked)) {
      await put(batch.map((row) => csvLine(columns.map((column) => column.of(row, names)))).join(''))
    }
  })
}

async function freeExport(ask: Ask<typeof exportCustomers>, trx: Trx, contextOf: ContextOf): Promise<Counted> {
  const { format, language, sort, dir, approval: _none, ...filter } = ask.query
  const asked = orderedBy(ask.session, { filter, sort, dir })
  const night = await mustCurrentNight(trx)
  const rows = await countRows(trx, await contextOf(trx, night), { filter, format })
  const limit = ask.site.workplace.config.exportRowsFree
  if (rows > limit) refuse('export_needs_approval', { rows, limit })
  return { night, asked, format, language, rows }
}

/** Before the first byte, as a stream that has begun cannot be refused any more. Refuses field_hidden. */
export function orderedBy(
  session: Session,
  { sort, ...asked }: Omit<ListAsked, 'sort'> & { sort?: ListAsked['sort'] | undefined },
): ListAsked {
  const fields = fieldsOf(session)
  const order = sort ?? usualSort(fields)
  mustOrderBy(order, fields)
  return { ...asked, sort: order }
}

/** Of the night that was counted, and no more rows than were approved. */
async function approvedExport(ask: Ask<typeof exportCustomers>, trx: Trx, contextOf: ContextOf): Promise<Counted> {
  const id = present(ask.query.approval, 'an approval')
  const approved = await spendApproved(trx, ask.site.workplace.clock, ask.session, { id, kind: 'export' })
  const { filter, sort, dir, format, language } = approved
  const night = await nightById(trx, approved.night)
  const rows = await countRows(trx, await contextOf(trx, night), { filter, format })
  if (rows > approved.rows) refuse('approval_stale', { subject: `export ${id}` })
  return { night, asked: orderedBy(ask.session, { filter, sort, dir }), format, language, rows }
}

/** How many rows an export has. Refuses export_too_large. */
export async function countRows(
  trx: Trx,
  context: ListContext,
  { filter, format }: { filter: ListAsked['filter']; format: 'csv' | 'xlsx' },
): Promise<number> {
  const counted = await countCustomers(trx, context, filter)
  const rows = counted.reduce((sum, row) => sum + Number(row.customers), 0)
  const limit = format === 'xlsx' ? xlsxRowsMax : csvRowsMax
  if (rows > limit) refuse('export_too_large', { rows, limit })
  return rows
}

/** Masked, one line per fault. */
export function sendQuarantine(ask: Ask<typeof exportQuarantine>, load: Load): typeof sent {
  ask.reply.header('content-disposition', `attachment; filename="quarantine-${load.id}.csv"`)
  return sendLines(ask, async (trx, put) => {
    await put(bom + csvLine(quarantineColumns))
    let cursor: string | undefined
    do {
      const page = await listQuarantine(trx, { id: load.id, limit: 2000, cursor })
      const text = page.rows.map((row) =>
        csvLine([
          load.file,
          row.line,
          row.column,
          row.rule,
          row.value,
          row.expectedZh,
          row.adviceZh,
          row.expected,
          row.advice,
        ]),
      )
      await put(text.join(''))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
  })
}

/** Answers with CSV as it is read. The transaction stays open while the client reads; when it leaves, it is rolled back. */
export function sendLines(
  { site, scope, reply }: Pick<Ask<Endpoint>, 'site' | 'scope' | 'reply'>,
  write: (trx: Trx, put: (text: string) => Promise<void>) => Promise<void>,
): typeof sent {
  reply.header('content-type', 'text/csv; charset=utf-8')
  const lines = channel<string>()
  void site.workplace.db.withScope(scope, (trx) => write(trx, lines.put)).then(lines.end, lines.fail)
  reply.send(lines.stream)
  return sent
}

/** The rows as they came, in clear, with what is wrong beside them: to be mended and loaded again. */
export function sendWholeQuarantine({ site, reply }: Ask<typeof exportQuarantine>, load: Load): typeof sent {
  reply.header('content-type', 'text/csv; charset=utf-8')
  reply.header('content-disposition', contentDisposition(exportName(load.file, load.id)))
  reply.send(Readable.from(exportRows(site.workplace, load.id)))
  return sent
}

// Names of files can be Chinese: RFC 5987 beside a plain one.
function contentDisposition(name: string): string {
  return `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name)}`
}

const quarantineColumns = ['file', 'line', 'column', 'rule', 'value', '应为', '处理办法', 'expected', 'what to do']

/** A readable stream that is written from elsewhere, no faster than it is read. */
function channel<T>() {
  let wake: (() => void) | undefined
  const stream = new Readable({
    objectMode: false,
    read() {
      wake?.()
    },
  })
  const closed = new Promise<never>((_resolve, reject) => {
    stream.once('close', () => reject(new Error('the reader left')))
  })
  closed.catch(() => undefined)
  return {
    stream,
    put: async (chunk: T & string) => {
      if (chunk === '') return
      const room = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (!stream.push(chunk)) await Promise.race([room, closed])
    },
    end: () => {
      stream.push(null)
    },
    fail: (error: Error) => {
      stream.destroy(error)
    },
  }
}

type NameOf = (code: string) => string

/** Words of a row that no policy names. */
const otherNames = {
  zh: {
    none: '无等级',
    outside: '不适用',
    person: '个人',
    company: '公司',
    individual: '个人',
    household: '家庭',
    entry: '有效证件',
  },
  en: {
    none: 'No tier',
    outside: 'Not applicable',
    person: 'Person',
    company: 'Company',
    individual: 'Individual',
    household: 'Household',
    entry: 'Valid ID',
  },
}

function tierNamesOf({ policy }: ListContext, language: 'zh' | 'en'): NameOf {
  const others: Record<string, string> = otherNames[language]
  return (code) => policy.tiers.find((tier) => tier.code === code)?.[language] ?? others[code] ?? code
}

async function workbook(
  rows: readonly CustomerRow[],
  columns: readonly ExportColumn[],
  language: 'zh' | 'en',
  names: NameOf,
): Promise<Buffer> {
  const head = columns.map((column) => ({ value: column[language], fontWeight: 'bold' as const }))
  const body = rows.map((row) =>
    columns.map((column) => {
      const value = column.of(row, names)
      if (value === null) return null
      return typeof value === 'number' ? { value } : { value: guarded(value), type: String }
    }),
  )
  return writeExcel([head, ...body], { stickyRowsCount: 1 }).toBuffer()
}

/** `mark` says on every row who took it and when, wherever the row goes. */
function exportColumns(decimals: number, mark: string): ExportColumn[] {
  const money = (zh: string, en: string, fen: (row: CustomerRow) => string | null): ExportColumn => ({
    zh,
    en,
    of: (row) => {
      const amount = fen(row)
      return amount === null ? null : formatAmount(BigInt(amount), decimals)
    },
  })
  const plain = (zh: string, en: string, of: ExportColumn['of']): ExportColumn => ({ zh, en, of })
  return [
    plain('客户号', 'Customer number', (row) => row.customerNo),
    plain('姓名', 'Name', (row) => row.name),
    plain('客户类型', 'Kind', (row, names) => names(row.kind)),
    plain('机构代码', 'Unit code', (row) => row.unit.code),
    plain('机构', 'Unit', (row) => row.unit.name),
    plain('客户经理', 'Relationship manager', (row) => row.rm?.name ?? null),
    plain('达标等级', 'Qualified tier', (row, names) => names(row.qualifiedTier.code)),
    plain('现行等级', 'Tier in force', (row, names) => names(row.tierInForce.code)),
    plain('途径', 'Path', (row, names) => (row.path === 'none' ? null : names(row.path))),
    money('日均综合金融资产', 'Average daily financial assets', (row) => row.averageFen),
    plain('天数', 'Days', (row) => row.days),
    money('上期日均', 'Average of the window before', (row) => row.averageBeforeFen),
    plain('家庭号', 'Household', (row) => row.householdNo),
    money('家庭日均', 'Household average', (row) => row.householdAverageFen),
    plain('家庭成员', 'Household members', (row) => row.householdMembers),
    money('距下一等级', 'To the next tier', (row) => row.toNextFen),
    money('可流出', 'May leave', (row) => row.toKeepFen),
    money('资产管理规模', 'Assets under management', (row) => row.aumFen),
    money('存款', 'Deposits', (row) => row.depositFen),
    money('理财', 'Wealth products', (row) => row.wealthFen),
    money('基金', 'Funds', (row) => row.fundFen),
    money('保险', 'Insurance', (row) => row.insuranceFen),
    money('债券', 'Bonds', (row) => row.bondFen),
    money('贵金属', 'Precious metals', (row) => row.metalFen),
    money('证券结算', 'Securities settlement', (row) => row.securitiesFen),
    money('在途', 'In transit', (row) => row.transitFen),
    money('外币', 'Foreign currency', (row) => row.foreignFen),
    money('透支', 'Overdraft', (row) => row.overdraftFen),
    plain('最近活动', 'Last activity', (row) => row.lastActivityOn),
    plain('R', 'R', (row) => row.rScore),
    plain('F', 'F', (row) => row.fScore),
    plain('M', 'M', (row) => row.mScore),
    plain('可信度', 'Confidence', (row) => row.confidence),
    plain('数据缺口', 'Gaps', (row) => row.gaps.join(' ')),
    plain('关注月数', 'Month-ends on notice', (row) => row.noticeCount),
    plain('导出标记', 'Exported by', () => mark),
  ]
}
