/** Households as staff build them: acts and refusals over HTTP, what stays out of sight, and loads that keep what was done. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { erasingPlace } from '../src/nightly/workplace.ts'
import { type Answer, type Person, type TestSite, testSite } from './support/api.ts'
import { eraseNow } from './support/erasing.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
/** Sees everybody. */
let manager: Person

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  manager = await site.person('branchManager', bank.units[0]?.id ?? 0)
})
afterAll(() => site.close())
beforeEach(async () => {
  await setDay('2026-11-02')
  const { owner } = site.database.db
  await owner.query('delete from household_act')
  await owner.query('delete from household_invitation')
  await owner.query(`delete from household_member where from_day > '2020-01-01'`)
  await owner.query(`delete from household where household_no like 'HS%'`)
  await owner.query(`update household_member set to_day = '2299-12-31', role = case party_id when 1 then 'head' else 'spouse' end,
    consent_from = from_day, consent_to = null, edited_at = null`)
  await owner.query(`update household set version = 1, head_id = 1`)
})

/** All stay signed in. */
async function setDay(day: string): Promise<void> {
  site.clock.set(`${day}T02:00:00.000Z`)
  await site.database.db.owner.query(
    `update session set seen_at = $1, expires_at = $1::timestamptz + interval '1 hour'`,
    [site.clock.now()],
  )
}
const noOf = (id: number) => `20000${String(id).padStart(4, '0')}`
const recordOf = async (no: string, person = manager) => (await person.get(`/api/households/${no}/record`)).json
async function change(no: string, act: object, person = manager): Promise<Answer> {
  const { version } = await recordOf(no, person)
  return person.send('POST', `/api/households/${no}`, { version, change: act })
}
const codeOf = async (answer: Promise<Answer>) => (await answer).json.code
const open = async (head: number): Promise<string> =>
  (await manager.send('POST', '/api/households', { head: noOf(head), proof: '家庭服务协议 2026-17' })).json.householdNo
async function join(no: string, id: number, role = 'child'): Promise<Answer> {
  await change(no, { kind: 'invite', customerNo: noOf(id), role })
  return change(no, { kind: 'join', customerNo: noOf(id), proof: '当面签署' })
}
const membersOf = ({ members }: { members: { customerNo: string; role: string; consentFrom: string | null }[] }) =>
  members.map(({ customerNo, role, consentFrom }) => [customerNo, role, consentFrom])

test('is opened by its head, invited to, joined, and left; each act on record', async () => {
  const no = await open(3)
  expect(no).toMatch(/^HS\d{8}$/)
  await change(no, { kind: 'invite', customerNo: noOf(4), role: 'spouse' })
  const invited = await recordOf(no)
  expect(membersOf(invited)).toEqual([[noOf(3), 'head', '2026-11-02']])
  expect(invited.invitations).toMatchObject([
    { customerNo: noOf(4), role: 'spouse', invitedOn: '2026-11-02', until: '2026-12-02', by: manager.name },
  ])
  await change(no, { kind: 'join', customerNo: noOf(4), proof: '当面签署' })
  await setDay('2026-11-05')
  await change(no, { kind: 'withdrawConsent', customerNo: noOf(4), reason: '客户来电' })
  expect(membersOf(await recordOf(no))).toEqual([
    [noOf(3), 'head', '2026-11-02'],
    [noOf(4), 'spouse', null],
  ])
  await change(no, { kind: 'consent', customerNo: noOf(4), proof: '网点签署' })
  await change(no, { kind: 'role', customerNo: noOf(4), role: 'parent' })
  await change(no, { kind: 'head', customerNo: noOf(4), reason: '户主变更' })
  await change(no, { kind: 'leave', customerNo: noOf(3), reason: '分户' })
  const left = await recordOf(no)
  expect(membersOf(left)).toEqual([[noOf(4), 'head', '2026-11-05']])
  expect(left.former).toMatchObject([{ customerNo: noOf(3), fromDay: '2026-11-02', toDay: '2026-11-05' }])
  expect(left.acts.map(({ act, note }: { act: string; note: string | null }) => [act, note])).toEqual([
    ['leave', '分户'],
    ['head', '户主变更'],
    ['role', null],
    ['consent', '网点签署'],
    ['withdrawConsent', '客户来电'],
    ['join', '当面签署'],
    ['invite', null],
    ['open', '家庭服务协议 2026-17'],
  ])
  await change(no, { kind: 'leave', customerNo: noOf(4), reason: '销户' })
  expect(await recordOf(no)).toMatchObject({ closed: true, may: false, members: [] })
  expect(await codeOf(change(no, { kind: 'invite', customerNo: noOf(5), role: 'other' }))).toBe('household_closed')
})

test('nobody is in two, neither one after the other nor two at once', async () => {
  expect(await codeOf(manager.send('POST', '/api/households', { head: noOf(1), proof: '协议' }))).toBe(
    'household_member_taken',
  )
  const [one, other] = [await open(3), await open(4)]
  expect(await codeOf(change(one, { kind: 'invite', customerNo: noOf(2), role: 'child' }))).toBe(
    'household_member_taken',
  )
  for (const no of [one, other]) await change(no, { kind: 'invite', customerNo: noOf(5), role: 'child' })
  const act = { kind: 'join', customerNo: noOf(5), proof: '当面签署' }
  const answers = await Promise.all([one, other].map((no) => change(no, act)))
  expect(answers.map(({ status, json }) => json.code ?? status).sort()).toEqual([200, 'household_member_taken'])
})

test('refuses what cannot be, by name', async () => {
  const no = await open(3)
  const refused = (act: object) => codeOf(change(no, act))
  expect(await refused({ kind: 'invite', customerNo: noOf(11), role: 'other' })).toBe('household_person_only')
  expect(await refused({ kind: 'join', customerNo: noOf(4), proof: '签署' })).toBe('household_invitation_over')
  await change(no, { kind: 'invite', customerNo: noOf(4), role: 'other' })
  expect(await refused({ kind: 'invite', customerNo: noOf(4), role: 'child' })).toBe('household_invited')
  await setDay('2026-12-03')
  expect(await refused({ kind: 'join', customerNo: noOf(4), proof: '签署' })).toBe('household_invitation_over')
  expect((await join(no, 4)).status).toBe(200)
  expect(await refused({ kind: 'consent', customerNo: noOf(4), proof: '签署' })).toBe('household_consent_unchanged')
  expect(await refused({ kind: 'leave', customerNo: noOf(3), reason: '分户' })).toBe('household_head_needed')
  expect(await refused({ kind: 'role', customerNo: noOf(3), role: 'child' })).toBe('household_head_needed')
  expect(await refused({ kind: 'leave', customerNo: noOf(5), reason: '分户' })).toBe('household_member_missing')
  expect(await refused({ kind: 'merge', into: no, reason: '合户' })).toBe('household_same')
  const whole = { kind: 'split', members: [noOf(3), noOf(4)], head: noOf(4), reason: '分户' }
  expect(await refused(whole)).toBe('household_split_whole')
  const body = { version: 1, change: { kind: 'consent', customerNo: noOf(4), proof: '签署' } }
  expect(await codeOf(manager.send('POST', `/api/households/${no}`, body))).toBe('household_stale')
  expect((await recordOf(no)).acts).toHaveLength(4)
})

test('splits with the consents that were given, and merges where each agrees anew', async () => {
  const no = await open(3)
  await join(no, 4, 'spouse')
  await join(no, 5)
  await setDay('2026-11-10')
  await change(no, { kind: 'split', members: [noOf(5)], head: noOf(4), reason: '分户' })
  const stayed = await recordOf(no)
  expect(membersOf(stayed)).toEqual([[noOf(3), 'head', '2026-11-02']])
  const other = stayed.acts[0].other
  expect(membersOf(await recordOf(other))).toEqual([
    [noOf(4), 'head', '2026-11-10'],
    [noOf(5), 'child', '2026-11-10'],
  ])
  await setDay('2026-11-12')
  const merged = await change(other, { kind: 'merge', into: no, reason: '复合' })
  expect(merged.json.householdNo).toBe(no)
  expect(membersOf(merged.json)).toEqual([
    [noOf(3), 'head', '2026-11-02'],
    [noOf(4), 'other', null],
    [noOf(5), 'child', null],
  ])
  expect(await recordOf(other)).toMatchObject({ closed: true, former: [{}, {}] })
})

test('with a member out of sight it is told how many, and neither split nor merged', async () => {
  const no = await open(3)
  await join(no, 4)
  const own = await site.person('outletManager', bank.customers[2]?.unit ?? 0)
  expect(await recordOf(no, own)).toMatchObject({ hiddenMembers: 1, members: [{ customerNo: noOf(3) }] })
  expect(await codeOf(change(no, { kind: 'split', members: [noOf(3)], head: noOf(3), reason: '分户' }, own))).toBe(
    'household_hidden_members',
  )
  const other = await open(10)
  expect(await codeOf(change(other, { kind: 'merge', into: no, reason: '合户' }, own))).toBe('household_hidden_members')
  expect((await change(no, { kind: 'leave', customerNo: noOf(4), reason: '分户' }, own)).status).toBe(404)
  expect((await own.get('/api/households?limit=500')).json.rows).toContainEqual(
    expect.objectContaining({ householdNo: no, members: 2 }),
  )
})

test('the list is paged by number and searched by number or member', async () => {
  const made = [await open(3), await open(4), await open(5)].sort()
  const numbers = async (query: string) => {
    const { json } = await manager.get(`/api/households?${query}`)
    return { numbers: json.rows.map((row: { householdNo: string }) => row.householdNo), next: json.next }
  }
  const first = await numbers('limit=2')
  expect(first.numbers).toEqual(['H1', made[0]])
  const rest = await numbers(`limit=2&cursor=${first.next}`)
  expect(rest).toEqual({ numbers: made.slice(1), next: null })
  expect((await numbers(`q=${made[1]}`)).numbers).toEqual([made[1]])
  expect((await numbers(`q=${noOf(2)}`)).numbers).toEqual(['H1'])
  expect((await manager.get('/api/households?limit=1')).json.rows).toMatchObject([
    { householdNo: 'H1', members: 2, head: { customerNo: noOf(1) } },
  ])
})

test('who is erased leaves neither membership nor invitation nor the reasons of acts', async () => {
  const [no, other] = [await open(3), await open(8)]
  await join(no, 9)
  await change(no, { kind: 'withdrawConsent', customerNo: noOf(9), reason: '客户来电要求' })
  await change(no, { kind: 'leave', customerNo: noOf(9), reason: '分户' })
  await change(other, { kind: 'invite', customerNo: noOf(9), role: 'parent' })
  await eraseNow(erasingPlace(site.workplace), { customerNo: noOf(9), reason: '客户要求删除' })
  const { acts, former } = await recordOf(no)
  expect([former, (await recordOf(other)).invitations]).toEqual([[], []])
  expect(
    acts.map(({ act, member, note }: { act: string; member: unknown; note: unknown }) => [act, member, note]),
  ).toEqual([
    ...['leave', 'withdrawConsent', 'join', 'invite'].map((act) => [act, null, null]),
    ['open', expect.objectContaining({ customerNo: noOf(3) }), '家庭服务协议 2026-17'],
  ])
  expect(await codeOf(manager.send('POST', '/api/households', { head: noOf(9), proof: '协议' }))).toBe('already_erased')
})
