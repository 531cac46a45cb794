/** One row per unit: head office, branch, sub-branch, outlet or department. */
import { choice, dayType, type Feed, optional, required, text } from './feed.ts'

export const units: Feed = {
  name: 'units',
  zh: '机构',
  en: 'Organisation units',
  meaningZh: '一行一个机构：总行、分行、支行、网点或部门。',
  meaningEn: 'One row per unit: head office, branch, sub-branch, outlet or department.',
  home: 'record',
  key: ['code'],
  after: [],
  columns: [
    required('code', text(32), '机构号', 'Unit code', '0101'),
    required('name', text(), '机构名称', 'Name', '江州分行'),
    optional('name_en', text(), '英文名称', 'English name', 'Jiangzhou Branch'),
    required('kind', choice('headOffice', 'branch', 'subBranch', 'outlet', 'department'), '机构类型', 'Kind', 'branch'),
    optional('parent_code', text(32), '上级机构号', 'Parent unit', '01'),
    optional('region_code', text(12), '地区代码', 'Region code', '330100'),
    optional('opened_on', dayType, '开业日', 'Opened on', '2001-05-08'),
    optional('closed_on', dayType, '撤销日', 'Closed on', ''),
  ],
}
