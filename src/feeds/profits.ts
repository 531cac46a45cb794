/** One row per account and month. */
import { amount, dayType, type Feed, required, text } from './feed.ts'

export const profits: Feed = {
  name: 'profits',
  zh: '利润',
  en: 'Profit per account and month',
  meaningZh: '一行一个账户一个月的利润贡献。',
  meaningEn: 'One row per account and month.',
  home: 'lake',
  key: ['account_no', 'month_end'],
  dayColumn: 'month_end',
  after: ['accounts'],
  columns: [
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('month_end', dayType, '月末日', 'Last day of the month', '2026-01-31'),
    required('profit', amount(), '利润', 'Profit, base currency', '12.34', { summed: true }),
  ],
}
