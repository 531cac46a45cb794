/** A file of many rows is sealed in threads: every row once, in its order, under a key that opens it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { showFacts, showNumber } from '../src/access/show.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { type LoadingBank, loadingBank } from './support/loading-bank.ts'

const count = 9000

let bank: LoadingBank
beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
  await loadFolder(bank.workplace, bank.inbox)
}, 120_000)
afterAll(() => bank.close())

const phone = (i: number) => `139${String(i).padStart(8, '0')}`
const customers = (name: string, step = 1) =>
  `customer_no,kind,name,unit_code,phone\n${Array.from({ length: count }, (_, i) => i)
    .filter((i) => i % step === 0)
    .map((i) => `7${i},person,${name}${i},010101,${phone(i)}`)
    .join('\n')}\n`

interface Sealed {
  id: bigint
  customer_no: string
  name: string
  sealed: Buffer
  wrapped: Buffer
  phone_token: Buffer
}

const parties = () =>
  bank.query<Sealed>(`select p.id, customer_no, name, sealed, wrapped, phone_token from party p
    join party_key k on k.party_id = p.id where customer_no like '7%' order by p.id`)

test('customers, new and known', { timeout: 120_000 }, async () => {
  const first = await loadFile(bank.workplace, { path: bank.put('customers-many.csv', customers('林')) })
  expect(first).toMatchObject({ status: 'loaded', accepted: BigInt(count) })
  const before = await parties()
  expect(before.map((row) => row.customer_no)).toEqual(Array.from({ length: count }, (_, i) => `7${i}`))
  for (const [i, row] of before.entries()) {
    const facts = { partyId: row.id, sealed: row.sealed, wrapped: row.wrapped }
    expect(showFacts(bank.workplace.keys, facts, true)).toEqual({ phone: phone(i) })
    expect(row.phone_token.equals(bank.workplace.keys.blindIndex('phone', phone(i)))).toBe(true)
  }
  // Every second one again under another name, and they keep their keys.
  const again = await loadFile(bank.workplace, { path: bank.put('customers-more.csv', customers('王', 2)) })
  expect(again).toMatchObject({ status: 'loaded', accepted: BigInt(count / 2) })
  const after = await parties()
  expect(after.map((row) => row.id)).toEqual(before.map((row) => row.id))
  for (const [i, row] of after.entries()) {
    expect(row.name).toBe(`${i % 2 === 0 ? '王' : '林'}${i}`)
    expect(row.wrapped.equals(before[i]!.wrapped)).toBe(true)
    const facts = { partyId: row.id, sealed: row.sealed, wrapped: row.wrapped }
    expect(showFacts(bank.workplace.keys, facts, true)).toEqual({ phone: phone(i) })
  }
})

test('accounts', { timeout: 120_000 }, async () => {
  const rows = Array.from({ length: count }, (_, i) => `A-${100_000 + i},7${i},FUND,CNY,010101`)
  const text = `account_no,customer_no,product_code,currency,unit_code\n${rows.join('\n')}\n`
  const loaded = await loadFile(bank.workplace, { path: bank.put('accounts-many.csv', text) })
  expect(loaded).toMatchObject({ status: 'loaded', accepted: BigInt(count) })
  const found = await bank.query<{ no_sealed: Buffer }>(
    'select no_sealed from account where load_id = $1 order by id',
    [loaded.loadId],
  )
  expect(found.map((row) => showNumber(bank.workplace.keys, 'account', row.no_sealed, true))).toEqual(
    Array.from({ length: count }, (_, i) => `A-${100_000 + i}`),
  )
})
