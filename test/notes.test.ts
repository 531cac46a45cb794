/** Notes over HTTP: written, edited with their history, pinned, withdrawn; mentions; what an erasure and a disclosure do. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { discloseParty } from '../src/acts/disclosure.ts'
import { everything } from '../src/db/database.ts'
import { erasingPlace } from '../src/nightly/workplace.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { eraseNow } from './support/erasing.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let manager: Person
let teller: Person

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  manager = await site.person('branchManager', bank.units[0]?.id ?? 0)
  teller = await site.person('teller', bank.units[0]?.id ?? 0)
})
afterAll(() => site.close())

const urlOf = (id: number) => `/api/customers/20000${String(id).padStart(4, '0')}/notes`
const write = (person: Person, id: number, text: string, channel = 'phone') =>
  person.send('POST', urlOf(id), { channel, text })
const listed = async (id: number) => (await manager.get(urlOf(id))).json

describe('a note', () => {
  test('is written with author, instant and channel; at rest nobody reads it', async () => {
    const answer = await write(teller, 1, '孩子明年出国，想换汇')
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({
      channel: 'phone',
      text: '孩子明年出国，想换汇',
      author: teller.name,
      own: true,
      edition: 1,
      writtenAt: '2026-11-02T02:00:00.000Z',
      pinned: false,
      withdrawn: null,
      may: { edit: true, pin: true, withdraw: true },
    })
    expect((await listed(1)).rows).toMatchObject([{ own: false, may: { edit: false, pin: true, withdraw: true } }])
    const { rows } = await site.database.db.owner.query("select encode(sealed, 'escape') as at_rest from note")
    expect(rows[0].at_rest).not.toContain('出国')
    const [entry] = await auditEntries(site.database.db, site.workplace.keys, 'writeNote')
    expect(JSON.stringify(entry, (_, part) => (typeof part === 'bigint' ? String(part) : part))).not.toContain('出国')
  })

  test('keeps no number by which a person is known', async () => {
    expect((await write(teller, 1, '新号码 13812345678')).json.text).toBe('新号码 ****5678')
  })

  test('is edited by its author alone, against the edition that was read, and keeps what it said', async () => {
    const { id } = (await write(teller, 2, '初稿')).json
    const edit = (person: Person, edition: number, text = '定稿') =>
      person.send('POST', `/api/notes/${id}`, { edition, channel: 'visit', text })
    expect((await edit(manager, 1)).json.code).toBe('note_of_other')
    expect((await edit(teller, 1)).json).toMatchObject({ text: '定稿', edition: 2, channel: 'visit' })
    expect((await edit(teller, 1, '再改')).json.code).toBe('note_changed')
    expect((await manager.get(`/api/notes/${id}/editions`)).json.editions).toMatchObject([
      { edition: 1, channel: 'phone', text: '初稿' },
    ])
    // The same again is no edit
    expect((await edit(teller, 2)).json.edition).toBe(2)
  })

  test('is pinned above the list, ten at most', async () => {
    const ids: string[] = []
    for (let i = 0; i < 11; i++) ids.push((await write(teller, 3, `第 ${i} 条`)).json.id)
    const pin = (id: string | undefined, pinned: boolean) => teller.send('POST', `/api/notes/${id}/pin`, { pinned })
    for (const id of ids.slice(0, 10)) expect((await pin(id, true)).json.pinned).toBe(true)
    expect((await pin(ids[10], true)).json.code).toBe('notes_pinned')
    const { rows, pinned } = await listed(3)
    expect([rows.length, pinned.length]).toEqual([1, 10])
    expect((await pin(ids[0], false)).json.pinned).toBe(false)
    expect((await listed(3)).rows.length).toBe(2)
  })

  test('is withdrawn with a reason by its author or whoever manages notes, and stays to be read', async () => {
    const { id } = (await write(manager, 4, '写错了客户')).json
    const withdraw = (person: Person) => person.send('POST', `/api/notes/${id}/withdraw`, { reason: '客户不对' })
    expect((await withdraw(teller)).json.code).toBe('note_of_other')
    const compliance = await site.person('complianceOfficer', bank.units[0]?.id ?? 0)
    expect((await withdraw(compliance)).json.withdrawn).toMatchObject({ by: compliance.name, reason: '客户不对' })
    expect((await withdraw(compliance)).json.code).toBe('note_withdrawn')
    const [row] = (await listed(4)).rows
    expect(row).toMatchObject({ text: '写错了客户', may: { edit: false, pin: false, withdraw: false } })
    for (const [act, body] of [
      ['', { edition: 1, channel: 'phone', text: '又改' }],
      ['/pin', { pinned: true }],
    ] as const) {
      expect((await manager.send('POST', `/api/notes/${id}${act}`, body)).json.code).toBe('note_withdrawn')
    }
  })

  test('cannot be deleted by the application', async () => {
    const gone = site.database.db.withScope(everything, (trx) => sql`delete from note`.execute(trx))
    await expect(gone).rejects.toThrow(/permission denied/)
  })

  test('is read page by page without gaps', async () => {
    for (let i = 0; i < 5; i++) await write(teller, 5, `记录 ${i}`)
    const seen: string[] = []
    let cursor = ''
    for (;;) {
      const { json } = await manager.get(`${urlOf(5)}?limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...json.rows.map((row: { text: string }) => row.text))
      if (json.next === null) break
      cursor = json.next
    }
    expect(seen).toEqual(['记录 4', '记录 3', '记录 2', '记录 1', '记录 0'])
    expect((await manager.get(`${urlOf(5)}?cursor=abc`)).json.code).toBe('cursor_invalid')
  })
})

describe('a mention', () => {
  test('is found by whoever is named, if they see the customer', async () => {
    const far = await site.person('teller', bank.units[6]?.id ?? 0)
    const text = `请 @${manager.name} 跟进，@${far.name.toUpperCase()} 知悉。`
    expect((await write(teller, 8, text)).status).toBe(201)
    expect((await manager.get('/api/mentions')).json.rows).toMatchObject([{ customerNo: '200000008', text }])
    expect((await far.get('/api/mentions')).json.rows).toEqual([])
  })

  test('of nobody is refused, an address is no mention', async () => {
    const refused = await write(teller, 8, '请 @nobody-here 跟进')
    expect([refused.status, refused.json.code, refused.json.params.name]).toEqual([
      422,
      'mention_unknown',
      'nobody-here',
    ])
    expect((await write(teller, 8, '客户邮箱 lin@example.com')).status).toBe(201)
  })

  test('goes with the text that named it', async () => {
    const { id } = (await write(teller, 9, `@${manager.name} 请看`)).json
    const mine = async () =>
      (await manager.get('/api/mentions')).json.rows.filter((row: { id: string }) => row.id === id).length
    expect(await mine()).toBe(1)
    await teller.send('POST', `/api/notes/${id}`, { edition: 1, channel: 'phone', text: '不用看了' })
    expect(await mine()).toBe(0)
  })

  test('finds colleagues by a part of their name', async () => {
    const { rows } = (await teller.get('/api/colleagues?q=branchm')).json
    expect(rows).toMatchObject([{ login: manager.name, unit: { code: 'U0' } }])
    expect((await teller.get('/api/colleagues?q=%25')).json.rows).toEqual([])
  })
})

test('outside the scope there is no note', async () => {
  const { id } = (await write(teller, 1, '外人看不到')).json
  const far = await site.person('teller', bank.units[6]?.id ?? 0)
  expect((await far.get(urlOf(1))).json.code).toBe('not_found')
  expect((await far.get(`/api/notes/${id}/editions`)).json.code).toBe('not_found')
  expect((await far.send('POST', `/api/notes/${id}/pin`, { pinned: true })).json.code).toBe('not_found')
})

test('a person is told what was written of them; an erasure takes it all', async () => {
  const { id } = (await write(teller, 10, '喜欢周末来电')).json
  await teller.send('POST', `/api/notes/${id}`, { edition: 1, channel: 'phone', text: '喜欢晚上来电' })
  const { db, keys } = site.workplace
  const why = { zh: [], en: [] }
  const told = await db.withScope(everything, (trx) =>
    discloseParty(trx, { keys, partyId: 10n, madeAt: site.clock.now(), why }),
  )
  expect(told.notes).toMatchObject([
    { note: '喜欢周末来电', edition: 1, by: teller.name },
    { note: '喜欢晚上来电', edition: 2 },
  ])
  await eraseNow(erasingPlace(site.workplace), { customerNo: '200000010', reason: '客户要求删除' })
  const { rows } = await site.database.db.owner.query(
    `select (select count(*) from note where party_id = 10) + (select count(*) from note_edition where party_id = 10) as left`,
  )
  expect(rows[0].left).toBe(0n)
  expect((await write(teller, 10, '再写')).json.code).toBe('already_erased')
})
