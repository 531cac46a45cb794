/** Subscriptions and redemptions under way, under the product they leave; zero when arrived. Holds until the next row. */
import { amount, dayType, type Feed, required, text } from './feed.ts'

export const inTransit: Feed = {
  name: 'in-transit',
  zh: '在途资金',
  en: 'Amounts in transit',
  meaningZh: '申购赎回在途金额，计入转出产品；金额为零表示到账。保持至下一行。',
  meaningEn:
    'Subscriptions and redemptions under way, under the product they leave; zero when arrived. Holds until the next row.',
  home: 'lake',
  key: ['account_no', 'product_code', 'day'],
  dayColumn: 'day',
  after: ['accounts'],
  columns: [
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('product_code', text(32), '转出产品', 'Product it leaves', 'FUND-0007', { references: 'product' }),
    required('day', dayType, '日期', 'Day', '2026-01-31'),
    required('amount', amount('currency'), '在途金额', 'Amount under way', '5000.00', { summed: true }),
    required('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
  ],
}
