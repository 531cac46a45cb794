/** A complete snapshot of end-of-day balances. An account that is absent without being closed keeps its last value and is flagged. */
import { amount, dayType, type Feed, required, text } from './feed.ts'

export const balances: Feed = {
  name: 'balances',
  zh: '余额快照',
  en: 'Balance snapshots',
  meaningZh: '每个账户某日日终余额的完整快照；未出现且未销户的账户沿用前值并标记。',
  meaningEn:
    'A complete snapshot of end-of-day balances. An account that is absent without being closed keeps its last value and is flagged.',
  home: 'lake',
  key: ['account_no', 'day'],
  dayColumn: 'day',
  after: ['accounts'],
  columns: [
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('day', dayType, '日期', 'Day', '2026-01-31'),
    required('balance', amount('currency'), '日终余额', 'End-of-day balance', '15230.55', { summed: true }),
    required('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
  ],
}
