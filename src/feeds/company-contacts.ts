/** One row per person we know at a company. */
import { type Feed, optional, required, text } from './feed.ts'

export const companyContacts: Feed = {
  name: 'company-contacts',
  zh: '企业联系人',
  en: 'Company contacts',
  meaningZh: '一行一名企业联系人。',
  meaningEn: 'One row per person we know at a company.',
  home: 'record',
  key: ['company_no', 'name'],
  after: ['customers'],
  columns: [
    required('company_no', text(32), '企业客户号', 'Customer number of the company', '2000000003', {
      references: 'customer',
    }),
    required('name', text(80), '联系人姓名', 'Name', '周敏'),
    optional('role', text(80), '职务', 'Role', '财务总监'),
    optional('customer_no', text(32), '本人客户号', 'Own customer number', '1000000201', { references: 'customer' }),
  ],
}
