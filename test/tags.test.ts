/** Tags over HTTP: the vocabulary, one customer's, a filtered list's; who may use which, and what an erasure takes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { erasingPlace } from '../src/nightly/workplace.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { eraseNow } from './support/erasing.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let steward: Person
let teller: Person

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  steward = await site.person('dataSteward', bank.units[0]?.id ?? 0)
  teller = await site.person('teller', bank.units[0]?.id ?? 0)
})
afterAll(() => site.close())
beforeEach(async () => {
  await site.database.db.owner.query('delete from party_tag')
  await site.database.db.owner.query('delete from tag')
})

const words = { zh: '出国留学', en: 'Studies abroad', colour: 'accent', roles: [] as string[] }
const made = async (more: Partial<typeof words> = {}): Promise<number> =>
  (await steward.send('POST', '/api/tags', { ...words, ...more })).json.id
const urlOf = (id: number) => `/api/customers/20000${String(id).padStart(4, '0')}/tags`
const put = (person: Person, customer: number, tag: number) => person.send('POST', urlOf(customer), { put: [tag] })
const codeOf = async (answer: Promise<{ json: { code: string } }>) => (await answer).json.code

describe('the vocabulary', () => {
  test('has each word once, whatever its case, and takes back what was retired', async () => {
    const tag = await made({ zh: 'VIP' })
    expect(await codeOf(steward.send('POST', '/api/tags', { ...words, zh: 'vip' }))).toBe('tag_known')
    const edit = (id: number, edition: number, retired: boolean) =>
      steward.send('POST', `/api/tags/${id}`, { ...words, zh: 'VIP', edition, retired })
    expect((await edit(tag, 1, true)).status).toBe(200)
    const other = await made({ zh: 'vip' })
    expect(other).toBeGreaterThan(tag)
    expect(await codeOf(edit(tag, 2, false))).toBe('tag_known')
    expect(await codeOf(edit(tag, 1, true))).toBe('tag_changed')
    expect((await steward.get('/api/tags')).json.rows).toMatchObject([
      { id: other, retired: false, may: true, customers: 0 },
      { id: tag, retired: true, may: false },
    ])
  })
})

describe('one customer', () => {
  test('gets a tag and loses it; twice is once', async () => {
    const tag = await made()
    expect((await put(teller, 1, tag)).json).toEqual({ changed: 1 })
    expect((await put(teller, 1, tag)).json).toEqual({ changed: 0 })
    expect((await teller.get(urlOf(1))).json.tags).toMatchObject([{ id: tag, by: teller.name }])
    const listed = async () =>
      (await teller.get(`/api/customers?tag=${tag}`)).json.rows.map((row: { customerNo: string; tags: number[] }) => [
        row.customerNo,
        row.tags,
      ])
    expect(await listed()).toEqual([['200000001', [tag]]])
    expect((await teller.send('POST', urlOf(1), { take: [tag] })).json).toEqual({ changed: 1 })
    expect(await listed()).toEqual([])
  })

  test('gets none that is retired, or for other roles; whoever has one keeps it until it is taken off', async () => {
    const tag = await made({ roles: ['dataSteward'] })
    expect(await codeOf(put(teller, 1, tag))).toBe('tag_not_yours')
    expect((await put(steward, 1, tag)).json).toEqual({ changed: 1 })
    await steward.send('POST', `/api/tags/${tag}`, { ...words, roles: [], edition: 1, retired: true })
    expect(await codeOf(put(teller, 2, tag))).toBe('tag_retired')
    expect((await teller.send('POST', urlOf(1), { take: [tag] })).json).toEqual({ changed: 1 })
  })

  test('outside the scope is none', async () => {
    const far = await site.person('teller', bank.units[6]?.id ?? 0)
    expect(await codeOf(put(far, 1, await made()))).toBe('not_found')
    expect(await codeOf(put(teller, 1, 999_999))).toBe('not_found')
  })
})

describe('a filtered list', () => {
  const preview = async (person: Person, tag: number, act = 'put') =>
    (await person.get(`/api/tags/${tag}/preview?act=${act}&kind=company`)).json
  const bulk = (person: Person, tag: number, changes: number, act = 'put') =>
    person.send('POST', `/api/tags/${tag}/customers`, { filter: { kind: 'company' }, act, changes, reason: '活动名单' })

  test('is tagged as previewed, those who have it already left alone, and untagged again', async () => {
    const tag = await made()
    await put(teller, 11, tag)
    expect(await preview(teller, tag)).toEqual({ customers: 4, changes: 3 })
    expect((await bulk(teller, tag, 3)).json).toEqual({ changed: 3 })
    expect(await preview(teller, tag)).toEqual({ customers: 4, changes: 0 })
    expect((await teller.get(`/api/customers/count?tag=${tag}`)).json.customers).toBe(4)
    expect((await bulk(teller, tag, 4, 'take')).json).toEqual({ changed: 4 })
    expect((await teller.get(`/api/customers/count?tag=${tag}`)).json.customers).toBe(0)
  })

  test('that has changed since the preview is left alone', async () => {
    const tag = await made()
    expect((await bulk(teller, tag, 3)).json).toMatchObject({ code: 'bulk_changed', params: { before: 3, now: 4 } })
    expect((await teller.get(`/api/customers/count?tag=${tag}`)).json.customers).toBe(0)
  })

  test('is tagged within the scope alone', async () => {
    const tag = await made()
    const unit = bank.units[3]?.id ?? 0
    const near = await site.person('teller', unit)
    const own = bank.customers.filter((one) => one.kind === 'company' && one.unit === unit).length
    expect(await preview(near, tag)).toEqual({ customers: own, changes: own })
    expect((await bulk(near, tag, own)).json).toEqual({ changed: own })
    expect((await teller.get(`/api/customers/count?tag=${tag}`)).json.customers).toBe(own)
  })
})

test('an erasure takes the tags; nobody puts one on whoever was erased', async () => {
  const tag = await made()
  await put(teller, 9, tag)
  await eraseNow(erasingPlace(site.workplace), { customerNo: '200000009', reason: '客户要求删除' })
  expect((await teller.get(urlOf(9))).json.tags).toEqual([])
  expect(await codeOf(put(teller, 9, tag))).toBe('already_erased')
})
