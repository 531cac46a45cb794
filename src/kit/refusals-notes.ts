/** Refusals about notes on customers; part of refusal.ts. */
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
} as const satisfies Record<string, Wording>
