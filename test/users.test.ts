/** Users over HTTP: locks, new passwords, sessions, keys, programs, break-glass accounts and alerts. */
import { hash } from '@node-rs/argon2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeBreakGlass } from '../src/access/break-glass.ts'
import type { ShippedRoleCode } from '../src/access/roles.ts'
import { type Answer, type Person, password, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let admin: Person

const start = Date.parse('2026-11-02T02:00:00.000Z')
const at = (minutes: number) => site.clock.set(new Date(start + minutes * 60_000).toISOString())
const person = (role: ShippedRoleCode, unit = 0) => site.person(role, bank.units[unit]?.id ?? 0)
let addresses = 0
const signIn = (name: string, secret: string) =>
  site.ask({
    method: 'POST',
    url: '/api/session',
    payload: { name, password: secret },
    remoteAddress: `10.2.0.${++addresses}`,
  })
const cookieOf = (answer: Answer) => String(answer.headers['set-cookie']).split(';')[0] ?? ''
const as = (cookie: string, url = '/api/session') => site.ask({ method: 'GET', url, headers: { cookie } })
const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows
const idOf = async (name: string) => (await query('select id from login where name = $1', [name]))[0]?.id as number
const audited = async (action: string) => (await auditEntries(site.workplace.db, site.workplace.keys, action)).reverse()
const toldOf = async (action: string) => {
  const entries = await audited(action)
  expect(entries.length).toBeGreaterThan(0)
  return JSON.stringify(entries.map(({ before, after, reason }) => [before, after, reason]))
}

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 8 })
  admin = await person('administrator')
})
afterAll(() => site.close())

describe('a lock', () => {
  test('ends sessions and keys at once, is told to whoever knows the password, and ends with unlocking', async () => {
    const steward = await person('dataSteward')
    const key = (await steward.send('POST', '/api/keys', { name: 'upload', days: 1 })).json
    const bearer = { authorization: `Bearer ${key.token}` }
    const byKey = () => site.ask({ method: 'GET', url: '/api/session', headers: bearer })
    expect((await byKey()).status).toBe(200)
    const id = await idOf(steward.name)
    const locked = await admin.send('POST', `/api/users/${id}/lock`, { reason: '离岗' })
    expect(locked.json).toMatchObject({ state: 'locked', lock: { reason: '离岗' }, sessions: 0 })
    expect((await as(steward.cookie)).status).toBe(401)
    expect((await byKey()).json.code).toBe('key_expired')
    const right = await signIn(steward.name, password)
    expect([right.status, right.json.code]).toEqual([423, 'sign_in_locked'])
    expect((await signIn(steward.name, 'wrong')).json.code).toBe('sign_in_failed')
    expect((await audited('lockUser'))[0]).toMatchObject({ nounId: String(id), reason: '离岗' })
    expect((await admin.send('POST', `/api/users/${id}/unlock`)).json.state).toBe('active')
    expect((await audited('unlockUser'))[0]).toMatchObject({ before: { reason: '离岗' } })
    expect((await signIn(steward.name, password)).status).toBe(200)
    expect((await byKey()).status).toBe(200)
    expect((await admin.send('POST', `/api/users/${id}/unlock`)).status).toBe(404)
  })

  test('is not put on oneself, and asks for re-entry', async () => {
    const own = await admin.send('POST', `/api/users/${await idOf(admin.name)}/lock`, { reason: 'x' })
    expect(own.json.code).toBe('own_account')
    at(11)
    const late = await admin.send('POST', `/api/users/${await idOf('datasteward-1-none')}/lock`, { reason: 'x' })
    expect([late.status, late.json.code]).toEqual([403, 'reentry_needed'])
    expect((await admin.send('POST', '/api/session/reenter', { password: 'wrong' })).json.code).toBe('password_wrong')
    const me = await admin.send('POST', '/api/session/reenter', { password })
    expect(me.json.reenteredUntil).toBe('2026-11-02T02:21:00.000Z')
    expect((await admin.send('POST', `/api/users/99999/lock`, { reason: 'x' })).json.code).toBe('not_found')
    at(0)
  })
})

test('a new password by an administrator lets one in as far as setting one of one’s own', async () => {
  const { name } = await person('riskOfficer')
  const { json } = await admin.send('POST', `/api/users/${await idOf(name)}/password`)
  expect((await signIn(name, password)).status).toBe(401)
  const entered = await signIn(name, json.password)
  expect(entered.json).toMatchObject({ awaits: 'password', permissions: [] })
  const cookie = cookieOf(entered)
  expect((await as(cookie, '/api/customers')).json.code).toBe('sign_in_unfinished')
  const set = (newPassword: string) =>
    site.ask({
      method: 'POST',
      url: '/api/session/password',
      headers: { cookie },
      payload: { password: json.password, newPassword },
    })
  expect((await set('woaini1314520')).json.code).toBe('password_weak')
  expect((await set('seven green kettles')).status).toBe(200)
  expect((await as(cookie, '/api/customers')).status).toBe(200)
  expect(await toldOf('resetPassword')).not.toContain(json.password)
})

describe('a new user', () => {
  const make = (body: object) => admin.send('POST', '/api/users', body)

  test('has a password for the first time only, and no post', async () => {
    const staff = (await query('select code from staff where left_on is null order by id limit 1'))[0]?.code
    const made = await make({ name: 'Lin.Yue', displayName: '林月', staff })
    expect(made.json.user).toMatchObject({ name: 'lin.yue', kind: 'person', state: 'active', posts: [], staff })
    const entered = await signIn('lin.yue', made.json.password)
    expect(entered.json).toMatchObject({ awaits: 'password', displayName: '林月' })
    expect((await audited('makePerson'))[0]).toMatchObject({ after: { name: 'lin.yue', way: 'password' } })
    expect(await toldOf('makePerson')).not.toContain(made.json.password)
  })

  test('takes nobody’s name, and no staff or way that is not there', async () => {
    expect((await make({ name: admin.name, displayName: 'x' })).json.code).toBe('name_taken')
    expect((await make({ name: 'new.one', displayName: 'x', staff: 'nobody' })).json.code).toBe('not_found')
    expect((await make({ name: 'new.one', displayName: 'x', way: 'singleSignOn' })).json.code).toBe('sso_off')
    expect((await make({ name: 'a b', displayName: 'x' })).json.code).toBe('input_invalid')
  })
})

test('a password hashed with less is hashed anew at sign-in', async () => {
  const { name } = await person('branchManager')
  const weaker = await hash(password, { memoryCost: 8192, timeCost: 1, parallelism: 1 })
  await query('update login set password_hash = $2 where name = $1', [name, weaker])
  expect((await signIn(name, password)).status).toBe(200)
  const [row] = await query('select password_hash from login where name = $1', [name])
  expect(row.password_hash).toContain('$m=19456,t=2,p=1$')
  expect((await signIn(name, password)).status).toBe(200)
})

describe('sessions', () => {
  test('are listed with where and by what, and end one by one or all but this', async () => {
    const { name } = await person('auditor')
    const [one, two, three] = [
      cookieOf(await signIn(name, password)),
      cookieOf(await signIn(name, password)),
      cookieOf(await signIn(name, password)),
    ]
    const { rows } = (await as(one, '/api/my/sessions')).json
    expect(rows.length).toBeGreaterThanOrEqual(4)
    expect(rows.filter((row: { current: boolean }) => row.current)).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      origin: 'password',
      address: expect.stringMatching(/^10\.2\./),
      agent: expect.any(String),
    })
    const other = (await as(two, '/api/my/sessions')).json.rows.find((row: { current: boolean }) => row.current)
    const end = (cookie: string, url: string) => site.ask({ method: 'DELETE', url, headers: { cookie } })
    expect((await end(one, `/api/my/sessions/${other.id}`)).json.ended).toBe(1)
    expect([(await as(two)).status, (await as(three)).status]).toEqual([401, 200])
    // Of nobody else
    const stranger = await person('analyst')
    const mine = (await as(three, '/api/my/sessions')).json.rows.find((row: { current: boolean }) => row.current)
    expect((await stranger.send('DELETE', `/api/my/sessions/${mine.id}`)).status).toBe(404)
    expect((await end(one, '/api/my/sessions')).status).toBe(200)
    expect([(await as(one)).status, (await as(three)).status]).toEqual([200, 401])
    const seen = await admin.get(`/api/users/${await idOf(name)}`)
    expect(seen.json.openSessions).toHaveLength(1)
    expect(
      (await admin.send('DELETE', `/api/users/${seen.json.id}/sessions/${seen.json.openSessions[0].id}`)).status,
    ).toBe(200)
    expect((await as(one)).status).toBe(401)
  })

  test('one more than the setting allows ends the one that was used longest ago', async () => {
    const other = await testSite({ STRATA_SESSIONS_MAX: '2' })
    try {
      const small = await smallBank(other.workplace.db, other.workplace.keys, { customers: 2 })
      const { name, cookie: first } = await other.person('auditor', small.units[0]?.id ?? 0)
      const bystander = await other.person('analyst', small.units[0]?.id ?? 0)
      const enter = async (minutes: number) => {
        other.clock.set(new Date(start + minutes * 60_000).toISOString())
        return cookieOf(await other.ask({ method: 'POST', url: '/api/session', payload: { name, password } }))
      }
      const statuses = (cookies: string[]) =>
        Promise.all(
          cookies.map(
            async (cookie) => (await other.ask({ method: 'GET', url: '/api/session', headers: { cookie } })).status,
          ),
        )
      const second = await enter(1)
      other.clock.set(new Date(start + 5 * 60_000).toISOString())
      expect(await statuses([first])).toEqual([200])
      const third = await enter(6)
      expect(await statuses([first, second, third, bystander.cookie])).toEqual([200, 401, 200, 200])
      const audited = await auditEntries(other.workplace.db, other.workplace.keys, 'endSessions')
      expect(audited).toMatchObject([{ after: { count: 1, by: 'limit' }, address: '127.0.0.1' }])
      const told = await other.database.db.owner.query(`select 1 from event where topic = 'session'`)
      expect(told.rows).toHaveLength(1)
      // At once too
      const many = await Promise.all(Array.from({ length: 6 }, () => enter(7)))
      expect((await statuses(many)).filter((status) => status === 200)).toHaveLength(2)
    } finally {
      await other.close()
    }
  })

  test('idle and longest time are settings', async () => {
    const other = await testSite({ STRATA_SESSION_IDLE_MINUTES: '5', STRATA_SESSION_HOURS: '1' })
    try {
      const small = await smallBank(other.workplace.db, other.workplace.keys, { customers: 2 })
      const one = await other.person('auditor', small.units[0]?.id ?? 0)
      const statusAt = async (minutes: number) => {
        other.clock.set(new Date(start + minutes * 60_000).toISOString())
        return (await one.get('/api/session')).status
      }
      for (let minutes = 4; minutes < 60; minutes += 4)
        expect([minutes, await statusAt(minutes)]).toEqual([minutes, 200])
      expect(await statusAt(60)).toBe(401)
      expect(await statusAt(62)).toBe(401)
    } finally {
      await other.close()
    }
  })

  test('an open page that only listens is idle', async () => {
    const other = await testSite({ STRATA_SESSION_IDLE_MINUTES: '5' })
    try {
      const small = await smallBank(other.workplace.db, other.workplace.keys, { customers: 2 })
      const one = await other.person('auditor', small.units[0]?.id ?? 0)
      const address = await other.app.listen({ port: 0, host: '127.0.0.1' })
      const set = (minutes: number) => other.clock.set(new Date(start + minutes * 60_000).toISOString())
      set(4)
      const leaving = new AbortController()
      const stream = await fetch(`${address}/api/events`, { headers: { cookie: one.cookie }, signal: leaving.signal })
      expect(stream.status).toBe(200)
      leaving.abort()
      set(6)
      expect((await one.get('/api/session')).status).toBe(401)
    } finally {
      await other.close()
    }
  })
})

describe('keys and programs', () => {
  const by = (token: string) => ({
    get: (url: string) => site.ask({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } }),
  })

  test('a key does what its scopes name and no more', async () => {
    const analyst = await person('analyst')
    const wrong = await analyst.send('POST', '/api/keys', { name: 'x', scopes: ['keys.manage'] })
    expect([wrong.status, wrong.json.code]).toEqual([422, 'scope_beyond'])
    const made = await analyst.send('POST', '/api/keys', { name: 'lists', scopes: ['customers.read'] })
    expect(made.json.key.scopes).toEqual(['customers.read'])
    const key = by(made.json.token)
    expect((await key.get('/api/customers')).status).toBe(200)
    expect((await key.get('/api/customers/export')).json.code).toBe('permission_missing')
    expect((await key.get('/api/session')).json.permissions).toEqual(['customers.read'])
    const { rows } = (await analyst.get('/api/keys')).json
    expect(rows.find((row: { name: string }) => row.name === 'lists').usedAt).toBe('2026-11-02T02:00:00.000Z')
  })

  test('a program has keys and no password, within what its maker may do and see', async () => {
    const steward = await person('dataSteward')
    await query(`delete from sign_in_attempt`)
    const cookie = cookieOf(await signIn(steward.name, password))
    const ask = (url: string, payload: object) => site.ask({ method: 'POST', url, headers: { cookie }, payload })
    const unit = bank.units[0]?.code
    const made = await ask('/api/programs', { name: 'Core.Bank', displayName: '核心系统', unit })
    expect([made.status, made.json.kind, made.json.name]).toEqual([201, 'program', 'core.bank'])
    expect((await ask('/api/programs', { name: 'core.bank', displayName: 'x', unit })).json.code).toBe('name_taken')
    expect((await signIn('core.bank', 'none')).status).toBe(401)
    const key = await ask('/api/keys', { name: 'night', program: 'core.bank', scopes: ['loads.upload', 'loads.read'] })
    expect(key.json.key.login).toBe('core.bank')
    expect((await by(key.json.token).get('/api/loads')).status).toBe(200)
    expect((await by(key.json.token).get('/api/customers')).json.code).toBe('permission_missing')
    const { rows } = (await as(cookie, '/api/programs')).json
    expect(rows).toMatchObject([
      { name: 'core.bank', state: 'active', unit: { code: unit }, keys: [{ name: 'night' }] },
    ])
    expect(rows[0].grantable).toContain('loads.upload')
    expect((await admin.get('/api/programs')).json.rows[0].grantable).not.toContain('customers.read')
    expect((await (await person('dataSteward', 1)).get('/api/programs')).json.rows).toEqual([])
    // An administrator sees no customer, and makes no key that does
    const asked = { name: 'spy', program: 'core.bank' }
    const beyond = await admin.send('POST', '/api/keys', { ...asked, scopes: ['customers.read'] })
    expect(beyond.json.code).toBe('scope_beyond')
    const all = await admin.send('POST', '/api/keys', asked)
    expect(all.json.key.scopes).not.toContain('customers.read')
    // Nor does somebody at a branch for the whole bank
    const branch = await person('dataSteward', 1)
    const there = await branch.send('POST', '/api/programs', { name: 'elsewhere', displayName: 'x', unit })
    expect(there.json.code).toBe('permission_missing')
    const upwards = await branch.send('POST', '/api/keys', { name: 'up', program: 'core.bank', scopes: ['loads.read'] })
    expect(upwards.json.code).toBe('scope_beyond')
    expect((await branch.send('DELETE', `/api/keys/${key.json.key.id}`)).status).toBe(404)
    const asks = { method: 'DELETE', url: `/api/keys/${key.json.key.id}`, headers: { cookie } } as const
    expect((await site.ask(asks)).json.revokedAt).toBe('2026-11-02T02:00:00.000Z')
    expect((await by(key.json.token).get('/api/loads')).json.code).toBe('key_expired')
    expect((await as(cookie, '/api/keys?login=core.bank')).json.rows).toHaveLength(1)
    expect((await branch.get('/api/keys?login=core.bank')).json.rows).toHaveLength(0)
  })
})

describe('a break-glass account', () => {
  test('opens once for its hours, alarms, and is acknowledged with a note', async () => {
    const made = await makeBreakGlass(site.workplace.db, site.clock, { name: 'Emergency', hours: 2, days: 90 })
    const alarms = async (by: Person, state = 'open') =>
      (await by.get(`/api/security-alerts?state=${state}`)).json.rows.filter(
        (row: { kind: string }) => row.kind === 'breakGlassUsed',
      )
    expect(await alarms(admin)).toEqual([])
    const entered = await signIn('emergency', made.password)
    expect(entered.json).toMatchObject({ kind: 'breakGlass', posts: [{ role: { code: 'administrator' } }] })
    const cookie = cookieOf(entered)
    const officer = await person('complianceOfficer')
    const rows = await alarms(officer)
    expect(rows).toMatchObject([{ times: 1, login: { name: 'emergency' }, acknowledged: null }])
    await signIn('emergency', made.password)
    expect(await alarms(officer)).toMatchObject([{ times: 2 }])
    // Not idle for an hour, so that it is the account's own time that ends
    for (const minutes of [50, 100, 119]) {
      at(minutes)
      expect((await as(cookie)).status).toBe(200)
    }
    at(121)
    expect((await as(cookie)).status).toBe(401)
    expect((await signIn('emergency', made.password)).json.code).toBe('break_glass_spent')
    at(0)
    const note = { note: '已核实：机房断网演练' }
    const auditor = await person('auditor', 1)
    expect((await auditor.send('POST', `/api/security-alerts/${rows[0].id}/acknowledge`, note)).status).toBe(403)
    expect((await officer.send('POST', `/api/security-alerts/${rows[0].id}/acknowledge`, note)).status).toBe(200)
    expect((await officer.send('POST', `/api/security-alerts/${rows[0].id}/acknowledge`, note)).json.code).toBe(
      'security_alert_acknowledged',
    )
    expect((await audited('acknowledgeSecurityAlert'))[0]).toMatchObject({
      nounId: String(rows[0].id),
      reason: note.note,
    })
    expect(await alarms(officer, 'acknowledged')).toMatchObject([{ acknowledged: note }])
  })

  test.each([
    { post: 'ended', set: { to_day: '2026-11-02' } },
    { post: 'is to come', set: { from_day: '2026-11-03' } },
    { post: 'ends before the account does', set: { to_day: '2026-11-03' } },
    { post: 'is another role', set: { role: 'teller' } },
  ])('made anew holds its post again, where the one before $post', async ({ set }) => {
    const asked = { name: 'spare', hours: 2, days: 90 }
    const mine = `login_id = (select id from login where name = 'spare')`
    await makeBreakGlass(site.workplace.db, site.clock, asked)
    for (const [column, value] of Object.entries(set))
      await query(`update post set ${column} = $1 where ${mine}`, [value])
    const { password: anew } = await makeBreakGlass(site.workplace.db, site.clock, asked)
    const { json } = await signIn('spare', anew)
    expect(json.posts.map((post: { role: { code: string } }) => post.role.code)).toContain('administrator')
    const until = `from_day <= '2026-11-02' and to_day > '2027-01-31' and role = 'administrator'`
    expect(await query(`select 1 from post where ${mine} and ${until}`)).toHaveLength(1)
    await query(`delete from post where ${mine}`)
  })

  test('does not take somebody’s name', async () => {
    const asked = { name: admin.name, hours: 2, days: 90 }
    await expect(makeBreakGlass(site.workplace.db, site.clock, asked)).rejects.toMatchObject({ code: 'name_taken' })
  })
})

test('many failures to sign in raise an alert, which counts on', async () => {
  await query('delete from sign_in_attempt')
  const fail = (name: string) =>
    site.ask({ method: 'POST', url: '/api/session', payload: { name, password: 'x' }, remoteAddress: '10.3.0.1' })
  for (let i = 0; i < 29; i++) await fail(`name-${i}`)
  const alerts = async () =>
    (await admin.get('/api/security-alerts')).json.rows.filter((row: { kind: string }) => row.kind === 'signInFailures')
  expect(await alerts()).toEqual([])
  await fail('name-30')
  expect(await alerts()).toMatchObject([{ about: 'address:10.3.0.1', times: 1 }])
})

describe('the list', () => {
  test('is filtered, sorted and paged, with a total', async () => {
    const all = (await admin.get('/api/users?limit=500')).json
    expect(all.total).toBe(all.rows.length)
    for (const sort of ['name', 'displayName', 'lastSignIn']) {
      for (const dir of ['asc', 'desc']) {
        const whole = (await admin.get(`/api/users?limit=500&sort=${sort}&dir=${dir}`)).json.rows
        const seen: number[] = []
        let cursor = ''
        do {
          const page = (await admin.get(`/api/users?limit=3&sort=${sort}&dir=${dir}${cursor}`)).json
          seen.push(...page.rows.map((row: { id: number }) => row.id))
          cursor = page.next && `&cursor=${page.next}`
        } while (cursor)
        expect(seen).toEqual(whole.map((row: { id: number }) => row.id))
      }
    }
    const named = (await admin.get('/api/users?q=DATAST')).json
    expect(named.rows.every((row: { name: string }) => row.name.includes('datast'))).toBe(true)
    expect(named.total).toBeGreaterThan(1)
    expect((await admin.get('/api/users?q=%25')).json.total).toBe(0)
    expect((await admin.get('/api/users?kind=program')).json.rows).toMatchObject([{ name: 'core.bank' }])
    expect((await admin.get('/api/users?role=auditor')).json.total).toBe(2)
    expect((await admin.get('/api/users?state=locked')).json.total).toBe(0)
    expect((await admin.get('/api/users?cursor=x')).json.code).toBe('cursor_invalid')
  })
})
