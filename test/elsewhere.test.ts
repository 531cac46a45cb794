/** Customers of other units: found, asked for, granted, ended; the blind check; single fields revealed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityOf, type MatrixBank, matrixBank, nameOf, phoneOf, relations } from './matrix/bank.ts'
import type { Person } from './support/api.ts'
import { auditEntries } from './support/audit.ts'

let bank: MatrixBank
let teller: Person
/** Of the branch where the strangers are at home. */
let owner: Person

const { customerNo } = relations.x

beforeAll(async () => {
  bank = await matrixBank()
  teller = await bank.person('teller', 'outlet')
  owner = await bank.site.person('branchManager', await unitId('0102'))
}, 120_000)
afterAll(() => bank.close())

const unitId = async (code: string) =>
  (await bank.query<{ id: number }>('select id from unit where code = $1', [code]))[0]?.id ?? 0

/** The id of a request that was granted. */
async function grantedToTeller(): Promise<string> {
  const { id } = (await ask()).json
  await owner.send('POST', `/api/access-requests/${id}/decide`, { decision: 'granted' })
  return id
}

const ask = (reason = '客户来本网点办理业务') =>
  teller.send('POST', '/api/access-requests', { customerNo, reason, hours: 4 })
/** What whoever may grant was told last. */
const told = async () =>
  (
    await bank.query<{ payload: unknown }>(
      `select payload from event where topic = 'accessRequests' order by id desc limit 1`,
    )
  )[0]?.payload
const page = () => teller.get(`/api/customers/${customerNo}`)
const later = (minutes: number) =>
  bank.site.clock.set(Temporal.Instant.fromEpochMilliseconds(bank.site.clock.millis() + minutes * 60_000).toString())

describe('a request', () => {
  test('shows the customer for the time granted and no longer', async () => {
    expect((await page()).status).toBe(404)
    const found = (await teller.get(`/api/elsewhere?q=${phoneOf('x')}`)).json.rows
    expect(found).toEqual([
      {
        customerNo,
        kind: 'person',
        name: '曾***********x',
        unit: { code: '010201', name: '海滨支行' },
        rm: '李强',
        asked: false,
      },
    ])
    const asked = await ask()
    expect([asked.status, asked.json.status, asked.json.name]).toEqual([201, 'open', '曾***********x'])
    expect(await told()).toEqual({ state: 'asked' })
    expect((await ask()).json.code).toBe('request_open')
    expect((await teller.get(`/api/elsewhere?q=${customerNo}`)).json.rows[0].asked).toBe(true)

    const waiting = (await owner.get('/api/access-requests?box=others&status=open')).json.rows
    expect(waiting).toMatchObject([{ id: asked.json.id, reason: '客户来本网点办理业务', own: false }])
    const decided = await owner.send('POST', `/api/access-requests/${asked.json.id}/decide`, {
      decision: 'granted',
      hours: 1,
    })
    expect(decided.json).toMatchObject({ status: 'granted', hours: 4 })
    expect(await told()).toEqual({ state: 'decided' })
    expect((await page()).json.customerNo).toBe(customerNo)
    expect((await teller.get(`/api/customers?q=${encodeURIComponent(nameOf('x'))}`)).json.rows).toHaveLength(1)
    const again = await owner.send('POST', `/api/access-requests/${asked.json.id}/decide`, { decision: 'declined' })
    expect(again.json.code).toBe('request_decided')
    expect((await ask()).json.code).toBe('customer_visible')

    later(59)
    // Keeps the session alive, which ends after an hour without a request
    await owner.get('/api/session')
    expect((await page()).status).toBe(200)
    later(2)
    expect((await page()).status).toBe(404)
    expect((await teller.get('/api/access-requests')).json.rows[0].status).toBe('ended')
    const { db, keys } = bank.site.workplace
    const trail = [
      ...(await auditEntries(db, keys, 'requestAccess')),
      ...(await auditEntries(db, keys, 'decideAccess')),
    ]
    expect(trail.map((entry) => entry.action)).toEqual(['requestAccess', 'decideAccess'])
    expect(trail[0]?.reason).toBe('客户来本网点办理业务')
  })

  test('can be ended before its time by either side, and withdrawn', async () => {
    for (const side of [owner, teller]) {
      const { id } = (await ask()).json
      await owner.send('POST', `/api/access-requests/${id}/decide`, { decision: 'granted' })
      expect((await page()).status).toBe(200)
      expect((await side.send('DELETE', `/api/access-requests/${id}`)).json.status).toBe('ended')
      expect(await told()).toEqual({ state: 'ended' })
      expect((await page()).status).toBe(404)
    }
    const { id } = (await ask()).json
    expect((await teller.send('DELETE', `/api/access-requests/${id}`)).json.status).toBe('withdrawn')
    const late = await owner.send('POST', `/api/access-requests/${id}/decide`, { decision: 'granted' })
    expect(late.json.code).toBe('request_decided')
  })

  test('is granted by nobody to themselves, and by nobody to whom the customer was merely granted', async () => {
    const manager = await bank.person('outletManager', 'outlet')
    const own = (await manager.send('POST', '/api/access-requests', { customerNo, reason: '客户来访' })).json
    const url = `/api/access-requests/${own.id}/decide`
    expect((await manager.send('POST', url, { decision: 'granted' })).json.code).toBe('own_proposal')
    await owner.send('POST', url, { decision: 'granted' })
    expect((await manager.get(`/api/customers/${customerNo}`)).status).toBe(200)
    // Nor does either of them end what another was granted
    const colleague = await bank.site.person('teller', await unitId('0102'))
    for (const person of [manager, colleague]) {
      const theirs = await grantedToTeller()
      expect((await person.send('DELETE', `/api/access-requests/${theirs}`)).status).toBe(404)
      expect((await page()).status).toBe(200)
      await teller.send('DELETE', `/api/access-requests/${theirs}`)
    }
    const { id } = (await ask()).json
    const onward = await manager.send('POST', `/api/access-requests/${id}/decide`, { decision: 'granted' })
    expect(onward.status).toBe(404)
    expect((await manager.get('/api/access-requests?box=others')).json.rows).toEqual([])
    expect((await teller.get('/api/access-requests?box=others')).json.code).toBe('permission_missing')
    await teller.send('DELETE', `/api/access-requests/${id}`)
  })

  test('for somebody behind a wall finds nobody', async () => {
    expect((await teller.get(`/api/elsewhere?q=${phoneOf('w')}`)).json.rows).toEqual([])
    const body = { customerNo: relations.w.customerNo, reason: '客户来访' }
    expect((await teller.send('POST', '/api/access-requests', body)).status).toBe(404)
  })
})

describe('the blind check', () => {
  test('says that somebody is a customer and whom to ask, and nothing else', async () => {
    const check = (identityNo: string) => teller.send('POST', '/api/elsewhere/check', { identityNo })
    expect((await check(identityOf('x'))).json).toEqual({ exists: true, unit: { code: '010201', name: '海滨支行' } })
    // Full-width and spaced as people type it
    expect((await check(` e0000 ${customerNo} `)).json.exists).toBe(true)
    expect((await check('E99999999')).json).toEqual({ exists: false, unit: null })
    // The wall stays unseen: the head office is named
    expect((await check(identityOf('w'))).json.unit.code).toBe('01')
    const entries = await bank.query<{ text: string }>(
      `select to_jsonb(a)::text as text from audit_entry a where action = 'checkBlindly'`,
    )
    expect(entries.length).toBe(4)
    for (const { text } of entries) expect(text).not.toContain(identityOf('x'))
  })

  test('is no way to try out numbers', async () => {
    let last = 200
    for (let i = 0; i < 40 && last === 200; i++) {
      last = (await teller.send('POST', '/api/elsewhere/check', { identityNo: `E7777${i}` })).status
    }
    expect(last).toBe(429)
  })
})

describe('revealing', () => {
  test('gives one field, with a reason, on record without the value', async () => {
    const manager = await bank.person('relationshipManager', 'outlet')
    const url = `/api/customers/${relations.o.customerNo}/reveal`
    expect((await manager.send('POST', url, { field: 'phone', reason: '' })).json.code).toBe('input_invalid')
    const shown = (await manager.send('POST', url, { field: 'phone', reason: '回访核实' })).json
    expect(shown.value).toBe(phoneOf('o'))
    expect(shown.seconds).toBe(60)
    expect((await manager.send('POST', url, { field: 'name', reason: '回访核实' })).json.value).toBe(nameOf('o'))
    const { db, keys } = bank.site.workplace
    const entries = await auditEntries(db, keys, 'reveal')
    expect(entries).toMatchObject([
      { reason: '回访核实', nounId: relations.o.customerNo },
      { reason: '回访核实', nounId: relations.o.customerNo },
    ])
    const texts = entries.map((entry) =>
      JSON.stringify({ ...entry, id: null, partyId: null }, (_, part) => (Buffer.isBuffer(part) ? null : part)),
    )
    for (const text of texts) expect(text).not.toMatch(new RegExp(`${phoneOf('o')}|${nameOf('o')}`))
    const other = await manager.send('POST', `/api/customers/${customerNo}/reveal`, {
      field: 'phone',
      reason: '回访核实',
    })
    expect(other.status).toBe(404)
  })

  test('too often within an hour is refused', async () => {
    const manager = await bank.person('relationshipManager', 'outlet')
    const url = `/api/customers/${relations.o.customerNo}/reveal`
    let last = 200
    for (let i = 0; i < 70 && last === 200; i++) {
      last = (await manager.send('POST', url, { field: 'email', reason: '回访核实' })).status
    }
    expect(last).toBe(429)
  })
})

test.each([
  { act: 'blind checks', alert: 'manyChecks', limit: 30, as: 'teller' },
  { act: 'reveals', alert: 'manyReveals', limit: 60, as: 'callCentreAgent' },
  { act: 'searches', alert: 'manySearches', limit: 60, as: 'lobbyManager' },
  { act: 'exports', alert: 'manyExports', limit: 30, as: 'riskOfficer' },
] as const)('more $act than are usual are refused and told to compliance', async ({ act, alert, limit, as }) => {
  const person = await bank.site.person(as, await unitId('01'))
  const once = () =>
    act === 'blind checks'
      ? person.send('POST', '/api/elsewhere/check', { identityNo: identityOf('x') })
      : act === 'reveals'
        ? person.send('POST', `/api/customers/${customerNo}/reveal`, { field: 'phone', reason: '客户来电核实身份' })
        : act === 'searches'
          ? person.get(`/api/elsewhere?q=${phoneOf('x')}`)
          : person.get('/api/customers/export')
  for (let i = 1; i < limit; i++) expect((await once()).status).toBe(200)
  const together = await Promise.all([once(), once()])
  expect(together.map(({ status }) => status).sort(), 'of two at once the last that is left takes one').toEqual([
    200, 429,
  ])
  expect((await once()).json.code).toBe('volume_unusual')
  const officer = await bank.site.person('complianceOfficer', await unitId('01'))
  const { rows } = (await officer.get('/api/security-alerts')).json
  const told = rows.filter((row: { login: { name: string } | null }) => row.login?.name === person.name)
  expect(told).toMatchObject([{ kind: alert, times: 2, acknowledged: null }])
})
