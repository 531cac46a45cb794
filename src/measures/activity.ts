/**
 * Recency, frequency and monetary value from transactions the customer made (interest and fees are the bank's own
 * doing), and first and last activity. The relation has one row per owner and transaction day:
 * party_id, day, count, amount_fen (|amount| in base currency, this owner's share), in_window.
 */
import type { Measure } from './measure.ts'

const base = { over: 'activity', source: 'transactions, without interest and fees' } as const

export const activity: readonly Measure[] = [
  {
    ...base,
    column: 'frequency',
    zh: '交易次数',
    en: 'Transactions in the window',
    unit: 'count',
    sql: 'sum(case when in_window then count else 0 end)::integer',
  },
  {
    ...base,
    column: 'monetary_fen',
    zh: '交易金额',
    en: 'Amount moved in the window',
    unit: 'fen',
    sql: 'sum(case when in_window then amount_fen else 0 end)::bigint',
  },
  { ...base, column: 'first_activity_on', zh: '首次交易日', en: 'First activity', unit: 'day', sql: 'min(day)' },
  { ...base, column: 'last_activity_on', zh: '最近交易日', en: 'Last activity', unit: 'day', sql: 'max(day)' },
]
