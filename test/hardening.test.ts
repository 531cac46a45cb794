/** What stands before every route: headers, forgery, limits, the log. The policy in a browser is in e2e/security.test.ts. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildServer } from '../src/api/server.ts'
import { leavesTraces } from '../src/contract/endpoint.ts'
import { contract, type EndpointName } from '../src/contract/index.ts'
import { Refused } from '../src/kit/refusal.ts'
import { type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let head: number

beforeAll(async () => {
  site = await testSite({ STRATA_PERSON_REQUESTS: '60', STRATA_ADDRESS_REQUESTS: '200' })
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  head = bank.units[0]?.id ?? 0
})
afterAll(() => site.close())

const entriesOf = (action: string) => auditEntries(site.database.db, site.workplace.keys, action)

describe('headers', () => {
  test('every kind of reply carries them', async () => {
    for (const url of ['/api/health', '/api/nothing', '/api/session', '/api/openapi.json']) {
      const { headers } = await site.ask({ method: 'GET', url, remoteAddress: '10.2.0.1' })
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toMatch(/script-src 'self';/)
      expect(policy).not.toContain('unsafe')
      expect(policy).toContain("frame-ancestors 'none'")
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
      })
      expect(headers['x-powered-by']).toBeUndefined()
      expect(headers.server).toBeUndefined()
    }
  })

  test('https only is asked for over https only', async () => {
    const far = { 'x-forwarded-proto': 'https' }
    const over = await site.ask({ method: 'GET', url: '/api/health', headers: far, remoteAddress: '127.0.0.1' })
    expect(over.headers['strict-transport-security']).toContain('max-age=31536000')
    const plain = await site.ask({ method: 'GET', url: '/api/health' })
    expect(plain.headers['strict-transport-security']).toBeUndefined()
  })

  test('the page is never kept and carries the nonce of its own reply', async () => {
    const webDir = join(site.workplace.config.home, 'page')
    mkdirSync(webDir, { recursive: true })
    const html =
      '<html><meta property="csp-nonce" nonce="STRATA-NONCE"><script nonce="STRATA-NONCE" src="/a.js"></script>'
    writeFileSync(join(webDir, 'index.html'), html)
    const app = await buildServer(site.workplace, { webDir })
    const nonces = new Set<string>()
    for (const url of ['/', '/customers/1']) {
      const reply = await app.inject({ url })
      const nonce =
        /style-src 'self' 'nonce-([\w-]{24})'/.exec(String(reply.headers['content-security-policy']))?.[1] ?? ''
      expect(reply.body.match(/nonce="([^"]+)"/g)).toEqual([`nonce="${nonce}"`, `nonce="${nonce}"`])
      expect(reply.headers['cache-control']).toBe('no-store')
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(2)
    await app.close()
  })
})

describe('forgery', () => {
  const writing = Object.values(contract).flatMap((endpoint) =>
    leavesTraces(endpoint) ? [endpoint.name as EndpointName] : [],
  )

  test.each(writing)('%s refuses another origin and another site', async (name) => {
    const { method, path } = contract[name]
    const person = await site.person('dataSteward', head)
    const url = path.replace(':feed', 'units').replace(/:\w+/, '1')
    const from = { remoteAddress: '10.3.0.1' }
    const forged: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost.evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of forged) {
      const asked = { method, url, headers: { cookie: person.cookie, ...headers }, ...from }
      const answer = await site.ask(method === 'POST' ? { ...asked, payload: {} } : asked)
      expect([answer.status, answer.json?.code]).toEqual([403, 'origin_refused'])
    }
  })
})

describe('limits', () => {
  test('of one person, whatever address and key; the entry is written once', async () => {
    const person = await site.person('analyst', head)
    const ask = (n: number) =>
      site.ask({
        method: 'GET',
        url: '/api/session',
        headers: { cookie: person.cookie },
        remoteAddress: `10.4.0.${n % 8}`,
      })
    const answers = []
    for (let n = 0; n < 64; n++) answers.push((await ask(n)).status)
    expect(answers.filter((status) => status === 200)).toHaveLength(60)
    expect(answers.slice(60)).toEqual([429, 429, 429, 429])
    const other = await site.person('riskOfficer', head)
    expect((await other.get('/api/session')).status).toBe(200)
    await expect.poll(async () => (await entriesOf('throttled')).length).toBe(1)
    expect((await entriesOf('throttled'))[0]).toMatchObject({
      who: expect.stringMatching(/^login:/),
      nounId: 'readSession',
    })
  })

  test('of one address, signed in or not', async () => {
    const from = { remoteAddress: '10.5.0.1' }
    const answers = []
    for (let n = 0; n < 203; n++) answers.push(await site.ask({ method: 'GET', url: '/api/health', ...from }))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(200)
    const last = answers.at(-1)
    expect([last?.status, last?.json.code]).toEqual([429, 'too_many_requests'])
    expect(last?.headers['retry-after']).toBeDefined()
    expect((await site.ask({ method: 'GET', url: '/api/health', remoteAddress: '10.5.0.2' })).status).toBe(200)
    await expect.poll(async () => (await entriesOf('throttled')).map(({ address }) => address)).toContain('10.5.0.1')
  })

  test('who is not of this machine cannot pretend to be another address', async () => {
    const headers = { 'x-forwarded-for': '10.6.0.1' }
    await site.ask({
      method: 'POST',
      url: '/api/session',
      headers,
      payload: { name: 'x', password: 'y' },
      remoteAddress: '10.6.0.9',
    })
    expect((await entriesOf('signInFailed')).at(-1)).toMatchObject({ address: '10.6.0.9' })
  })

  test('of a body, a form and a path', async () => {
    const from = { remoteAddress: '10.7.0.1' }
    const large = { name: 'x', password: 'y'.repeat(1_100_000) }
    expect((await site.ask({ method: 'POST', url: '/api/session', payload: large, ...from })).json.code).toBe(
      'body_too_large',
    )
    const long = await site.ask({ method: 'GET', url: `/api/customers/${'1'.repeat(400)}`, ...from })
    expect([400, 401, 404, 414]).toContain(long.status)
  })
})

describe('the log', () => {
  test('holds no secret and nothing that an error quotes', async () => {
    const logFile = join(site.workplace.config.home, 'hardening.log')
    const config = { ...site.workplace.config, logLevel: 'trace' }
    const app = await buildServer({ ...site.workplace, config }, { logFile })
    const person = await site.person('auditor', head)
    await app.inject({
      url: '/api/customers?q=13900000001',
      headers: { cookie: person.cookie, authorization: 'Bearer strata_secret' },
    })
    const payload = { name: 'somebody', password: 'my-own-password' }
    await app.inject({ method: 'POST', url: '/api/session', payload })
    app.log.error(
      { err: Object.assign(new Error('Key (phone)=(13900000001) exists, "欧阳志远"'), { detail: '13900000001' }) },
      'x',
    )
    app.log.warn({ password: 'my-own-password', deep: { token: 'strata_secret', phone: '13900000001' } }, 'y')
    app.log.error({ err: new Refused('not_found', { what: 'customer 13900000001' }) }, 'z')
    await app.close()
    await expect.poll(() => readFileSync(logFile, 'utf8')).toContain('"msg":"z"')
    const text = readFileSync(logFile, 'utf8')
    for (const secret of ['my-own-password', 'strata_secret', person.cookie, '13900000001', '欧阳志远']) {
      expect(text).not.toContain(secret)
    }
    expect(text).toContain('"stack":"    at ')
  })
})
