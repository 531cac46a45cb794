/** Notes on a customer, and the notes that mention whoever asks. */

import { sql } from 'kysely'
import { fieldsOf } from '../../access/fields.ts'
import { scopeOf } from '../../access/session.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import type { Permission } from '../../contract/permission.ts'
import type { Trx } from '../../db/database.ts'
import { partyByNo } from '../../desk/customers/page.ts'
import { editionsOf, mentionsOf, type NoteReader, notesOf, partyOfNote, seesNote } from '../../desk/notes/store.ts'
import { colleagues, editNote, type NoteWriter, pinNote, withdrawNote, writeNote } from '../../desk/notes/write.ts'
import type { Ask, Some } from '../handler.ts'

export const noteHandlers: Some<
  | 'listNotes'
  | 'writeNote'
  | 'editNote'
  | 'readNoteEditions'
  | 'pinNote'
  | 'withdrawNote'
  | 'listMentions'
  | 'listColleagues'
> = {
  listNotes: async (ask) => {
    const { site, scope, params, query } = ask
    const party = await site.workplace.db.reading(scope, (trx) => partyByNo(trx, params.no))
    const reader = await readerOf(ask, party.id)
    return site.workplace.db.withScope(scope, (trx) => notesOf(trx, site.workplace.keys, party.id, reader, query))
  },

  writeNote: async (ask) => {
    const { site, scope, params, body } = ask
    const party = await site.workplace.db.reading(scope, (trx) => partyByNo(trx, params.no))
    const writer = await writerOf(ask, party.id)
    return site.workplace.db.withScope(scope, (trx) => writeNote(trx, party, body, writer))
  },

  editNote: (ask) => onNote(ask, ask.params.id, (trx, writer) => editNote(trx, ask.params.id, ask.body, writer)),

  pinNote: (ask) => onNote(ask, ask.params.id, (trx, writer) => pinNote(trx, ask.params.id, ask.body.pinned, writer)),

  withdrawNote: async (ask) => {
    // By the right over others' notes where it reaches the customer, else as the author
    const [others, own] = (['notes.manage', 'notes.write'] as const).map((right) => scopeOf(ask.session, right))
    const reaches = await ask.site.workplace.db.reading(others!, (trx) => seesNote(trx, ask.params.id))
    const asking = { ...ask, scope: reaches ? others! : own! }
    return onNote(asking, ask.params.id, (trx, writer) => withdrawNote(trx, ask.params.id, ask.body.reason, writer))
  },

  readNoteEditions: ({ site, scope, params }) =>
    site.workplace.db.withScope(scope, (trx) => editionsOf(trx, site.workplace.keys, params.id)),

  listMentions: ({ site, scope, session, query }) =>
    site.workplace.db.withScope(scope, (trx) =>
      mentionsOf(trx, site.workplace.keys, { loginId: session.loginId, fields: fieldsOf(session) }, query),
    ),

  listColleagues: ({ site, scope, query }) =>
    site.workplace.db.withScope(scope, (trx) => colleagues(trx, site.workplace.clock, query.q)),
}

type Asking = Pick<Ask<Endpoint>, 'site' | 'session' | 'address' | 'scope'>

async function onNote<T>(ask: Asking, id: string, act: (trx: Trx, writer: NoteWriter) => Promise<T>): Promise<T> {
  const { db } = ask.site.workplace
  const writer = await writerOf(ask, await db.reading(ask.scope, (trx) => partyOfNote(trx, id)))
  return db.withScope(ask.scope, (trx) => act(trx, writer))
}

async function writerOf(ask: Asking, partyId: bigint): Promise<NoteWriter> {
  const { keys, clock } = ask.site.workplace
  return { ...(await readerOf(ask, partyId)), who: ask.session.who, address: ask.address, keys, clock }
}

/** Each right counts where the posts that have it see the customer. */
async function readerOf({ site, session }: Asking, partyId: bigint): Promise<NoteReader> {
  const has = (permission: Permission) =>
    site.workplace.db.reading(scopeOf(session, permission), async (trx) => {
      const { rows } = await sql`select from party where id = ${partyId}`.execute(trx)
      return rows.length > 0
    })
  return { loginId: session.loginId, writes: await has('notes.write'), manages: await has('notes.manage') }
}
