/** A bank's own extracts from folder to record: base currency, dry run, rows of every own file, control totals, mending. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import writeExcel from 'write-excel-file/node'
import { settledBaseCurrency, storedBaseCurrency } from '../src/db/base-currency.ts'
import { day } from '../src/kit/day.ts'
import { exportTiers } from '../src/nightly/export-tiers.ts'
import type { FolderAccount } from '../src/nightly/load/account.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { exportQuarantine } from '../src/nightly/load/mended.ts'
import { policyInForce } from '../src/nightly/policies.ts'
import { emptyBank, type TestBank } from './support/lake-bank.ts'

const mapping = `mapping: 1
name: kb
baseCurrency: CZK
sources:
  people: { file: people.asc, separator: ";" }
  accounts: { file: accounts.csv }
  kinds: { file: kinds.xlsx }
  circles: { file: circles.csv }
  moves: { file: "moves-*.csv", separator: ";", decimal: "," }
targets:
  - feed: units
    rows:
      - { code: HO, name: Head office, kind: headOffice }
  - feed: products
    from: kinds
    columns: { code: kind, name: title, class: "'deposit'", currency: "'CZK'" }
  - feed: customers
    from: people
    where:
      - { keep: name <> 'TEST', otherwise: test customers }
    columns:
      customer_no: "no"
      kind: "'person'"
      name: name
      unit_code: "'HO'"
      identity_kind: "'other'"
      identity_no: "no || '/' || birth"
      birth_on: birth
  - feed: accounts
    from: accounts
    where:
      - { keep: "coalesce(closed, '') <> '2021-01-01'", otherwise: closed before }
    columns:
      account_no: account
      customer_no: owner
      product_code: kind
      currency: "'CZK'"
      unit_code: "'HO'"
      opened_on: opened
      closed_on: closed
  - feed: household-members
    from: circles
    where: [{ keep: person <> '9', otherwise: test customers }]
    columns: { household_no: circle, customer_no: person, role: "'head'", from_day: "'2020-01-01'", consent_from: "'2020-01-01'" }
  - feed: balance-changes
    from: moves
    running: { account: account, day: day, amount: "number(sum, ',')", compare: "number(after, ',')", tolerance: 1 }
    columns: { account_no: account, currency: "'CZK'" }
`

const files: Record<string, string> = {
  'kb.yaml': mapping,
  'people.asc':
    '"no";"name";"birth"\r\n"9";"TEST";"1970-01-01"\r\n"1";"Jan";"1950-02-03"\r\n"2";"Eva";"1960-02-03";"extra"\r\n"3";"Petr";"yesterday"\r\n"4";"Ivan";"1980-05-05"\r\n',
  'accounts.csv': `account,owner,kind,opened,closed
A0,1,PLAIN,2020-01-01,2021-01-01
A1,1,PLAIN,2020-01-01,
A2,4,PLAIN,2020-01-01,
A4,4,PLAIN,2020-01-01,
A4,4,EXTRA,2020-01-01,
A5,4,EXTRA,2020-01-01,2019-12-31
`,
  'circles.csv': 'circle,person\nH0,9\nH1,1\nH2,1\n',
  'moves-01.csv':
    'account;day;sum;after\nA1;2026-01-02;100,00;100,00\nA1;2026-01-02;-0,50;99,50\nA2;2026-01-03;7,25;7,25\n',
  'moves-02.csv': 'account;day;sum;after\nA1;2026-02-02;0,50;100,00\n',
  'moves-01.csv.ctl': 'rows=3\nsum.sum=106.75\n',
}

let bank: TestBank | undefined
let folder = ''
afterEach(async () => {
  await bank?.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

async function open(env: Record<string, string> = {}): Promise<TestBank> {
  folder = mkdtempSync(join(tmpdir(), 'strata-own-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const sheet = [
    ['kind', 'title'],
    ['PLAIN', 'Plain account'],
    ['EXTRA', 'Other account'],
  ]
  writeFileSync(
    join(folder, 'kinds.xlsx'),
    await writeExcel(sheet.map((row) => row.map((value) => ({ value })))).toBuffer(),
  )
  bank = await emptyBank({ now: '2026-03-01T12:00:00.000Z', env, units: false })
  return bank
}

const load = (to: TestBank, dryRun = false): Promise<FolderAccount> =>
  loadFolder(to.workplace, folder, { mapping: join(folder, 'kb.yaml'), badRowLimit: 0.6, dryRun })

const shown = (account: FolderAccount) =>
  account.files.map(({ file, feed, read, accepted, quarantined, quarantine, gaps }) => ({
    row: [file, feed, read, accepted, quarantined, gaps],
    quarantine,
  }))

/** Every row of every table, and every file below the home. */
async function everything({ database, home }: TestBank): Promise<string> {
  const { rows: tables } = await database.db.owner.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'strata') order by 1`,
  )
  const lines: string[] = []
  for (const { name } of tables) {
    const { rows } = await database.db.owner.query(
      `select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as sum from ${name} t`,
    )
    lines.push(`${name} ${rows[0].sum}`)
  }
  const lake = readdirSync(join(home.home, 'lake'), { recursive: true, encoding: 'utf8' })
  return [...lines, ...lake.sort()].join('\n')
}

test('a dry run shows what the load then brings, and leaves no trace', async () => {
  const home = await open()
  const before = await everything(home)
  const planned = await load(home, true)
  expect(await everything(home)).toBe(before)
  expect(planned.files.map((file) => file.status)).toEqual(Array(7).fill('planned'))
  expect(home.workplace.config.baseCurrency).toBe('CNY')
  const loaded = await load(home)
  expect(loaded.files.map((file) => [file.status, file.refusal?.en])).toEqual(Array(7).fill(['loaded', undefined]))
  expect(shown(planned)).toEqual(shown(loaded))
  expect(planned.sources).toEqual(loaded.sources.map((source) => ({ ...source, status: 'planned' })))
  expect(planned.notes).toEqual(loaded.notes)
  const after = await everything(home)
  expect((await load(home, true)).files.map((file) => file.status)).toEqual(Array(7).fill('already'))
  expect(await everything(home)).toBe(after)
}, 120_000)

test('every row of every own file is accounted for, quarantine speaks of its lines', async () => {
  const home = await open()
  const { sources } = await load(home)
  expect(
    sources.map(({ file, feed, read, used, merged, leftOut, quarantined }) => [
      [file, feed].join(' → '),
      ...[read, used, merged, leftOut.reduce((sum, part) => sum + part.rows, 0n), quarantined].map(Number),
    ]),
  ).toEqual([
    ['people.asc → customers', 5, 3, 0, 1, 1],
    ['circles.csv → household-members', 3, 1, 0, 1, 1],
    ['kinds.xlsx → products', 2, 2, 0, 0, 0],
    ['accounts.csv → accounts', 6, 2, 0, 1, 3],
    ['moves-01.csv → balance-changes', 3, 2, 1, 0, 0],
    ['moves-02.csv → balance-changes', 1, 1, 0, 0, 0],
  ])
  const { rows } = await home.database.db.owner.query(
    `select l.file, q.line, q.rule, q.value from quarantine q join load l on l.id = q.load_id order by 1, 2`,
  )
  expect(rows).toMatchObject([
    { file: 'accounts.csv', line: 5n, rule: 'contradictory_key' },
    { file: 'accounts.csv', line: 6n, rule: 'contradictory_key' },
    { file: 'accounts.csv', line: 7n, rule: 'order' },
    { file: 'circles.csv', line: 4n, rule: 'twoHouseholds' },
    { file: 'people.asc', line: 4n, rule: 'field_count', value: '4' },
  ])
  const { rows: controls } = await home.database.db.owner.query(`select control from load where file = 'moves-01.csv'`)
  expect(controls[0].control).toMatchObject({
    source: 'file',
    totals: [{ name: 'rows', said: '3', read: '3' }, { name: 'sum.sum' }],
  })
}, 120_000)

test('misshapen rows count against the limit, and other control totals refuse', async () => {
  const home = await open()
  const options = { mapping: join(folder, 'kb.yaml') }
  writeFileSync(join(folder, 'people.asc'), `${files['people.asc']}"5";"Olga"\r\n`)
  const before = await everything(home)
  const { files: planned } = await loadFolder(home.workplace, folder, { ...options, dryRun: true })
  expect(await everything(home)).toBe(before)
  const { files: accounts } = await loadFolder(home.workplace, folder, options)
  expect(planned.map((file) => file.refusal?.en)).toEqual(accounts.map((file) => file.refusal?.en))
  expect(accounts.find((file) => file.feed === 'customers')?.refusal).toMatchObject({
    code: 'too_many_bad_rows',
    params: { file: 'people.asc', bad: 2n, read: 5n, worst: '3 fields (line 4)' },
  })
  expect(accounts.find((file) => file.feed === 'accounts')?.refusal?.en).toContain(
    'closed_on: a day not before opened_on (line 7)',
  )
  writeFileSync(join(folder, 'moves-01.csv.ctl'), 'rows=3\nsum.sum=106.76\n')
  await expect(loadFolder(home.workplace, folder, options)).rejects.toMatchObject({
    code: 'file_refused',
    params: { file: 'moves-01.csv' },
  })
}, 120_000)

test('the mapping of the first load settles the base currency', async () => {
  const home = await open()
  const { owner } = home.database.db
  expect(await storedBaseCurrency(owner)).toBeUndefined()
  await load(home)
  expect(await storedBaseCurrency(owner)).toBe('CZK')
  expect(home.workplace.config.baseCurrency).toBe('CZK')
  const configured = { baseCurrency: 'CNY', baseCurrencyGiven: false } as const
  expect(await settledBaseCurrency(owner, configured)).toBe('CZK')
  await expect(settledBaseCurrency(owner, { ...configured, baseCurrencyGiven: true })).rejects.toMatchObject({
    code: 'currency_differs',
    params: { what: 'STRATA_BASE_CURRENCY', currency: 'CNY', base: 'CZK' },
  })
  expect((await policyInForce(owner, 'personal', day('2026-02-28'), 'CNY')).policy.currency).toBe('CZK')
  const policyText = readFileSync(new URL('../src/tiers/policies/personal.yaml', import.meta.url), 'utf8')
  const out = join(folder, 'tiers.csv')
  await expect(
    exportTiers(home.workplace, { out, format: 'csv', day: day('2026-02-02'), policyText }),
  ).rejects.toMatchObject({
    code: 'currency_differs',
    params: { what: 'policy personal', currency: 'CNY', base: 'CZK' },
  })
  writeFileSync(join(folder, 'kb.yaml'), mapping.replaceAll('CZK', 'EUR'))
  await expect(load(home)).rejects.toMatchObject({
    code: 'currency_differs',
    params: { what: 'mapping kb.yaml', currency: 'EUR', base: 'CZK' },
  })
}, 120_000)

test('a base currency that somebody set is not changed by a mapping', async () => {
  const home = await open({ STRATA_BASE_CURRENCY: 'CNY' })
  await expect(load(home)).rejects.toMatchObject({
    code: 'currency_set',
    params: { what: 'mapping kb.yaml', currency: 'CZK', base: 'CNY' },
  })
}, 60_000)

test('a home that has loaded feeds in another currency refuses the mapping', async () => {
  const home = await open()
  const path = join(folder, 'units.csv')
  writeFileSync(path, 'code,name,kind\nHO,Head office,headOffice\n')
  expect(await loadFile(home.workplace, { path })).toMatchObject({ status: 'loaded' })
  expect(await storedBaseCurrency(home.database.db.owner)).toBe('CNY')
  await expect(load(home)).rejects.toMatchObject({ code: 'currency_differs' })
  const after = await everything(home)
  writeFileSync(path, 'code,name,kind,parent_code\nB1,Branch,branch,HO\n')
  expect(await loadFile(home.workplace, { path, dryRun: true })).toMatchObject({ status: 'planned', accepted: 1n })
  expect(await everything(home)).toBe(after)
}, 60_000)

test('quarantined rows go out, are mended and come in', async () => {
  const home = await open()
  const loaded = await load(home)
  const accounts = loaded.files.find((file) => file.feed === 'accounts')
  let text = ''
  for await (const part of exportQuarantine(home.workplace, accounts?.loadId ?? 0)) text += part
  expect(text.split('\r\n').length).toBe(5)
  const path = join(folder, 'mended.csv')
  writeFileSync(path, text.replace('EXTRA', 'PLAIN').replace(/(\r\n.*)\1/, '$1'))
  const mended = await loadFile(home.workplace, { path, feed: 'accounts', badRowLimit: 1 })
  expect(mended).toMatchObject({ status: 'loaded', accepted: 1n, mended: expect.any(Number) })
  expect(mended.mended).toBeGreaterThan(0)
}, 60_000)
