/** The API over HTTP: signing in, forgery, masking, refusals, caching, documentation, limits. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { handlers } from '../src/api/handlers.ts'
import { refusalsOf } from '../src/api/openapi.ts'
import { contract } from '../src/contract/index.ts'
import { refusals } from '../src/kit/refusal.ts'
import { password, type TestSite, testSite } from './support/api.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let head: number

beforeAll(async () => {
  site = await testSite({ STRATA_UPLOAD_MAX_MB: '1' })
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  head = bank.units[0]?.id ?? 0
})
afterEach(() => site.clock.set('2026-11-02T02:00:00.000Z'))
afterAll(() => site.close())

const signIn = (name: string, secret: string, more: object = {}) =>
  site.ask({ method: 'POST', url: '/api/session', payload: { name, password: secret }, ...more })

describe('signing in', () => {
  test('the cookie is not for scripts, the session is found by it, and ends with it', async () => {
    const analyst = await site.person('analyst', head)
    const answer = await signIn(analyst.name.toUpperCase(), password)
    expect(answer.status).toBe(200)
    expect(String(answer.headers['set-cookie'])).toMatch(/^strata_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
    const get = () => site.ask({ method: 'GET', url: '/api/session', headers: { cookie } })
    expect((await get()).json).toMatchObject({
      posts: [{ role: { code: 'analyst' } }],
      customers: 'subtree',
      lastNight: { day: '2026-10-31' },
    })
    const stored = await site.database.db.owner.query('select token_hash from session')
    expect(stored.rows.some((row) => cookie.includes(row.token_hash.toString('base64url')))).toBe(false)
    await site.ask({ method: 'DELETE', url: '/api/session', headers: { cookie } })
    expect((await get()).status).toBe(401)
  })

  test('over https the cookie is the host’s own, and none without the prefix counts', async () => {
    const { name } = await site.person('analyst', head)
    const https = { 'x-forwarded-proto': 'https' }
    const answer = await signIn(name, password, { headers: https })
    const set = String(answer.headers['set-cookie'])
    expect(set).toMatch(/^__Host-strata_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    const [cookie = ''] = set.split(';')
    const status = async (held: string, headers: object) =>
      (await site.ask({ method: 'GET', url: '/api/session', headers: { ...headers, cookie: held } })).status
    expect(await status(cookie, https)).toBe(200)
    // Another host of the domain could have put that one into the browser
    expect(await status(cookie.replace('__Host-', ''), https)).toBe(401)
    const out = await site.ask({ method: 'DELETE', url: '/api/session', headers: { ...https, cookie } })
    expect(String(out.headers['set-cookie'])).toMatch(/^__Host-strata_session=;.*Secure/)
    expect(await status(cookie, https)).toBe(401)
  })

  test('a wrong name and a wrong password are told alike, and waiting begins after five', async () => {
    const teller = await site.person('teller', head)
    for (const name of [teller.name, 'nobody-of-that-name']) {
      const from = { remoteAddress: name === teller.name ? '10.0.0.1' : '10.0.0.2' }
      for (let i = 0; i < 5; i++) {
        const answer = await signIn(name, 'wrong', from)
        expect([answer.status, answer.json.code]).toEqual([401, 'sign_in_failed'])
      }
      const throttled = await signIn(name, name === teller.name ? password : 'wrong', from)
      expect([throttled.status, throttled.json.code]).toEqual([429, 'sign_in_throttled'])
      expect(throttled.headers['retry-after']).toBe('30')
    }
    site.clock.set('2026-11-02T02:00:31.000Z')
    expect((await signIn(teller.name, password, { remoteAddress: '10.0.0.1' })).status).toBe(200)
  })

  test('many guesses at once do not slip through', async () => {
    const name = (await site.person('lobbyManager', head)).name
    const from = { remoteAddress: '10.0.0.3' }
    const answers = await Promise.all(Array.from({ length: 12 }, () => signIn(name, 'wrong', from)))
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5)
  })

  test('one address cannot guess at many names', async () => {
    const from = { remoteAddress: '10.0.0.4' }
    for (let i = 0; i < 30; i++) expect((await signIn(`name-${i}`, 'wrong', from)).status).toBe(401)
    expect((await signIn('name-31', 'wrong', from)).status).toBe(429)
  })

  test('a session ends when idle, and at the latest after twelve hours', async () => {
    const person = await site.person('auditor', head)
    site.clock.set('2026-11-02T03:01:00.000Z')
    expect((await person.get('/api/session')).status).toBe(401)
    site.clock.set('2026-11-02T02:00:00.000Z')
    expect((await person.get('/api/session')).status).toBe(200)
    for (let minutes = 50; minutes < 720; minutes += 50) {
      const hour = String(2 + Math.floor(minutes / 60)).padStart(2, '0')
      site.clock.set(`2026-11-02T${hour}:${String(minutes % 60).padStart(2, '0')}:00.000Z`)
      expect((await person.get('/api/session')).status).toBe(200)
    }
    site.clock.set('2026-11-02T14:01:00.000Z')
    expect((await person.get('/api/session')).status).toBe(401)
  })

  test('a session that is taken away, and a sign-in that is disabled, are over with the very next request', async () => {
    const { owner } = site.database.db
    for (const end of [
      'delete from session where login_id = (select id from login where name = $1)',
      'update login set disabled_at = now() where name = $1',
    ]) {
      const person = await site.person('auditor', bank.units[2]?.id ?? 0)
      await owner.query('update login set disabled_at = null where name = $1', [person.name])
      const again = await signIn(person.name, password)
      const cookie = String(again.headers['set-cookie']).split(';')[0] ?? ''
      const get = () => site.ask({ method: 'GET', url: '/api/customers?limit=1', headers: { cookie } })
      const etag = String((await get()).headers.etag)
      expect((await get()).status).toBe(200)
      await owner.query(end, [person.name])
      expect((await get()).status).toBe(401)
      const cached = { cookie, 'if-none-match': etag }
      expect((await site.ask({ method: 'GET', url: '/api/customers?limit=1', headers: cached })).status).toBe(401)
    }
  })

  test('success, failure and refusals are audited', async () => {
    const { rows } = await site.database.db.owner.query('select distinct action from audit_entry')
    const actions = rows.map((row) => row.action)
    expect(actions).toEqual(expect.arrayContaining(['signIn', 'signOut', 'signInFailed', 'signInThrottled']))
  })

  test('demo sign-ins are told only where there are some', async () => {
    expect((await site.ask({ method: 'GET', url: '/api/session/demo' })).json).toEqual({ logins: [] })
  })
})

describe('keys', () => {
  test('a key acts as its maker, makes no keys, and ends when revoked', async () => {
    const steward = await site.person('dataSteward', head)
    const made = await steward.send('POST', '/api/keys', { name: 'nightly upload', days: 30 })
    expect(made.status).toBe(201)
    const bearer = { authorization: `Bearer ${made.json.token}` }
    const ask = (url: string) => site.ask({ method: 'GET', url, headers: bearer })
    expect((await ask('/api/session')).json).toMatchObject({
      posts: [{ role: { code: 'dataSteward' } }],
      name: steward.name,
    })
    expect((await ask('/api/customers/export')).status).toBe(403)
    const more = await site.ask({ method: 'POST', url: '/api/keys', headers: bearer, payload: { name: 'more' } })
    expect(more.json.code).toBe('key_needs_person')
    expect((await steward.get('/api/keys')).text).not.toContain(made.json.token)
    const other = await site.person('analyst', head)
    expect((await other.send('DELETE', `/api/keys/${made.json.key.id}`)).status).toBe(404)
    const officer = await site.person('complianceOfficer', head)
    expect((await officer.send('DELETE', `/api/keys/${made.json.key.id}`)).status).toBe(200)
    expect((await ask('/api/session')).json.code).toBe('key_expired')
  })

  test('a key expires', async () => {
    const steward = await site.person('dataSteward', head)
    const made = await steward.send('POST', '/api/keys', { name: 'short', days: 1 })
    const ask = () =>
      site.ask({ method: 'GET', url: '/api/session', headers: { authorization: `Bearer ${made.json.token}` } })
    expect((await ask()).status).toBe(200)
    site.clock.set('2026-11-03T02:00:01.000Z')
    expect((await ask()).status).toBe(401)
  })
})

test('a page of another site cannot act in somebody’s name', async () => {
  const steward = await site.person('dataSteward', head)
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
    const answer = await steward.send('POST', '/api/keys', { name: 'stolen' }, headers as Record<string, string>)
    expect([answer.status, answer.json.code]).toEqual([403, 'origin_refused'])
  }
  const own = await steward.send('POST', '/api/keys', { name: 'own' }, { origin: 'http://localhost:80' })
  expect(own.status).toBe(201)
})

test('no answer holds a whole identity, phone, e-mail, address, name or account number', async () => {
  const urls = [
    '/api/customers?limit=500',
    '/api/units',
    '/api/proposals?limit=500',
    '/api/households/H1',
    '/api/loads',
  ]
  urls.push(`/api/nights/${bank.nights[1]}`, '/api/customers/export')
  for (const customer of bank.customers) urls.push(`/api/customers/${customer.customerNo}`)
  const officer = await site.person('riskOfficer', head)
  let seen = ''
  for (const url of urls) {
    const answer = await officer.get(url)
    expect([url, answer.status]).toEqual([url, 200])
    seen += answer.text
  }
  for (const customer of bank.customers) {
    const secret = [customer.identityNo, customer.phone, customer.email, customer.address, customer.accountNo]
    if (customer.kind === 'person') secret.push(customer.name)
    for (const text of secret) expect(seen).not.toContain(text)
  }
  expect(seen).toContain('139****0001')
  expect(seen).toContain('1101**********001X')
})

describe('refusals', () => {
  test('are problems in both languages', async () => {
    const analyst = await site.person('analyst', head)
    const answer = await analyst.get('/api/customers/0')
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(answer.json).toEqual({
      type: '/api/docs#problem-not-found',
      title: '没有找到',
      titleEn: 'Not found',
      status: 404,
      code: 'not_found',
      detail: '没有找到 客户 0',
      detailEn: 'customer 0 was not found',
      params: { what: 'customer 0', whatZh: '客户 0' },
    })
  })

  test.each([
    ['/api/customers?limit=0', 'limit'],
    ['/api/customers?limit=501', 'limit'],
    ['/api/customers?tier=gold', 'tier'],
    ['/api/customers?minFen=1.5', 'minFen'],
    ['/api/nights/x', 'id'],
    ['/api/customers/1/history?from=2026-02-30', 'from'],
  ])('%s names %s', async (url, field) => {
    const answer = await (await site.person('analyst', head)).get(url)
    expect([answer.status, answer.json.code, answer.json.params.field]).toEqual([400, 'input_invalid', field])
  })

  test('who is near the line goes by the average, however little time is left to the cut-off', async () => {
    const analyst = await site.person('analyst', head)
    await site.database.db.owner.query('update night_customer set to_next_fen = to_next_fen * 1000')
    const bars: Record<number, number> = { 1: 10_000_000, 2: 30_000_000, 3: 100_000_000 }
    const { json: all } = await analyst.get('/api/customers?limit=500')
    type Row = {
      customerNo: string
      averageFen: string
      householdAverageFen: string | null
      qualifiedTier: { ordinal: number }
    }
    const reaches = ({ qualifiedTier, averageFen }: Row) =>
      Number(averageFen) >= (bars[qualifiedTier.ordinal] ?? Infinity) * 0.8
    const expected = all.rows.filter(reaches).map(({ customerNo }: Row) => customerNo)
    expect(expected.length).toBeGreaterThan(0)
    const { json: near } = await analyst.get('/api/customers?near=20&limit=500')
    expect(near.rows.map(({ customerNo }: Row) => customerNo).sort()).toEqual(expected.sort())
  })

  test('broken JSON and unknown paths', async () => {
    const steward = await site.person('dataSteward', head)
    const headers = { cookie: steward.cookie, 'content-type': 'application/json' }
    const broken = await site.ask({ method: 'POST', url: '/api/keys', headers, payload: '{"name":' })
    expect([broken.status, broken.json.code]).toEqual([400, 'input_invalid'])
    expect((await steward.get('/api/nothing')).json.code).toBe('not_found')
  })

  test.each([
    '/api/customers',
    '/api/customers/count',
    '/api/customers/export',
    '/api/nights/current/pyramid',
    '/api/nights/current/flows',
    '/api/proposals',
    '/api/quality',
  ])('a unit that is not there: %s', async (path) => {
    const manager = await site.person('branchManager', head)
    expect((await manager.get(`${path}?unit=none`)).json.code).toBe('not_found')
  })

  test('no statement of SQL gets in', async () => {
    const analyst = await site.person('analyst', head)
    for (const text of ["' or 1=1 --", "%' union select 1", '\\', '%', '_', '"', "'); drop table party; --"]) {
      const answer = await analyst.get(`/api/customers?q=${encodeURIComponent(text)}`)
      expect([answer.status, answer.json.rows]).toEqual([200, []])
    }
  })
})

describe('caching', () => {
  test('what has not changed is not sent again, and nobody gets another’s', async () => {
    const analyst = await site.person('analyst', head)
    for (const url of ['/api/customers', '/api/units', '/api/nights/current/pyramid', '/api/nights', '/api/feeds']) {
      const first = await analyst.get(url)
      const etag = String(first.headers.etag)
      expect(etag).toMatch(/^W\//)
      expect(first.headers['cache-control']).toBe('private, no-cache')
      const again = await analyst.get(url, { 'if-none-match': etag })
      expect([url, again.status, again.text]).toEqual([url, 304, ''])
    }
    const etag = String((await analyst.get('/api/customers')).headers.etag)
    const auditor = await site.person('riskOfficer', head)
    expect((await auditor.get('/api/customers', { 'if-none-match': etag })).status).toBe(200)
  })

  test('a decision changes it', async () => {
    const officer = await site.person('riskOfficer', head)
    const before = String((await officer.get('/api/customers')).headers.etag)
    const { json } = await officer.get('/api/proposals')
    await officer.send('POST', '/api/proposals/decide', { decision: 'declined', ids: [json.rows[0].id] })
    expect((await officer.get('/api/customers', { 'if-none-match': before })).status).toBe(200)
  })
})

describe('documentation', () => {
  test('lists every endpoint with its refusals', async () => {
    const { json } = await site.ask({ method: 'GET', url: '/api/openapi.json' })
    expect(json.openapi).toBe('3.1.0')
    for (const endpoint of Object.values(contract)) {
      const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
      const said = json.paths[path]?.[endpoint.method.toLowerCase()]
      expect([path, said?.operationId]).toEqual([path, endpoint.name])
      const statuses = new Set(refusalsOf(endpoint).map((code) => String(refusals[code].status)))
      expect(Object.keys(said.responses).sort()).toEqual([...statuses, String(endpoint.status)].sort())
    }
    const listed = Object.values(json.paths).flatMap((path) => Object.keys(path as object))
    expect(listed).toHaveLength(Object.keys(contract).length)
  })

  test('every reference leads somewhere and every path parameter is described', async () => {
    const { text, json } = await site.ask({ method: 'GET', url: '/api/openapi.json' })
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((found) => found[1])
    expect(references.length).toBeGreaterThan(10)
    for (const name of references) expect(Object.keys(json.components.schemas)).toContain(name)
    for (const [path, methods] of Object.entries(json.paths)) {
      for (const operation of Object.values(
        methods as Record<string, { parameters?: { in: string; name: string }[] }>,
      )) {
        const described = operation.parameters?.filter((one) => one.in === 'path').map((one) => one.name) ?? []
        expect(described).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]))
      }
    }
  })

  test('the page needs nothing from outside and has a policy of its own', async () => {
    const page = await site.ask({ method: 'GET', url: '/api/docs/' })
    expect(page.status).toBe(200)
    const nonce = /script-src 'self' 'nonce-([\w-]{24})';/.exec(String(page.headers['content-security-policy']))?.[1]
    expect([...page.text.matchAll(/<script\b(?! nonce="([\w-]+)")/g)]).toEqual([])
    expect(page.text).toContain(`<script nonce="${nonce}"`)
    expect([...page.text.matchAll(/(?:src|href)="(https?:[^"]+)"/g)]).toEqual([])
  })

  test('every endpoint has a handler', () => {
    expect(Object.keys(handlers).sort()).toEqual(Object.keys(contract).sort())
  })
})

describe('limits', () => {
  test('an oversized body is refused before it is read', async () => {
    const steward = await site.person('dataSteward', head)
    const json = await steward.send('POST', '/api/keys', { name: 'x'.repeat(2_000_000) })
    expect([json.status, json.json.code]).toEqual([413, 'body_too_large'])
    const headers = { 'content-type': 'text/csv', 'content-length': String(2 * 1_048_576), cookie: steward.cookie }
    const answer = await site.ask({ method: 'POST', url: '/api/feeds/units?file=units.csv', headers, payload: 'x' })
    expect([answer.status, answer.json.code]).toEqual([413, 'body_too_large'])
  })

  test('who may not load is told so before the file is read', async () => {
    const analyst = await site.person('analyst', head)
    const headers = { 'content-type': 'text/csv', 'content-length': String(2 * 1_048_576), cookie: analyst.cookie }
    const answer = await site.ask({ method: 'POST', url: '/api/feeds/units?file=units.csv', headers, payload: 'x' })
    expect([answer.status, answer.json.code]).toEqual([403, 'permission_missing'])
  })
})

describe('machinery', () => {
  test('health says that the database answers', async () => {
    const answer = await site.ask({ method: 'GET', url: '/api/health' })
    expect(answer.json).toMatchObject({ status: 'ok', database: true })
  })

  test('metrics are for this machine, or for a key', async () => {
    const near = await site.ask({ method: 'GET', url: '/metrics' })
    expect(near.text).toContain('strata_http_seconds_bucket')
    const far = await site.ask({ method: 'GET', url: '/metrics', remoteAddress: '10.9.9.9' })
    expect(far.status).toBe(401)
  })

  test('pages of other sites may not frame it, and nothing is guessed about types', async () => {
    const { headers } = await site.ask({ method: 'GET', url: '/api/health' })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
  })
})
