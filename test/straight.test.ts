/**
 * The straight way of a balance file against the general one: the same facts and the same account of rows, or the
 * general way itself. Random files, clean and dirty, in every form.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Refused } from '../src/kit/refusal.ts'
import type { CheckedFile, ReferenceMap } from '../src/lake/check.ts'
import { type CheckBench, openCheckBench } from './support/check-bench.ts'

/** Accounts A1 to A12 in three currencies, each with a position of another number. */
const account: ReferenceMap = {
  relation: `(select *, (token_lo::uhugeint << 64) | token_hi as number from (select md5_number_upper('secretA' || i) as token_hi, md5_number_lower('secretA' || i) as token_lo, i as id,
    case i % 3 when 0 then 'USD' when 1 then 'CNY' else 'JPY' end as currency, 1000 - i * 7 as position_id from range(1, 13) t(i)))`,
  carry: ['position_id'],
}

let bench: CheckBench
beforeAll(() => {
  bench = openCheckBench()
})
afterAll(() => bench.close())

const currencyOf = (i: number) => ['USD', 'CNY', 'JPY'][i % 3]!
const good = fc.record({
  account: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
  month: fc.integer({ min: 1, max: 3 }),
  fen: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }),
  dayForm: fc.constantFrom('-', '-', '-', '/', ''),
  amountForm: fc.constantFrom('2', '2', '2', 'short', 'plus', 'zeros'),
})
type Good = typeof good extends fc.Arbitrary<infer T> ? T : never

function dayText({ day, month, dayForm }: Good): string {
  return ['2026', String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(dayForm)
}

function amountText({ fen, account: i, amountForm }: Good): string {
  const digits = String(fen < 0n ? -fen : fen).padStart(3, '0')
  const sign = fen < 0n ? '-' : ''
  if (currencyOf(i) === 'JPY') return `${sign}${digits.slice(0, 15)}`
  const [whole, part] = [digits.slice(0, -2).slice(0, 15), digits.slice(-2)]
  if (amountForm === 'short') return part === '00' ? `${sign}${whole}` : `${sign}${whole}.${part}`
  if (amountForm === 'zeros') return `${sign}${whole}.${part}00`
  return `${amountForm === 'plus' && sign === '' ? '+' : sign}${whole}.${part}`
}

const cellsOf = (row: Good) => [`A${row.account}`, dayText(row), amountText(row), currencyOf(row.account)]

/** One cell made wrong, or only unusual, in one of many ways. */
const dirt = fc.record({
  row: fc.nat(),
  column: fc.nat({ max: 3 }),
  text: fc.constantFrom(
    ...[
      '',
      ' ',
      'A99',
      'a1',
      ' A1 ',
      'Ａ１',
      '2026-1-5',
      '2026-02-30',
      '2027-01-01',
      '20260101',
      ' 2026-01-01',
      'epoch',
    ],
    ...['2026-01-01 (BC)', '0001-01-01', '1e3', '1_000', '12.345', '.5', '5.', '1,000', '-.5', '--1', '0x1A', 'NaN'],
    ...[
      '1234567890123456.00',
      '-0.00',
      '00012.10',
      'cny',
      'EUR',
      'XXX',
      'CNY ',
      'ＣＮＹ',
      '"CNY"',
      '"',
      'é',
      '#total',
      '\u0001',
    ],
  ),
})
const shape = fc.record({
  separator: fc.constantFrom(',', ';', '|', '\t'),
  lineEnd: fc.constantFrom('\n', '\n', '\r\n', '\r'),
  mark: fc.boolean(),
  lastEnd: fc.boolean(),
  blankLine: fc.boolean(),
  packing: fc.constantFrom('', '', '.gz', '.zst'),
  order: fc.shuffledSubarray(['account_no', 'day', 'balance', 'currency'], { minLength: 4 }),
  more: fc.constantFrom('', '', '', 'note'),
  trailer: fc.constantFrom('', '', '', 'right', 'wrong'),
})
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never
const names = ['account_no', 'day', 'balance', 'currency']

function bytesOf(rows: readonly (readonly string[])[], how: Shape): Buffer {
  const order = how.order.map((name) => names.indexOf(name))
  const lines = [names, ...rows].map((cells, i) => {
    const own = order.map((at) => cells[at] ?? '')
    return [...own, ...(how.more ? [i === 0 ? how.more : 'x'] : [])].join(how.separator)
  })
  if (how.blankLine) lines.splice(1, 0, '')
  if (how.trailer) lines.push(`#total${how.separator}rows=${rows.length + (how.trailer === 'wrong' ? 1 : 0)}`)
  const text = (how.mark ? '\ufeff' : '') + lines.join(how.lineEnd) + (how.lastEnd ? how.lineEnd : '')
  if (how.packing === '.gz') return gzipSync(text)
  return how.packing === '.zst' ? zstdCompressSync(text) : Buffer.from(text)
}

const usualShape: Shape = {
  separator: ',',
  lineEnd: '\n',
  mark: false,
  lastEnd: true,
  blankLine: false,
  packing: '',
  order: names,
  more: '',
  trailer: '',
}

interface Taken {
  account: unknown
  facts: unknown[]
  straight: boolean
}

async function take(name: string, bytes: Buffer, asFacts: boolean): Promise<Taken> {
  try {
    const checked = await bench.check('balance-changes', name, bytes, { asFacts, references: { account } })
    const { acceptedPath: _, areFacts, columns, ...said } = checked
    return { account: { ...said, columns }, facts: await factsOf(checked), straight: areFacts ?? false }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { account: { code: error.code, params: error.params }, facts: [], straight: false }
  }
}

function factsOf({ acceptedPath, areFacts }: CheckedFile): Promise<unknown[]> {
  if (!acceptedPath) return Promise.resolve([])
  const columns = areFacts
    ? 'bucket, position_id, account_id, day, value, gap'
    : `(account_id % 16)::utinyint as bucket, account_position_id as position_id, account_id, day, balance as value, false as gap`
  const order = areFacts ? '' : 'order by bucket, position_id, day'
  return bench.engine.rows(`select ${columns} from read_parquet('${acceptedPath}') ${order}`)
}

const rows = fc.uniqueArray(good, { minLength: 1, maxLength: 14, selector: (r) => `${r.account} ${r.month} ${r.day}` })

test('a clean file of any form gives the same facts and account', async () => {
  let straight = 0
  await fc.assert(
    fc.asyncProperty(rows, shape, async (table, how) => {
      const bytes = bytesOf(table.map(cellsOf), how)
      const name = `balance-changes.csv${how.packing}`
      const [fast, slow] = [await take(name, bytes, true), await take(name, bytes, false)]
      expect(fast.account).toEqual(slow.account)
      expect(fast.facts).toEqual(slow.facts)
      if (fast.straight) straight++
    }),
    { numRuns: 60, seed: 11 },
  )
  expect(straight).toBeGreaterThan(8)
}, 120_000)

test('a file with dirt in it goes the general way, or gives the same', async () => {
  let kept = 0
  await fc.assert(
    fc.asyncProperty(rows, shape, fc.array(dirt, { minLength: 1, maxLength: 2 }), async (table, how, dirty) => {
      const cells = table.map(cellsOf)
      for (const { row, column, text } of dirty) cells[row % cells.length]![column] = text
      const bytes = bytesOf(cells, { ...how, trailer: '', more: '', blankLine: false })
      const name = `balance-changes.csv${how.packing}`
      const [fast, slow] = [await take(name, bytes, true), await take(name, bytes, false)]
      expect(fast.account).toEqual(slow.account)
      expect(fast.facts).toEqual(slow.facts)
      if (!fast.straight) kept++
    }),
    { numRuns: 50, seed: 12 },
  )
  expect(kept).toBeGreaterThan(15)
}, 240_000)

test.each([
  [0, ['A99', 'a1', ' A1 ']],
  [1, ['2026-1-5', '2026-02-30', '2027-01-01', '0001-01-01', ' 2026-01-01']],
  [2, ['12.345', '1e3', '1_000', '.5', 'NaN', '1234567890123456.00', '']],
  [3, ['JPY', 'XXX', 'cny', 'CNY ']],
])('one wrong cell in column %i is enough to leave the straight way', async (column, texts) => {
  const right = ['A4', '2026-01-05', '1.00', 'CNY']
  expect((await take('balance-changes.csv', bytesOf([right], usualShape), true)).straight).toBe(true)
  for (const text of texts) {
    const wrong = right.map((cell, i) => (i === column ? text : cell))
    const bytes = bytesOf([['A1', '2026-01-05', '1.00', 'CNY'], wrong], usualShape)
    const [fast, slow] = [
      await take('balance-changes.csv', bytes, true),
      await take('balance-changes.csv', bytes, false),
    ]
    expect(fast.straight, text).toBe(false)
    expect(fast.account).toEqual(slow.account)
  }
})

test('an account and day that come twice, equal or not, are seen', async () => {
  const row = 'A1,2026-01-05,10.00,CNY\n'
  for (const again of [row, 'A1,2026-01-05,11.00,CNY\n']) {
    const bytes = Buffer.from(`account_no,day,balance,currency\n${row}A4,2026-01-05,1.00,CNY\n${again}`)
    const fast = await take('balance-changes.csv', bytes, true)
    expect(fast.straight).toBe(false)
    expect(fast.account).toEqual((await take('balance-changes.csv', bytes, false)).account)
  }
})

test('totals beside the file are held against it', async () => {
  const bytes = Buffer.from('account_no,day,balance,currency\nA1,2026-01-05,10.50,CNY\nA2,2026-01-05,7,JPY\n')
  for (const [totals, taken] of [
    ['rows=2\nsum.balance=17.50\nday=2026-01-05', true],
    ['rows=3', false],
    ['sum.balance=17.51', false],
  ] as const) {
    bench.beside('balance-changes.csv.ctl', totals)
    const [fast, slow] = [
      await take('balance-changes.csv', bytes, true),
      await take('balance-changes.csv', bytes, false),
    ]
    expect(fast.account).toEqual(slow.account)
    expect(fast.straight).toBe(taken)
  }
  bench.beside('balance-changes.csv.ctl', 'rows=2')
})
