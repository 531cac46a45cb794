/** What the distance to the next tier is computed from: see tiers/distance.ts, where the three make up P. */
import type { Measure } from './measure.ts'

const base = { unit: 'fen·days × 10^19', over: 'owned' } as const

export const distanceSums: readonly Measure[] = [
  {
    ...base,
    column: 'kept_sum',
    zh: '至下一考核日仍计入的合计',
    en: 'Sum of the known days that still count on the next cut-off',
    source: 'as average daily assets, days [C−N+1, T]',
    sql: 'sum(kept_scaled)::hugeint',
  },
  {
    ...base,
    column: 'kept_member_sum',
    zh: '家庭成员期间至下一考核日仍计入的合计',
    en: 'The same, over days of membership',
    source: 'household-members; policy membership: byDay',
    where: 'is_member',
    sql: 'sum(case when is_member then kept_scaled else 0 end)::hugeint',
  },
  {
    ...base,
    column: 'now_sum',
    zh: '当日综合金融资产',
    en: 'Weighted value at the end of the day',
    source: 'as average daily assets, one day',
    sql: 'sum(now_scaled)::hugeint',
  },
  {
    ...base,
    column: 'ahead_sum',
    zh: '未来各日预计合计',
    en: 'Sum of the days ahead at today’s value, less known maturities and closings',
    source: 'value of the day; matures_on and closed_on of accounts',
    sql: 'sum(ahead_scaled)::hugeint',
    plain: 'now_sum * days_left',
  },
]
