/** The best composition of a household over HTTP: what it offers, to whom, and that its parts add up. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestSite, testSite } from './support/api.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let head: number
const url = '/api/households/H1/composition'

/** What each member has on average, in yuan, and whether the member consents. The shipped bars: gold 100,000 / 80,000. */
const family = [
  { id: 1, average: 120_000, consents: true },
  { id: 2, average: 45_000.01, consents: true },
  { id: 3, average: 95_000, consents: false },
]

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 8 })
  head = bank.units[0]?.id ?? 0
  const { owner } = site.workplace.db
  await owner.query(`insert into household_member (household_id, party_id, role, from_day)
    select id, 3, 'child', '2020-01-01' from household where household_no = 'H1'`)
  for (const { id, average, consents } of family) {
    const fen = BigInt(Math.round(average * 100))
    // A part of a fen is left over per member, as rates and shares leave it
    await owner.query(
      `update night_customer set average_fen = $2, sum_fen = $3, sum_scaled = $4, path = 'individual', qualified_tier = $5
       where party_id = $1`,
      [id, String(fen), String(fen * 90n), `${fen * 90n}6${'0'.repeat(18)}`, average >= 100_000 ? 2 : 1],
    )
    if (!consents) await owner.query('update household_member set consent_from = null where party_id = $1', [id])
  }
})
afterAll(() => site.close())

test('whoever sees everybody is told who makes the household qualify, and the parts add up', async () => {
  const { status, json } = await (await site.person('analyst', head)).get(url)
  expect(status).toBe(200)
  expect(json).toMatchObject({ householdNo: 'H1', exact: true, hiddenMembers: 0 })
  const counts = (one: { members: { counts: boolean }[] }) => one.members.map((member) => member.counts)
  expect(json.compositions.map((one: never) => [one['tier']['code'], one['isCurrent'], counts(one)])).toEqual([
    ['gold', true, [true, true, false]],
    ['gold', false, [true, true, true]],
  ])
  for (const one of json.compositions) {
    const parts = json.members.filter((_: unknown, at: number) => one.members[at].counts)
    const sum = parts.reduce((total: bigint, { sumFen }: { sumFen: string }) => total + BigInt(sumFen), 0n)
    expect(sum + BigInt(one.roundingFen)).toBe(BigInt(one.sumFen))
    expect(BigInt(one.averageFen)).toBe(BigInt(one.sumFen) / 90n / BigInt(parts.length))
  }
  // 0.6 of a fen·day of each: two make one, three make one too
  expect(json.compositions.map((one: { roundingFen: string }) => one.roundingFen)).toEqual(['1', '1'])
  expect(json.members.map((member: { ownTier: { code: string } }) => member.ownTier.code)).toEqual([
    'gold',
    'silver',
    'silver',
  ])
})

test('whoever sees only a part of it learns of the others no more than that they are there', async () => {
  const manager = await site.person('relationshipManager', head, bank.managers[0] ?? null)
  const { json } = await manager.get(url)
  expect([json.members.length, json.hiddenMembers, json.compositions]).toEqual([1, 2, []])
  expect((await (await site.person('administrator', head)).get(url)).status).toBe(403)
})

test('a role that reads no amounts is told who and which tier', async () => {
  const { json } = await (await site.person('lobbyManager', head)).get(url)
  expect(json.compositions).toHaveLength(2)
  expect([...json.members, ...json.compositions].map(({ sumFen, averageFen }) => sumFen ?? averageFen)).toEqual(
    Array.from({ length: 5 }, () => null),
  )
})

test('a household that is not there', async () => {
  const { status, json } = await (await site.person('analyst', head)).get('/api/households/H9/composition')
  expect([status, json.code]).toEqual([404, 'not_found'])
})
