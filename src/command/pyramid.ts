/**
 * The pyramid of the last published night as a table: customers and average assets per tier, with their shares. It counts
 * whom the scheme is for, as the page does, and says how many stand outside.
 */
import type { Database } from '../db/database.ts'
import { type Currency, minorUnits } from '../kit/currency.ts'
import { formatAmount } from '../kit/money.ts'
import { type Policy, tierAt } from '../tiers/policy.ts'
import { parsePolicy } from '../tiers/policy-text.ts'
import { grouped, language, table, text } from './print.ts'

interface Layer {
  day: string
  source: string
  kind: 'person' | 'company'
  tier: number
  customers: bigint
  fen: string
}

/** The table with its heading line; null before the first published night. */
export async function pyramidTable(db: Database, scheme: string, currency: Currency): Promise<string | null> {
  const { rows: all } = await db.owner.query<Layer>(
    `select n.day, p.source, c.kind, c.tier, sum(c.customers)::bigint as customers, sum(c.average_fen)::text as fen
     from published_night w join night n on n.id = w.night_id join policy p on p.id = n.policy_id
     join night_count c on c.night_id = n.id
     where w.scheme = $1
     group by n.day, p.source, c.kind, c.tier order by c.tier desc limit 100`,
    [scheme],
  )
  const first = all[0]
  if (!first) return null
  const policy = parsePolicy(first.source)
  const rows = layersOf(all, policy.appliesTo)
  const outside = all.reduce((sum, row) => sum + row.customers, 0n) - rows.reduce((sum, row) => sum + row.customers, 0n)
  const people = rows.reduce((sum, row) => sum + row.customers, 0n)
  const assets = rows.reduce((sum, row) => sum + BigInt(row.fen), 0n)
  const share = (part: bigint, whole: bigint) =>
    whole === 0n ? '–' : `${(Number((part * 1000n) / whole) / 10).toFixed(1)} %`
  const money = (fen: bigint) => grouped(formatAmount(fen, minorUnits[currency]).replace(/\..*/, ''))
  const lines = rows.map((row) => [
    tierAt(policy, row.tier)?.[language] ?? text('none', '无'),
    grouped(String(row.customers)),
    share(row.customers, people),
    money(BigInt(row.fen)),
    share(BigInt(row.fen), assets),
  ])
  lines.push([text('all', '合计'), grouped(String(people)), '', money(assets), ''])
  const columns = [
    { head: text('tier', '等级') },
    { head: text('customers', '客户数'), right: true },
    { head: text('share', '占比'), right: true },
    { head: text(`average assets, ${currency}`, `日均资产（${currency}）`), right: true },
    { head: text('share', '占比'), right: true },
  ]
  const note = outside === 0n ? '' : `\n\n${outsideText(policy.appliesTo, grouped(String(outside)))}`
  return `${text('Tiers on', '客户等级，')} ${first.day}\n\n${table(columns, lines)}${note}`
}

/** One layer per tier, highest first, of those whom the scheme is for. */
function layersOf(all: readonly Layer[], appliesTo: Policy['appliesTo']): Layer[] {
  const layers = new Map<number, Layer>()
  for (const row of all) {
    if (appliesTo !== 'everyone' && row.kind !== appliesTo) continue
    const known = layers.get(row.tier)
    layers.set(row.tier, {
      ...row,
      customers: row.customers + (known?.customers ?? 0n),
      fen: String(BigInt(row.fen) + BigInt(known?.fen ?? '0')),
    })
  }
  return [...layers.values()]
}

function outsideText(appliesTo: Policy['appliesTo'], count: string): string {
  return appliesTo === 'person'
    ? text(`${count} companies stand outside this scheme.`, `另有 ${count} 家企业客户不适用本方案。`)
    : text(`${count} people stand outside this scheme.`, `另有 ${count} 位个人客户不适用本方案。`)
}
