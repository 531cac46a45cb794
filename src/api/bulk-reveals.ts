/** One personal field of many customers in clear: asked for, and fetched as CSV once somebody else has approved it. */
import { bulkRevealRowsMax, revealOfMany } from '../access/bulk-reveal.ts'
import { mustRead } from '../access/fields.ts'
import { groupOf } from '../access/show.ts'
import { asUsual } from '../access/volume.ts'
import { propose, spendApproved } from '../acts/approvals.ts'
import type { CustomerRow } from '../contract/customers.ts'
import type { Output } from '../contract/endpoint.ts'
import type { fetchBulkReveal, proposeBulkReveal } from '../contract/exports.ts'
import type { Trx } from '../db/database.ts'
import { countCustomers, eachCustomer } from '../desk/customers/list.ts'
import { mustCurrentNight, nightById } from '../desk/nights/current.ts'
import { refuse } from '../kit/refusal.ts'
import { bom, csvLine } from './csv.ts'
import { type ContextOf, orderedBy } from './exports.ts'
import { type Ask, sent } from './handler.ts'
import { actingAt } from './site.ts'

/** Refuses key_needs_person, field_hidden, volume_unusual, export_too_large, and what `propose` refuses. */
export async function askForReveal(
  ask: Ask<typeof proposeBulkReveal>,
  contextOf: ContextOf,
): Promise<Output<typeof proposeBulkReveal>> {
  const { site, scope, session, body, address } = ask
  const { change, reason } = body
  if (session.byKey) refuse('key_needs_person')
  mustRead(session, groupOf[change.field])
  const counted = await asUsual(
    site.workplace,
    { session, scope },
    { action: 'revealInBulk', address },
    async (trx) => {
      orderedBy(session, change)
      const night = await mustCurrentNight(trx)
      const found = await countCustomers(trx, await contextOf(trx, night), change.filter)
      const rows = found.reduce((sum, row) => sum + Number(row.customers), 0)
      if (rows > bulkRevealRowsMax) refuse('export_too_large', { rows, limit: bulkRevealRowsMax })
      return { ...change, night: night.id, day: night.day, rows }
    },
  )
  return propose(actingAt(site), session, { change: counted, reason, address })
}

/** Made whole before the first byte: what is refused on the way leaves the approval unspent and shows nothing. */
export async function sendReveal(ask: Ask<typeof fetchBulkReveal>, contextOf: ContextOf): Promise<typeof sent> {
  const { site, scope, session, address, reply } = ask
  if (session.byKey) refuse('key_needs_person')
  const usual = { action: 'revealInBulk', address } as const
  const { text, day } = await asUsual(site.workplace, { session, scope }, usual, (trx) =>
    revealFile(ask, trx, contextOf),
  )
  reply.header('content-type', 'text/csv; charset=utf-8')
  reply.header('content-disposition', `attachment; filename="customers-in-clear-${day}.csv"`)
  reply.send(text)
  return sent
}

async function revealFile(
  { site, session, params, address }: Ask<typeof fetchBulkReveal>,
  trx: Trx,
  contextOf: ContextOf,
): Promise<{ text: string; day: string }> {
  const { clock, keys } = site.workplace
  const approved = await spendApproved(trx, clock, session, { id: params.id, kind: 'bulkReveal' })
  const { field, filter, sort, dir, language } = approved
  const night = await nightById(trx, approved.night)
  const customers: CustomerRow[] = []
  for await (const batch of eachCustomer(trx, await contextOf(trx, night), orderedBy(session, { filter, sort, dir }))) {
    customers.push(...batch)
    if (customers.length > approved.rows) refuse('approval_stale', { subject: `reveal ${params.id}` })
  }
  const values = await revealOfMany(trx, keys, session, {
    customerNos: customers.map((customer) => customer.customerNo),
    field,
    approval: params.id,
    about: { night: night.id, filter },
    address,
  })
  const mark = `${session.name} ${clock.now()}`
  const lines = customers.flatMap((customer) => {
    const value = values.get(customer.customerNo)
    // Of the night's list, but since moved out of sight
    if (value === undefined) return []
    const { customerNo, name, unit, rm } = customer
    return [csvLine([customerNo, name, unit.code, unit.name, rm?.name ?? null, value, mark])]
  })
  return {
    text: bom + csvLine([...heads[language], fieldNames[language][field], marks[language]]) + lines.join(''),
    day: night.day,
  }
}

const heads = {
  zh: ['客户号', '姓名', '机构代码', '机构', '客户经理'],
  en: ['Customer number', 'Name', 'Unit code', 'Unit', 'Relationship manager'],
}
const fieldNames = {
  zh: { phone: '电话', email: '电子邮箱', address: '地址' },
  en: { phone: 'Phone', email: 'E-mail', address: 'Address' },
}
const marks = { zh: '导出标记', en: 'Exported by' }
