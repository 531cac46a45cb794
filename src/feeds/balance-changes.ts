/** A row only for a day on which the balance changed; it holds until the next one. */
import { amount, dayType, type Feed, required, text } from './feed.ts'

export const balanceChanges: Feed = {
  name: 'balance-changes',
  zh: '余额变动',
  en: 'Balance changes',
  meaningZh: '仅在余额变动之日给出一行，之后保持不变。',
  meaningEn: 'A row only for a day on which the balance changed; it holds until the next one.',
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
