/** Rows that do not fit: kept out with a reason, counted, exported, mended and loaded again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everything, type Trx } from '../src/db/database.ts'
import { dismissRows } from '../src/desk/loads/dismiss.ts'
import { listQuarantine, readLoad } from '../src/desk/loads/store.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { exportQuarantine } from '../src/nightly/load/mended.ts'
import { auditEntries } from './support/audit.ts'
import { type LoadingBank, loadingBank } from './support/loading-bank.ts'

let bank: LoadingBank

beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
  await loadFolder(bank.workplace, bank.inbox)
}, 120_000)
afterAll(() => bank.close())

describe('rows that do not fit', () => {
  test('go to quarantine with line, value and advice, come out whole, and are mended by the next file', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `9${i},person,客户${i},010101,2020-01-01`)
    rows[10] = '9010,person,客户甲,999999,2020-01-01'
    rows[20] = '9020,person,"客户,乙",010101,not-a-day'
    const path = bank.put('customers-more.csv', `customer_no,kind,name,unit_code,opened_on\n${rows.join('\n')}\n`)
    const account = await loadFile(bank.workplace, { path })
    expect(account).toMatchObject({ status: 'loaded', read: 300n, accepted: 298n, quarantined: 2n })
    expect(account.quarantine.map((row) => [row.line, row.column, row.value])).toEqual([
      [12n, 'unit_code', '999999'],
      [22n, 'opened_on', 'not-a-day'],
    ])
    let text = ''
    for await (const part of exportQuarantine(bank.workplace, account.loadId!)) text += part
    expect(text.split('\r\n')[0]).toBe(
      '\uFEFFcustomer_no,kind,name,unit_code,opened_on,_load,_line,_column,_rule,_expected,_advice',
    )
    expect(text).toContain('9020,person,"客户,乙",010101,not-a-day')
    const mended = bank.put(
      'customers-more-mended.csv',
      text.replace('999999', '010101').replace('not-a-day', '2020-01-02'),
    )
    const again = await loadFile(bank.workplace, { path: mended, feed: 'customers' })
    expect(again).toMatchObject({ status: 'loaded', accepted: 2n, mended: 2 })
    expect(
      await bank.query('select line, mended_by_load_id from quarantine where load_id = $1 order by line', [
        account.loadId,
      ]),
    ).toEqual([
      { line: 12n, mended_by_load_id: again.loadId },
      { line: 22n, mended_by_load_id: again.loadId },
    ])
  })

  test('among themselves: a customer in two households, a tier nobody knows', async () => {
    const members = await loadFile(bank.workplace, {
      path: bank.put(
        'household-members-2.csv',
        'household_no,customer_no,role,from_day,to_day\nH2,1001,head,2025-01-01,\nH2,1002,spouse,2025-01-01,\n',
      ),
      badRowLimit: 0.5,
    })
    expect(members).toMatchObject({ status: 'loaded', read: 2n, accepted: 1n, quarantined: 1n })
    expect(members.quarantine[0]).toMatchObject({
      line: 2n,
      column: 'household_no',
      rule: 'twoHouseholds',
      value: 'H2',
    })
    const tiers = await loadFile(bank.workplace, {
      path: bank.put(
        'tiers-2.csv',
        'customer_no,tier,since\n1003,ruby,2025-01-01\n1003,silver,2025-01-01\n1001,black,2025-01-01\n',
      ),
      badRowLimit: 1,
    })
    expect(tiers.read).toBe(tiers.accepted + tiers.quarantined)
    // 1001 has its opening tier already, and keeps it.
    expect(
      await bank.query(
        `select to_tier from tier_change t join party p on p.id = t.party_id where p.customer_no = '1001'`,
      ),
    ).toEqual([{ to_tier: 2 }])
  })

  test('only one in a small file: that row alone is kept out', async () => {
    const rows = 'EUR,2025-02-03,7.7\nEUR,2025-02-04,seven\nEUR,2025-02-05,7.8\n'
    const path = bank.put('exchange-rates-small.csv', `currency,day,rate\n${rows}`)
    const account = await loadFile(bank.workplace, { path })
    expect(account).toMatchObject({ status: 'loaded', read: 3n, accepted: 2n, quarantined: 1n })
  })

  test('beyond the limit refuse the file, which leaves nothing but the refusal', async () => {
    const before = await bank.state()
    const account = await loadFile(bank.workplace, {
      path: bank.put('household-members-3.csv', 'household_no,customer_no,role,from_day\nH3,1001,head,2025-01-01\n'),
    })
    expect(account).toMatchObject({ status: 'refused', refusal: { code: 'too_many_bad_rows' } })
    expect(await bank.state()).toBe(before)
    expect(
      await bank.query("select status, refusal->>'code' as code, rows_read from load where id = $1", [account.loadId]),
    ).toEqual([{ status: 'refused', code: 'too_many_bad_rows', rows_read: 0n }])
  })

  test('a circle of units refuses the file', async () => {
    const before = await bank.state()
    const account = await loadFile(bank.workplace, {
      path: bank.put('units-2.csv', 'code,name,kind,parent_code\nA,甲,branch,B\nB,乙,branch,A\n'),
    })
    expect(account).toMatchObject({
      status: 'refused',
      refusal: { code: 'file_refused', params: { rule: 'unit_circle' } },
    })
    expect(await bank.state()).toBe(before)
  })

  test('a holding in another currency than before refuses the file', async () => {
    const before = await bank.state()
    const text = 'account_no,product_code,day,units,price,currency\n6222020200000000003,FUND,2026-02-01,1,1,USD\n'
    const account = await loadFile(bank.workplace, { path: bank.put('holdings-2.csv', text) })
    expect(account.status).toBe('refused')
    expect(await bank.state()).toBe(before)
  })
})

describe('rows that nobody will mend', () => {
  const loaded = async (name: string) => {
    const rows = Array.from(
      { length: 300 },
      (_, i) => `${name}${i},person,客户${i},${i % 100 === 7 ? '999999' : '010101'}`,
    )
    const path = bank.put(`customers-${name}.csv`, `customer_no,kind,name,unit_code\n${rows.join('\n')}\n`)
    const account = await loadFile(bank.workplace, { path, badRowLimit: 0.05 })
    expect(account).toMatchObject({ status: 'loaded', read: 300n, accepted: 297n, quarantined: 3n })
    return account.loadId!
  }
  const inTrx = <T>(work: (trx: Trx) => Promise<T>) => bank.workplace.db.withScope(everything, work)
  const dismissed = (loadId: number, lines: string[], reason = '测试客户') =>
    inTrx((trx) => dismissRows(trx, { loadId, lines, reason, who: 'login:1', address: '10.0.0.1' }))
  const counts = async (loadId: number) => {
    const { quarantine, rowsRead, rowsAccepted, rowsQuarantined } = await inTrx((trx) => readLoad(trx, loadId))
    expect(rowsRead).toBe(rowsAccepted + rowsQuarantined)
    expect(quarantine.open + quarantine.mended + quarantine.dismissed).toBe(rowsQuarantined)
    return quarantine
  }
  const exported = async (loadId: number) => {
    let text = ''
    for await (const part of exportQuarantine(bank.workplace, loadId)) text += part
    return text
  }

  test('are dismissed with a reason, counted apart, no longer exported, and audited', async () => {
    const id = await loaded('d')
    expect(await counts(id)).toEqual({ open: 3, mended: 0, dismissed: 0 })
    expect(await dismissed(id, ['9', '109', '9'])).toBe(2)
    expect(await counts(id)).toEqual({ open: 1, mended: 0, dismissed: 2 })
    const text = await exported(id)
    expect(text).toContain('d207,')
    expect(text).not.toContain('d7,')
    const { rows } = await inTrx((trx) => listQuarantine(trx, { id, limit: 10 }))
    expect(rows.map((row) => [row.line, row.dismissed?.reason, row.dismissed?.by])).toEqual([
      ['9', '测试客户', 'login:1'],
      ['109', '测试客户', 'login:1'],
      ['209', undefined, undefined],
    ])
    const { db, keys } = bank.workplace
    const audited = (await auditEntries(db, keys, 'dismissQuarantine')).filter(({ nounId }) => nounId === String(id))
    expect(audited).toMatchObject([{ who: 'login:1', reason: '测试客户', after: { lines: ['9', '109'] } }])
    // A row that is mended after all is mended.
    const whole = text.replace('d207,', 'd7,').replace(`,${id},209,`, `,${id},9,`).replaceAll('999999', '010101')
    const again = await loadFile(bank.workplace, { path: bank.put('customers-d-mended.csv', whole) })
    expect(again).toMatchObject({ status: 'loaded', mended: 1 })
    expect(await counts(id)).toEqual({ open: 1, mended: 1, dismissed: 1 })
  })

  test('are settled once, all or none', async () => {
    const id = await loaded('e')
    await dismissed(id, ['9'])
    await expect(dismissed(id, ['109', '9'])).rejects.toMatchObject({ code: 'quarantine_row_settled' })
    await expect(dismissed(id, ['109', '10'])).rejects.toMatchObject({ code: 'not_found' })
    await expect(dismissed(id, ['109'], '')).rejects.toThrow('quarantine_dismissed')
    expect(await counts(id)).toEqual({ open: 2, mended: 0, dismissed: 1 })
  })
})
