/** Consent of a customer to a purpose and a channel. */
import { dayType, type Feed, optional, required, text } from './feed.ts'

export const consents: Feed = {
  name: 'consents',
  zh: '授权同意',
  en: 'Consents',
  meaningZh: '客户对某用途、某渠道的同意。',
  meaningEn: 'Consent of a customer to a purpose and a channel.',
  home: 'record',
  key: ['customer_no', 'purpose', 'channel', 'from_day'],
  after: ['customers'],
  columns: [
    required('customer_no', text(32), '客户号', 'Customer', '1000000017', { references: 'customer' }),
    required('purpose', text(40), '用途', 'Purpose', 'marketing'),
    optional('channel', text(40), '渠道', 'Channel; any when empty', 'sms'),
    required('basis', text(80), '依据', 'Legal basis', 'consent'),
    required('from_day', dayType, '起始日', 'From', '2025-01-01'),
    optional('to_day', dayType, '终止日', 'Until (first day without)', ''),
    optional('proof', text(), '凭证', 'Proof', ''),
  ],
}
