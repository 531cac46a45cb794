/** One row per member of a household, with consent. */
import { choice, dayType, type Feed, optional, required, text } from './feed.ts'

export const householdMembers: Feed = {
  name: 'household-members',
  zh: '家庭成员',
  en: 'Household members',
  meaningZh: '一行一名家庭成员及其授权。',
  meaningEn: 'One row per member of a household, with consent.',
  home: 'record',
  key: ['household_no', 'customer_no', 'from_day'],
  after: ['customers'],
  columns: [
    required('household_no', text(32), '家庭号', 'Household number', 'H0000012'),
    required('customer_no', text(32), '客户号', 'Customer number', '1000000017', { references: 'customer' }),
    required('role', choice('head', 'spouse', 'child', 'parent', 'other'), '角色', 'Role', 'head'),
    required('from_day', dayType, '加入日', 'Member from', '2024-06-01'),
    optional('to_day', dayType, '退出日', 'Left on (first day outside)', ''),
    optional('consent_from', dayType, '授权起始日', 'Consent from', '2024-06-01'),
    optional('consent_to', dayType, '授权终止日', 'Consent until (first day without)', ''),
  ],
}
