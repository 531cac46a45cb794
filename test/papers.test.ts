/** Papers over HTTP: taken in once, told to others, opened by those who may, asked for, released, opened by rules. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { discloseParty } from '../src/acts/disclosure.ts'
import { everything } from '../src/db/database.ts'
import { erasingPlace } from '../src/nightly/workplace.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { eraseNow } from './support/erasing.ts'
import { file, formOf, take, usualPaper } from './support/paper-form.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
/** Of the outlet where the customers of these tests are at home, and of another branch's outlet. */
let teller: Person
let stranger: Person
let manager: Person
let compliance: Person

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys, {
    place: (index) => ({ unit: index < 20 ? 3 : index % 7, manager: index % 4 }),
  })
  const unit = (index: number) => bank.units[index]?.id ?? 0
  teller = await site.person('teller', unit(3))
  stranger = await site.person('teller', unit(5))
  manager = await site.person('outletManager', unit(3))
  compliance = await site.person('complianceOfficer', unit(0))
  for (const { id } of bank.customers.slice(0, 20)) await grantTo(stranger, id)
})
afterAll(() => site.close())

const query = (text: string, values: unknown[] = []) => site.database.db.owner.query(text, values)
const noOf = (id: number) => `20000${String(id).padStart(4, '0')}`
const papersOf = async (person: Person, id: number) => (await person.get(`/api/customers/${noOf(id)}/papers`)).json.rows
const audited = (action: string) => auditEntries(site.database.db, site.workplace.keys, action)

async function grantTo(person: Person, partyId: number): Promise<void> {
  await query(
    `insert into access_grant (login_id, party_id, from_at, to_at, granted_by, reason)
     select l.id, $2, '2026-01-01', '2027-12-31', g.id, '来访' from login l, login g where l.name = $1 and g.name = $3`,
    [person.name, partyId, manager.name],
  )
}

async function taken(id: number, fields: Record<string, string> = {}, person = teller, content = file.jpeg()) {
  return (await take(person, noOf(id), fields, content)).json.id as string
}

describe('a paper that is taken in', () => {
  test('is held at the unit of whoever took it, with its number masked, and opens to the byte', async () => {
    const content = file.png()
    const answer = await take(teller, noOf(1), { number: 'G12345678', validUntil: '2030-01-31' }, content)
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({
      kind: { code: 'identityDocument', zh: '身份证件' },
      state: 'valid',
      validUntil: '2030-01-31',
      unit: { code: 'U3' },
      ground: 'unit',
      more: { number: '****5678', media: 'image/png', bytes: content.length, takenBy: teller.name },
    })
    const opened = await teller.get(`/api/papers/${answer.json.id}/file`)
    expect([opened.status, opened.headers['content-type'], opened.headers['cache-control']]).toEqual([
      200,
      'image/png',
      'no-store',
    ])
    expect(opened.headers['content-disposition']).toBe(`inline; filename="paper-${answer.json.id}.png"`)
    expect((await audited('openPaper')).at(-1)).toMatchObject({
      nounId: answer.json.id,
      after: { ground: 'unit', kind: 'identityDocument' },
    })
    // Sealed under the customer's own key, so that it goes with an erasure
    expect((await audited('takePaper')).at(-1)).toMatchObject({ partyId: 1n, nounId: answer.json.id, after: null })
  })

  test('is taken by what its bytes are, whatever it is called', async () => {
    for (const [content, media] of [
      [file.jpeg(), 'image/jpeg'],
      [file.webp(), 'image/webp'],
      [file.pdf(), 'application/pdf'],
    ] as const) {
      expect((await take(teller, noOf(2), {}, content)).json.more.media).toBe(media)
    }
  })

  test('is in no table in clear, nor is its number', async () => {
    const content = file.pdf()
    await take(teller, noOf(2), { number: 'ZZ-99887766' }, content)
    const { rows } = await query(
      `select sealed, number_sealed, digest from paper_content c join paper p on p.id = c.paper_id`,
    )
    for (const row of rows)
      for (const part of [row.sealed, row.number_sealed ?? Buffer.alloc(0), row.digest] as Buffer[]) {
        expect(part.includes(content.subarray(0, 12))).toBe(false)
        expect(part.includes('99887766')).toBe(false)
      }
  })

  test('is taken once: the very file again is refused with what is held, by anybody', async () => {
    const content = file.jpeg()
    await take(teller, noOf(3), { validUntil: '2031-05-06' }, content)
    const again = await take(stranger, noOf(3), { kind: 'other' }, content)
    expect([again.status, again.json.code]).toEqual([409, 'paper_held'])
    expect(again.json.detail).toBe(
      '同一份材料已存：身份证件，有效期至 2031-05-06，由机构3于 2026-11-02 收取，无需再次提交',
    )
    // Of another customer it is another paper
    expect((await take(teller, noOf(4), {}, content)).status).toBe(201)
    const { rows } = await query('select count(*) from paper where party_id = 3')
    expect(rows[0].count).toBe(1n)
  })

  test('is taken once by two people at once', async () => {
    const content = file.jpeg()
    const answers = await Promise.all([teller, manager].map((one) => take(one, noOf(5), {}, content)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  test.each<[string, Record<string, string>, Buffer | null, number, string]>([
    ['a program', {}, Buffer.from('MZ\x90\x00'), 422, 'paper_media_refused'],
    ['a page with a picture’s name', {}, Buffer.from('<svg onload=alert(1)>'), 422, 'paper_media_refused'],
    ['RIFF that is no WebP', {}, Buffer.from('RIFF\x24\x00\x00\x00WAVE'), 422, 'paper_media_refused'],
    ['no file', {}, null, 400, 'input_invalid'],
    ['an empty file', {}, Buffer.alloc(0), 400, 'input_invalid'],
    ['an unknown kind', { kind: 'passportOfMars' }, file.jpeg(), 422, 'paper_kind_unknown'],
    ['an unknown purpose', { purpose: 'curiosity' }, file.jpeg(), 400, 'input_invalid'],
    ['a day that is none', { validUntil: '2026-02-30' }, file.jpeg(), 400, 'input_invalid'],
    [
      'an end before the beginning',
      { validFrom: '2027-01-02', validUntil: '2027-01-01' },
      file.jpeg(),
      400,
      'input_invalid',
    ],
    ['one that expired yesterday', { validUntil: '2026-11-01' }, file.jpeg(), 422, 'paper_expired'],
  ])('is refused: %s; then nothing was kept', async (_name, fields, content, status, code) => {
    const before = (await papersOf(teller, 6)).length
    const answer = await take(teller, noOf(6), fields, content)
    expect([answer.status, answer.json.code]).toEqual([status, code])
    expect((await papersOf(teller, 6)).length).toBe(before)
  })

  test('may end today, is 10 MiB at most, and not a byte more', async () => {
    const large = (bytes: number) => Buffer.concat([file.jpeg(), Buffer.alloc(bytes)])
    expect((await take(teller, noOf(6), { validUntil: '2026-11-02' })).json.state).toBe('expiring')
    const head = large(0).length
    expect((await take(teller, noOf(6), {}, large(10 * 1_048_576 - head - 8).subarray(0, 10 * 1_048_576))).status).toBe(
      201,
    )
    const tooLarge = await take(teller, noOf(6), {}, large(10 * 1_048_576))
    expect([tooLarge.status, tooLarge.json.code]).toEqual([413, 'body_too_large'])
    expect(tooLarge.json.detail).toContain('10 MiB')
  })

  test('comes from our own pages only', async () => {
    const { payload, headers } = formOf(usualPaper, file.jpeg())
    const url = `/api/customers/${noOf(6)}/papers`
    const answer = await teller.send('POST', url, payload, { ...headers, origin: 'https://elsewhere.example' })
    expect([answer.status, answer.json.code]).toEqual([403, 'origin_refused'])
  })

  test('is withdrawn with a reason by the unit that holds it, and can then be taken anew', async () => {
    const content = file.jpeg()
    const id = await taken(7, {}, teller, content)
    const by = (person: Person) => person.send('POST', `/api/papers/${id}/withdraw`, { reason: '客户更名' })
    expect((await by(stranger)).json.code).toBe('paper_elsewhere')
    expect((await by(manager)).json).toMatchObject({ state: 'withdrawn', more: { withdrawnReason: '客户更名' } })
    expect((await by(teller)).json.code).toBe('paper_withdrawn')
    expect((await take(teller, noOf(7), {}, content)).status).toBe(201)
    expect((await audited('withdrawPaper')).at(-1)).toMatchObject({ reason: '客户更名', partyId: 7n })
  })
})

describe('staff of another unit', () => {
  test('are told that it is held, until when and where, and nothing else', async () => {
    const id = await taken(8, { number: 'G87654321', validUntil: '2029-09-30' })
    const [seen] = await papersOf(stranger, 8)
    expect(seen).toEqual({
      id,
      kind: { code: 'identityDocument', zh: '身份证件', en: 'Identity document' },
      state: 'valid',
      validUntil: '2029-09-30',
      unit: { code: 'U3', name: '机构3' },
      ground: null,
      releasedUntil: null,
      openFor: [],
      asked: false,
      gone: false,
      more: null,
    })
    const refused = await stranger.get(`/api/papers/${id}/file`)
    expect([refused.status, refused.json.code]).toEqual([403, 'paper_elsewhere'])
  })

  test('use it instead of asking for another, counted once a day', async () => {
    const id = await taken(9)
    const use = (purpose = 'lending') => stranger.send('POST', `/api/papers/${id}/reuse`, { purpose })
    expect((await use()).json).toEqual({ counted: true })
    expect((await use()).json).toEqual({ counted: false })
    expect((await use('card')).json).toEqual({ counted: true })
    expect((await audited('reusePaper')).length).toBe(2)
    const counts = (await compliance.get('/api/paper-reuses')).json
    expect(counts).toMatchObject({
      rows: [{ month: '2026-11', unit: { code: 'U5' }, reuses: 2, papers: 1 }],
      total: 2,
    })
    // Of one's own units only
    expect((await teller.get('/api/paper-reuses')).json.total).toBe(0)
    await manager.send('POST', `/api/papers/${id}/withdraw`, { reason: '过时' })
    expect((await use('tax')).json.code).toBe('paper_not_valid')
  })

  test('ask for it; the holding unit releases it for days, and it ends by itself', async () => {
    const id = await taken(10)
    const asked = await ask(id)
    expect(asked).toMatchObject({ status: 'open', customerNo: noOf(10), days: 3, own: true, unit: { code: 'U3' } })
    expect(asked.name).toMatch(/\*/)
    expect((await stranger.send('POST', `/api/papers/${id}/requests`, wanted)).json.code).toBe('paper_request_open')
    expect((await papersOf(stranger, 10))[0]).toMatchObject({ asked: true })
    const inbox = (await manager.get('/api/paper-requests?box=others&status=open')).json.rows
    expect(inbox.map((row: { id: string }) => row.id)).toContain(asked.id)
    const released = await decide(asked.id, { decision: 'released', days: 2 })
    expect(released.json).toMatchObject({ status: 'released', until: '2026-11-04T02:00:00.000Z' })
    expect((await decide(asked.id, { decision: 'released' })).json.code).toBe('request_decided')
    expect((await papersOf(stranger, 10))[0]).toMatchObject({ ground: 'release', more: { takenBy: teller.name } })
    expect((await stranger.get(`/api/papers/${id}/file`)).status).toBe(200)
    expect((await audited('openPaper')).at(-1)).toMatchObject({ after: { ground: 'release', request: asked.id } })
    expect((await stranger.send('POST', `/api/papers/${id}/requests`, wanted)).json.code).toBe('paper_open_already')
    await query('update paper_request set until = $2 where id = $1', [asked.id, site.clock.now()])
    expect((await stranger.get(`/api/papers/${id}/file`)).json.code).toBe('paper_elsewhere')
    expect((await stranger.get('/api/paper-requests')).json.rows[0]).toMatchObject({ status: 'ended' })
  })

  test('are told why it is refused; nobody decides their own; either side ends what was released', async () => {
    const id = await taken(11)
    const refused = await decide((await ask(id)).id, { decision: 'refused', note: '请客户本人到柜' })
    expect(refused.json).toMatchObject({ status: 'refused', note: '请客户本人到柜' })
    expect((await stranger.get(`/api/papers/${id}/file`)).json.code).toBe('paper_elsewhere')
    const second = (await ask(id)).id
    expect((await stranger.send('DELETE', `/api/paper-requests/${second}`)).json.status).toBe('withdrawn')
    expect((await stranger.send('DELETE', `/api/paper-requests/${second}`)).json.code).toBe('request_decided')
    const third = (await ask(id)).id
    await decide(third, { decision: 'released' })
    expect((await manager.send('DELETE', `/api/paper-requests/${third}`)).json.status).toBe('ended')
    expect((await stranger.get(`/api/papers/${id}/file`)).json.code).toBe('paper_elsewhere')
    // A manager who sees the customer by a grant asks another unit's manager, not themselves
    const other = await site.person('outletManager', bank.units[5]?.id ?? 0)
    await grantTo(other, 11)
    const own = (await other.send('POST', `/api/papers/${id}/requests`, wanted)).json.id
    expect((await other.send('POST', `/api/paper-requests/${own}/decide`, { decision: 'released' })).json.code).toBe(
      'own_proposal',
    )
  })

  test('are released a paper by a manager who does not see the customer', async () => {
    // Taken by the stranger's outlet, of a customer of another branch: its manager has no grant
    const id = await taken(12, {}, stranger)
    const holder = await site.person('branchManager', bank.units[2]?.id ?? 0)
    expect((await holder.get(`/api/customers/${noOf(12)}`)).status).toBe(404)
    const asked = (await teller.send('POST', `/api/papers/${id}/requests`, wanted)).json
    const [row] = (await holder.get('/api/paper-requests?box=others&status=open')).json.rows
    expect(row).toMatchObject({ id: asked.id, customerNo: noOf(12) })
    expect((await holder.send('POST', `/api/paper-requests/${asked.id}/decide`, { decision: 'released' })).status).toBe(
      200,
    )
    expect((await teller.get(`/api/papers/${id}/file`)).status).toBe(200)
    // Whoever does not see the customer opens nothing, though their unit holds it
    expect((await holder.get(`/api/papers/${id}/file`)).status).toBe(404)
  })

  const wanted = { purpose: 'lending', reason: '客户申请贷款', days: 3 }
  const ask = async (id: string) => (await stranger.send('POST', `/api/papers/${id}/requests`, wanted)).json
  const decide = (id: string, body: object) => manager.send('POST', `/api/paper-requests/${id}/decide`, body)
})

describe('a rule', () => {
  test('opens papers of its kind for its purpose, with its basis on record, until it is ended', async () => {
    const id = await taken(13, { kind: 'businessLicence' })
    const open = (purpose?: string) => stranger.get(`/api/papers/${id}/file${purpose ? `?purpose=${purpose}` : ''}`)
    expect((await open('tax')).status).toBe(403)
    const body = { kind: 'businessLicence', purpose: 'tax', basis: 'law', reason: '税务尽职调查' }
    const made = await compliance.send('POST', '/api/paper-rules', body)
    expect([made.status, made.json.kind.zh]).toEqual([201, '营业执照'])
    expect((await compliance.send('POST', '/api/paper-rules', body)).json.code).toBe('paper_rule_known')
    expect((await papersOf(stranger, 13))[0]).toMatchObject({ ground: null, openFor: ['tax'] })
    expect((await open()).status).toBe(403)
    expect((await open('lending')).status).toBe(403)
    expect((await open('tax')).status).toBe(200)
    expect((await audited('openPaper')).at(-1)).toMatchObject({
      after: { ground: 'rule', rule: made.json.id, basis: 'law', purpose: 'tax' },
    })
    const other = await taken(13, { kind: 'proofOfIncome' })
    expect((await stranger.get(`/api/papers/${other}/file?purpose=tax`)).status).toBe(403)
    expect((await compliance.send('DELETE', `/api/paper-rules/${made.json.id}`)).status).toBe(200)
    expect((await open('tax')).status).toBe(403)
    expect((await compliance.get('/api/paper-rules')).json.rows[0]).toMatchObject({ endedBy: compliance.name })
  })

  test('is made at head office only, and so is a kind of paper', async () => {
    const below = await site.person('complianceOfficer', bank.units[1]?.id ?? 0)
    const kind = { code: 'pensionBook', zh: '养老金手册', en: 'Pension book' }
    expect((await below.send('POST', '/api/paper-kinds', kind)).json.code).toBe('head_office_only')
    expect((await compliance.send('POST', '/api/paper-kinds', kind)).status).toBe(201)
    expect((await compliance.send('POST', '/api/paper-kinds', kind)).json.code).toBe('paper_kind_known')
    expect((await take(teller, noOf(14), { kind: 'pensionBook' })).json.kind.en).toBe('Pension book')
  })
})

describe('papers that expire', () => {
  const listed = async (person: Person, search: string) =>
    (await person.get(`/api/papers/expiring?kind=taxCertificate&${search}`)).json.rows.map(
      (row: { customerNo: string; daysLeft: number }) => [row.customerNo, row.daysLeft],
    )

  test('are listed soonest first within 30, 60, 90 days; a newer one or a withdrawal makes them done', async () => {
    const until: Record<number, string> = { 15: '2026-12-02', 16: '2026-12-03', 17: '2027-01-31', 18: '2027-02-01' }
    const ids: Record<string, string> = {}
    for (const [id, validUntil] of Object.entries(until))
      ids[id] = await taken(Number(id), { kind: 'taxCertificate', validUntil })
    expect(await listed(teller, 'within=30')).toEqual([[noOf(15), 30]])
    expect(await listed(teller, 'within=60')).toEqual([
      [noOf(15), 30],
      [noOf(16), 31],
    ])
    expect(await listed(teller, 'within=90')).toEqual([
      [noOf(15), 30],
      [noOf(16), 31],
      [noOf(17), 90],
    ])
    expect(await listed(stranger, 'within=90&unit=U6')).toEqual([])
    const first = (await teller.get('/api/papers/expiring?kind=taxCertificate&within=90&limit=2')).json
    const rest = await teller.get(`/api/papers/expiring?kind=taxCertificate&within=90&limit=2&cursor=${first.next}`)
    expect([first.total, rest.json.rows.length, rest.json.next]).toEqual([3, 1, null])
    await taken(15, { kind: 'taxCertificate', validUntil: '2027-12-31' })
    await teller.send('POST', `/api/papers/${ids[16]}/withdraw`, { reason: '客户销户' })
    expect(await listed(teller, 'within=90')).toEqual([[noOf(17), 90]])
    await query(`update paper set valid_until = '2026-11-01' where id = $1`, [ids[18]])
    expect(await listed(manager, 'within=expired')).toEqual([[noOf(18), -1]])
    expect((await listed(teller, 'within=30')).length).toBe(1)
  })
})

describe('what is held on record', () => {
  test('goes with an erasure, but that it was held stays; the person is told of it before', async () => {
    const id = await taken(19, { number: 'G11112222', validUntil: '2030-01-31' })
    const asked = { keys: site.workplace.keys, partyId: 19n, madeAt: site.clock.now(), why: { zh: [], en: [] } }
    const told = await site.database.db.withScope(everything, (trx) => discloseParty(trx, asked))
    expect(told.papers).toMatchObject([{ paperNo: 'G11112222', toDay: '2030-01-31', unit: '机构3' }])
    expect(told.looked[0]).toMatchObject({ action: 'takePaper' })
    await eraseNow(erasingPlace(site.workplace), { customerNo: noOf(19), reason: '本人申请' })
    const { rows } = await query(
      `select p.gone_at is not null as gone, p.valid_until, c.paper_id from paper p
       left join paper_content c on c.paper_id = p.id where p.id = $1`,
      [id],
    )
    expect(rows).toEqual([{ gone: true, valid_until: '2030-01-31', paper_id: null }])
    expect((await teller.get(`/api/papers/${id}/file`)).json.code).toBe('paper_gone')
    expect((await papersOf(teller, 19))[0]).toMatchObject({ gone: true, more: { number: null } })
    expect((await take(teller, noOf(19))).json.code).toBe('already_erased')
  })
})
