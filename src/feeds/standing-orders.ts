/** Orders to pay the same amount again and again, as they stand on a day. */
import { amount, dayType, type Feed, optional, required, text } from './feed.ts'

export const standingOrders: Feed = {
  name: 'standing-orders',
  zh: '定期扣划委托',
  en: 'Standing orders',
  meaningZh: '某日有效的定期付款委托。',
  meaningEn: 'Orders to pay the same amount again and again, as they stand on a day.',
  home: 'lake',
  key: ['order_no', 'day'],
  dayColumn: 'day',
  after: ['accounts'],
  columns: [
    required('order_no', text(40), '委托号', 'Order number', 'SO-29401'),
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('day', dayType, '日期', 'As given on', '2026-01-31'),
    required('amount', amount('currency'), '金额', 'Amount of one payment', '2452.00', { summed: true }),
    required('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
    optional('purpose', text(40), '用途', 'Purpose', 'household'),
    optional('counterparty_bank', text(40), '对方行', 'Bank of the other side', ''),
    optional('counterparty_account', text(40), '对方账号', 'Account of the other side', '', { personal: true }),
  ],
}
