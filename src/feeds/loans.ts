/** Balance of a loan and days overdue; holds until the next row. */
import { amount, dayType, type Feed, required, text } from './feed.ts'

export const loans: Feed = {
  name: 'loans',
  zh: '贷款',
  en: 'Loans',
  meaningZh: '某日贷款余额与逾期天数；保持至下一行。',
  meaningEn: 'Balance of a loan and days overdue; holds until the next row.',
  home: 'lake',
  key: ['account_no', 'day'],
  dayColumn: 'day',
  after: ['accounts'],
  columns: [
    required('account_no', text(40), '贷款账号', 'Loan account', '6222990200012345678', {
      references: 'account',
      personal: true,
    }),
    required('day', dayType, '日期', 'Day', '2026-01-31'),
    required('balance', amount('currency'), '贷款余额', 'Outstanding balance', '350000.00', { summed: true }),
    required('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
    required('overdue_days', { kind: 'integer', min: 0 }, '逾期天数', 'Days overdue', '0'),
  ],
}
