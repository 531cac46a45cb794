/** Refusals about building and changing households; part of refusal.ts. */
import type { Wording } from './refusal.ts'

export const householdRefusals = {
  household_stale: {
    status: 409,
    zh: '该家庭已被他人变更，请刷新后重试',
    en: 'The household has changed meanwhile; read it again',
  },
  household_closed: {
    status: 409,
    zh: '该家庭已无成员，不能再变更',
    en: 'The household has no member any more and takes no change',
  },
  household_person_only: {
    status: 422,
    zh: '{customer} 不是个人客户，不能加入家庭',
    en: '{customer} is not a person; only persons are in a household',
  },
  household_member_taken: {
    status: 409,
    zh: '{customer} 已在某个家庭中；同一客户同一时间只属于一个家庭，须先退出',
    en: '{customer} is in a household already; nobody is in two at once, so that one has to be left first',
  },
  household_member_missing: {
    status: 422,
    zh: '{customer} 不是该家庭的成员',
    en: '{customer} is not a member of this household',
  },
  household_head_needed: {
    status: 422,
    zh: '户主不能先于其他成员退出，请先指定新户主',
    en: 'The head cannot leave before the others; name another head first',
  },
  household_invited: {
    status: 409,
    zh: '{customer} 已收到该家庭的邀请',
    en: '{customer} has been invited to this household already',
  },
  household_invitation_over: {
    status: 409,
    zh: '{customer} 没有该家庭的有效邀请；邀请 30 天内有效',
    en: '{customer} has no invitation that stands; one stands for 30 days',
  },
  household_consent_unchanged: {
    status: 409,
    zh: '{customer} 的同意状态没有变化',
    en: 'The consent of {customer} is that already',
  },
  household_hidden_members: {
    status: 403,
    zh: '家庭中有您无权查看的成员，不能拆分或合并；请由可查看全体成员的人办理',
    en: 'There are members whom you may not see; somebody who sees them all has to split or merge it',
  },
  household_split_whole: {
    status: 422,
    zh: '拆分须留下至少一名成员，并移出至少一名成员',
    en: 'A split moves at least one member and leaves at least one',
  },
  household_same: { status: 422, zh: '不能与自身合并', en: 'A household cannot be merged with itself' },
} as const satisfies Record<string, Wording>
