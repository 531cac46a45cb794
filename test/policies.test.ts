/** Versions of a policy: which one counts on a day, putting one in force, and both of its names in the API. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Day, day } from '../src/kit/day.ts'
import { Refused } from '../src/kit/refusal.ts'
import { policyInForce } from '../src/nightly/policies.ts'
import { putPolicy } from '../src/nightly/put-policy.ts'
import { type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { smallBank } from './support/small-bank.ts'

const personal = readFileSync(new URL('../src/tiers/policies/personal.yaml', import.meta.url), 'utf8')
const higher = personal.replace('individual: 100,000', 'individual: 120,000')
let site: TestSite
let head: number

// Its published night is that of 2026-10-31, by version 1
beforeAll(async () => {
  site = await testSite()
  head = (await smallBank(site.workplace.db, site.workplace.keys, { customers: 8 })).units[0]?.id ?? 0
})
afterAll(() => site.close())

const put = (text: string, from: string) =>
  putPolicy(site.workplace.db, site.workplace.config, { text, from: day(from) })
const counts = async (on: string) => (await policyInForce(site.workplace.db.owner, 'personal', day(on), 'CNY')).version
const listed = async () => {
  const { rows } = (await (await site.person('analyst', head)).get('/api/policies')).json
  return rows.map((row: { version: number; status: string; inForceFrom: Day }) => [row.version, row.status])
}

test.each([
  ['the day of the published night', higher, '2026-10-31', 'policy_day_past'],
  ['nothing new', `# another comment\n${personal}`, '2026-11-01', 'policy_unchanged'],
  ['a tier renamed', personal.replace('code: gold', 'code: golden'), '2026-11-01', 'policy_tiers_differ'],
  [
    'the highest tier gone',
    personal.slice(0, personal.indexOf('  - code: black')),
    '2026-11-01',
    'policy_tiers_differ',
  ],
  ['another currency', personal.replace('currency: CNY', 'currency: EUR'), '2026-11-01', 'currency_differs'],
  ['a broken file', higher.replace('days: 90', 'days: 0'), '2026-11-01', 'policy_invalid'],
])('%s is refused, and nothing is written', async (_, text, from, code) => {
  const failure = await put(text, from).catch((error: unknown) => error)
  expect(failure instanceof Refused && failure.code).toBe(code)
  expect(await listed()).toEqual([[1, 'inForce']])
})

test('a version counts from its day on, one put later for the same day before it, and all stay', async () => {
  expect(await put(higher, '2026-11-01')).toMatchObject({ scheme: 'personal', version: 2, inForceFrom: '2026-11-01' })
  const above = `${higher}  - { code: diamond, zh: 钻石卡, en: Diamond, individual: 5000000, household: 4000000 }\n`
  expect(await put(above, '2026-12-01')).toMatchObject({ version: 3 })
  expect(await put(personal.replace('days: 90', 'days: 60'), '2026-11-01')).toMatchObject({ version: 4 })
  expect([await counts('2026-10-31'), await counts('2026-11-01'), await counts('2026-11-30')]).toEqual([1, 4, 4])
  expect(await counts('2026-12-01')).toBe(3)
  // As the page shows it, on the day of the published night
  expect(await listed()).toEqual([
    [4, 'planned'],
    [3, 'planned'],
    [2, 'planned'],
    [1, 'inForce'],
  ])
})

test('every version is audited with what it replaces', async () => {
  const rows = await auditEntries(site.workplace.db, site.workplace.keys, 'putPolicy')
  expect(rows.map((row) => [row.who, row.noun, row.before.version, row.after.version, row.after.inForceFrom])).toEqual([
    ['strata', 'policy', 1, 2, '2026-11-01'],
    ['strata', 'policy', 2, 3, '2026-12-01'],
    ['strata', 'policy', 2, 4, '2026-11-01'],
  ])
})

test('the API has both names of a policy', async () => {
  const analyst = await site.person('analyst', head)
  const names = { name: '个人客户分级', nameEn: 'Personal customers' }
  expect((await analyst.get('/api/policies')).json.rows[0]).toMatchObject(names)
  expect((await analyst.get('/api/policies/current')).json.policy).toMatchObject({ ...names, version: 1 })
})
