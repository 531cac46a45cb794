/** One row per member of staff and their post. */
import { choice, dayType, type Feed, optional, required, text } from './feed.ts'

export const staff: Feed = {
  name: 'staff',
  zh: '员工',
  en: 'Staff',
  meaningZh: '一行一名员工及其岗位。',
  meaningEn: 'One row per member of staff and their post.',
  home: 'record',
  key: ['code'],
  after: ['units'],
  columns: [
    required('code', text(32), '员工号', 'Staff code', 'S00017'),
    required('name', text(80), '姓名', 'Name', '林晓梅'),
    required('unit_code', text(32), '所属机构', 'Unit', '010101', { references: 'unit' }),
    required(
      'role',
      choice(
        'relationshipManager',
        'outletManager',
        'branchManager',
        'teller',
        'lobbyManager',
        'callCentreAgent',
        'analyst',
        'riskOfficer',
        'complianceOfficer',
        'dataSteward',
        'administrator',
        'auditor',
      ),
      '岗位',
      'Role',
      'relationshipManager',
    ),
    optional('joined_on', dayType, '入职日', 'Joined on', '2015-07-01'),
    optional('left_on', dayType, '离职日', 'Left on', ''),
    optional('customer_no', text(32), '本人客户号', 'Own customer number', ''),
  ],
}
