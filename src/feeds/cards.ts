/** Cards and their faces, as they stand. */
import { dayType, type Feed, optional, required, text } from './feed.ts'

export const cards: Feed = {
  name: 'cards',
  zh: '银行卡',
  en: 'Cards',
  meaningZh: '开立时的卡片与卡面。',
  meaningEn: 'Cards and their faces, as they stand.',
  home: 'record',
  key: ['card_no'],
  after: ['accounts'],
  columns: [
    required('card_no', text(24), '卡号', 'Card number', '6228480402564890018', { personal: true, check: 'cardNo' }),
    required('customer_no', text(32), '客户号', 'Customer', '1000000017', { references: 'customer' }),
    optional('account_no', text(40), '账号', 'Account', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('face', text(32), '卡面', 'Face', 'gold'),
    optional('issued_on', dayType, '发卡日', 'Issued on', '2019-05-20'),
    optional('closed_on', dayType, '注销日', 'Closed on', ''),
  ],
}
