/** English texts of the command panel; part of en.ts. */
import type { paletteZhCN } from './palette.zh-CN.ts'

export const paletteEn: typeof paletteZhCN = {
  palette: {
    title: 'Command panel',
    placeholder: 'Search customers, pages or actions',
    actions: 'On this page',
    pages: 'Pages',
    customers: 'Customers',
    hint: '↑↓ select   Enter open   Esc close',
    nothing: 'Nothing matches',
    waiting: 'Searching…',
    companies: 'Companies',
    households: 'Households',
    foundBy: {
      customerNo: 'customer number',
      identityNo: 'identity number',
      phone: 'phone',
      account: 'account',
      card: 'card',
      name: 'name',
      shortName: 'short name',
      phoneEnd: 'end of phone',
      nameBeginning: 'name begins',
      customerNoBeginning: 'number begins',
      namePart: 'in the name',
      pinyin: 'pinyin',
      initials: 'initials',
      similar: 'similar spelling',
    },
  },
}
