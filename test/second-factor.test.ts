/** The second factor over HTTP: enrolling, the second step of signing in, recovery codes, and what must not pass. */
import { generateSync } from 'otplib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ShippedRoleCode } from '../src/access/roles.ts'
import { sessionCookie } from '../src/access/session.ts'
import { type Answer, password, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { smallBank } from './support/small-bank.ts'

let site: TestSite
let head: number

beforeAll(async () => {
  site = await testSite()
  head = (await smallBank(site.workplace.db, site.workplace.keys, { customers: 8 })).units[0]?.id ?? 0
})
afterAll(() => site.close())

const start = Date.parse('2026-11-02T02:00:00.000Z')
let seconds = 0
const advance = (by: number) => {
  seconds += by
  return seconds
}
/** Codes live 30 seconds, so each test begins in a step of its own. */
const later = (by: number) => site.clock.set(new Date(start + advance(by) * 1000).toISOString())
beforeEach(() => later(60))

const code = (secret: string, offset = 0) => generateSync({ secret, epoch: site.clock.millis() / 1000 + offset })

interface Visitor {
  get(url: string): Promise<Answer>
  post(url: string, body?: object): Promise<Answer>
  remove(url: string): Promise<Answer>
}

/** Signs in with name and password: the first step. */
async function visitor(name: string): Promise<Visitor & { me: Answer }> {
  const me = await site.ask({
    method: 'POST',
    url: '/api/session',
    payload: { name, password },
    remoteAddress: '10.1.0.1',
  })
  let cookie = cookieOf(me) ?? ''
  expect(cookie).toContain(sessionCookie)
  const ask = (method: 'GET' | 'POST' | 'DELETE') => async (url: string, payload?: object) => {
    const answer = await site.ask({ method, url, headers: { cookie }, ...(payload && { payload }) })
    cookie = cookieOf(answer) ?? cookie
    return answer
  }
  return { me, get: ask('GET'), post: ask('POST'), remove: ask('DELETE') }
}

/** What a browser would keep from then on. */
function cookieOf(answer: Answer): string | undefined {
  return answer.headers['set-cookie'] === undefined ? undefined : String(answer.headers['set-cookie']).split(';')[0]
}

async function enrolled(role: ShippedRoleCode): Promise<{ name: string; secret: string; codes: string[] }> {
  const { name } = await site.person(role, head)
  const person = await visitor(name)
  const begun = await person.post('/api/my/second-factor')
  expect([begun.status, begun.json.uri]).toEqual([201, expect.stringMatching(/^otpauth:\/\/totp\/Strata:/)])
  const { secret } = begun.json
  const shown = await person.post('/api/my/second-factor/confirm', { code: code(secret) })
  expect([shown.status, shown.json.recoveryCodes?.length]).toEqual([200, 10])
  later(60)
  return { name, secret, codes: shown.json.recoveryCodes }
}

test('a key enters no code', async () => {
  const { name } = await site.person('auditor', head)
  const { json } = await (await visitor(name)).post('/api/keys', { name: 'reader', days: 1 })
  const headers = { authorization: `Bearer ${json.token}` }
  const entered = await site.ask({ method: 'POST', url: '/api/session/code', headers, payload: { code: '000000' } })
  expect([entered.status, entered.json.code]).toEqual([403, 'key_needs_person'])
})

test('with a second factor the password alone opens nothing, and a code opens all', async () => {
  const { name, secret } = await enrolled('analyst')
  const person = await visitor(name)
  expect(person.me.json).toMatchObject({ awaits: 'code', posts: [], permissions: [], customers: 'none' })
  for (const url of ['/api/customers', '/api/my/sessions', '/api/keys', '/api/policies/current'])
    expect([url, (await person.get(url)).json.code]).toEqual([url, 'sign_in_unfinished'])
  // Nor can a device be put in place of the person's own, or the password changed, by whoever knows the password
  const newPassword = 'seven green kettles'
  for (const [url, body] of [
    ['/api/my/second-factor', {}],
    ['/api/my/second-factor/confirm', { code: code(secret) }],
    ['/api/session/password', { password, newPassword }],
  ] as const)
    expect([url, (await person.post(url, body)).json.code]).toEqual([url, 'sign_in_unfinished'])
  expect((await person.remove('/api/my/second-factor')).json.code).toBe('sign_in_unfinished')
  expect((await person.post('/api/session/code', { code: '000000' })).json.code).toBe('code_wrong')
  const whole = await person.post('/api/session/code', { code: code(secret) })
  expect(whole.json).toMatchObject({ awaits: null, posts: [{ role: { code: 'analyst' } }] })
  expect((await person.get('/api/customers')).status).toBe(200)
  // The token that only the password stood behind is worth nothing any more
  const cookie = cookieOf(person.me) ?? ''
  expect((await site.ask({ method: 'GET', url: '/api/session', headers: { cookie } })).status).toBe(401)
})

test('a code is taken once, also when it comes twice at once, and 30 seconds off is near enough', async () => {
  const { name, secret } = await enrolled('riskOfficer')
  const same = code(secret)
  const both = await Promise.all([visitor(name), visitor(name)])
  const answers = await Promise.all(both.map((one) => one.post('/api/session/code', { code: same })))
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 422])
  later(90)
  for (const [offset, taken] of [
    [-61, false],
    [-30, true],
    [30, true],
    [61, false],
  ] as const) {
    later(120)
    const person = await visitor(name)
    const answer = await person.post('/api/session/code', { code: code(secret, offset) })
    expect([offset, answer.status === 200]).toEqual([offset, taken])
  }
})

test('a recovery code opens once; new ones end the old', async () => {
  const { name, secret, codes } = await enrolled('branchManager')
  const [first = '', second = ''] = codes
  const person = await visitor(name)
  // As people type it
  const typed = ` ${first.toUpperCase().replaceAll('-', ' ')} `
  expect((await person.post('/api/session/code', { code: typed })).json.awaits).toBeNull()
  expect((await person.get('/api/my/second-factor')).json.recoveryCodesLeft).toBe(9)
  const { db, keys } = site.workplace
  expect(await auditEntries(db, keys, 'useRecoveryCode')).toMatchObject([{ address: '127.0.0.1' }])
  expect((await (await visitor(name)).post('/api/session/code', { code: first })).json.code).toBe('code_wrong')
  expect((await person.post('/api/my/recovery-codes')).json.recoveryCodes).toHaveLength(10)
  expect((await (await visitor(name)).post('/api/session/code', { code: second })).json.code).toBe('code_wrong')
  expect((await (await visitor(name)).post('/api/session/code', { code: code(secret) })).status).toBe(200)
})

test('codes cannot be guessed at', async () => {
  const { name, secret } = await enrolled('outletManager')
  const person = await visitor(name)
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, i) => person.post('/api/session/code', { code: String(100_000 + i) })),
  )
  expect(answers.filter((answer) => answer.json.code === 'code_wrong')).toHaveLength(5)
  const right = await person.post('/api/session/code', { code: code(secret) })
  expect([right.status, right.json.code]).toEqual([429, 'sign_in_throttled'])
})

test('secret and codes are not in the database as they are', async () => {
  const { name, secret, codes } = await enrolled('complianceOfficer')
  const { rows } = await site.database.db.owner.query(
    `select t.sealed, array(select code_hash from recovery_code c where c.login_id = t.login_id) as hashes
     from totp t join login l on l.id = t.login_id where l.name = $1`,
    [name],
  )
  const bytes = Buffer.concat([rows[0].sealed, ...rows[0].hashes])
  for (const told of [secret, ...codes, ...codes.map((one) => one.replaceAll('-', ''))])
    expect(bytes.includes(told)).toBe(false)
  const { db, keys } = site.workplace
  const actions = await db.owner.query<{ action: string }>('select distinct action from audit_entry')
  const audited = await Promise.all(actions.rows.map(({ action }) => auditEntries(db, keys, action)))
  expect(audited.flat().length).toBeGreaterThan(0)
  const text = JSON.stringify(audited.flat(), (_, value) => (typeof value === 'bigint' ? String(value) : value))
  for (const told of [secret, ...codes]) expect(text).not.toContain(told)
})

describe('a role that asks for it', () => {
  const ask = (needed: boolean) =>
    site.database.db.owner.query(`update role set second_factor = $1 where code = 'dataSteward'`, [needed])

  test('leads whoever has none to enrol before anything else, at once', async () => {
    const { name } = await site.person('dataSteward', head)
    const person = await visitor(name)
    expect((await person.get('/api/loads')).status).toBe(200)
    await ask(true)
    expect((await person.get('/api/loads')).json.code).toBe('sign_in_unfinished')
    expect((await person.get('/api/session')).json.awaits).toBe('enrol')
    const { secret } = (await person.post('/api/my/second-factor')).json
    expect((await person.post('/api/my/second-factor/confirm', { code: code(secret) })).status).toBe(200)
    expect((await person.get('/api/loads')).status).toBe(200)
    expect((await person.remove('/api/my/second-factor')).json.code).toBe('second_factor_required')
    await ask(false)
    expect((await person.remove('/api/my/second-factor')).status).toBe(200)
    expect((await visitor(name)).me.json.awaits).toBeNull()
  })

  test('is set by an administrator, audited', async () => {
    const admin = await site.person('administrator', head)
    await admin.send('POST', '/api/session/reenter', { password })
    expect((await admin.send('POST', '/api/sign-in/roles/teller', { needed: true })).status).toBe(200)
    await site.person('teller', head)
    const ofTeller = async () =>
      (await admin.get('/api/sign-in/roles')).json.rows.find(
        (row: { role: { code: string } }) => row.role.code === 'teller',
      )
    const row = await ofTeller()
    expect(row.needed).toBe(true)
    expect(row.toEnrol).toBeGreaterThan(0)
    expect(row.toEnrol).toBe(row.people - row.enrolled)
    // Whoever comes by single sign-on is asked there
    await site.database.db.owner.query(`update login set oidc_subject = 'subject of a teller' where id = (select l.id from login l
      join post p on p.login_id = l.id where p.role = 'teller' and not exists
        (select from totp t where t.login_id = l.id) limit 1)`)
    expect(await ofTeller()).toMatchObject({ ...row, toEnrol: row.toEnrol - 1 })
    const { db, keys } = site.workplace
    const audited = await auditEntries(db, keys, 'setRoleFactor')
    expect(audited).toMatchObject([{ before: { secondFactor: false }, after: { secondFactor: true } }])
  })
})
