/** Erasure: what goes, what stays, nobody comes back by a later file or by a restore, and the lake never knew a person. */
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEntry, type SealedEntry } from '../src/access/audit.ts'
import { openRow } from '../src/access/seal.ts'
import { eraseApproved, resumeErasures } from '../src/acts/erase.ts'
import { appendErasure, ledgerPath, readErasures } from '../src/acts/erasure-ledger.ts'
import { openDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { day } from '../src/kit/day.ts'
import { literal } from '../src/lake/engine.ts'
import { startPostgres } from '../src/machine/postgres.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { runNight } from '../src/nightly/night.ts'
import { erasingPlace, openWorkplace, type Workplace } from '../src/nightly/workplace.ts'
import { testDatabase } from './support/database.ts'
import { approveErasure, eraseNow } from './support/erasing.ts'
import { testConfig, testHome } from './support/home.ts'
import { feedFiles, type LoadingBank, loadingBank } from './support/loading-bank.ts'

/** Everything that names 1001, 欧阳志远, who owns account …001 alone and …002 together with 1002. */
const personal = {
  name: '欧阳志远',
  pinyin: 'ouyangzhiyuan',
  identityNo: '11010519491231002X',
  phone: '13800138000',
  email: 'lin@example.com',
  address: '江州市临江区望江路 8 号',
  born: '1949-12-31',
  elsewhere: 'LOAN-77001',
}
const numbers = { account: '6222020200000000001', card: '6228480402564890018' }

let bank: LoadingBank
const asked = { customerNo: '1001', reason: '客户申请' }

beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
  bank.put('external-identities.csv', `source,external_id,customer_no\nloans,${personal.elsewhere},1001\n`)
  bank.put('consents.csv', 'customer_no,purpose,basis,from_day\n1001,marketing,consent,2025-01-01\n')
  bank.put('company-contacts.csv', `company_no,name,role,customer_no\n2001,${personal.name},director,1001\n`)
  await loadFolder(bank.workplace, bank.inbox)
  await runNight(bank.workplace, { day: day('2026-01-31') })
  // Rows of theirs in quarantine: one names the customer number, one only the account, one somebody else.
  const bad = (name: string, feed: string, text: string) =>
    loadFile(bank.workplace, { path: bank.put(name, text), feed, badRowLimit: 1 })
  await bad('cards-bad.csv', 'cards', `card_no,customer_no,face\n123,1001,gold\n124,1003,gold\n`)
  await bad(
    'balances-bad.csv',
    'balances',
    `account_no,day,balance,currency\n${numbers.account},2026-01-31,x,CNY\n${numbers.account.replace(/1$/, '3')},2026-01-31,x,CNY\n`,
  )
}, 120_000)
afterAll(() => bank.close())

/** All rows of all tables, with what is sealed in quarantine opened. */
async function record(workplace: Workplace): Promise<string> {
  const { owner } = workplace.db
  const tables = await owner.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind = 'r' order by 1`,
  )
  const texts: string[] = []
  for (const { name } of tables.rows) {
    const rows = await owner.query<{ line: string }>(`select to_jsonb(t)::text as line from "${name}" t`)
    texts.push(...rows.rows.map((row) => `${name} ${row.line}`))
  }
  const sealed = await owner.query<{ row_sealed: Buffer }>(
    'select row_sealed from quarantine where row_sealed is not null',
  )
  return [...texts, ...sealed.rows.map((row) => openRow(workplace.keys, row.row_sealed))].join('\n')
}

/** Every cell of every Parquet file of the lake. */
async function lake(workplace: Workplace): Promise<string> {
  const files = readdirSync(workplace.lakeDir, { recursive: true, encoding: 'utf8' })
  const parquet = files.filter((name) => name.endsWith('.parquet'))
  expect(parquet.length).toBeGreaterThan(8)
  const texts: string[] = []
  for (const name of parquet) {
    const rows = await workplace.engine.rows<{ line: string }>(
      `select to_json(t)::varchar as line from read_parquet(${literal(join(workplace.lakeDir, name))}) t`,
    )
    texts.push(...rows.map((row) => row.line))
  }
  const others = files.filter((name) => !/\.(parquet|sealed)$/.test(name) && existsSync(join(workplace.lakeDir, name)))
  for (const name of others) {
    const path = join(workplace.lakeDir, name)
    if (!readdirSync(dirname(path), { withFileTypes: true }).some((e) => e.isFile() && path.endsWith(e.name))) continue
    texts.push(readFileSync(path, 'utf8'))
  }
  return texts.join('\n')
}

const found = (text: string, wanted: Record<string, string>) =>
  Object.entries(wanted).flatMap(([name, value]) => (text.includes(value) ? [name] : []))

describe('the lake', () => {
  test('holds no personal value, nor a number of an account or card', async () => {
    const text = await lake(bank.workplace)
    expect(text).toContain('1001')
    expect(found(text, { ...personal, ...numbers, other: '林晓梅', company: '临江贸易有限公司' })).toEqual([])
  })
})

describe('erasing', () => {
  let kept: Record<string, unknown>
  const amounts = async () => ({
    night: await bank.query(`select average_fen, sum_scaled::text, qualified_tier from night_customer where party_id =
      (select party_id from customer where customer_no = '1001')`),
    tiers: await bank.query('select id, party_id, to_tier, effective_on::text, reason from tier_change order by id'),
    owners: await bank.query('select account_id, party_id, share from account_owner order by 1, 2'),
    consents: await bank.query('select purpose, basis, from_day::text from consent'),
    facts: await bank.facts('balance', '*'),
    audit: await bank.query(`select id, action, noun from audit_entry where action <> 'erase' order by id`),
  })

  test('first everything is there', async () => {
    kept = await amounts()
    const text = await record(bank.workplace)
    expect(found(text, { ...personal, ...numbers })).toEqual(['name', 'pinyin', 'born', 'elsewhere', 'account'])
    expect(text).toContain('123,1001,gold')
  })

  test('refuses whom it does not know, a company, and without the ledger does nothing', async () => {
    const { workplace } = bank
    await expect(eraseNow(erasingPlace(workplace), { ...asked, customerNo: '9' })).rejects.toMatchObject({
      code: 'not_found',
    })
    const company = eraseNow(erasingPlace(workplace), { ...asked, customerNo: '2001' })
    await expect(company).rejects.toMatchObject({ code: 'erasure_needs_person' })
    await bank.query('delete from approval')
    const id = await approveErasure(erasingPlace(workplace), asked)
    await expect(eraseApproved({ ...erasingPlace(workplace), home: '/nowhere' }, id)).rejects.toThrow(/ENOENT/)
    expect(await bank.query('select * from erasure')).toEqual([])
    expect(await bank.query('select used_at from approval')).toEqual([{ used_at: null }])
    expect(await amounts()).toEqual(kept)
  })

  test('goes on with what was approved; removes what no law demands and keeps ids, amounts, tiers and audit', async () => {
    const faults: unknown[] = []
    await resumeErasures(erasingPlace(bank.workplace), (error) => faults.push(error))
    expect(faults).toEqual([])
    expect(await bank.query('select used_at is null as waits from approval')).toEqual([{ waits: false }])
    const text = await record(bank.workplace)
    expect(found(text, { ...personal, ...numbers })).toEqual([])
    expect(await bank.query('select * from party_key where party_id = (select party_id from erasure)')).toEqual([])
    expect(await amounts()).toEqual(kept)
    // Of the account that another owns too, and of everybody else, nothing went.
    const [joint] = await bank.query<{ no_last4: string }>(`select no_last4 from account where no_token = $1`, [
      bank.workplace.keys.blindIndex('account', '6222020200000000002'),
    ])
    expect(joint?.no_last4).toBe('0002')
    expect(text).toContain('124,1003,gold')
    const lines = await bank.query('select line, rule, value, row_sealed is null as gone from quarantine')
    expect(lines).toContainEqual({ line: 2n, rule: 'cardNo', value: '', gone: true })
    const [entry] = await bank.query<SealedEntry & { who: string }>(
      `select who, action, noun, noun_id as "nounId", party_id as "partyId", by_party_key as "byPartyKey", before, after,
         reason from audit_entry where action = 'erase'`,
    )
    const [asker] = await bank.query<{ id: bigint }>(`select id from login where name = 'asks'`)
    expect(entry?.who).toBe(`login:${asker?.id}`)
    expect(openEntry(bank.workplace.keys, entry!, null)).toMatchObject({
      reason: '客户申请',
      after: { numbers: 1, quarantinedRows: 2 },
    })
    // Once more is nothing
    await eraseNow(erasingPlace(bank.workplace), asked)
    expect(await bank.query('select customer_no from erasure')).toEqual([{ customer_no: '1001' }])
  })

  test('the lake never knew more than the number', async () => {
    expect(found(await lake(bank.workplace), { ...personal, ...numbers })).toEqual([])
  })

  test('a later file does not bring the person back', async () => {
    const before = await bank.query('select count(*) from party')
    bank.put('customers.csv', feedFiles['customers.csv']!.replaceAll('望江路', '望江大道'))
    bank.put('cards.csv', `${feedFiles['cards.csv']!.replace('gold', 'black')}`)
    bank.put(
      'external-identities.csv',
      `source,external_id,customer_no\nloans,${personal.elsewhere},1001\nloans,X,1002\n`,
    )
    bank.put(
      'accounts.csv',
      `${feedFiles['accounts.csv']!}6222020200000000009,1001,0.5,DEP,CNY,010101,2026-01-05,\n6222020200000000009,1002,0.5,DEP,CNY,010101,2026-01-05,\n`,
    )
    bank.put('balances-2026-02-01.csv', `account_no,day,balance,currency\n${numbers.account},2026-02-01,120.00,CNY\n`)
    // A row that is wrong in another way, too.
    bank.put(
      'customers-more.csv',
      feedFiles['customers.csv']!.split('\n').slice(0, 2).join('\n').replace('010101', '9999'),
    )
    const done = await loadFolder(bank.workplace, bank.inbox)
    const account = (name: string) => done.files.find((file) => file.file === name)
    expect(account('customers.csv')).toMatchObject({ status: 'loaded', accepted: 3n, quarantined: 1n })
    expect(account('cards.csv')).toMatchObject({ status: 'loaded', accepted: 0n, quarantined: 1n })
    expect(account('external-identities.csv')).toMatchObject({ accepted: 1n, quarantined: 1n })
    expect(account('accounts.csv')).toMatchObject({ accepted: 6n, quarantined: 2n })
    expect(account('balances-2026-02-01.csv')).toMatchObject({ status: 'loaded', accepted: 1n })
    const rules = await bank.query<{ n: number }>(`select count(*)::int as n from quarantine where rule = 'erased'
      and row_sealed is null and value = '' and expected_zh like '个人信息%'`)
    expect(rules[0]!.n).toBe(5)
    expect(await bank.query('select count(*) from party')).toEqual(before)
    expect(found(await record(bank.workplace), { ...personal, ...numbers })).toEqual([])
    const [other] = await bank.query<{ quality: number }>(`select quality from party where customer_no = '1002'`)
    expect(other).toBeDefined()
  })

  test('nor does the next night', async () => {
    await runNight(bank.workplace, { day: day('2026-02-01') })
    expect(found(await record(bank.workplace), { ...personal, ...numbers })).toEqual([])
  })
})

describe('while a file is being loaded', () => {
  test('an erasure waits for its end, and what the file said of the person goes too', { timeout: 60_000 }, async () => {
    const { owner } = bank.workplace.db
    // The load stands still where it has sealed its rows and looked up who was erased, and not written them yet.
    await owner.query(`create function pause() returns trigger language plpgsql as $$ begin
      if to_regclass('pg_temp.stage_party') is not null then perform pg_advisory_xact_lock(4711); end if;
      return null; end $$`)
    await owner.query('create trigger pause before update on party for each statement execute function pause()')
    const gate = await owner.connect()
    await gate.query('select pg_advisory_lock(4711)')
    const text = feedFiles['customers.csv']!.replaceAll('望江路', '滨江路')
    const loading = loadFile(bank.workplace, { path: bank.put('customers.csv', text), feed: 'customers' })
    await expect
      .poll(
        async () =>
          (await owner.query(`select 1 from pg_locks where locktype = 'advisory' and objid = 4711 and not granted`))
            .rowCount,
        { timeout: 20_000 },
      )
      .toBe(1)
    let over = false
    const erasing = eraseNow(erasingPlace(bank.workplace), { ...asked, customerNo: '1002' }).finally(() => {
      over = true
    })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(over).toBe(false)
    await gate.query('select pg_advisory_unlock(4711)')
    gate.release()
    expect(await loading).toMatchObject({ status: 'loaded' })
    await erasing
    await owner.query('drop trigger pause on party')
    const [row] = await bank.query<{ name: string; sealed: Buffer | null }>(
      `select name, sealed from party where customer_no = '1002'`,
    )
    expect(row).toMatchObject({ sealed: null })
    expect(found(await record(bank.workplace), { name: '林晓梅,', phone: '13800138001' })).toEqual([])
  })
})

describe('while a night is being published', () => {
  test('the name that it read before is not published', { timeout: 60_000 }, async () => {
    const { owner } = bank.workplace.db
    const gate = await owner.connect()
    await gate.query('begin')
    await gate.query('lock table erasure in row exclusive mode')
    const night = runNight(bank.workplace, { day: day('2026-01-30') })
    await expect
      .poll(
        async () =>
          (await owner.query(`select 1 from pg_locks where relation = 'erasure'::regclass and not granted`)).rowCount,
        { timeout: 20_000 },
      )
      .toBe(1)
    // What an erasure does that held its ledger before the night came to publishing.
    await gate.query(`update party set name = '∅0', erased_at = now() where customer_no = '1003'`)
    await gate.query('commit')
    gate.release()
    const { nightId } = await night
    const rows = await bank.query<{ name: string }>(
      `select name from night_customer where night_id = $1 and customer_no = '1003'`,
      [nightId],
    )
    expect(rows).toEqual([{ name: '∅0' }])
  })
})

describe('after a restore', () => {
  test('of an older copy of the data folder the person is erased again, and never comes back', {
    timeout: 120_000,
  }, async () => {
    const home = testHome()
    const feeds = join(home.home, 'feeds')
    mkdirSync(feeds)
    for (const name of ['units.csv', 'staff.csv', 'customers.csv']) writeFileSync(join(feeds, name), feedFiles[name]!)
    let data = ''
    const running = async (work: (workplace: Workplace) => Promise<void>) => {
      const postgres = await startPostgres({ home: home.home, say: () => undefined })
      data = join(postgres.folder, 'data')
      const urls = { db: undefined as never, ownerUrl: postgres.databaseOwnerUrl, appUrl: postgres.databaseUrl }
      const config = testConfig(home.home, { ...urls, drop: async () => undefined })
      const db = openDatabase(urls)
      try {
        await migrate(db.owner, 'strata_app')
        const workplace = await openWorkplace(config, { db })
        await work(workplace).finally(() => workplace.close())
      } finally {
        await db.close()
        await postgres.stop()
      }
    }
    const names = async ({ db }: Workplace) =>
      (await db.owner.query<{ name: string }>('select name from party order by customer_no')).rows.map(
        (row) => row.name,
      )
    const copy = (from: string, to: string) => {
      rmSync(to, { recursive: true, force: true })
      cpSync(from, to, { recursive: true, preserveTimestamps: true })
    }
    // The copy as root keeps modes but not owners; the folder has to belong to the user that runs PostgreSQL.
    const restore = (name: string) => {
      copy(join(home.home, name), data)
      spawnSync('chown', ['-R', '--reference', dirname(data), data])
    }
    try {
      await running(async () => undefined)
      copy(data, join(home.home, 'empty'))
      await running(async (workplace) => {
        await loadFolder(workplace, feeds)
        expect(await names(workplace)).toContain('欧阳志远')
      })
      copy(data, join(home.home, 'backup'))
      await running(async (workplace) => {
        await eraseNow(erasingPlace(workplace), asked)
        expect(await names(workplace)).not.toContain('欧阳志远')
      })
      restore('backup')
      await running(async (workplace) => {
        expect(await names(workplace)).not.toContain('欧阳志远')
        const { rows } = await workplace.db.owner.query(
          'select customer_no, reapplied_at is null as first from erasure',
        )
        expect(rows).toEqual([{ customer_no: '1001', first: false }])
      })
      // Older still: from before the customer was there. The lake's files of lost loads are put aside by the next load.
      restore('empty')
      await running(async (workplace) => {
        await loadFolder(workplace, feeds)
        expect(await names(workplace)).toHaveLength(3)
        expect(await names(workplace)).not.toContain('欧阳志远')
        rmSync(ledgerPath(home.home))
      })
      // A ledger that is lost is written again from the record.
      await running(async (workplace) => {
        expect(readErasures({ home: home.home, keys: workplace.keys })).toMatchObject([{ customerNos: ['1001'] }])
      })
    } finally {
      rmSync(data, { recursive: true, force: true })
      home.remove()
    }
  })

  test('a line that somebody else wrote is refused', async () => {
    const home = testHome()
    const database = await testDatabase()
    const config = testConfig(home.home, database)
    try {
      await (await openWorkplace(config)).close()
      const line = { customerNos: ['1001'], erasedAt: '2026-01-01T00:00:00Z', by: 'x', reason: 'y', code: '00' }
      writeFileSync(ledgerPath(home.home), `${JSON.stringify(line)}\n`)
      await expect(openWorkplace(config)).rejects.toMatchObject({ code: 'erasures_invalid', params: { line: 1 } })
      // What was being written when the power went is no line yet.
      writeFileSync(ledgerPath(home.home), '{"customerNos":["10')
      await (await openWorkplace(config)).close()
    } finally {
      await database.drop()
      home.remove()
    }
  })

  test('goes on behind a line that was cut off', () => {
    const home = testHome()
    try {
      const at = { home: home.home, keys: bank.workplace.keys }
      const erasure = (no: string) => ({ customerNos: [no], erasedAt: '2026-01-01T00:00:00Z', by: 'x', reason: 'y' })
      appendErasure(at, erasure('1'))
      appendFileSync(ledgerPath(home.home), '{"customerNos":["10')
      for (const no of ['2', '3']) appendErasure(at, erasure(no))
      expect(readErasures(at)).toEqual(['1', '2', '3'].map(erasure))
    } finally {
      home.remove()
    }
  })
})
