/** Probes of notes and of whom they mention. */
import { partyKey } from '../../src/access/seal.ts'
import type { EndpointName } from '../../src/contract/index.ts'
import { sealNote } from '../../src/desk/notes/text.ts'
import type { MatrixBank, Relation } from './bank.ts'
import { relationLetters, relations } from './bank.ts'
import { type Asking, customers, each, type Probe, pageOf, record } from './probe.ts'
import { othersNotesSights } from './table.ts'

const noteUrl = (id: string | undefined, act = '') => `/api/notes/${id}${act}`

export const noteProbes = {
  listNotes: customers(async ({ get, bank }) => {
    const ids = await plantNotes(bank)
    return each(async (relation) => {
      const { json } = await get(pageOf('listNotes', relation))
      return json?.rows?.some(
        (row: { id: string; text: string }) => row.id === ids.get(relation) && row.text === '备注',
      )
    })
  }),
  writeNote: customers(({ send }) =>
    each(async (relation) => {
      const body = { channel: 'phone', text: '已联系' }
      return (await send('POST', pageOf('writeNote', relation), body)).json?.text === '已联系'
    }),
  ),
  editNote: customers(async ({ send, bank, person }) => {
    const ids = await plantNotes(bank, person.name)
    return each(async (relation) => {
      const body = { edition: 2, channel: 'visit', text: '已拜访' }
      return (await send('POST', noteUrl(ids.get(relation)), body)).json?.text === '已拜访'
    })
  }),
  readNoteEditions: customers(async ({ get, bank }) => {
    const ids = await plantNotes(bank)
    return each(
      async (relation) => (await get(noteUrl(ids.get(relation), '/editions'))).json?.editions?.[0]?.text === '旧备注',
    )
  }),
  pinNote: customers(async ({ send, bank }) => {
    const ids = await plantNotes(bank)
    return each(
      async (relation) =>
        (await send('POST', noteUrl(ids.get(relation), '/pin'), { pinned: true })).json?.pinned === true,
    )
  }),
  withdrawNote: customers(async ({ send, bank }) => {
    const ids = await plantNotes(bank)
    return each(async (relation) => {
      const { json } = await send('POST', noteUrl(ids.get(relation), '/withdraw'), { reason: '写错客户' })
      return json?.withdrawn?.reason === '写错客户'
    })
  }, othersNotesSights),
  listMentions: customers(async ({ get, bank, person }) => {
    const ids = await plantNotes(bank)
    await bank.query(
      `insert into note_mention (note_id, party_id, login_id)
       select n.id, n.party_id, l.id from note n, login l where n.id = any($1::bigint[]) and l.name = $2 on conflict do nothing`,
      [[...ids.values()], person.name],
    )
    const rows: { id: string }[] = (await get('/api/mentions')).json?.rows ?? []
    return relationLetters.filter((relation) => rows.some((row) => row.id === ids.get(relation)))
  }),
  listColleagues: record(async ({ get, person }: Asking) => {
    const { json } = await get(`/api/colleagues?q=${person.name.slice(0, 4)}`)
    return json?.rows?.some((row: { login: string }) => row.login === person.name)
  }),
} satisfies Partial<Record<EndpointName, Probe>>

/** A note of that author, else of somebody else, on every customer; the ids by how the customer stands. */
async function plantNotes(bank: MatrixBank, author?: string): Promise<Map<Relation, string>> {
  const { keys } = bank.site.workplace
  await bank.query('delete from note_mention')
  await bank.query('delete from note_edition')
  await bank.query('delete from note')
  const ids = new Map<Relation, string>()
  for (const relation of relationLetters) {
    const [party] = await bank.query<{ id: bigint; wrapped: Buffer; note: bigint }>(
      `select p.id, k.wrapped, nextval(pg_get_serial_sequence('note', 'id')) as note
       from party p join party_key k on k.party_id = p.id where p.customer_no = $1`,
      [relations[relation].customerNo],
    )
    if (!party) throw new Error('a planted customer')
    const key = partyKey(keys, party.id, party.wrapped)
    const sealed = (edition: number, text: string) => sealNote(key, { noteId: party.note, edition }, text)
    await bank.query(
      `insert into note (id, party_id, channel, edition, sealed, login_id, author, written_at)
       select $1, $2, 'other', 2, $3, (select id from login where name = $4), case when $4::text is null then '张三' end, now()`,
      [String(party.note), String(party.id), sealed(2, '备注'), author ?? null],
    )
    await bank.query(
      `insert into note_edition (note_id, party_id, edition, channel, sealed) values ($1, $2, 1, 'other', $3)`,
      [String(party.note), String(party.id), sealed(1, '旧备注')],
    )
    await bank.query('insert into note_mention (note_id, party_id, login_id) select $1, $2, min(id) from login', [
      String(party.note),
      String(party.id),
    ])
    ids.set(relation, String(party.note))
  }
  return ids
}
