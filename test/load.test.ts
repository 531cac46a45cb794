/** Loading real files into a real record and lake: every row accounted for, once, whole, and nothing in the clear. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileKey } from '../src/access/seal.ts'
import { showFacts, showNumber } from '../src/access/show.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { openOriginal } from '../src/nightly/load/original.ts'
import { withSession } from '../src/nightly/load/session.ts'
import { feedFiles, type LoadingBank, loadingBank } from './support/loading-bank.ts'

let bank: LoadingBank

beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
}, 120_000)
afterAll(() => bank.close())

describe('a folder', () => {
  test('is loaded in the order of references, every row accounted for', async () => {
    const loaded = await loadFolder(bank.workplace, bank.inbox)
    expect(
      loaded.files.filter((file) => file.status !== 'loaded').map((file) => [file.file, file.refusal?.en]),
    ).toEqual([])
    expect(loaded.unnamed).toEqual(['readme.txt'])
    for (const file of loaded.files) expect(file.read, file.file).toBe(file.accepted + file.quarantined)
    expect(loaded.quarantined).toBe(0n)
    const [sums] = await bank.query<{ read: bigint }>(
      `select sum(rows_read)::bigint as read from load where status = 'loaded'`,
    )
    expect(sums!.read).toBe(loaded.read)
  })

  test('gives the tree of units its paths', async () => {
    expect(
      await bank.query(`select code, (select code from unit p where p.id = u.parent_id) as parent, array_length(string_to_array(path, '/'), 1) - 2 as depth
      from unit u order by code`),
    ).toEqual([
      { code: '01', parent: null, depth: 1 },
      { code: '0101', parent: '01', depth: 2 },
      { code: '010101', parent: '0101', depth: 3 },
    ])
  })

  test('seals what is personal, and says what is missing', async () => {
    const rows = await bank.query<{
      id: bigint
      customer_no: string
      sealed: Buffer
      wrapped: Buffer
      missing: string[]
      quality: number
      identity_valid: boolean
      name_initials: string
    }>(
      `select p.id, customer_no, sealed, wrapped, missing, quality, identity_valid, name_initials
       from party p join party_key k on k.party_id = p.id order by customer_no`,
    )
    expect(
      rows.map((row) => [row.customer_no, row.missing, row.quality, row.identity_valid, row.name_initials]),
    ).toEqual([
      ['1001', [], 100, true, 'oyzy'],
      ['1002', ['identity_no'], 80, false, 'lxm'],
      ['1003', ['address', 'identity_no', 'phone'], 40, false, 'xm'],
      ['2001', ['phone'], 75, true, 'ljmyyxgs'],
    ])
    const [first] = rows
    expect(
      showFacts(bank.workplace.keys, { partyId: first!.id, sealed: first!.sealed, wrapped: first!.wrapped }, false),
    ).toEqual({
      identityNo: '1101**********002X',
      phone: '138****8000',
      email: 'l***@example.com',
      address: '江州市临江区****',
    })
    const [account] = await bank.query<{ no_sealed: Buffer; no_last4: string }>(
      'select no_sealed, no_last4 from account where no_token = $1',
      [bank.workplace.keys.blindIndex('account', '6222020200000000001')],
    )
    expect(showNumber(bank.workplace.keys, 'account', account!.no_sealed, true)).toBe('6222020200000000001')
  })

  test('leaves no personal number in the clear, neither in the lake nor in the record', async () => {
    const secrets = [
      '6222020200000000001',
      '11010519491231002X',
      '13800138000',
      '6228480402564890018',
      'lin@example.com',
    ]
    for (const name of bank.lakeNames()) {
      const bytes = readFileSync(join(bank.workplace.lakeDir, name))
      for (const secret of secrets) expect(bytes.includes(secret), `${secret} in ${name}`).toBe(false)
    }
    const tables = await bank.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    )
    for (const { name } of tables) {
      const [row] = await bank.query<{ text: string | null }>(
        `select string_agg(t::text, ' ') as text from "${name}" t`,
      )
      for (const secret of secrets) expect(row!.text?.includes(secret) ?? false, `${secret} in ${name}`).toBe(false)
    }
    expect(readdirSync(bank.workplace.tempDir).filter((name) => name.startsWith('load-'))).toEqual([])
  })

  test('writes balances as they came, holdings to the minor unit, and a gap where a snapshot left an account out', async () => {
    const balances = await bank.facts('balance', 'day, value, gap')
    expect(balances).toEqual([
      { day: '2026-01-30', value: -2055n, gap: false },
      { day: '2026-01-30', value: 0n, gap: false },
      { day: '2026-01-30', value: 550n, gap: false },
      { day: '2026-01-30', value: 10000n, gap: false },
      // 1000.5 × 1.234565 = 1235.1822825
      { day: '2026-01-30', value: 123518n, gap: false },
      { day: '2026-01-31', value: -123518n, gap: false },
      { day: '2026-01-31', value: 550n, gap: false },
      { day: '2026-01-31', value: 11000n, gap: false },
      // …02 is open and absent; …05 was closed that day
      { day: '2026-01-31', value: null, gap: true },
    ])
    expect(await bank.facts('rate', 'currency, day, rate')).toEqual([
      { currency: 'USD', day: '2026-01-29', rate: 710000000n },
      { currency: 'USD', day: '2026-01-30', rate: 712345678n },
    ])
  })

  test('knows owners, households, the manager of today, opening tiers and flags', async () => {
    expect(
      await bank.query(`select c.customer_no, o.share, o.ordinal from account_owner o join customer c on c.party_id = o.party_id
      where o.share < 10000 order by o.ordinal`),
    ).toEqual([
      { customer_no: '1001', share: 6000, ordinal: 1 },
      { customer_no: '1002', share: 4000, ordinal: 2 },
    ])
    expect(await bank.query(`select s.code from party p join staff s on s.id = p.rm_id`)).toEqual([{ code: 'S2' }])
    expect(await bank.query(`select from_day, to_day from assignment order by from_day`)).toEqual([
      { from_day: '2025-01-01', to_day: '2026-01-01' },
      { from_day: '2026-01-01', to_day: '2299-12-31' },
    ])
    expect(
      await bank.query(
        `select p.customer_no, t.to_tier, t.made_by from tier_change t join party p on p.id = t.party_id order by 1`,
      ),
    ).toEqual([
      { customer_no: '1001', to_tier: 2, made_by: 'opening' },
      { customer_no: '1002', to_tier: 1, made_by: 'opening' },
    ])
    expect(
      await bank.query(
        `select p.customer_no, f.kind, f.from_day, f.to_day from party_flag f join party p on p.id = f.party_id order by 1, 2`,
      ),
    ).toEqual([
      { customer_no: '1002', kind: 'staff', from_day: '2015-07-01', to_day: '2299-12-31' },
      { customer_no: '1002', kind: 'staffKin', from_day: '1900-01-01', to_day: '2299-12-31' },
      { customer_no: '1003', kind: 'minor', from_day: '2015-05-05', to_day: '2033-05-05' },
    ])
    expect(
      await bank.query(`select h.household_no, p.customer_no, h.head_id = p.id as head, m.consent_from from household_member m
      join household h on h.id = m.household_id join party p on p.id = m.party_id order by 2`),
    ).toEqual([
      { household_no: 'H1', customer_no: '1001', head: true, consent_from: '2024-06-01' },
      { household_no: 'H1', customer_no: '1003', head: false, consent_from: null },
    ])
  })

  test('loaded again says so and changes nothing', async () => {
    const before = await bank.state()
    const again = await loadFolder(bank.workplace, bank.inbox)
    expect(again.files.map((file) => file.status)).toEqual(again.files.map(() => 'already'))
    expect(await bank.state()).toBe(before)
  })

  test('keeps each original sealed', async () => {
    const [raw] = await bank.query<{ path: string; sealed: Buffer }>(`select path, sealed from lake_file
      join load_key using (load_id) where kind = 'raw' and noun = 'balances' order by id limit 1`)
    const target = join(bank.home, 'opened.csv')
    await openOriginal(fileKey(bank.workplace.keys, raw!.sealed), join(bank.workplace.lakeDir, raw!.path), target)
    expect(readFileSync(target, 'utf8')).toBe(feedFiles['balances-2026-01-30.csv'])
  })
})

describe('a balance file', () => {
  test('gives the same facts and account of rows whether it can go the straight way or not', async () => {
    const row = (no: string, day: string, amount: string, currency = 'CNY') => `${no},${day},${amount},${currency}`
    const rows = [
      row('6222020200000000001', '2025-11-30', '12.50'),
      row('6222020200000000001', '2025-12-01', '-3.00'),
      row('6222020200000000002', '2025-12-01', '0.00'),
      row('6222020200000000004', '2025-12-31', '7.25', 'USD'),
      row('6222020200000000001', '2026-01-01', '100000000.00'),
    ]
    const header = 'account_no,day,balance,currency'
    const given = async (name: string, lines: string[]) => {
      const before = new Set((await bank.query<{ id: number }>('select id from lake_file')).map(({ id }) => id))
      const account = await loadFile(bank.workplace, { path: bank.put(name, `${lines.join('\n')}\n`), badRowLimit: 1 })
      const files = await bank.query<{ id: number; path: string; month: string }>(
        `select id, path, month from lake_file where kind = 'fact' order by id`,
      )
      const facts = []
      for (const { path, month } of files.filter(({ id }) => !before.has(id))) {
        const full = join(bank.workplace.lakeDir, path)
        facts.push(month, await bank.workplace.engine.rows(`select * from read_parquet('${full}')`))
      }
      const { read, accepted, quarantined, gaps, firstDay, lastDay, status } = account
      return { said: { read, accepted, quarantined, gaps, firstDay, lastDay, status }, facts }
    }
    for (const feed of ['balance-changes', 'balances']) {
      const straight = await given(`${feed}-a.csv`, [header, ...rows])
      // Quotation marks alone make a file take the general way.
      const general = await given(`${feed}-b.csv`, [header, ...rows.map((line) => line.replace('CNY', '"CNY"'))])
      expect(straight.said).toMatchObject({ status: 'loaded', read: 5n, accepted: 5n })
      expect(straight.facts).toHaveLength(6)
      if (feed === 'balance-changes') expect(general).toEqual(straight)
      const dirty = await given(`${feed}-c.csv`, [header, ...rows, row('6222020200000000001', '2025-12-40', '1')])
      expect(dirty.said).toMatchObject({ status: 'loaded', read: 6n, accepted: 5n, quarantined: 1n })
    }
  })
})

describe('loads side by side and loads that died', () => {
  test('a second load is refused while one is under way', async () => {
    const path = bank.put('exchange-rates-3.csv', 'currency,day,rate\nUSD,2026-01-31,7.2\n')
    await withSession(bank.workplace, { by: 'test' }, async () => {
      await expect(loadFile(bank.workplace, { path })).rejects.toMatchObject({ code: 'load_busy' })
    })
    expect(await loadFile(bank.workplace, { path })).toMatchObject({ status: 'loaded' })
  })

  test('files that no committed load knows are put aside at the next start', async () => {
    const orphan = join(bank.workplace.lakeDir, 'facts', 'balance', '2026-01', '999999.parquet')
    const interval = join(bank.workplace.lakeDir, 'intervals', 'x.parquet')
    const left = join(bank.workplace.tempDir, 'load-1-dead')
    mkdirSync(join(interval, '..'), { recursive: true })
    mkdirSync(left)
    for (const path of [orphan, interval, join(left, 'rows.csv')]) writeFileSync(path, 'x')
    const known = bank.lakeNames().filter((name) => !name.includes('999999'))
    await withSession(bank.workplace, { by: 'test' }, async () => undefined)
    expect(existsSync(orphan)).toBe(false)
    // Not deleted: after a restore of an older record it would be a file that has to be loaded again.
    expect(existsSync(join(bank.workplace.lakeDir, 'orphans', 'facts', 'balance', '2026-01', '999999.parquet'))).toBe(
      true,
    )
    expect(existsSync(left)).toBe(false)
    // Intervals belong to the nights.
    expect(existsSync(interval)).toBe(true)
    expect(bank.lakeNames()).toEqual(known)
  })

  test('each load has its audit entry, its event and its scores', async () => {
    const [counts] = await bank.query<{ loads: bigint; audits: bigint; events: bigint; scored: bigint }>(`select
      (select count(*) from load where status = 'loaded') as loads,
      (select count(*) from audit_entry where action = 'load') as audits,
      (select count(*) from event where topic = 'load' and payload->>'state' = 'loaded') as events,
      (select count(distinct load_id) from quality_score) as scored`)
    expect(counts!.audits).toBe(counts!.loads)
    expect(counts!.events).toBe(counts!.loads)
    expect(counts!.scored).toBe(counts!.loads)
  })
})
