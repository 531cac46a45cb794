/** Files that come after others: corrections, later deliveries, and what they change. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { showFacts } from '../src/access/show.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { feedFiles, type LoadingBank, loadingBank } from './support/loading-bank.ts'

let bank: LoadingBank

beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
  await loadFolder(bank.workplace, bank.inbox)
}, 120_000)
afterAll(() => bank.close())

describe('a corrected file', () => {
  test('supersedes, deletes nothing, and closes the gap', async () => {
    const text = `account_no,day,balance,currency
6222020200000000001,2026-01-31,111.00,CNY
6222020200000000002,2026-01-31,7.00,CNY
6222020200000000004,2026-01-31,5.5,USD
`
    const before = bank.lakeNames()
    const corrected = await loadFile(bank.workplace, { path: bank.put('balances-2026-01-31.csv.gz', gzipSync(text)) })
    expect(corrected).toMatchObject({ status: 'loaded', accepted: 3n, gaps: 0n })
    expect(corrected.supersedesId).toBeDefined()
    expect(await bank.query('select superseded_by_id from load where id = $1', [corrected.supersedesId])).toEqual([
      { superseded_by_id: corrected.loadId },
    ])
    expect(bank.lakeNames()).toEqual(expect.arrayContaining(before))
    expect(
      (await bank.facts('balance', 'day, value, gap'))
        .filter((row) => row.day === '2026-01-31')
        .map((row) => row.value),
    ).toEqual([-123518n, 550n, 700n, 11100n])
  })

  test('under a name without a day is one about the same days; another day is the next delivery', async () => {
    const rates = (day: string, rate: string) => `currency,day,rate\nUSD,${day},${rate}\n`
    const deliver = (text: string) => loadFile(bank.workplace, { path: bank.put('exchange-rates-daily.csv', text) })
    const live = async () =>
      (await bank.facts('rate', 'day, rate')).filter(({ day }) => day! < '2025-01-10').map(({ day }) => day)
    const first = await deliver(rates('2025-01-03', '7.3'))
    const second = await deliver(rates('2025-01-04', '7.3'))
    expect(second.supersedesId).toBeUndefined()
    expect(await live()).toEqual(['2025-01-03', '2025-01-04'])
    expect((await deliver(rates('2025-01-03', '7.31'))).supersedesId).toBe(first.loadId)
    expect(await live()).toEqual(['2025-01-03', '2025-01-04'])
    const both = await deliver(rates('2025-01-03', '7.3') + 'USD,2025-01-04,7.4\n')
    expect(both.supersedesId).toBeDefined()
    expect(await bank.query('select 1 as one from load where superseded_by_id = $1', [both.loadId])).toHaveLength(2)
    expect(await live()).toEqual(['2025-01-03', '2025-01-04'])
    const [times] = await bank.query<{ took: boolean }>(
      'select recorded_at > started_at as took from load where id = $1',
      [both.loadId],
    )
    expect(times!.took).toBe(true)
  })

  test('that goes back to the first content is a load of its own', async () => {
    const back = await loadFile(bank.workplace, {
      path: bank.put('balances-2026-01-31.csv', feedFiles['balances-2026-01-31.csv']!),
    })
    expect(back).toMatchObject({ status: 'loaded', gaps: 1n })
  })
})

describe('later files', () => {
  test('change what they say: a name, a moved account, other owners from today', async () => {
    await loadFile(bank.workplace, {
      path: bank.put(
        'customers-3.csv',
        `customer_no,kind,name,unit_code,identity_kind,identity_no,phone\n1001,person,欧阳远,0101,residentId,11010519491231002X,13900139000\n`,
      ),
    })
    const [party] = await bank.query<{ id: bigint; name: string; sealed: Buffer; wrapped: Buffer }>(
      `select p.id, name, sealed, wrapped from party p join party_key k on k.party_id = p.id where customer_no = '1001'`,
    )
    expect(party!.name).toBe('欧阳远')
    expect(
      showFacts(bank.workplace.keys, { partyId: party!.id, sealed: party!.sealed, wrapped: party!.wrapped }, true),
    ).toEqual({
      identityNo: '11010519491231002X',
      phone: '13900139000',
    })
    const changed = await loadFile(bank.workplace, {
      path: bank.put(
        'accounts-2.csv',
        `account_no,customer_no,product_code,currency,unit_code,opened_on\n6222020200000000002,1002,FUND,CNY,010101,2012-03-05\n`,
      ),
    })
    expect(changed).toMatchObject({ status: 'loaded', accepted: 1n })
    expect(
      await bank.query(
        `select c.customer_no, o.share, o.from_day, o.to_day from account_owner o join customer c on c.party_id = o.party_id
      join account a on a.id = o.account_id where a.no_token = $1 order by o.from_day, 1`,
        [bank.workplace.keys.blindIndex('account', '6222020200000000002')],
      ),
    ).toEqual([
      { customer_no: '1001', share: 6000, from_day: '1900-01-01', to_day: '2026-02-01' },
      { customer_no: '1002', share: 4000, from_day: '1900-01-01', to_day: '2026-02-01' },
      { customer_no: '1002', share: 10000, from_day: '2026-02-01', to_day: '2299-12-31' },
    ])
    expect(
      await bank.query(
        `select pr.code from position p join account a on a.id = p.account_id join product pr on pr.id = p.product_id
      where p.kind = 'balance' and a.no_token = $1`,
        [bank.workplace.keys.blindIndex('account', '6222020200000000002')],
      ),
    ).toEqual([{ code: 'FUND' }])
  })

  test('mark the published nights whose window they touch', async () => {
    const [policy] = await bank.query<{ id: number }>(
      `insert into policy (scheme, version, name, source, sha256, status, recorded_by) values ('personal', 99, 'p', $1, '', 'inForce', 'test') returning id`,
      [readFileSync(new URL('../src/tiers/policies/personal.yaml', import.meta.url), 'utf8')],
    )
    await bank.query(
      `insert into night (day, scheme, policy_id, status) select d::date, 'personal', $1, 'published'
       from unnest(array['2026-01-15', '2026-01-30', '2026-01-31']::date[]) as d`,
      [policy!.id],
    )
    const late = await loadFile(bank.workplace, {
      path: bank.put(
        'balance-changes-2026-01-30.csv',
        'account_no,day,balance,currency\n6222020200000000001,2026-01-30,99.00,CNY\n',
      ),
    })
    expect(late.staleNights).toEqual(['2026-01-30', '2026-01-31'])
    expect(await bank.query(`select day from night where stale_load_id = $1 order by day`, [late.loadId])).toEqual([
      { day: '2026-01-30' },
      { day: '2026-01-31' },
    ])
  })
})
