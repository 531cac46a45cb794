/**
 * That nothing is done without an audit entry: every endpoint that writes or hands out a file is called with success,
 * and must leave the entry that the table names, with who, from where, before and after. So must refusals, and what the
 * program does by itself.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setLogin } from '../src/access/set-login.ts'
import { quarantine } from '../src/command/quarantine.ts'
import { tiers } from '../src/command/tiers.ts'
import { contract, type EndpointName } from '../src/contract/index.ts'
import { auditMigrations } from '../src/nightly/installation.ts'
import { runNight } from '../src/nightly/night.ts'
import { recomputeStale } from '../src/nightly/would-have-been.ts'
import { auditEn } from '../web/copy/audit.en.ts'
import { auditZhCN } from '../web/copy/audit.zh-CN.ts'
import { type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import type { TestBank } from './support/lake-bank.ts'
import { providerSettings, type TestProvider, testProvider } from './support/oidc.ts'
import type { Write } from './support/rights-writes.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'
import { storyBank, storyDay } from './support/story-bank.ts'
import { allWrites } from './support/writes.ts'

let site: TestSite
let bank: SmallBank
let head: number
let provider: TestProvider

beforeAll(async () => {
  provider = await testProvider()
  provider.register('http://127.0.0.1')
  site = await testSite(providerSettings(provider))
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  head = bank.units[0]?.id ?? 0
})
afterAll(async () => {
  await site.close()
  await provider.close()
})

const entriesOf = (action: string) => auditEntries(site.database.db, site.workplace.keys, action)
const as = (role: Parameters<TestSite['person']>[0]) => site.person(role, head)

/** Endpoints that write nothing although they are no GET. */
const computesOnly: EndpointName[] = ['simulate', 'rehearseChange']

const writes: Partial<Record<EndpointName, Write>> = allWrites(() => ({ site, bank, provider }))

const mustBeAudited = Object.values(contract)
  .filter(({ method, answers, name }) => method !== 'GET' || answers === 'file' || name.startsWith('export'))
  .map(({ name }) => name as EndpointName)
  .filter((name) => !computesOnly.includes(name))

test('every endpoint that writes or hands out a file is in the table', () => {
  expect(mustBeAudited.filter((name) => writes[name] === undefined)).toEqual([])
})

describe('leaves its entry', () => {
  test.each(Object.keys(writes) as EndpointName[])('%s', async (name) => {
    const { action, does, entry } = writes[name] as Write
    const before = await entriesOf(action)
    const answer = await does()
    expect([200, 201, 202]).toContain(answer.status)
    const added = (await entriesOf(action)).filter((one) => before.every(({ id }) => id !== one.id))
    expect(added.length).toBeGreaterThan(0)
    expect(added.at(-1)).toMatchObject(entry)
    if (entry.who === undefined) expect(added.at(-1)?.who).toMatch(/^login:\d+$/)
    expect(added.at(-1)?.address).toBe('127.0.0.1')
  })
})

test('every action and noun has words in both languages', async () => {
  const { rows } = await site.database.db.owner.query<{ action: string; noun: string }>(
    'select distinct action, noun from audit_entry',
  )
  expect(rows.length).toBeGreaterThan(40)
  for (const { actions, nouns } of [auditZhCN.audit, auditEn.audit]) {
    expect(rows.filter(({ action }) => actions[action] === undefined).map(({ action }) => action)).toEqual([])
    expect(rows.filter(({ noun }) => nouns[noun] === undefined).map(({ noun }) => noun)).toEqual([])
  }
})

describe('refusals', () => {
  test('of a right, of another origin, and of a key that makes keys', async () => {
    const auditor = await as('auditor')
    await auditor.get('/api/customers/export')
    await auditor.send('POST', '/api/keys', { name: 'x' }, { origin: 'https://evil.example' })
    const made = await auditor.send('POST', '/api/keys', { name: 'program' })
    const headers = { authorization: `Bearer ${made.json.token}` }
    await site.ask({ method: 'POST', url: '/api/keys', headers, payload: { name: 'more' } })
    const refused = (await entriesOf('refused')).slice(-3)
    expect(refused.map(({ nounId, reason }) => [nounId, reason])).toEqual([
      ['exportCustomers', 'permission_missing customers.export'],
      ['createKey', 'origin_refused https://evil.example'],
      ['createKey', 'key_needs_person'],
    ])
    expect(refused.map(({ who }) => who.split(':')[0])).toEqual(['login', 'nobody', 'key'])
  })

  test('of a key that is none', async () => {
    const headers = { authorization: 'Bearer strata_nothing' }
    expect((await site.ask({ method: 'GET', url: '/api/session', headers })).status).toBe(401)
    expect((await entriesOf('keyRefused')).at(-1)).toMatchObject({ who: 'nobody', address: '127.0.0.1' })
  })

  test('of a wrong password; the name is in clear for nobody, as it may be a password', async () => {
    const from = { remoteAddress: '10.9.0.1' }
    for (let i = 0; i < 6; i++) {
      const payload = { name: 'my-Secret-1', password: 'wrong' }
      await site.ask({ method: 'POST', url: '/api/session', payload, ...from })
    }
    expect((await entriesOf('signInFailed')).at(-1)).toMatchObject({ nounId: null, after: { name: 'my-secret-1' } })
    expect((await entriesOf('signInThrottled')).at(-1)).toMatchObject({ address: '10.9.0.1' })
    const { rows } = await site.database.db.owner.query(
      `select count(*)::int as n from audit_entry e where e::text ilike '%my-secret%'`,
    )
    expect(rows[0].n).toBe(0)
  })

  test('what is merely wrong leaves none', async () => {
    const count = async () =>
      (await site.database.db.owner.query('select count(*)::int as n from audit_entry')).rows[0].n
    const auditor = await as('auditor')
    const before = await count()
    await auditor.get('/api/nights/999999')
    await auditor.get('/api/customers?limit=0')
    expect(await count()).toBe(before)
  })
})

describe('what the program does by itself', () => {
  let story: TestBank
  beforeAll(async () => {
    story = await storyBank()
  }, 120_000)
  afterAll(() => story.close())
  const seen = (action: string) => auditEntries(story.database.db, story.workplace.keys, action)

  test('a night begun, published, replayed and computed anew, and the list of tiers written', {
    timeout: 120_000,
  }, async () => {
    const { workplace } = story
    const { nightId, digest } = await runNight(workplace, { day: storyDay })
    const night = { noun: 'night', nounId: String(nightId), who: 'strata', address: expect.stringContaining('@') }
    expect(await seen('startNight')).toMatchObject([{ ...night, after: { day: storyDay, policyVersion: 1 } }])
    const [published] = await seen('publish')
    expect(published).toMatchObject({ ...night, before: null, after: { digest } })
    const { rows } = await story.database.db.owner.query(
      `select count(*)::int as changes, (strata.tier_change_digest($1, null, null)).digest from tier_change
       where night_id = $1 and made_by = 'policy' group by 2`,
      [nightId],
    )
    expect(rows[0].changes).toBeGreaterThan(10)
    expect(published?.after).toMatchObject({ tierChanges: rows[0].changes, tierChangeDigest: rows[0].digest })
    await runNight(workplace, { replay: nightId })
    expect(await seen('replay')).toMatchObject([{ after: { of: nightId, digest, differs: [] } }])
    await recomputeStale(workplace, nightId)
    expect(await seen('recomputeNight')).toMatchObject([{ after: { differences: 0 } }])
    await tiers(workplace, { out: join(workplace.config.home, 'tiers.csv'), format: 'csv' })
    expect(await seen('exportTiers')).toMatchObject([{ after: { format: 'csv', rows: '60' } }])
  })

  test('a night that fails says so', { timeout: 60_000 }, async () => {
    await story.database.db.owner.query(`delete from lake_file where noun = 'rate'`)
    await expect(runNight(story.workplace, { day: storyDay })).rejects.toMatchObject({ code: 'rate_missing' })
    expect((await seen('failNight')).at(-1)).toMatchObject({ after: { code: 'rate_missing' } })
  })

  test('one changed tier change no longer fits its entry', async () => {
    const { owner } = story.database.db
    const [published] = await seen('publish')
    await owner.query('alter table tier_change disable trigger only_added')
    await owner.query(`update tier_change set to_tier = to_tier + 1
      where id = (select min(id) from tier_change where night_id = ${published?.nounId} and made_by = 'policy')`)
    const { rows } = await owner.query('select * from strata.tier_change_digest($1, null, null)', [published?.nounId])
    expect(Number(rows[0].changes)).toBe(published?.after.tierChanges)
    expect(rows[0].digest).not.toBe(published?.after.tierChangeDigest)
  })

  test('rows opened on the command line, a sign-in set, a schema migrated', async () => {
    const { workplace } = site
    await quarantine(workplace, 1, join(workplace.config.home, 'mended.csv'))
    expect((await entriesOf('openQuarantine')).at(-1)).toMatchObject({ who: 'strata', nounId: '1' })
    await setLogin(workplace.db, site.clock, { name: 'wang', role: 'analyst', unit: 'U0' })
    await setLogin(workplace.db, site.clock, { name: 'wang', role: 'auditor' })
    expect((await entriesOf('setLogin')).at(-1)).toMatchObject({
      before: { role: 'analyst' },
      after: { role: 'auditor' },
    })
    await auditMigrations(workplace)
    await auditMigrations(workplace)
    const migrated = (await entriesOf('migrate')).map((entry) => entry.nounId)
    expect(migrated).toContain('0010_audit.sql')
    expect(new Set(migrated).size).toBe(migrated.length)
  })
})
