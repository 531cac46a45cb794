/** Units held and their price at the end of a day; zero units end a holding. Holds until the next row. */
import { dayType, type Feed, required, text } from './feed.ts'

export const holdings: Feed = {
  name: 'holdings',
  zh: '持仓',
  en: 'Holdings',
  meaningZh: '某日日终持有的份额与单价；份额为零表示已清仓。保持至下一行。',
  meaningEn: 'Units held and their price at the end of a day; zero units end a holding. Holds until the next row.',
  home: 'lake',
  key: ['account_no', 'product_code', 'day'],
  dayColumn: 'day',
  after: ['accounts'],
  columns: [
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('product_code', text(32), '产品代码', 'Product', 'FUND-0007', { references: 'product' }),
    required('day', dayType, '日期', 'Day', '2026-01-31'),
    required('units', { kind: 'decimal', places: 4 }, '份额', 'Units', '10000.0000', { summed: true }),
    required('price', { kind: 'decimal', places: 6, positive: true }, '单价', 'Price of one unit', '1.234500'),
    required('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
  ],
}
