/** Notes on a customer: read by page, and the earlier texts of one. What the scope does not see is not found. */
import { sql } from 'kysely'
import type { Keys } from '../../access/keys.ts'
import { partyKey } from '../../access/seal.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { listMentions, listNotes, readNoteEditions } from '../../contract/notes.ts'
import type { FieldRights } from '../../contract/permission.ts'
import type { Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { encodeCursor, pairOfCursor } from '../cursor.ts'
import { shownName } from '../customers/figures.ts'
import { openNote } from './text.ts'

export type Note = Output<typeof listNotes>['rows'][number]
type Mentions = Output<typeof listMentions>

/** So many can be pinned, so that the pinned ones fit above the list. */
export const pinnedMax = 10

/** Who reads, and what they may do with notes. */
export interface NoteReader {
  loginId: number
  writes: boolean
  /** Withdraws notes of others too. */
  manages: boolean
}

export interface NoteRow {
  id: bigint
  party_id: bigint
  channel: Note['channel']
  sealed: Buffer
  edition: number
  login_id: number | null
  author: string
  written_at: Date
  recorded_at: Date
  pinned: boolean
  withdrawn_at: Date | null
  withdrawn_name: string | null
  withdrawn_reason: string | null
  wrapped: Buffer
}

// Without its key there is nothing to read: an erasure takes the notes with it.
const noteColumns = sql`n.id, n.party_id, n.channel, n.sealed, n.edition, n.login_id,
  coalesce(n.author, l.display_name) as author, n.written_at, n.recorded_at, n.pinned_by is not null as pinned,
  n.withdrawn_at, w.display_name as withdrawn_name, n.withdrawn_reason, k.wrapped`
const noteTables = sql`note n join party_key k on k.party_id = n.party_id left join login l on l.id = n.login_id
  left join login w on w.id = n.withdrawn_by`

/** A page, newest first; the pinned ones come apart with the first. Refuses cursor_invalid. */
export async function notesOf(
  trx: Trx,
  keys: Keys,
  partyId: bigint,
  reader: NoteReader,
  asked: { limit: number; cursor?: string | undefined },
): Promise<Output<typeof listNotes>> {
  const after = pairOfCursor(asked.cursor)
  const behind = after
    ? sql`(n.written_at, n.id) < (${after.value}::text::timestamptz, ${after.id}::bigint)`
    : sql`true`
  const { rows } = await sql<NoteRow & { place: string }>`select ${noteColumns}, n.written_at::text as place
    from ${noteTables}
    where n.party_id = ${partyId} and n.pinned_by is null and ${behind}
    order by n.written_at desc, n.id desc limit ${asked.limit + 1}`.execute(trx)
  const pinned = after
    ? []
    : (
        await sql<NoteRow>`select ${noteColumns} from ${noteTables}
          where n.party_id = ${partyId} and n.pinned_by is not null
          order by n.written_at desc, n.id desc limit ${pinnedMax}`.execute(trx)
      ).rows
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => asNote(keys, row, reader)),
    pinned: pinned.map((row) => asNote(keys, row, reader)),
    next: rows.length > asked.limit && last ? encodeCursor([last.place, Number(last.id)]) : null,
  }
}

/** One note as it stands; `lock` holds it until the transaction ends. Refuses not_found. */
export async function noteRow(trx: Trx, id: string, lock = false): Promise<NoteRow> {
  const { rows } = await sql<NoteRow>`select ${noteColumns} from ${noteTables} where n.id = ${id}::bigint
    ${lock ? sql`for update of n` : sql``}`.execute(trx)
  return rows[0] ?? refuse('not_found', { what: `note ${id}`, whatZh: `备注 ${id}` })
}

/** Whether the scope sees it. */
export async function seesNote(trx: Trx, id: string): Promise<boolean> {
  const { rows } = await sql`select from note where id = ${id}::bigint`.execute(trx)
  return rows.length > 0
}

/** Whose note it is. Refuses not_found. */
export async function partyOfNote(trx: Trx, id: string): Promise<bigint> {
  const { rows } = await sql<{ party_id: bigint }>`select party_id from note where id = ${id}::bigint`.execute(trx)
  return rows[0]?.party_id ?? refuse('not_found', { what: `note ${id}`, whatZh: `备注 ${id}` })
}

/** As the contract shows it. */
export function asNote(keys: Keys, row: NoteRow, { loginId, writes, manages }: NoteReader): Note {
  const stands = row.withdrawn_at === null
  const own = row.login_id === loginId
  return {
    ...plainNote(keys, row, loginId),
    may: { edit: writes && stands && own, pin: writes && stands, withdraw: stands && ((writes && own) || manages) },
  }
}

function plainNote(keys: Keys, row: NoteRow, loginId: number): Omit<Note, 'may'> {
  const key = partyKey(keys, row.party_id, row.wrapped)
  return {
    id: String(row.id),
    channel: row.channel,
    text: openNote(key, { noteId: row.id, edition: row.edition }, row.sealed),
    edition: row.edition,
    author: row.author,
    own: row.login_id === loginId,
    writtenAt: row.written_at.toISOString(),
    recordedAt: row.recorded_at.toISOString(),
    pinned: row.pinned,
    withdrawn:
      row.withdrawn_at === null
        ? null
        : {
            at: row.withdrawn_at.toISOString(),
            by: row.withdrawn_name ?? '',
            reason: row.withdrawn_reason ?? '',
          },
  }
}

/** Earlier texts, newest first. Refuses not_found. */
export async function editionsOf(trx: Trx, keys: Keys, id: string): Promise<Output<typeof readNoteEditions>> {
  const note = await noteRow(trx, id)
  const key = partyKey(keys, note.party_id, note.wrapped)
  const { rows } = await sql<{ edition: number; channel: Note['channel']; sealed: Buffer; replaced_at: Date }>`
    select edition, channel, sealed, replaced_at from note_edition where note_id = ${note.id}
    order by edition desc limit 200`.execute(trx)
  return {
    editions: rows.map(({ edition, channel, sealed, replaced_at }) => ({
      edition,
      channel,
      text: openNote(key, { noteId: note.id, edition }, sealed),
      replacedAt: replaced_at.toISOString(),
    })),
  }
}

/** Notes that name a person, newest first, of customers whom the scope sees; withdrawn ones are left out. */
export async function mentionsOf(
  trx: Trx,
  keys: Keys,
  reader: { loginId: number; fields: FieldRights },
  asked: { limit: number; cursor?: string | undefined },
): Promise<Mentions> {
  const after = pairOfCursor(asked.cursor)
  const behind = after ? sql`n.id < ${after.id}::bigint` : sql`true`
  const { rows } = await sql<
    NoteRow & {
      customer_no: string
      kind: 'person' | 'company'
      name: string
      unit: Mentions['rows'][number]['unit']
    }
  >`select ${noteColumns}, p.customer_no, p.kind, p.name, json_build_object('code', u.code, 'name', u.name) as unit
    from ${noteTables} join note_mention m on m.note_id = n.id
      join party p on p.id = n.party_id join unit u on u.id = p.unit_id
    where m.login_id = ${reader.loginId} and n.withdrawn_at is null and ${behind}
    order by m.note_id desc limit ${asked.limit + 1}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => ({
      ...plainNote(keys, row, reader.loginId),
      customerNo: row.customer_no,
      name: shownName(row.kind, row.name, reader.fields.name),
      unit: row.unit,
    })),
    next: rows.length > asked.limit && last ? encodeCursor(['note', Number(last.id)]) : null,
  }
}
