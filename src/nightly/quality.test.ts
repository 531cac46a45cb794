/** What to mend first: ranked by the tiers a fault holds down, resolved to customers out of sealed quarantine rows. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LoadingBank, loadingBank } from '../../test/support/loading-bank.ts'
import { everything, nobodyAs } from '../db/database.ts'
import { cellsOf } from '../lake/quarantine.ts'
import { loadFile, loadFolder } from './load/folder.ts'
import { mendFirst } from './quality.ts'

let bank: LoadingBank

beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
  await loadFolder(bank.workplace, bank.inbox)
  await loadFile(bank.workplace, {
    path: bank.put(
      'balance-changes-2026-01.csv',
      'account_no,day,balance,currency\n6222020200000000001,2026-01-30,N/A,CNY\n6222020200000000003,2026-01-30,1.00,CNY\n',
    ),
    badRowLimit: 1,
  })
  await publishNight()
}, 120_000)
afterAll(() => bank.close())

// 1001 stands just below a line; 1003 has no tier for want of an identity; 1002 is far from everything.
async function publishNight(): Promise<void> {
  await bank.query(`insert into policy (id, scheme, version, name, source, sha256, status, recorded_by)
    overriding system value values (1, 'personal', 1, 'p', '', '', 'inForce', 'test')`)
  await bank.query(`insert into night (id, day, scheme, policy_id, status) overriding system value
    values (1, '2026-01-31', 'personal', 1, 'published')`)
  await bank.query('create table night_customer_1 partition of night_customer for values in (1)')
  await bank.query(
    `create table night_household_1 partition of night_household for values in (1); call strata.protect_night(1)`,
  )
  await bank.query(`insert into night_customer (night_id, party_id, customer_no, kind, name, unit_id, qualified_tier, path,
      average_fen, sum_fen, sum_scaled, days, aum_fen, to_next_fen, to_keep_fen, gaps)
    select 1, id, customer_no, kind, name, unit_id, case customer_no when '1003' then 0 else 1 end, 'individual',
      9500, 0, 0, 90, 9500, case customer_no when '1001' then 500 else 900000 end, null,
      case customer_no when '1001' then '{carried:3}'::text[] when '1003' then '{missing:identity_no,missing:phone}'
        else '{}' end
    from party`)
  await bank.query(`insert into published_night values ('personal', 1)`)
}

test('faults that decide a tier come first', async () => {
  const faults = await mendFirst(bank.workplace, { scope: everything, limit: 20 })
  const told = faults.map((fault) => [fault.feed, fault.column, fault.rows, fault.customers, fault.tiersAtStake])
  expect(told).toEqual([
    ['balances', 'balance', 1, 1, 1],
    ['customers', 'identity_no', 1, 1, 1],
    ['balance-changes', 'balance', 1, 1, 1],
    ['customers', 'phone', 1, 1, 0],
  ])
  for (const fault of faults) {
    expect(fault.assetsFen).toBe(9500n)
    for (const text of [fault.fault.zh, fault.fault.en, fault.advice.zh, fault.advice.en]) expect(text).not.toBe('')
  }
})

test('whoever sees no customer sees none of theirs counted', async () => {
  const faults = await mendFirst(bank.workplace, { scope: nobodyAs('login:1'), limit: 20 })
  expect(faults.every((fault) => fault.customers === 0 && fault.tiersAtStake === 0)).toBe(true)
})

test.each([
  ['a,b,c', { x: 'a', y: 'b', z: 'c' }],
  ['"a,1","b ""q""",', { x: 'a,1', y: 'b "q"' }],
  [',,', {}],
  ['"a\r\nb",c', { x: 'a\r\nb', y: 'c' }],
])('the record %j is read back', (record, cells) =>
  expect(Object.fromEntries(cellsOf(record, ['x', 'Y', 'z']))).toEqual(cells),
)
