/** The relationship manager of a customer. */
import { dayType, type Feed, optional, required, text } from './feed.ts'

export const assignments: Feed = {
  name: 'assignments',
  zh: '管户关系',
  en: 'Assignments',
  meaningZh: '客户的主办客户经理。',
  meaningEn: 'The relationship manager of a customer.',
  home: 'record',
  key: ['customer_no', 'from_day'],
  after: ['customers', 'staff'],
  columns: [
    required('customer_no', text(32), '客户号', 'Customer', '1000000017', { references: 'customer' }),
    required('staff_code', text(32), '客户经理', 'Relationship manager', 'S00017', { references: 'staff' }),
    required('from_day', dayType, '起始日', 'From', '2025-01-01'),
    optional('to_day', dayType, '终止日', 'Until (first day without)', ''),
    optional('reason', text(), '原因', 'Reason', ''),
  ],
}
