/** Notes of staff on a customer: written, edited with their earlier texts kept, pinned, withdrawn; and who is mentioned. */
import { z } from 'zod'
import { freeText, instant, pageOf, pageQuery, reasonLengthMin, unitRef } from './common.ts'
import { endpoint } from './endpoint.ts'

export const noteChannels = ['counter', 'phone', 'visit', 'email', 'other'] as const
export const noteChannel = z.enum(noteChannels)
export const noteLengthMax = 2000
/** '@' and a sign-in name, at the beginning or behind what is no part of an address. */
export const mention = /(?<![\w.@*])@([a-z0-9][a-z0-9._-]{0,63})/giu

const noteFields = {
  id: z.string(),
  channel: noteChannel,
  text: z.string(),
  edition: z.int(),
  /** Whoever wrote it; of a note that was brought from elsewhere, as the file named them. */
  author: z.string(),
  /** Written by whoever asks. */
  own: z.boolean(),
  writtenAt: instant,
  /** Of a note that was brought from elsewhere later than `writtenAt`. */
  recordedAt: instant,
  pinned: z.boolean(),
  withdrawn: z.object({ at: instant, by: z.string(), reason: z.string() }).nullable(),
}
export const note = z
  .object({
    ...noteFields,
    /** What the caller may do with it. */
    may: z.object({ edit: z.boolean(), pin: z.boolean(), withdraw: z.boolean() }),
  })
  .meta({ id: 'Note' })

const customerNo = z.object({ no: z.string().min(1).max(64) })
const noteId = z.object({ id: z.string().regex(/^\d{1,18}$/) })
const text = freeText(1, noteLengthMax)

export const listNotes = endpoint({
  name: 'listNotes',
  tag: 'notes',
  method: 'GET',
  path: '/api/customers/:no/notes',
  label: { zh: '客户备注', en: 'Notes on a customer' },
  permission: 'notes.read',
  params: customerNo,
  query: z.object({ ...pageQuery.shape }),
  /** Newest first; those that are pinned stand apart, with the first page. */
  output: pageOf(note).extend({ pinned: z.array(note) }),
  refusals: ['not_found', 'cursor_invalid'],
})

export const writeNote = endpoint({
  name: 'writeNote',
  tag: 'notes',
  method: 'POST',
  path: '/api/customers/:no/notes',
  label: { zh: '写备注', en: 'Write a note' },
  permission: 'notes.write',
  params: customerNo,
  body: z.object({ channel: noteChannel, text }),
  output: note,
  status: 201,
  refusals: ['not_found', 'already_erased', 'mention_unknown', 'origin_refused'],
})

export const editNote = endpoint({
  name: 'editNote',
  tag: 'notes',
  method: 'POST',
  path: '/api/notes/:id',
  label: { zh: '修改备注', en: 'Edit a note of one’s own' },
  permission: 'notes.write',
  params: noteId,
  /** `edition`: as it was read; another one means that it was changed meanwhile. */
  body: z.object({ edition: z.int().min(1), channel: noteChannel, text }),
  output: note,
  refusals: ['not_found', 'note_of_other', 'note_changed', 'note_withdrawn', 'mention_unknown', 'origin_refused'],
})

export const readNoteEditions = endpoint({
  name: 'readNoteEditions',
  tag: 'notes',
  method: 'GET',
  path: '/api/notes/:id/editions',
  label: { zh: '备注的历次内容', en: 'Earlier texts of a note' },
  permission: 'notes.read',
  params: noteId,
  /** Newest first, without the one that stands. */
  output: z.object({
    editions: z.array(z.object({ edition: z.int(), channel: noteChannel, text: z.string(), replacedAt: instant })),
  }),
  refusals: ['not_found'],
})

export const pinNote = endpoint({
  name: 'pinNote',
  tag: 'notes',
  method: 'POST',
  path: '/api/notes/:id/pin',
  label: { zh: '置顶备注', en: 'Pin a note, or unpin it' },
  permission: 'notes.write',
  params: noteId,
  body: z.object({ pinned: z.boolean() }),
  output: note,
  refusals: ['not_found', 'note_withdrawn', 'notes_pinned', 'origin_refused'],
})

export const withdrawNote = endpoint({
  name: 'withdrawNote',
  tag: 'notes',
  method: 'POST',
  path: '/api/notes/:id/withdraw',
  label: { zh: '撤回备注', en: 'Withdraw a note' },
  /** One's own with the first, others' with the second. */
  permission: ['notes.write', 'notes.manage'],
  params: noteId,
  body: z.object({ reason: freeText(reasonLengthMin) }),
  output: note,
  refusals: ['not_found', 'note_of_other', 'note_withdrawn', 'origin_refused'],
})

export const listMentions = endpoint({
  name: 'listMentions',
  tag: 'notes',
  method: 'GET',
  path: '/api/mentions',
  label: { zh: '提到我的备注', en: 'Notes that mention me' },
  permission: 'notes.read',
  query: z.object({ ...pageQuery.shape }),
  /** Newest first; only of customers whom one sees. */
  output: pageOf(z.object({ ...noteFields, customerNo: z.string(), name: z.string(), unit: unitRef })),
  refusals: ['cursor_invalid'],
})

export const listColleagues = endpoint({
  name: 'listColleagues',
  tag: 'notes',
  method: 'GET',
  path: '/api/colleagues',
  label: { zh: '可提到的同事', en: 'Colleagues who can be mentioned' },
  permission: 'notes.write',
  /** The beginning of a sign-in name, or a part of a name. */
  query: z.object({ q: z.string().trim().max(64).default('') }),
  output: z.object({
    rows: z.array(z.object({ login: z.string(), name: z.string(), unit: unitRef })).max(10),
  }),
})
