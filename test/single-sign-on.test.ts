/** The bank's own sign-on against a real OpenID Connect provider on loopback. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { providerSettings, type TestProvider, testProvider } from './support/oidc.ts'
import { smallBank } from './support/small-bank.ts'

let site: TestSite
let provider: TestProvider
let address: string
let units: string[]

const env = (more: Record<string, string> = {}) => ({
  ...providerSettings(provider),
  STRATA_OIDC_GROUPS: 'CN=analysts,OU=crm=analyst@U0; CN=branch heads,OU=crm=branchManager@U1;nobody=noRole@U0',
  ...more,
})

beforeAll(async () => {
  provider = await testProvider()
  site = await testSite(env())
  await smallBank(site.workplace.db, site.workplace.keys, { customers: 8 })
  const { rows } = await site.database.db.owner.query<{ code: string }>('select code from unit order by id')
  units = rows.map((row) => row.code)
  // The rules name units by code, whatever the bank calls them
  await site.database.db.owner.query(`update unit set code = 'U' || (select count(*) from unit b where b.id < unit.id)`)
  site.clock.set(new Date().toISOString())
  address = await site.app.listen({ port: 0, host: '127.0.0.1' })
  provider.register(address)
})
afterAll(async () => {
  await site.close()
  await provider.close()
})

/** A browser without a screen: cookies per host and port, redirects followed by hand. */
class Browser {
  readonly #jar = new Map<string, Map<string, string>>()

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(url)
    const jar = this.#jar.get(origin) ?? new Map<string, string>()
    this.#jar.set(origin, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const line of reply.headers.getSetCookie()) {
      const [pair = '', ...rest] = line.split(';')
      const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      const gone = value === '' || rest.some((one) => /expires=Thu, 01 Jan 1970/i.test(one))
      if (gone) jar.delete(name)
      else jar.set(name, value)
    }
    return reply
  }

  /** Follows redirects; on the provider's page it says who it is. Ends on a page of ours, or before one like `until`. */
  async goThrough(url: string, login: string, until?: string): Promise<string> {
    let next = url
    for (let i = 0; i < 15; i++) {
      const asked = next.includes('/interaction/')
      const body = new URLSearchParams({ login })
      const reply = await this.open(next, asked ? { method: 'POST', body } : {})
      const location = reply.headers.get('location')
      if (location === null) throw new Error(`${reply.status} at ${next}: ${await reply.text()}`)
      next = new URL(location, next).href
      if (until !== undefined && next.includes(until)) return next
      if (next.startsWith(address) && !next.includes('/api/')) return next.slice(address.length)
    }
    throw new Error(`no way through, last at ${next}`)
  }

  async me(): Promise<{ status: number; json: Record<string, unknown> }> {
    const reply = await this.open(`${address}/api/session`)
    return { status: reply.status, json: (await reply.json()) as Record<string, unknown> }
  }

  send(method: 'POST' | 'DELETE', path: string, body?: object): Promise<Response> {
    const init = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return this.open(`${address}${path}`, { method, ...init })
  }
}

const start = (to = '/') => `${address}/api/session/oidc?${new URLSearchParams({ to })}`
const rolesOf = (me: { json: Record<string, unknown> }) =>
  (me.json.posts as { role: { code: string }; unit: { code: string } }[]).map(
    (post) => `${post.role.code}@${post.unit.code}`,
  )
const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows

describe('signing in', () => {
  test('makes the login, gives the posts of its groups, and comes back to where one wanted to go', async () => {
    expect(units.length).toBeGreaterThan(3)
    provider.people.set('s1', { preferred_username: 'Lin.Mei', name: '林梅', groups: ['CN=analysts,OU=crm', 'else'] })
    const browser = new Browser()
    expect(await browser.goThrough(start('/customers?near=10'), 's1')).toBe('/customers?near=10')
    const me = await browser.me()
    expect(me.json).toMatchObject({ name: 'lin.mei', displayName: '林梅', origin: 'oidc', awaits: null })
    expect(rolesOf(me)).toEqual(['analyst@U0'])
    const audited = (await auditEntries(site.workplace.db, site.workplace.keys, 'signIn')).at(-1)
    expect(audited).toMatchObject({ who: expect.stringMatching(/^login:/), after: { origin: 'oidc' } })
  })

  test('brings posts up to date each time; those by hand stay', async () => {
    await query(
      `insert into post (login_id, role, unit_id) select l.id, 'teller', u.id from login l, unit u
       where l.name = 'lin.mei' and u.code = 'U3'`,
    )
    provider.people.set('s1', { preferred_username: 'Lin.Mei', name: '林梅', groups: ['CN=branch heads,OU=crm'] })
    const browser = new Browser()
    await browser.goThrough(start(), 's1')
    expect(rolesOf(await browser.me()).sort()).toEqual(['branchManager@U1', 'teller@U3'])
    // The same groups again change nothing
    const before = await query('select id, to_day::text from post order by id')
    await new Browser().goThrough(start(), 's1')
    expect(await query('select id, to_day::text from post order by id')).toEqual(before)
  })

  test('whose groups the provider cannot tell keeps its posts and is let in another time', async () => {
    const me = async () => query(`select p.id, p.to_day::text from post p order by p.id`)
    const before = await me()
    provider.silent = true
    try {
      expect(await new Browser().goThrough(start(), 's1')).toBe('/sign-in?refused=sso_failed')
    } finally {
      provider.silent = false
    }
    expect(await me()).toEqual(before)
  })

  test('without a post is refused, and what the groups gave before is gone', async () => {
    provider.people.set('s2', { preferred_username: 'wang', name: '王', groups: ['CN=analysts,OU=crm'] })
    expect(await new Browser().goThrough(start(), 's2')).toBe('/')
    provider.people.set('s2', { preferred_username: 'wang', name: '王', groups: ['nobody'] })
    const browser = new Browser()
    expect(await browser.goThrough(start(), 's2')).toBe('/sign-in?refused=sso_no_post')
    expect((await browser.me()).status).toBe(401)
    const posts = await query(
      `select 1 from post p join login l on l.id = p.login_id where l.name = 'wang' and to_day > current_date`,
    )
    expect(posts).toEqual([])
  })

  test('takes nobody else’s login by its name, but one that waits for it', async () => {
    const analyst = await site.person('analyst', (await query('select id from unit order by id limit 1'))[0].id)
    provider.people.set('s3', { preferred_username: analyst.name, name: '冒名', groups: ['CN=analysts,OU=crm'] })
    expect(await new Browser().goThrough(start(), 's3')).toBe('/sign-in?refused=name_taken')
    const { setLogin } = await import('../src/access/set-login.ts')
    const unit = 'U1'
    const made = await setLogin(site.workplace.db, site.clock, { name: 'zhao', role: 'auditor', unit, sso: true })
    expect(made.password).toBeNull()
    provider.people.set('s4', { preferred_username: 'zhao', name: '赵', groups: [] })
    const browser = new Browser()
    await browser.goThrough(start(), 's4')
    expect(rolesOf(await browser.me())).toEqual(['auditor@U1'])
  })

  test('of a locked person is refused', async () => {
    await query(
      `insert into login_lock (login_id, locked_at, locked_by, reason)
       select a.id, now(), b.id, 'left' from login a, login b where a.name = 'zhao' and b.name = 'lin.mei'`,
    )
    expect(await new Browser().goThrough(start(), 's4')).toBe('/sign-in?refused=sign_in_locked')
  })
})

describe('what must not pass', () => {
  test('an answer that another browser asked for, or with another state', async () => {
    const [mine, other] = [new Browser(), new Browser()]
    const begun = await mine.open(start())
    expect(begun.headers.get('location')).toMatch(/code_challenge_method=S256/)
    expect(begun.headers.get('location')).toMatch(/nonce=/)
    const answer = `${address}/api/session/oidc/callback?code=x&state=y&iss=${encodeURIComponent(provider.issuer)}`
    for (const browser of [mine, other]) {
      const reply = await browser.open(answer)
      expect([reply.status, reply.headers.get('location')]).toEqual([302, '/sign-in?refused=sso_failed'])
      expect((await browser.me()).status).toBe(401)
    }
  })

  test('an address of another site to come back to', async () => {
    for (const to of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
    ])
      expect([to, (await new Browser().open(start(to))).status]).toEqual([to, 400])
  })

  test('a logout token that the provider did not sign, or that is a token of another kind', async () => {
    for (const token of ['e30.e30.e30', await provider.logoutToken('sid-1', 'JWT')]) {
      const body = new URLSearchParams({ logout_token: token })
      const reply = await fetch(`${address}/api/session/oidc/logout`, { method: 'POST', body })
      expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([401, 'sso_failed'])
    }
  })
})

test('signing out here goes on to the provider; signing out there ends the sessions here', async () => {
  const [one, two] = [new Browser(), new Browser()]
  await one.goThrough(start(), 's1')
  await two.goThrough(start(), 's1')
  const { leaveBy } = (await (await one.send('DELETE', '/api/session')).json()) as { leaveBy: string }
  expect(leaveBy.startsWith(`${provider.issuer}/session/end?`)).toBe(true)
  expect((await one.me()).status).toBe(401)
  expect((await two.me()).status).toBe(200)
  // The other one signs out at the provider itself: its word comes by the back channel
  const asked = await (await two.open(`${provider.issuer}/session/end?client_id=${provider.clientId}`)).text()
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked)?.[1] ?? ''
  const body = new URLSearchParams({ xsrf, logout: 'yes' })
  await two.open(`${provider.issuer}/session/end/confirm`, { method: 'POST', body })
  expect((await two.me()).status).toBe(401)
})

test('a sensitive act sends one to the provider once more', async () => {
  const browser = new Browser()
  await browser.goThrough(start(), 's1')
  const now = site.clock.millis()
  const key = { name: 'nightly', days: 1 }
  expect((await browser.send('POST', '/api/keys', key)).status).toBe(201)
  site.clock.set(new Date(now + 11 * 60_000).toISOString())
  const refused = (await (await browser.send('POST', '/api/keys', key)).json()) as { code: string }
  expect(refused.code).toBe('reentry_needed')
  // Somebody else's answer does not do
  const begun = (await browser.open(`${start('/profile')}&reenter=true`)).headers.get('location') ?? ''
  provider.people.set('s2', { preferred_username: 'wang', name: '王', groups: ['CN=analysts,OU=crm'] })
  const answer = await new Browser().goThrough(begun, 's2', '/oidc/callback')
  expect((await browser.open(answer)).headers.get('location')).toBe('/sign-in?refused=sso_failed')
  expect((await browser.send('POST', '/api/keys', key)).status).toBe(403)
  expect(await browser.goThrough(`${start('/profile')}&reenter=true`, 's1')).toBe('/profile')
  expect((await browser.send('POST', '/api/keys', key)).status).toBe(201)
  site.clock.set(new Date(now).toISOString())
})

test('passwords can be switched off for people', async () => {
  const other = await testSite(env({ STRATA_LOCAL_SIGN_IN: 'off' }))
  try {
    await smallBank(other.workplace.db, other.workplace.keys, { customers: 2 })
    const { setLogin } = await import('../src/access/set-login.ts')
    const { makeBreakGlass } = await import('../src/access/break-glass.ts')
    const [unit] = (await other.database.db.owner.query('select code from unit order by id limit 1')).rows
    const { db } = other.workplace
    const person = await setLogin(db, other.clock, { name: 'li', role: 'auditor', unit: unit.code })
    const glass = await makeBreakGlass(db, other.clock, { name: 'emergency', hours: 4, days: 90 })
    const signIn = (name: string, password: string) =>
      other.ask({ method: 'POST', url: '/api/session', payload: { name, password } })
    expect((await signIn('li', person.password ?? '')).json.code).toBe('local_sign_in_off')
    expect((await signIn('li', 'wrong')).json.code).toBe('sign_in_failed')
    expect((await signIn('emergency', glass.password)).json.kind).toBe('breakGlass')
    const ways = await other.ask({ method: 'GET', url: '/api/session/ways' })
    expect(ways.json).toMatchObject({ password: false, singleSignOn: true })
  } finally {
    await other.close()
  }
})
