/** What papers are taken for, by what right, and where one stands: the codes, and what they are called. */
import type { Label } from './endpoint.ts'

/** What a customer hands a paper in for, and what a file is opened for. */
export const paperPurposes = ['accountOpening', 'identityCheck', 'lending', 'card', 'wealth', 'tax', 'service'] as const
/** The right by which it is held or opened (PIPL art. 13). */
export const paperBases = ['contract', 'law', 'consent'] as const
/** 'expiring': within the 30 days to come; 'upcoming': not valid yet. */
export const paperStates = ['valid', 'expiring', 'expired', 'upcoming', 'withdrawn'] as const
export const paperMedia = ['image/jpeg', 'image/png', 'image/webp', 'application/pdf'] as const

export type PaperPurpose = (typeof paperPurposes)[number]
export type PaperState = (typeof paperStates)[number]
export type PaperMedia = (typeof paperMedia)[number]

export const purposeWords: Record<PaperPurpose, Label> = {
  accountOpening: { zh: '开立账户', en: 'Opening an account' },
  identityCheck: { zh: '客户身份核实', en: 'Checking who it is' },
  lending: { zh: '贷款', en: 'Lending' },
  card: { zh: '信用卡', en: 'Credit card' },
  wealth: { zh: '理财与投资', en: 'Investing' },
  tax: { zh: '税收居民身份', en: 'Tax residence' },
  service: { zh: '其他业务办理', en: 'Other service' },
}

export const paperStateWords: Record<PaperState, Label> = {
  valid: { zh: '有效', en: 'Valid' },
  expiring: { zh: '即将到期', en: 'Expiring' },
  expired: { zh: '已过期', en: 'Expired' },
  upcoming: { zh: '尚未生效', en: 'Not yet valid' },
  withdrawn: { zh: '已撤销', en: 'Withdrawn' },
}
