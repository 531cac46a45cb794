/** Roles in a household and acts on it, as people read them. */
import type { Label } from './endpoint.ts'
import type { householdActs, householdRoles } from './households.ts'

export const householdRoleWords: Record<(typeof householdRoles)[number], Label> = {
  head: { zh: '户主', en: 'Head' },
  spouse: { zh: '配偶', en: 'Spouse' },
  child: { zh: '子女', en: 'Child' },
  parent: { zh: '父母', en: 'Parent' },
  other: { zh: '其他', en: 'Other' },
}

export const householdActWords: Record<(typeof householdActs)[number], Label> = {
  open: { zh: '建立家庭', en: 'opened the household' },
  invite: { zh: '邀请', en: 'invited' },
  join: { zh: '接受邀请并加入', en: 'accepted and joined' },
  decline: { zh: '谢绝邀请', en: 'declined the invitation' },
  withdraw: { zh: '撤回邀请', en: 'took the invitation back' },
  consent: { zh: '登记同意', en: 'recorded consent' },
  withdrawConsent: { zh: '撤回同意', en: 'recorded that consent was withdrawn' },
  role: { zh: '变更角色', en: 'changed the role' },
  head: { zh: '变更户主', en: 'made head' },
  leave: { zh: '退出', en: 'left' },
  split: { zh: '分户', en: 'split' },
  merge: { zh: '合户', en: 'merged' },
}
