/** The tier a customer has when the bank starts with Strata. */
import { dayType, type Feed, optional, required, text } from './feed.ts'

export const tiers: Feed = {
  name: 'tiers',
  zh: '期初等级',
  en: 'Opening tiers',
  meaningZh: '接入时客户已有的等级。',
  meaningEn: 'The tier a customer has when the bank starts with Strata.',
  home: 'record',
  key: ['customer_no', 'scheme'],
  after: ['customers'],
  columns: [
    required('customer_no', text(32), '客户号', 'Customer', '1000000017', { references: 'customer' }),
    optional('scheme', text(32), '分级体系', 'Scheme; personal when empty', 'personal'),
    required('tier', text(32), '等级', 'Tier', 'gold'),
    required('since', dayType, '起始日', 'Since', '2025-01-01'),
  ],
}
