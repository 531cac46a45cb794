/** Balance of a loan and days overdue; holds until the next row. */
import { amount, choice, dayType, type Feed, optional, required, text } from './feed.ts'

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
    optional('principal', amount('currency'), '贷款本金', 'Amount granted', '500000.00'),
    optional('started_on', dayType, '放款日', 'Granted on', '2024-03-01'),
    optional('months', { kind: 'integer', min: 1, max: 600 }, '期限（月）', 'Duration in months', '60'),
    optional('monthly_payment', amount('currency'), '每月还款额', 'Monthly payment', '9200.00'),
    optional(
      'status',
      choice('running', 'runningInDebt', 'finished', 'finishedUnpaid'),
      '状态',
      'How it stands or ended',
      'running',
    ),
  ],
}
