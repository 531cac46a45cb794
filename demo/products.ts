/** What the bank sells: every kind of financial asset, loans and cards. */

export interface Product {
  code: string
  name: string
  nameEn: string
  class: 'deposit' | 'wealth' | 'fund' | 'insurance' | 'bond' | 'metal' | 'securities' | 'loan' | 'card'
  /** Coefficient in ten-thousandths. */
  weight: number
  risk: 0 | 1 | 2 | 3 | 4 | 5
  currency: string
  /** Days to maturity; 0 without. */
  term: number
  /** Interest or yield a year. */
  yield: number
  /** What the bank earns a year on the balance. */
  margin: number
}

function product(
  code: string,
  name: string,
  nameEn: string,
  kind: Product['class'],
  more: Partial<Pick<Product, 'weight' | 'risk' | 'currency' | 'term' | 'yield' | 'margin'>> = {},
): Product {
  return {
    code,
    name,
    nameEn,
    class: kind,
    weight: 10_000,
    risk: 1,
    currency: '',
    term: 0,
    yield: 0,
    margin: 0.01,
    ...more,
  }
}

export const current = product('DEP-CUR', '活期存款', 'Current deposit', 'deposit', { yield: 0.001, margin: 0.016 })
export const termDeposits = [
  product('DEP-T3M', '三个月定期存款', '3-month term deposit', 'deposit', { term: 91, yield: 0.0115, margin: 0.011 }),
  product('DEP-T1Y', '一年期定期存款', '1-year term deposit', 'deposit', { term: 365, yield: 0.0145, margin: 0.01 }),
  product('DEP-T3Y', '三年期定期存款', '3-year term deposit', 'deposit', { term: 1096, yield: 0.0195, margin: 0.008 }),
  product('DEP-LCD', '大额存单', 'Large certificate of deposit', 'deposit', { term: 730, yield: 0.021, margin: 0.006 }),
]
export const wealthProducts = [
  ['WLT-D35', '安澜 35 天', 'Anlan 35 days', 1, 35, 0.021],
  ['WLT-D91', '安澜 91 天', 'Anlan 91 days', 2, 91, 0.024],
  ['WLT-D182', '临江稳健 182 天', 'Linjiang Steady 182 days', 2, 182, 0.027],
  ['WLT-D364', '临江稳健 364 天', 'Linjiang Steady 364 days', 2, 364, 0.03],
  ['WLT-G182', '远帆增强 182 天', 'Far Sail Plus 182 days', 3, 182, 0.034],
  ['WLT-G546', '远帆增强 546 天', 'Far Sail Plus 546 days', 3, 546, 0.038],
].map(([code, name, nameEn, risk, term, rate]) =>
  product(code as string, `${name}理财`, nameEn as string, 'wealth', {
    risk: risk as 1 | 2 | 3,
    term: term as number,
    yield: rate as number,
    margin: 0.006,
  }),
)
export const fundAccount = product('FUND-ACC', '基金账户', 'Fund account', 'fund', { risk: 3, margin: 0.004 })
const fundHouses = ['江汇', '望远', '青岑', '启明', '鹤舞', '松石']
const fundKinds = [
  ['货币', 'Money Market', 1],
  ['债券', 'Bond', 2],
  ['均衡混合', 'Balanced', 3],
  ['成长股票', 'Growth Equity', 4],
] as const
export const funds = fundHouses.flatMap((house, h) =>
  fundKinds.map(([kind, kindEn, risk], k) =>
    product(
      `FUND-${String(h * 4 + k + 1).padStart(4, '0')}`,
      `${house}${kind}基金`,
      `House ${h + 1} ${kindEn} Fund`,
      'fund',
      { risk, margin: 0.005 },
    ),
  ),
)
export const insurances = [
  product('INS-LIFE', '福寿终身寿险', 'Whole life insurance', 'insurance', {
    weight: 8000,
    risk: 2,
    yield: 0.022,
    margin: 0.01,
  }),
  product('INS-ANN', '安享年金保险', 'Annuity', 'insurance', { weight: 8000, risk: 2, yield: 0.025, margin: 0.012 }),
  product('INS-EDU', '育英教育金保险', 'Education insurance', 'insurance', {
    weight: 8000,
    risk: 2,
    yield: 0.02,
    margin: 0.01,
  }),
]
export const bondAccount = product('BOND-ACC', '债券账户', 'Bond account', 'bond', { risk: 1, margin: 0.003 })
export const bonds = [1, 2, 3, 4].map((n) =>
  product(`BOND-26${String(n).padStart(2, '0')}`, `储蓄国债 ${n} 期`, `Savings bond ${n}`, 'bond', { margin: 0.003 }),
)
export const metalAccount = product('METAL-ACC', '积存金账户', 'Precious metals account', 'metal', {
  risk: 3,
  margin: 0.004,
})
export const metals = [
  product('METAL-AU', '积存金（克）', 'Gold, grams', 'metal', { risk: 3, margin: 0.004 }),
  product('METAL-AG', '账户白银（克）', 'Silver, grams', 'metal', { risk: 4, margin: 0.004 }),
]
export const settlement = product('SEC-SET', '证券保证金', 'Securities settlement', 'securities', {
  weight: 5000,
  risk: 3,
  margin: 0.002,
})
export const mortgage = product('LOAN-MTG', '个人住房贷款', 'Mortgage', 'loan', { margin: 0.009 })
export const consumerLoan = product('LOAN-CON', '个人消费贷款', 'Consumer loan', 'loan', { margin: 0.022 })
export const businessLoan = product('LOAN-BIZ', '流动资金贷款', 'Working capital loan', 'loan', { margin: 0.017 })
export const creditCard = product('CARD-CR', '信用卡', 'Credit card', 'card', { margin: 0.03 })

export const products: readonly Product[] = [
  current,
  ...termDeposits,
  ...wealthProducts,
  fundAccount,
  ...funds,
  ...insurances,
  bondAccount,
  ...bonds,
  metalAccount,
  ...metals,
  settlement,
  mortgage,
  consumerLoan,
  businessLoan,
  creditCard,
]

/** The price of one unit on the first day, in units of currency. */
export function basePrice(instrument: Product, index: number): number {
  if (instrument.class === 'bond') return 100
  if (instrument.code === 'METAL-AU') return 780
  if (instrument.code === 'METAL-AG') return 9.6
  return instrument.risk === 1 ? 1 : 0.8 + (index % 7) * 0.31
}
