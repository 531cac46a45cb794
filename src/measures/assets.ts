/** Assets at the end of the day, unweighted: in all (资产管理规模), by class, and what of them is in transit or foreign. */
import type { Measure } from './measure.ts'

const base = { unit: 'fen', over: 'owned' } as const

export const aum: Measure = {
  ...base,
  column: 'aum_fen',
  zh: '资产管理规模',
  en: 'Assets under management',
  source: 'value of every financial asset at the end of the day, at its rate',
  sql: 'sum(at_fen)::bigint',
}

// Most positions are deposits in the base currency: what is about the others looks at those only.
const unusual = "class <> 'deposit' or kind = 'transit' or is_foreign or is_overdrawn"

const sourceOf = (name: string) => `products of class ${name}; what is in transit counts under the product it leaves`

const byClass = (name: string, zh: string, en: string): Measure => ({
  ...base,
  where: unusual,
  column: `${name}_fen`,
  zh,
  en,
  source: sourceOf(name),
  sql: `sum(case when class = '${name}' then at_fen else 0 end)::bigint`,
})

const otherClasses: readonly Measure[] = [
  byClass('wealth', '理财', 'Wealth products'),
  byClass('fund', '基金', 'Funds'),
  byClass('insurance', '保险', 'Insurance'),
  byClass('bond', '债券', 'Bonds'),
  byClass('metal', '贵金属', 'Precious metals'),
  byClass('securities', '证券', 'Securities'),
]

// Every position is of one class, so that deposits are what the others leave: no sum of its own over all positions.
const deposits: Measure = {
  ...base,
  over: 'party',
  column: 'deposit_fen',
  zh: '存款',
  en: 'Deposits',
  source: sourceOf('deposit'),
  sql: ['aum_fen', ...otherClasses.map((measure) => measure.column)].join(' - '),
}

export const assetsByClass: readonly Measure[] = [deposits, ...otherClasses]

export const inTransit: Measure = {
  ...base,
  where: unusual,
  column: 'transit_fen',
  zh: '其中在途',
  en: 'Of these in transit',
  source: 'in-transit',
  sql: `sum(case when kind = 'transit' then at_fen else 0 end)::bigint`,
}

export const foreign: Measure = {
  ...base,
  where: unusual,
  column: 'foreign_fen',
  zh: '其中外币',
  en: 'Of these in foreign currency',
  source: 'positions in another currency than the base, at the rate of the day',
  sql: 'sum(case when is_foreign then at_fen else 0 end)::bigint',
}

export const overdraft: Measure = {
  ...base,
  where: unusual,
  column: 'overdraft_fen',
  zh: '透支',
  en: 'Overdraft',
  source: 'negative end-of-day balances, as a positive amount, whether or not the policy subtracts them',
  sql: '(-sum(least(raw_fen, 0)))::bigint',
}

export const productClasses: Measure = {
  column: 'product_classes',
  zh: '持有产品类别数',
  en: 'Classes held',
  unit: 'count',
  over: 'party',
  source: 'classes with a positive value at the end of the day',
  sql: `(${assetsByClass.map((measure) => `(${measure.column} > 0)::integer`).join(' + ')})`,
}
