/** Days on which a value was carried forward over a hole in the data. */
import type { Measure } from './measure.ts'

export const gapDays: Measure = {
  column: 'gap_days',
  zh: '沿用前值的天数',
  en: 'Days carried forward (the most of one position)',
  unit: 'days',
  source: 'accounts absent from a complete snapshot without being closed',
  over: 'carried',
  sql: 'max(gap_days)::integer',
}

/** Window sum of the positions that have a gap, to weigh how much of the average it touches. */
export const gapSum: Measure = {
  column: 'gap_sum',
  zh: '沿用前值的账户的合计',
  en: 'Window sum of positions with a gap',
  unit: 'fen·days × 10^19',
  source: 'as average daily assets, positions with a gap only',
  over: 'carried',
  sql: 'sum(gap_scaled)::hugeint',
}
