/** Sign-ins of a bank's own people: made, changed and ended from the command line. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setLogin } from '../src/access/set-login.ts'
import { type TestSite, testSite } from './support/api.ts'
import { smallBank } from './support/small-bank.ts'

let site: TestSite
let unit: string

beforeAll(async () => {
  site = await testSite()
  await smallBank(site.workplace.db, site.workplace.keys)
  const found = await site.database.db.owner.query('select code from unit order by length(path), id limit 1')
  unit = found.rows[0].code
})
afterAll(() => site.close())

const signIn = (password: string) =>
  site.ask({ method: 'POST', url: '/api/session', payload: { name: 'wang', password } })

test('a sign-in is made, changed with a new password, and ended', async () => {
  const { db } = site.workplace
  const first = await setLogin(db, site.clock, { name: ' Wang ', role: 'analyst', unit })
  expect(first).toMatchObject({ name: 'wang', role: 'analyst', unit, staff: null })
  const open = await signIn(first.password ?? '')
  expect([open.status, open.json.posts[0].role.code]).toEqual([200, 'analyst'])
  const cookie = String(open.headers['set-cookie']).split(';')[0] ?? ''

  const second = await setLogin(db, site.clock, { name: 'wang', role: 'auditor' })
  expect((await site.ask({ method: 'GET', url: '/api/session', headers: { cookie } })).status).toBe(401)
  expect((await signIn(first.password ?? '')).status).toBe(401)
  expect((await signIn(second.password ?? '')).json.posts[0].role.code).toBe('auditor')

  expect((await setLogin(db, site.clock, { name: 'wang', disable: true })).password).toBeNull()
  expect((await signIn(second.password ?? '')).status).toBe(401)
  const audited = await db.owner.query("select count(*)::int as n from audit_entry where action = 'setLogin'")
  expect(audited.rows[0].n).toBe(3)
})

test('what is missing or unknown is refused', async () => {
  const { db } = site.workplace
  await expect(setLogin(db, site.clock, { name: 'li', role: 'nobody', unit })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(setLogin(db, site.clock, { name: 'li', unit })).rejects.toMatchObject({ code: 'input_invalid' })
  await expect(setLogin(db, site.clock, { name: 'li', role: 'analyst', unit: 'none' })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(setLogin(db, site.clock, { name: 'li', role: 'relationshipManager', unit })).rejects.toMatchObject({
    code: 'input_invalid',
    params: { field: '--staff' },
  })
  await expect(setLogin(db, site.clock, { name: 'li', disable: true })).rejects.toMatchObject({ code: 'not_found' })
})
