/** The made-up bank keeps its promises: same seed same bytes, valid where it says so, spoiled only where it says so. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { readSheet } from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { feedNamed, feeds } from '../src/feeds/index.ts'
import { day } from '../src/kit/day.ts'
import { openEngine } from '../src/lake/engine.ts'
import type { Spoiled } from './dirt.ts'
import { encodeGb18030 } from './gb18030.ts'
import { type DemoOptions, type DemoSummary, writeDemo } from './write.ts'

interface Table {
  feed: string
  header: string[]
  /** With the line of each row. */
  rows: { line: number; cells: Record<string, string> }[]
}

const root = mkdtempSync(join(tmpdir(), 'strata-demo-'))
const end = day('2026-06-30')
const options = (out: string, more: Partial<DemoOptions> = {}): DemoOptions => ({
  customers: 2400,
  days: 200,
  seed: 7,
  end,
  out: join(root, out),
  ...more,
})
let summary: DemoSummary
let spoiled: Spoiled[]
let truth: { duplicates: [string, string][]; gamers: string[]; absent: [string, string][]; overdrafts: string[] }
const tables = new Map<string, Table>()

beforeAll(async () => {
  summary = await writeDemo(options('bank', { truth: join(root, 'truth.json') }))
  const told = JSON.parse(readFileSync(join(root, 'truth.json'), 'utf8'))
  spoiled = told.spoiled
  truth = told
  for (const { file } of summary.files) tables.set(file, await open(join(root, 'bank', file)))
}, 180_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Reads a file: text, workbook or Parquet. */
async function open(path: string): Promise<Table> {
  if (path.endsWith('.xlsx')) {
    const [head, ...rest] = (await readSheet(path)).map((row) => row.map((cell) => String(cell ?? '')))
    return {
      feed: 'products',
      header: head!,
      rows: rest.map((cells, i) => ({ line: i + 2, cells: named(head!, cells) })),
    }
  }
  if (!path.endsWith('.parquet')) return read(path)
  const engine = openEngine({ threads: 1, memoryLimitMb: 256, tempDir: join(root, 'engine') })
  const rows = await engine.rows<Record<string, string | number | null>>(`select * from read_parquet('${path}')`)
  await engine.close()
  const cells = rows.map((row) => Object.entries(row).map(([column, value]) => [column, String(value ?? '')]))
  return {
    feed: 'loans',
    header: Object.keys(rows[0]!),
    rows: cells.map((row, i) => ({ line: i + 2, cells: Object.fromEntries(row) })),
  }
}

const named = (header: string[], cells: string[]): Record<string, string> =>
  Object.fromEntries(header.map((column, c) => [column, cells[c]!]))

/** Reads a text file in whatever form it is; cells hold no line breaks in this bank. */
function read(path: string): Table {
  const name = path.split('/').at(-1)!
  let bytes: Buffer = readFileSync(path)
  if (name.endsWith('.gz')) bytes = gunzipSync(bytes)
  if (name.endsWith('.zst')) bytes = zstdDecompressSync(bytes)
  const gb = /^(staff|company-contacts)\./.test(name)
  const lines = new TextDecoder(gb ? 'gb18030' : 'utf-8', { fatal: true }).decode(bytes).split(/\r?\n/).slice(0, -1)
  const separator = ['\t', '|', ';', ','].find((candidate) => lines[0]!.includes(candidate))!
  const split = (line: string): string[] =>
    separator === ',' && line.includes('"')
      ? [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((found) => found[1] ?? found[2] ?? '')
      : line.split(separator)
  const header = split(lines[0]!)
  const feed = feeds
    .map((candidate) => candidate.name)
    .filter((candidate) => name.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0]!
  const rows = lines.slice(1).map((line, i) => {
    const cells = split(line)
    return { line: i + 2, cells: named(header, cells) }
  })
  return { feed, header, rows }
}

/** All clean rows of a feed, from all its files. */
function clean(feed: string): Record<string, string>[] {
  const bad = new Set(
    spoiled.filter((entry) => entry.effect === 'quarantine').map((entry) => `${entry.file}:${entry.line}`),
  )
  return [...tables]
    .filter(([, table]) => table.feed === feed)
    .flatMap(([file, table]) => table.rows.filter((row) => !bad.has(`${file}:${row.line}`)).map((row) => row.cells))
}

const hashes = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(root, folder))
      .sort()
      .map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(root, folder, file)))
          .digest('hex'),
      ]),
  )

describe('bytes', () => {
  test('the same seed gives the same bytes, another seed others', async () => {
    const small = { customers: 400, days: 60 }
    await writeDemo(options('a', small))
    await writeDemo(options('b', small))
    await writeDemo(options('c', { ...small, seed: 8 }))
    const [a, b, c] = [hashes('a'), hashes('b'), hashes('c')]
    expect(a).toEqual(b)
    for (const file of ['customers.csv', 'accounts.csv', 'balance-changes-2026-06.csv.gz', 'units.csv']) {
      expect(c[file]).not.toBe(a[file])
    }
  })

  test('control totals agree with the rows', () => {
    const sides = readdirSync(join(root, 'bank')).filter((file) => file.endsWith('.ctl'))
    expect(sides.length).toBeGreaterThan(10)
    for (const side of sides) {
      const lines = readFileSync(join(root, 'bank', side), 'utf8')
        .trim()
        .split('\n')
      const totals = new Map(lines.map((line) => line.split('=') as [string, string]))
      const { rows } = tables.get(side.slice(0, -4))!
      expect(totals.get('rows')).toBe(String(rows.length))
      if (!totals.has('sum.profit')) continue
      const sum = rows.reduce((total, row) => total + BigInt(row.cells.profit!.replace('.', '')), 0n)
      expect(BigInt(totals.get('sum.profit')!.replace('.', ''))).toBe(sum)
    }
  })

  test('every Unicode character survives GB18030', () => {
    const text = 'aé€王䶮㛃𬭎𫖯·，\u{10FFFF}'
    expect(new TextDecoder('gb18030').decode(encodeGb18030(text))).toBe(text)
  })

  test('every feed is there', () => {
    expect(new Set([...tables.values()].map((table) => table.feed))).toEqual(new Set(feeds.map((feed) => feed.name)))
  })
})

describe('rows', () => {
  test('clean rows fit the feed contract', () => {
    for (const table of tables.values()) {
      const feed = feedNamed(table.feed)!
      const columns = new Map(feed.columns.map((column) => [column.name, column]))
      for (const name of table.header) expect(columns.has(name), `${table.feed}.${name}`).toBe(true)
      for (const column of feed.columns) if (column.required) expect(table.header).toContain(column.name)
    }
    for (const feed of feeds) {
      const rows = clean(feed.name)
      const keys = new Set(rows.map((row) => feed.key.map((column) => row[column]).join('\t')))
      expect(keys.size, `keys of ${feed.name}`).toBe(rows.length)
      for (const column of feed.columns) {
        const cells = rows.map((row) => row[column.name] ?? '').filter((cell) => cell !== '')
        if (column.required) expect(cells.length, `${feed.name}.${column.name}`).toBe(rows.length)
        expect(cells.filter((cell) => !fits(column.type, cell)).slice(0, 3), `${feed.name}.${column.name}`).toEqual([])
      }
    }
  })

  test('references lead somewhere', () => {
    const known: Record<string, Set<string>> = {
      unit: new Set(clean('units').map((row) => row.code!)),
      staff: new Set(clean('staff').map((row) => row.code!)),
      customer: new Set(clean('customers').map((row) => row.customer_no!)),
      account: new Set(clean('accounts').map((row) => row.account_no!)),
      product: new Set(clean('products').map((row) => row.code!)),
    }
    for (const feed of feeds) {
      for (const column of feed.columns) {
        if (!column.references) continue
        const lost = clean(feed.name).filter(
          (row) => row[column.name] && !known[column.references!]!.has(row[column.name]!),
        )
        expect(lost.slice(0, 2), `${feed.name}.${column.name}`).toEqual([])
      }
    }
    for (const row of clean('units')) if (row.parent_code) expect(known.unit!.has(row.parent_code)).toBe(true)
  })

  test('identity numbers, credit codes and card numbers are valid where nothing is said to be wrong', () => {
    const reported = new Set(spoiled.filter((entry) => entry.file === 'customers.csv').map((entry) => entry.line))
    for (const { line, cells } of tables.get('customers.csv')!.rows) {
      const no = cells.identity_no!
      if (reported.has(line)) continue
      if (cells.kind === 'company') expect(creditRest(no), no).toBe(1)
      else if (no.length === 18) {
        expect(identityRest(no), no).toBe(1)
        expect(cells.birth_on!.replaceAll('-', '')).toBe(no.slice(6, 14))
        expect(Number(no[16]) % 2 === 1 ? 'male' : 'female').toBe(cells.sex)
      } else expect(no).toMatch(/^\d{15}$/)
    }
    for (const row of clean('cards')) expect(luhnRest(row.card_no!)).toBe(0)
  })

  test('nobody shares an identity number but those who are twice', () => {
    const byNumber = new Map<string, string[]>()
    for (const row of clean('customers')) {
      if (row.identity_no) byNumber.set(row.identity_no, [...(byNumber.get(row.identity_no) ?? []), row.customer_no!])
    }
    const twice = new Set(truth.duplicates.map((pair) => pair.join()))
    for (const numbers of byNumber.values()) if (numbers.length > 1) expect(twice.has(numbers.join())).toBe(true)
    expect(truth.duplicates.length).toBeGreaterThan(5)
  })

  test('the shares of an account add up to the whole', () => {
    const shares = new Map<string, number>()
    for (const row of clean('accounts')) {
      shares.set(row.account_no!, (shares.get(row.account_no!) ?? 0) + Math.round(Number(row.share || 1) * 10_000))
    }
    expect([...shares].filter(([, share]) => share !== 10_000)).toEqual([])
    expect(clean('accounts').some((row) => row.share !== '')).toBe(true)
  })
})

describe('people and money', () => {
  test('families have one head, one outlet, and children younger than parents', () => {
    const customers = new Map(clean('customers').map((row) => [row.customer_no!, row]))
    const families = Map.groupBy(clean('household-members'), (row) => row.household_no!)
    expect(families.size).toBeGreaterThan(100)
    let withoutConsent = 0
    for (const members of families.values()) {
      expect(members.filter((row) => row.role === 'head').length).toBe(1)
      expect(members.length).toBeGreaterThan(1)
      expect(new Set(members.map((row) => customers.get(row.customer_no!)!.unit_code)).size).toBe(1)
      const identity = (role: string) =>
        members
          .filter((row) => row.role === role)
          .map((row) => Number(customers.get(row.customer_no!)!.identity_no!.slice(6, 10)))
      for (const child of identity('child'))
        if (child > 0) expect(child).toBeGreaterThan((identity('head')[0] || 1900) + 15)
      withoutConsent += members.filter((row) => row.consent_from === '').length
    }
    expect(withoutConsent).toBeGreaterThan(3)
  })

  test('a current account moves by its transactions', () => {
    const products = new Map(clean('accounts').map((row) => [row.account_no!, row.product_code]))
    const spoiledAccounts = new Set<string>()
    for (const entry of spoiled) {
      const row = tables.get(entry.file)!.rows[entry.line - 2]!.cells
      if (row.account_no) spoiledAccounts.add(row.account_no)
    }
    const movements = new Map<string, number>()
    for (const row of clean('transactions')) {
      const key = `${row.account_no} ${row.day}`
      movements.set(key, (movements.get(key) ?? 0) + Math.round(Number(row.amount) * 100))
    }
    const byAccount = Map.groupBy(clean('balance-changes'), (row) => row.account_no!)
    let compared = 0
    for (const [no, changes] of byAccount) {
      if (products.get(no) !== 'DEP-CUR' || spoiledAccounts.has(no)) continue
      for (let i = 1; i < changes.length; i++) {
        const delta = Math.round(Number(changes[i]!.balance) * 100) - Math.round(Number(changes[i - 1]!.balance) * 100)
        // A row without account number is missing from its account: such a day has no movement to compare.
        const moved = movements.get(`${no} ${changes[i]!.day}`)
        if (moved === undefined) continue
        if (moved === delta) compared++
        else
          expect
            .soft(
              spoiled.some((entry) => /missing|exist|number|places|code/.test(entry.reason)),
              no,
            )
            .toBe(true)
      }
    }
    expect(compared).toBeGreaterThan(20_000)
  })

  test('most are silver, few are black, and some opening tiers are stale', () => {
    const rows = clean('tiers')
    const share = (tier: string) => rows.filter((row) => row.tier === tier).length / rows.length
    expect(share('silver')).toBeGreaterThan(0.72)
    expect(share('silver')).toBeLessThan(0.88)
    expect(share('gold')).toBeGreaterThan(0.1)
    expect(share('platinum')).toBeGreaterThan(0.02)
    expect(share('black')).toBeLessThan(0.025)
  })

  test('the odd ones are there', () => {
    expect(truth.gamers.length).toBeGreaterThan(3)
    const flags = clean('customers').flatMap((row) => row.flags!.split('|'))
    for (const flag of ['minor', 'deceased', 'dormant', 'staff', 'staffKin']) expect(flags).toContain(flag)
    expect(new Set(clean('account-flags').map((row) => row.kind))).toContain('dormant')
    const classes = new Map(clean('products').map((row) => [row.code!, row.class!]))
    const used = new Set(clean('accounts').map((row) => classes.get(row.product_code!)))
    expect(used.size).toBe(9)
    expect(new Set(clean('accounts').map((row) => row.currency))).toEqual(new Set(['CNY', 'USD', 'EUR', 'HKD', 'JPY']))
  })
})

describe('dirt', () => {
  test('stays below one percent of every file, and there is some', () => {
    expect(spoiled.filter((entry) => entry.effect === 'quarantine').length).toBeGreaterThan(60)
    for (const { file, rows, dirty } of summary.files) expect(dirty, file).toBeLessThanOrEqual(rows * 0.008)
    expect(new Set(spoiled.map((entry) => entry.reason)).size).toBeGreaterThan(15)
  })

  test('a spoiled row is where the truth says', () => {
    for (const entry of spoiled)
      expect(tables.get(entry.file)!.rows[entry.line - 2], JSON.stringify(entry)).toBeDefined()
    const unknown = spoiled.find((entry) => entry.reason === 'account unknown')!
    expect(tables.get(unknown.file)!.rows[unknown.line - 2]!.cells.account_no).toMatch(/^8099/)
  })
})

describe('size', () => {
  test('ten times the customers do not take noticeably more memory', async () => {
    const peak = async (customers: number): Promise<number> => {
      let heap = 0
      const report = () => {
        heap = Math.max(heap, process.memoryUsage().heapUsed)
      }
      await writeDemo(options(`heap${customers}`, { customers, days: 30, report }))
      return heap
    }
    const small = await peak(2000)
    const large = await peak(20_000)
    expect((large - small) / 1e6).toBeLessThan(120)
  }, 180_000)

  test('the bench form has 1.6 accounts each and no dirt', async () => {
    const bench = await writeDemo(options('bench', { customers: 5000, days: 90, form: 'bench' }))
    const rows = (file: string) => bench.files.find((written) => written.file === file)!.rows
    expect(rows('customers.csv')).toBe(5000)
    const joint = read(join(root, 'bench', 'accounts.csv')).rows
    expect(new Set(joint.map((row) => row.cells.account_no)).size / 5000).toBeCloseTo(1.6, 1)
    expect(bench.files.every((file) => file.dirty === 0)).toBe(true)
  })
})

function fits(
  type: { kind: string; values?: readonly string[]; places?: number; lengthMax?: number },
  cell: string,
): boolean {
  if (type.kind === 'choice') return type.values!.includes(cell)
  if (type.kind === 'day') return /^(\d{8}|\d{4}-\d{2}-\d{2}|\d{4}\/\d{1,2}\/\d{1,2})$/.test(cell)
  if (type.kind === 'amount') return /^-?\d+(\.\d{1,2})?$/.test(cell)
  if (type.kind === 'integer') return /^\d+$/.test(cell)
  if (type.kind === 'decimal') return new RegExp(`^-?\\d+(\\.\\d{1,${type.places}})?$`).test(cell)
  return cell.length <= (type.lengthMax ?? 200)
}

/** GB 11643 as ISO 7064 MOD 11-2: 1 when valid. */
function identityRest(no: string): number {
  let rest = 0
  for (const character of no) rest = (rest * 2 + (character === 'X' ? 10 : Number(character))) % 11
  return rest
}

/** GB 32100 as a weighted sum mod 31 with weights 3^i: 1 (here shifted from 0) when valid. */
function creditRest(no: string): number {
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
  const sum = [...no].reduce(
    (total, character, i) => total + alphabet.indexOf(character) * (i < 17 ? 3 ** i % 31 : 1),
    0,
  )
  return (sum + 1) % 31
}

function luhnRest(no: string): number {
  const digits = [...no].reverse().map(Number)
  return digits.reduce((sum, digit, i) => sum + (i % 2 ? ((digit * 2) % 10) + Math.floor(digit / 5) : digit), 0) % 10
}
