/** What staff do with notes. Each is audited, without the text: that is sealed under the customer's key alone. */
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import type { Keys } from '../../access/keys.ts'
import { partyKey } from '../../access/seal.ts'
import { likePart } from '../../access/user-list.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { listColleagues } from '../../contract/notes.ts'
import type { Trx } from '../../db/database.ts'
import type { Clock } from '../../kit/clock.ts'
import { refuse } from '../../kit/refusal.ts'
import { asNote, type Note, type NoteReader, type NoteRow, noteRow, pinnedMax } from './store.ts'
import { mentionsIn, mentionsMax, openNote, sealNote } from './text.ts'

/** Who writes, from where. */
export interface NoteWriter extends NoteReader {
  who: string
  address: string
  keys: Keys
  clock: Clock
}

export interface NoteAsked {
  channel: Note['channel']
  text: string
}

/** Adds a note. Refuses already_erased, mention_unknown. */
export async function writeNote(
  trx: Trx,
  party: { id: bigint; customerNo: string },
  { channel, text }: NoteAsked,
  writer: NoteWriter,
): Promise<Note> {
  const { rows } = await sql<{ wrapped: Buffer }>`select wrapped from party_key where party_id = ${party.id}`.execute(
    trx,
  )
  const key = partyKey(
    writer.keys,
    party.id,
    rows[0]?.wrapped ?? refuse('already_erased', { customer: party.customerNo }),
  )
  const mentioned = await loginsOf(trx, mentionsIn(text))
  const noteId = await nextNoteId(trx)
  const sealed = sealNote(key, { noteId, edition: 1 }, text)
  await sql`insert into note (id, party_id, channel, sealed, login_id, written_at, recorded_at)
    values (${noteId}, ${party.id}, ${channel}, ${sealed}, ${writer.loginId}, ${writer.clock.now()},
      ${writer.clock.now()})`.execute(trx)
  const row = await noteRow(trx, String(noteId))
  await mention(trx, row, mentioned)
  await auditNote(trx, 'writeNote', row, writer, { after: { channel, mentioned: mentioned.map(({ name }) => name) } })
  return asNote(writer.keys, row, writer)
}

/** Replaces the text of an own note and keeps the one before. Refuses note_of_other, note_changed, note_withdrawn. */
export async function editNote(
  trx: Trx,
  id: string,
  asked: NoteAsked & { edition: number },
  writer: NoteWriter,
): Promise<Note> {
  const row = await noteRow(trx, id, true)
  if (row.login_id !== writer.loginId) refuse('note_of_other')
  mustStand(row)
  if (row.edition !== asked.edition) refuse('note_changed')
  const key = partyKey(writer.keys, row.party_id, row.wrapped)
  const { channel, text } = asked
  const place = { noteId: row.id, edition: row.edition }
  if (row.channel === channel && openNote(key, place, row.sealed) === text) return asNote(writer.keys, row, writer)
  const mentioned = await loginsOf(trx, mentionsIn(text))
  await sql`insert into note_edition (note_id, party_id, edition, channel, sealed, replaced_at)
    values (${row.id}, ${row.party_id}, ${row.edition}, ${row.channel}, ${row.sealed}, ${writer.clock.now()})`.execute(
    trx,
  )
  const sealed = sealNote(key, { ...place, edition: row.edition + 1 }, text)
  await sql`update note set channel = ${channel}, sealed = ${sealed}, edition = edition + 1
    where id = ${row.id}`.execute(trx)
  await sql`delete from note_mention where note_id = ${row.id}`.execute(trx)
  await mention(trx, row, mentioned)
  const before = { channel: row.channel, edition: row.edition }
  const after = { channel, edition: row.edition + 1, mentioned: mentioned.map(({ name }) => name) }
  await auditNote(trx, 'editNote', row, writer, { before, after })
  return asNote(writer.keys, await noteRow(trx, id), writer)
}

/** Pins or unpins; twice is once. Refuses note_withdrawn, and notes_pinned where so many are pinned already. */
export async function pinNote(trx: Trx, id: string, pinned: boolean, writer: NoteWriter): Promise<Note> {
  const row = await noteRow(trx, id, true)
  mustStand(row)
  if (row.pinned === pinned) return asNote(writer.keys, row, writer)
  if (pinned) {
    const { rows } = await sql<{ count: bigint }>`select count(*) as count from note
      where party_id = ${row.party_id} and pinned_by is not null`.execute(trx)
    if ((rows[0]?.count ?? 0n) >= pinnedMax) refuse('notes_pinned', { most: pinnedMax })
  }
  await sql`update note set pinned_by = ${pinned ? writer.loginId : null} where id = ${row.id}`.execute(trx)
  await auditNote(trx, pinned ? 'pinNote' : 'unpinNote', row, writer, {})
  return asNote(writer.keys, await noteRow(trx, id), writer)
}

/** Takes a note back: it stays to be read, struck out. Refuses note_of_other, note_withdrawn. */
export async function withdrawNote(trx: Trx, id: string, reason: string, writer: NoteWriter): Promise<Note> {
  const row = await noteRow(trx, id, true)
  if (row.login_id !== writer.loginId && !writer.manages) refuse('note_of_other')
  mustStand(row)
  await sql`update note set withdrawn_at = ${writer.clock.now()}, withdrawn_by = ${writer.loginId},
      withdrawn_reason = ${reason}, pinned_by = null where id = ${row.id}`.execute(trx)
  await auditNote(trx, 'withdrawNote', row, writer, { reason })
  return asNote(writer.keys, await noteRow(trx, id), writer)
}

/** People who can sign in, by the beginning of the sign-in name or a part of their name. */
export async function colleagues(trx: Trx, clock: Clock, q: string): Promise<Output<typeof listColleagues>> {
  const part = likePart(q)
  const today = clock.today()
  const { rows } = await sql<Output<typeof listColleagues>['rows'][number]>`select l.name as login,
      l.display_name as name, u.unit
    from login l join lateral (select json_build_object('code', u.code, 'name', u.name) as unit
      from post p join unit u on u.id = p.unit_id
      where p.login_id = l.id and p.from_day <= ${today} and p.to_day > ${today} order by p.id limit 1) u on true
    where l.disabled_at is null and l.kind = 'person' and (l.name like ${part.slice(1)} or lower(l.display_name) like ${part})
    order by l.name limit 10`.execute(trx)
  return { rows }
}

function mustStand(row: NoteRow): void {
  if (row.withdrawn_at !== null) refuse('note_withdrawn')
}

interface Mentioned {
  id: number
  name: string
}

/** Refuses mention_unknown for a name by which nobody signs in: a slip that would tell nobody. */
async function loginsOf(trx: Trx, names: readonly string[]): Promise<Mentioned[]> {
  if (names.length === 0) return []
  const { rows } = await sql<Mentioned>`select id, name from login
    where name = any(${names.slice(0, mentionsMax)}::text[]) and disabled_at is null and kind = 'person'
    order by id`.execute(trx)
  const missing = names.find((name) => !rows.some((row) => row.name === name))
  if (missing !== undefined) refuse('mention_unknown', { name: missing })
  return rows
}

async function mention(trx: Trx, row: NoteRow, mentioned: readonly Mentioned[]): Promise<void> {
  if (mentioned.length === 0) return
  await sql`insert into note_mention (note_id, party_id, login_id)
    select ${row.id}::bigint, ${row.party_id}::bigint, unnest(${mentioned.map(({ id }) => id)}::int[])`.execute(trx)
}

/** The text is sealed for its note, so the id is needed before the row. */
async function nextNoteId(trx: Trx): Promise<bigint> {
  const { rows } = await sql<{ id: bigint }>`select nextval(pg_get_serial_sequence('note', 'id')) as id`.execute(trx)
  return rows[0]?.id ?? 0n
}

async function auditNote(
  trx: Trx,
  action: 'writeNote' | 'editNote' | 'pinNote' | 'unpinNote' | 'withdrawNote',
  row: NoteRow,
  { who, address }: NoteWriter,
  said: { before?: object; after?: object; reason?: string },
): Promise<void> {
  await audit(trx, { who, action, noun: 'note', nounId: String(row.id), partyId: row.party_id, ...said, address })
}
