/** Refusals about notes on customers and tags; part of refusal.ts. */
import type { Wording } from './refusal.ts'

export const noteRefusals = {
  note_of_other: {
    status: 403,
    zh: '只能修改或撤回自己写的备注',
    en: 'Only notes of one’s own can be edited or withdrawn',
  },
  note_changed: {
    status: 409,
    zh: '备注刚被修改，请重新打开后再试',
    en: 'This note was changed meanwhile; read it again',
  },
  note_withdrawn: { status: 409, zh: '该备注已撤回', en: 'This note was withdrawn' },
  notes_pinned: { status: 422, zh: '最多置顶 {most} 条备注', en: 'At most {most} notes can be pinned' },
  mention_unknown: { status: 422, zh: '没有登录名为 {name} 的同事', en: 'Nobody signs in as {name}' },
  tag_known: { status: 409, zh: '已有名为“{name}”的标签', en: 'There is a tag "{name}" already' },
  tags_many: { status: 422, zh: '最多可有 {most} 个标签', en: 'There can be at most {most} tags' },
  tag_changed: {
    status: 409,
    zh: '标签刚被修改，请重新打开后再试',
    en: 'This tag was changed meanwhile; read it again',
  },
  tag_retired: {
    status: 409,
    zh: '标签“{name}”已停用，不能再贴',
    en: 'The tag "{name}" is retired and put on nobody any more',
  },
  tag_not_yours: { status: 403, zh: '您的岗位不能使用标签“{name}”', en: 'Your posts do not use the tag "{name}"' },
  bulk_too_large: {
    status: 422,
    zh: '共有 {customers} 位客户会变更，一次最多 {most} 位，请缩小筛选范围',
    en: '{customers} customers would change, and at most {most} do at a time; narrow the filter',
  },
  bulk_changed: {
    status: 409,
    zh: '预览时为 {before} 位客户，现在为 {now} 位：名单已变化，请重新预览',
    en: 'It was {before} customers in the preview and is {now} now: look at the preview again',
  },
} as const satisfies Record<string, Wording>
