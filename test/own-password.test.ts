/** Changing the own password over HTTP. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ShippedRoleCode } from '../src/access/roles.ts'
import { password, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { smallBank } from './support/small-bank.ts'

let site: TestSite
let head: number

beforeAll(async () => {
  site = await testSite()
  head = (await smallBank(site.workplace.db, site.workplace.keys, { customers: 8 })).units[0]?.id ?? 0
})
afterAll(() => site.close())

const fresh = 'seven green kettles'
const url = '/api/session/password'
const from = { remoteAddress: '10.0.1.1' }
const signIn = (name: string, secret: string) =>
  site.ask({ method: 'POST', url: '/api/session', payload: { name, password: secret }, ...from })
const cookieOf = (answer: { headers: Record<string, unknown> }) =>
  String(answer.headers['set-cookie']).split(';')[0] ?? ''
const stillIn = async (cookie: string) =>
  (await site.ask({ method: 'GET', url: '/api/session', headers: { cookie } })).status === 200
const person = (role: ShippedRoleCode) => site.person(role, head)

test('the new password opens, the old one does not; this session goes on, the others end; keys stay', async () => {
  const steward = await person('dataSteward')
  const other = cookieOf(await signIn(steward.name, password))
  const key = (await steward.send('POST', '/api/keys', { name: 'upload', days: 1 })).json
  const answer = await steward.send('POST', url, { password, newPassword: fresh })
  expect([answer.status, answer.json]).toEqual([200, { sessionsEnded: 1 }])
  expect([await stillIn(steward.cookie), await stillIn(other)]).toEqual([true, false])
  expect((await signIn(steward.name, password)).status).toBe(401)
  expect((await signIn(steward.name, fresh)).status).toBe(200)
  const headers = { authorization: `Bearer ${key.token}` }
  expect((await site.ask({ method: 'GET', url: '/api/session', headers })).status).toBe(200)
  const byKey = { password: fresh, newPassword: password }
  expect((await site.ask({ method: 'POST', url, headers, payload: byKey })).json.code).toBe('key_needs_person')
  const entries = await auditEntries(site.workplace.db, site.workplace.keys, 'changePassword')
  expect(entries.map(({ who, noun, after }) => ({ who, noun, after }))).toEqual([
    { who: expect.stringMatching(/^login:\d+$/), noun: 'login', after: { sessionsEnded: 1 } },
  ])
})

test.each([
  ['eleven char', 'at least 12'],
  ['abababababab', 'repeats'],
  ['x branchmanager-1-none y', 'sign-in name'],
  [password, 'the old one'],
])('%s is refused', async (newPassword, reason) => {
  const branch = await person('branchManager')
  const answer = await branch.send('POST', url, {
    password,
    newPassword: newPassword.replace('1-none', `${head}-none`),
  })
  expect([answer.status, answer.json.code]).toEqual([422, 'password_weak'])
  expect(answer.json.detailEn).toContain(reason)
  expect((await signIn(branch.name, password)).status).toBe(200)
})

test('twelve characters are enough', async () => {
  const officer = await person('riskOfficer')
  expect((await officer.send('POST', url, { password, newPassword: '十二个字符就够用了好吗？' })).status).toBe(200)
})

test('a wrong old password changes nothing, keeps the session and cannot be guessed at', async () => {
  const auditor = await person('auditor')
  const guess = () => auditor.send('POST', url, { password: 'wrong', newPassword: fresh })
  for (let i = 0; i < 5; i++) expect((await guess()).json.code).toBe('password_wrong')
  expect((await guess()).json.code).toBe('sign_in_throttled')
  expect(await stillIn(auditor.cookie)).toBe(true)
})
