/** The window before this one, for the trend. */
import type { Measure } from './measure.ts'

export const sumBefore: Measure = {
  column: 'before_sum',
  zh: '上一窗口合计',
  en: 'Sum over the window before',
  unit: 'fen·days × 10^19',
  source: 'as average daily assets, days [D−2N+1, D−N]',
  over: 'owned',
  sql: 'sum(before_scaled)::hugeint',
}
