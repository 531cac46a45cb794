/** 日均综合金融资产: Σ of weighted end-of-day values over the window; divided by its days only when shown. */
import type { Measure } from './measure.ts'

export const averageDailyAssets: Measure = {
  column: 'own_sum',
  zh: '日均综合金融资产（窗口合计）',
  en: 'Average daily financial assets (sum over the window)',
  unit: 'fen·days × 10^19',
  source: 'balances, balance-changes, holdings, in-transit, exchange-rates; weights of products and policy',
  over: 'owned',
  sql: 'sum(window_scaled)::hugeint',
}

/** The same, on the days on which the party was a consenting member of its household. */
export const memberSum: Measure = {
  column: 'member_sum',
  zh: '家庭成员期间合计',
  en: 'Sum over days of membership',
  unit: 'fen·days × 10^19',
  source: 'household-members; policy membership: byDay',
  over: 'owned',
  where: 'is_member',
  sql: 'sum(case when is_member then window_scaled else 0 end)::hugeint',
}
