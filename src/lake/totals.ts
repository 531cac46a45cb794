/** What a file's rows add up to, to be held against the totals that its sender gave. */
import type { Column } from '../feeds/feed.ts'
import { present } from '../kit/assert.ts'
import { minorUnits } from '../kit/currency.ts'
import { formatAmount } from '../kit/money.ts'
import { currencyColumnOf, placesOf } from './cells.ts'
import type { CheckPlan } from './check-sql.ts'
import { type Said, summedNames } from './control.ts'
import type { Engine } from './engine.ts'

type TotalledPlan = Pick<CheckPlan, 'feed' | 'present' | 'baseCurrency'>

/** What the control totals are compared with: rows, day and sums of the rows read, the quarantined included. */
export async function readTotals(
  engine: Engine,
  from: { plan: TotalledPlan; rows: string; said: Said; sha256: string; read: bigint },
): Promise<Map<string, string>> {
  const { plan, rows } = from
  const totals = new Map([
    ['rows', String(from.read)],
    ['sha256', from.sha256],
  ])
  const dayColumn = plan.feed.dayColumn
  if (from.said.totals.has('day') && dayColumn) {
    const [last] = await engine.rows<{ day: string | null }>(
      `select cast(max("${dayColumn}") as varchar) as day from ${rows}`,
    )
    totals.set('day', last?.day ?? '')
  }
  for (const name of summedNames(from.said)) {
    const column = present(
      plan.feed.columns.find((c) => c.name === name),
      `column ${name}`,
    )
    const places = placesInOutput(plan, column)
    const sums = await engine.rows<{ places: number | null; sum: bigint | null }>(
      `select ${places} as places, sum("${name}") as sum from ${rows} group by 1`,
    )
    totals.set(`sum.${name}`, decimalTotal(sums))
  }
  return totals
}

function placesInOutput(plan: TotalledPlan, column: Column): string {
  if (column.type.kind === 'decimal') return String(column.type.places)
  if (column.type.kind === 'integer') return '0'
  const currency = currencyColumnOf(column, plan.feed)
  return currency && plan.present.has(currency.name)
    ? placesOf(`"${currency.name}"`, plan.baseCurrency)
    : String(minorUnits[plan.baseCurrency])
}

/** Sums in several scales as one plain decimal. */
function decimalTotal(sums: readonly { places: number | null; sum: bigint | null }[]): string {
  const places = Math.max(0, ...sums.map((part) => part.places ?? 0))
  let total = 0n
  for (const part of sums) total += (part.sum ?? 0n) * 10n ** BigInt(places - (part.places ?? places))
  return formatAmount(total, places)
}
