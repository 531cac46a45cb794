/** One row per product. */
import { choice, type Feed, optional, required, text } from './feed.ts'

export const products: Feed = {
  name: 'products',
  zh: '产品',
  en: 'Products',
  meaningZh: '一行一个产品。',
  meaningEn: 'One row per product.',
  home: 'record',
  key: ['code'],
  after: [],
  columns: [
    required('code', text(32), '产品代码', 'Product code', 'DEP-CUR'),
    required('name', text(), '产品名称', 'Name', '活期存款'),
    optional('name_en', text(), '英文名称', 'English name', 'Current deposit'),
    required(
      'class',
      choice('deposit', 'wealth', 'fund', 'insurance', 'bond', 'metal', 'securities', 'loan', 'card'),
      '产品大类',
      'Class',
      'deposit',
    ),
    optional(
      'weight',
      { kind: 'decimal', places: 4, positive: true },
      '系数',
      'Coefficient for the weighted average; 1 when empty',
      '1',
    ),
    optional('risk', choice('R1', 'R2', 'R3', 'R4', 'R5'), '风险等级', 'Product risk', 'R1'),
    optional('currency', text(3), '币种', 'Currency', 'CNY', { check: 'currency' }),
  ],
}
