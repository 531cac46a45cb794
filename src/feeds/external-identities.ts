/** The number of a customer in another system. */
import { type Feed, required, text } from './feed.ts'

export const externalIdentities: Feed = {
  name: 'external-identities',
  zh: '外部身份',
  en: 'External identities',
  meaningZh: '同一客户在其他系统中的号码。',
  meaningEn: 'The number of a customer in another system.',
  home: 'record',
  key: ['source', 'external_id'],
  after: ['customers'],
  columns: [
    required('customer_no', text(32), '客户号', 'Customer number', '1000000017', { references: 'customer' }),
    required('source', text(40), '系统', 'System', 'cardSystem'),
    required('external_id', text(80), '外部号码', 'Number there', 'C-88231'),
  ],
}
