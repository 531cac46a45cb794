/** One row per fee charged. */
import { amount, dayType, type Feed, required, text } from './feed.ts'

export const fees: Feed = {
  name: 'fees',
  zh: '收费',
  en: 'Fees charged',
  meaningZh: '一行一笔实收费用。',
  meaningEn: 'One row per fee charged.',
  home: 'lake',
  key: ['fee_no'],
  dayColumn: 'day',
  after: ['accounts'],
  columns: [
    required('fee_no', text(40), '收费流水号', 'Fee number', 'F202601310000009'),
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('day', dayType, '日期', 'Day', '2026-01-31'),
    required('service', text(40), '服务', 'Service', 'accountKeeping'),
    required('amount', amount('currency'), '金额', 'Amount', '10.00', { summed: true }),
    required('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
  ],
}
