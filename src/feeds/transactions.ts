/** One row per transaction; inflow positive, outflow negative. */
import { amount, choice, dayType, type Feed, optional, required, text } from './feed.ts'

export const transactions: Feed = {
  name: 'transactions',
  zh: '交易',
  en: 'Transactions',
  meaningZh: '一行一笔交易；流入为正，流出为负。',
  meaningEn: 'One row per transaction; inflow positive, outflow negative.',
  home: 'lake',
  key: ['transaction_no'],
  dayColumn: 'day',
  after: ['accounts'],
  columns: [
    required('transaction_no', text(40), '流水号', 'Transaction number', 'T202601310000017'),
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('day', dayType, '日期', 'Day', '2026-01-31'),
    required('amount', amount('currency'), '金额', 'Signed amount', '-350.00', { summed: true }),
    required('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
    required(
      'kind',
      choice(
        'cash',
        'transfer',
        'salary',
        'pension',
        'payment',
        'interest',
        'fee',
        'investment',
        'loan',
        'card',
        'other',
      ),
      '交易类型',
      'Kind',
      'payment',
    ),
    optional(
      'channel',
      choice('counter', 'atm', 'online', 'mobile', 'phone', 'pos', 'system'),
      '渠道',
      'Channel',
      'mobile',
    ),
    optional('counterparty_bank', text(40), '对方行', 'Bank of the other side', ''),
    optional('counterparty_account', text(40), '对方账号', 'Account of the other side', '', { personal: true }),
  ],
}
