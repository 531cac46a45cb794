/** One row per owner of an account: a joint account has as many rows as owners, and their shares add up to 1. */
import { dayType, type Feed, optional, required, text } from './feed.ts'

export const accounts: Feed = {
  name: 'accounts',
  zh: '账户',
  en: 'Accounts',
  meaningZh: '一行一个账户的一位所有人；联名账户有几位所有人就有几行，份额之和须为 1。',
  meaningEn:
    'One row per owner of an account: a joint account has as many rows as owners, and their shares add up to 1.',
  home: 'record',
  key: ['account_no', 'customer_no'],
  after: ['customers', 'products'],
  columns: [
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', { personal: true }),
    required('customer_no', text(32), '客户号', 'Owner', '1000000017', { references: 'customer' }),
    optional('share', { kind: 'decimal', places: 4, positive: true }, '份额', 'Share of this owner; 1 when empty', '1'),
    required('product_code', text(32), '产品代码', 'Product', 'DEP-CUR', { references: 'product' }),
    required('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
    required('unit_code', text(32), '开户机构', 'Unit', '010101', { references: 'unit' }),
    optional('opened_on', dayType, '开户日', 'Opened on', '2012-03-05'),
    optional('closed_on', dayType, '销户日', 'Closed on (first day on which it no longer exists)', ''),
    optional('matures_on', dayType, '到期日', 'Matures on', ''),
  ],
}
