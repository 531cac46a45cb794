/** A whole night over a small bank: sums by hand, tiers, what is published, and what happens the second time. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '../src/kit/day.ts'
import { runNight } from '../src/nightly/night.ts'
import { emptyBank, insertRows, loadBalances, loadRates, loadTransactions, type TestBank } from './support/lake-bank.ts'

let bank: TestBank

beforeAll(async () => {
  bank = await emptyBank({ now: '2026-07-01T02:00:00.000Z' })
  const party = (id: number, more: Record<string, unknown> = {}) => ({
    id,
    kind: 'person',
    customer_no: `C${id}`,
    name: `客户${id}`,
    unit_id: 1,
    identity_valid: true,
    ...more,
  })
  await insertRows(bank, 'party', [
    party(1),
    party(2),
    party(3),
    party(4, { identity_valid: false }),
    party(5, { kind: 'company' }),
  ])
  await insertRows(bank, 'product', [
    { id: 1, code: 'DEP', name: '活期', class: 'deposit', weight: 10000 },
    { id: 2, code: 'FUND', name: '基金', class: 'fund', weight: 5000 },
    { id: 3, code: 'LOAN', name: '贷款', class: 'loan', weight: 10000 },
  ])
  const account = (id: number, product: number, currency = 'CNY', more: Record<string, unknown> = {}) => ({
    id,
    no_token: Buffer.from(`token${id}`),
    no_sealed: Buffer.from(''),
    no_last4: '0000',
    product_id: product,
    currency,
    unit_id: 1,
    ...more,
  })
  await insertRows(bank, 'account', [
    account(1, 1),
    account(2, 2),
    account(3, 1, 'USD'),
    account(4, 1),
    account(5, 3),
    account(6, 1),
  ])
  await insertRows(bank, 'position', [
    { id: 1, account_id: 1, product_id: 1, kind: 'balance', currency: 'CNY' },
    { id: 2, account_id: 2, product_id: 2, kind: 'holding', currency: 'CNY' },
    { id: 3, account_id: 3, product_id: 1, kind: 'balance', currency: 'USD' },
    { id: 4, account_id: 4, product_id: 1, kind: 'balance', currency: 'CNY' },
    { id: 5, account_id: 5, product_id: 3, kind: 'balance', currency: 'CNY' },
    { id: 6, account_id: 6, product_id: 1, kind: 'balance', currency: 'CNY' },
  ])
  await insertRows(bank, 'account_owner', [
    { account_id: 1, party_id: 1, share: 10000 },
    { account_id: 2, party_id: 1, share: 10000 },
    { account_id: 3, party_id: 2, share: 10000 },
    { account_id: 4, party_id: 1, share: 3333, ordinal: 1 },
    { account_id: 4, party_id: 3, share: 6667, ordinal: 2 },
    { account_id: 5, party_id: 3, share: 10000 },
    { account_id: 6, party_id: 2, share: 10000, to_day: '2026-06-16' },
    { account_id: 6, party_id: 3, share: 10000, from_day: '2026-06-16' },
  ])
  await insertRows(bank, 'household', [{ id: 1, household_no: 'H1', unit_id: 1, head_id: 1 }])
  await insertRows(bank, 'household_member', [
    { household_id: 1, party_id: 1, role: 'head', from_day: '2020-01-01', consent_from: '2020-01-01' },
    { household_id: 1, party_id: 3, role: 'spouse', from_day: '2020-01-01', consent_from: '2020-01-01' },
  ])
  await loadBalances(bank, [
    { position: 1, account: 1, day: '2026-02-20', value: 20_000_000n },
    { position: 1, account: 1, day: '2026-05-31', value: -5_000n },
    { position: 2, account: 2, day: '2026-04-10', value: 1_000_000n },
    { position: 3, account: 3, day: '2026-04-02', value: 100_000n },
    { position: 4, account: 4, day: '2026-06-30', value: 101n },
    { position: 5, account: 5, day: '2026-04-02', value: 99_000_000n },
    { position: 6, account: 6, day: '2026-06-01', value: 3_000n },
  ])
  await loadRates(bank, [
    { currency: 'USD', day: '2026-03-30', rate: 700_000_000n },
    ...Array.from({ length: 90 }, (_, i) => ({
      currency: 'USD',
      day: new Date(Date.UTC(2026, 3, 2 + i)).toISOString().slice(0, 10),
      rate: 700_000_000n + BigInt(i),
    })),
  ])
  await loadTransactions(bank, [
    { account: 1, day: '2026-06-20', amount: -5_000n, currency: 'CNY', kind: 'payment' },
    { account: 1, day: '2026-06-21', amount: 1n, currency: 'CNY', kind: 'interest' },
  ])
}, 60_000)
afterAll(() => bank.close())

test('sums, tiers and what is published', async () => {
  const result = await runNight(bank.workplace, { day: day('2026-06-30') })
  expect(result.status).toBe('published')
  expect(result.customers).toBe(5n)
  const rows = (await bank.database.db.owner.query('select * from night_customer order by customer_no')).rows
  const by = Object.fromEntries(rows.map((row) => [row.customer_no, row]))
  // window 2026-04-02 … 2026-06-30: position 1 is 200,000.00 for 59 days, then overdrawn (counts 0); the fund has weight ½
  const own = 20_000_000n * 59n * 10_000n * 10_000n + 1_000_000n * 82n * 5_000n * 10_000n + 101n * 10_000n * 3_333n
  expect(BigInt(by.C1.sum_scaled)).toBe(own * 100_000_000_000n)
  expect(by.C1.average_fen).toBe(own / 100_000_000n / 90n)
  expect(by.C1.overdraft_fen).toBe(5_000n)
  // 101 fen at 3333/6667: the second owner's 67 is cut, the first owner has the rest
  expect([by.C1.deposit_fen, by.C1.fund_fen, by.C3.deposit_fen]).toEqual([34n, 1_000_000n, 3_067n])
  let rated = 0n
  for (let i = 0n; i < 90n; i++) rated += 100_000n * (700_000_000n + i) * 1_000n
  expect(BigInt(by.C2.sum_scaled)).toBe(rated * 100_000_000n + 3_000n * 15n * 10n ** 19n)
  expect(by.C2.foreign_fen).toBe((100_000n * 700_000_089n) / 100_000_000n)
  expect(BigInt(by.C3.sum_scaled)).toBe((101n * 6_667n + 3_000n * 15n * 10_000n) * 10n ** 15n)
  expect([by.C1.qualified_tier, by.C1.path, by.C4.qualified_tier, by.C5.path]).toEqual([2, 'individual', 0, 'none'])
  expect([by.C1.frequency, by.C1.recency_days, by.C1.monetary_fen]).toEqual([1, 10, 5_000n])
  const [switched] = (await bank.database.db.owner.query('select * from published_night')).rows
  expect(switched).toEqual({ scheme: 'personal', night_id: result.nightId })
}, 60_000)

test('the same night again, and its replay, give the same digest', async () => {
  const first = await bank.database.db.owner.query('select id, digest from night order by id limit 1')
  const again = await runNight(bank.workplace, { day: day('2026-06-30') })
  expect(again.digest).toBe(first.rows[0].digest)
  const replay = await runNight(bank.workplace, { replay: first.rows[0].id })
  expect(replay).toMatchObject({ status: 'replayed', digest: again.digest, differs: [] })
}, 60_000)

test.each([
  ['2026-07-02', 'it lies ahead'],
  ['2026-02-19', 'before the first fact'],
])('%s is no day for a night', async (text, reason) => {
  await expect(runNight(bank.workplace, { day: day(text) })).rejects.toThrow(reason)
})

// Two accounts of one value all through the window. What the one added up to long before it fits no BIGINT; of the other
// only the negative part does not.
test('a sum counts whatever has added up before its window', async () => {
  const past = 200_000_000_000_000_000n
  const product = { product_id: 1, unit_id: 1, currency: 'CNY', no_sealed: Buffer.from(''), no_last4: '0000' }
  for (const id of [7, 8]) {
    await insertRows(bank, 'party', [
      { id, kind: 'person', customer_no: `C${id}`, name: `客户${id}`, unit_id: 1, identity_valid: true },
    ])
    await insertRows(bank, 'account', [{ id, no_token: Buffer.from(`token${id}`), ...product }])
    await insertRows(bank, 'position', [{ id, account_id: id, product_id: 1, kind: 'balance', currency: 'CNY' }])
    await insertRows(bank, 'account_owner', [{ account_id: id, party_id: id, share: 10000 }])
  }
  const values = {
    '2025-08-01': [past, past],
    '2025-08-16': [past, -past],
    '2025-08-31': [past, past],
    '2025-09-15': [past, -past],
    '2025-09-30': [20_000_000n, 20_000_000n],
  }
  for (const [on, [one = 0n, other = 0n]] of Object.entries(values)) {
    await loadBalances(bank, [
      { position: 7, account: 7, day: on, value: one },
      { position: 8, account: 8, day: on, value: other },
    ])
  }
  await runNight(bank.workplace, { day: day('2026-06-30') })
  const { rows } = await bank.database.db.owner.query(
    `select customer_no, average_fen from night_customer c join published_night p on p.night_id = c.night_id
     where customer_no in ('C7', 'C8') order by 1`,
  )
  expect(rows).toEqual(['C7', 'C8'].map((customer_no) => ({ customer_no, average_fen: 20_000_000n })))
}, 60_000)
