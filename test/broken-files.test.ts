/** Forty ways in which a file can be broken, each as real bytes on disk, and what is said about it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import { refusalText } from '../src/kit/refusal.ts'
import type { CheckRequest } from '../src/lake/check.ts'
import { literal } from '../src/lake/engine.ts'
import { type CheckBench, openCheckBench } from './support/check-bench.ts'

let bench: CheckBench
beforeAll(() => {
  bench = openCheckBench()
})
afterAll(() => bench.close())

const balanceHead = 'account_no,day,balance,currency'
const good = `${balanceHead}\nA1,2026-01-31,100.50,CNY\nA2,2026-01-31,7.00,CNY\n`
const customerHead = 'customer_no,kind,name,unit_code,identity_kind,identity_no,birth_on,phone,email'
/** 张三 in GB18030. */
const zhangSan = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd])

interface WholeCase {
  cause: string
  feed?: string
  name?: string
  bytes: string | Buffer | (() => Promise<Buffer>)
  more?: Partial<CheckRequest>
  beside?: [string, string]
  rule: string
  reason: RegExp
  expected: RegExp
  advice: RegExp
  line?: number
}

const whole: WholeCase[] = [
  { cause: 'empty', bytes: '', rule: 'empty', reason: /empty/, expected: /header line/, advice: /again/ },
  {
    cause: 'truncated gzip',
    name: 'balances.csv.gz',
    bytes: gzipSync(good.repeat(50)).subarray(0, 60),
    rule: 'truncated',
    reason: /ends early/,
    expected: /complete/,
    advice: /send it again/,
  },
  {
    cause: 'gzip with a wrong checksum',
    name: 'balances.csv.gz',
    bytes: damaged(gzipSync(good), -6),
    rule: 'corrupted',
    reason: /damaged/,
    expected: /checksum/,
    advice: /again/,
  },
  {
    cause: 'truncated zstd',
    name: 'balances.csv.zst',
    bytes: zstdCompressSync(Buffer.from(good.repeat(50))).subarray(0, 40),
    rule: 'truncated',
    reason: /ends early/,
    expected: /complete/,
    advice: /again/,
  },
  {
    cause: 'named .gz without being gzip',
    name: 'balances.csv.gz',
    bytes: good,
    rule: 'not_compressed',
    reason: /name says compressed/,
    expected: /gzip/,
    advice: /extension/,
  },
  {
    cause: 'zip bomb',
    name: 'balances.csv.gz',
    bytes: gzipSync(`${balanceHead}\n${'A1,2026-01-31,1.00,CNY\n'.repeat(40_000)}`),
    more: { byteLimits: { bytesMax: 1e9, plainBytesMax: 100_000, ratioMax: 200 } },
    rule: 'zip_bomb',
    reason: /unreasonable size/,
    expected: /at most 100000 bytes/,
    advice: /sender/,
  },
  {
    cause: 'larger than allowed',
    bytes: good,
    more: { byteLimits: { bytesMax: 10, plainBytesMax: 10, ratioMax: 200 } },
    rule: 'too_large',
    reason: /larger/,
    expected: /at most 10 bytes/,
    advice: /Split/,
  },
  {
    cause: 'UTF-16',
    bytes: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(good, 'utf16le')]),
    rule: 'utf16',
    reason: /UTF-16/,
    expected: /UTF-8/,
    advice: /Save it as UTF-8/,
  },
  {
    cause: 'a character cut in half in UTF-8 with a byte order mark',
    feed: 'units',
    bytes: Buffer.concat([
      Buffer.from('\ufeffcode,name,kind\n01,总行,headOffice\n02,'),
      Buffer.from([0xe5, 0x88]),
      Buffer.from(',branch\n'),
    ]),
    rule: 'encoding_wrong',
    reason: /line 3 \(byte 4\d\) is not valid UTF-8/,
    expected: /one encoding/,
    advice: /Look at that line/,
    line: 3,
  },
  {
    cause: 'neither UTF-8 nor GB18030',
    feed: 'units',
    bytes: Buffer.concat([Buffer.from('code,name,kind\n01,'), Buffer.from([0xff, 0xff]), Buffer.from(',branch\n')]),
    rule: 'encoding_wrong',
    reason: /line 2 \(byte 18\) is not valid GB18030/,
    expected: /GB18030/,
    advice: /single encoding/,
    line: 2,
  },
  {
    cause: 'two encodings in one file',
    feed: 'units',
    bytes: Buffer.concat([Buffer.from('code,name,kind\n01,总行,headOffice\n02,'), zhangSan, Buffer.from(',branch\n')]),
    rule: 'encoding_mixed',
    reason: /line 3/,
    expected: /one encoding/,
    advice: /joined/,
    line: 3,
  },
  {
    cause: 'NUL byte',
    bytes: `${balanceHead}\nA1,2026-01-31,1\u0000.00,CNY\n`,
    rule: 'nul_byte',
    reason: /line 2 \(byte 47\)/,
    expected: /plain text/,
    advice: /damaged or binary/,
    line: 2,
  },
  {
    cause: 'no header',
    bytes: 'A1,2026-01-31,100.50,CNY\nA2,2026-01-31,7.00,CNY\n',
    rule: 'header_missing',
    reason: /line 1 is no header/,
    expected: /account_no/,
    advice: /column names/,
    line: 1,
  },
  {
    cause: 'required column missing',
    bytes: 'account_no,day,currency\nA1,2026-01-31,CNY\n',
    rule: 'column_missing',
    reason: /balance is missing/,
    expected: /account_no, day, balance, currency/,
    advice: /Add the column/,
    line: 1,
  },
  {
    cause: 'column twice',
    bytes: `${balanceHead},day\nA1,2026-01-31,1.00,CNY,2026-01-31\n`,
    rule: 'column_twice',
    reason: /column day occurs twice/,
    expected: /once/,
    advice: /Drop or rename/,
    line: 1,
  },
  {
    cause: 'column without a name',
    bytes: `${balanceHead},\nA1,2026-01-31,1.00,CNY,\n`,
    rule: 'header_unreadable',
    reason: /column 5/,
    expected: /name for every column/,
    advice: /separator at the end/,
    line: 1,
  },
  {
    cause: 'quotation mark never closed',
    feed: 'units',
    bytes: 'code,name,kind\n01,HO,headOffice\n02,"North,branch\n03,South,branch\n',
    rule: 'quote_unterminated',
    reason: /line 3 is never closed/,
    expected: /pairs/,
    advice: /close the quotation mark/,
    line: 3,
  },
  {
    cause: 'row count of the trailer differs',
    bytes: `${good}#total,rows=3\n`,
    rule: 'totals_differ',
    reason: /rows says 3, the file holds 2/,
    expected: /rows = 3/,
    advice: /incomplete/,
  },
  {
    cause: 'sum of the side file differs',
    name: 'balances-sum.csv',
    bytes: good,
    beside: ['balances-sum.csv.ctl', 'rows=2\nsum.balance=107.51\n'],
    rule: 'totals_differ',
    reason: /sum.balance says 107.51, the file holds 107.50/,
    expected: /107.51/,
    advice: /compare with the sender/,
  },
  {
    cause: 'side file of another file',
    name: 'balances-sha.csv',
    bytes: good,
    beside: ['balances-sha.csv.ctl', '{"sha256": "00"}'],
    rule: 'totals_differ',
    reason: /sha256 says 00/,
    expected: /sha256 = 00/,
    advice: /sender/,
  },
  {
    cause: 'unreadable side file',
    name: 'balances-odd.csv',
    bytes: good,
    beside: ['balances-odd.csv.ctl', 'two rows I think'],
    rule: 'totals_unreadable',
    reason: /two rows/,
    expected: /rows=/,
    advice: /feed documentation/,
  },
  {
    cause: 'rows of another day than the name',
    name: 'balances-2026-02-28.csv',
    bytes: good,
    rule: 'day_unknown',
    reason: /2026-01-31, the file name of 2026-02-28/,
    expected: /2026-02-28/,
    advice: /send the right file/,
  },
  {
    cause: 'a day that has not come',
    name: 'balances-2026-07-01.csv',
    bytes: good,
    rule: 'day_future',
    reason: /2026-07-01, is after today/,
    expected: /today or an earlier day/,
    advice: /Check/,
  },
  {
    cause: 'damaged Parquet',
    name: 'balances.parquet',
    bytes: async () =>
      damaged(
        await parquet(
          `select 'A1' as account_no, date '2026-01-31' as day, 1.00::decimal(18,2) as balance, 'CNY' as currency`,
        ),
        -20,
      ),
    rule: 'parquet_corrupted',
    reason: /damaged/,
    expected: /complete Parquet/,
    advice: /again/,
  },
  {
    cause: 'money as a floating-point number in Parquet',
    name: 'balances.parquet',
    bytes: () =>
      parquet(`select 'A1' as account_no, date '2026-01-31' as day, 1.1::double as balance, 'CNY' as currency`),
    rule: 'parquet_type',
    reason: /balance has the Parquet type DOUBLE/,
    expected: /DECIMAL/,
    advice: /never a floating-point/,
  },
  {
    cause: 'formula error in a workbook',
    feed: 'units',
    name: 'units.xlsx',
    bytes: () =>
      workbook([
        ['code', 'name', 'kind'],
        ['01', '#REF!', 'headOffice'],
      ]),
    rule: 'sheet_error',
    reason: /line 2, column name holds the formula error #REF!/,
    expected: /no formula errors/,
    advice: /paste the values/,
    line: 2,
  },
  {
    cause: 'a ZIP that is no workbook',
    name: 'balances.xlsx',
    bytes: Buffer.from('PK\u0003\u0004 this is no workbook'),
    rule: 'sheet_unreadable',
    reason: /cannot be read/,
    expected: /\.xlsx/,
    advice: /Save it/,
  },
]

describe('whole files', () => {
  test.each(whole)('$cause', async (given) => {
    if (given.beside) bench.beside(...given.beside)
    const bytes = typeof given.bytes === 'function' ? await given.bytes() : given.bytes
    const name = given.name ?? `${given.feed ?? 'balances'}.csv`
    const refused = await bench.refused(given.feed ?? 'balances', name, bytes, given.more)
    expect(refused.code).toBe('file_refused')
    expect(refused.params).toMatchObject({
      file: name,
      rule: given.rule,
      reason: expect.stringMatching(given.reason),
      expected: expect.stringMatching(given.expected),
      advice: expect.stringMatching(given.advice),
      ...(given.line === undefined ? {} : { line: given.line }),
    })
    expect(refusalText(refused.code, refused.params, 'zh')).not.toMatch(/\{\w+\}/)
    expect(refusalText(refused.code, refused.params, 'en')).not.toMatch(/\{\w+\}/)
  })

  test('too many bad rows', async () => {
    const refused = await bench.refused('balances', 'balances.csv', `${good}A1,2026-01-30,x,CNY\n`, {
      badRowLimit: 0.01,
    })
    expect(refused.code).toBe('too_many_bad_rows')
    expect(refused.params).toMatchObject({
      file: 'balances.csv',
      bad: 1n,
      read: 3n,
      limit: '1 %',
      worst: expect.stringContaining('line 4'),
    })
  })
})

interface RowCase {
  cause: string
  feed?: string
  bytes: string
  line: number
  column: string
  rule: string
  value: string
  expected: RegExp
  advice: RegExp
}

const account = (row: string) =>
  `account_no,customer_no,share,product_code,currency,unit_code,opened_on,closed_on\nA1,C1,1,DEP,CNY,01,,\n${row}\n`
const balance = (row: string) => `${good}${row}\n`
const rowCases: RowCase[] = [
  {
    cause: 'a field too few',
    bytes: balance('A3,2026-01-31,1.00'),
    line: 4,
    column: '',
    rule: 'field_count',
    value: '3',
    expected: /4 fields/,
    advice: /mend the row/,
  },
  {
    cause: 'text after a closing quotation mark',
    bytes: balance('"A3"x,2026-01-31,1.00,CNY'),
    line: 4,
    column: '',
    rule: 'quote_misplaced',
    value: '',
    expected: /after a closing/,
    advice: /written twice/,
  },
  {
    cause: 'required value missing',
    bytes: balance('A3,,1.00,CNY'),
    line: 4,
    column: 'day',
    rule: 'required',
    value: '',
    expected: /a value/,
    advice: /Fill it in/,
  },
  {
    cause: 'a day that does not exist',
    bytes: balance('A3,2026-02-30,1.00,CNY'),
    line: 4,
    column: 'day',
    rule: 'type',
    value: '2026-02-30',
    expected: /existing day/,
    advice: /core system/,
  },
  {
    cause: 'a day after today',
    bytes: balance('A3,2026-07-01,1.00,CNY'),
    line: 4,
    column: 'day',
    rule: 'future',
    value: '2026-07-01',
    expected: /2026-06-30/,
    advice: /business day/,
  },
  {
    cause: 'separators of thousands',
    bytes: balance('A3,2026-01-31,"1,000.00",CNY'),
    line: 4,
    column: 'balance',
    rule: 'type',
    value: '1,000.00',
    expected: /without separators/,
    advice: /plain numbers/,
  },
  {
    cause: 'an exponent',
    bytes: balance('A3,2026-01-31,1e5,CNY'),
    line: 4,
    column: 'balance',
    rule: 'type',
    value: '1e5',
    expected: /an amount/,
    advice: /plain numbers/,
  },
  {
    cause: 'a third decimal place',
    bytes: balance('A3,2026-01-31,1.005,CNY'),
    line: 4,
    column: 'balance',
    rule: 'places',
    value: '1.005',
    expected: /decimal places/,
    advice: /not rounded/,
  },
  {
    cause: 'a currency that is none',
    bytes: balance('A3,2026-01-31,1.00,RMB'),
    line: 4,
    column: 'currency',
    rule: 'currency',
    value: 'RMB',
    expected: /ISO 4217/,
    advice: /core system/,
  },
  {
    cause: 'the currency of another account',
    bytes: balance('A9,2026-01-31,1.00,CNY'),
    line: 4,
    column: 'currency',
    rule: 'currency_differs',
    value: 'CNY',
    expected: /currency of the account/,
    advice: /Compare/,
  },
  {
    cause: 'unknown account',
    bytes: balance('A7777777,2026-01-31,1.00,CNY'),
    line: 4,
    column: 'account_no',
    rule: 'unknown_account',
    value: 'A7****77',
    expected: /has been loaded/,
    advice: /accounts file/,
  },
  {
    cause: 'the same row twice',
    bytes: balance('A2,2026-01-31,7.00,CNY'),
    line: 4,
    column: '',
    rule: 'duplicate_row',
    value: '',
    expected: /once/,
    advice: /export/,
  },
  {
    cause: 'one key, two values',
    bytes: balance('A2,2026-01-31,8.00,CNY'),
    line: 3,
    column: '',
    rule: 'contradictory_key',
    value: '',
    expected: /one statement/,
    advice: /none was taken/,
  },
  {
    cause: 'closed before it was opened',
    feed: 'accounts',
    bytes: account('A2,C2,1,DEP,CNY,01,2026-02-01,2026-01-01'),
    line: 3,
    column: 'closed_on',
    rule: 'order',
    value: '2026-01-01',
    expected: /not before opened_on/,
    advice: /Compare/,
  },
  {
    cause: 'shares of less than the whole',
    feed: 'accounts',
    bytes: account('A2,C2,0.5,DEP,CNY,01,,'),
    line: 3,
    column: 'share',
    rule: 'shares_not_whole',
    value: '0.5',
    expected: /add up to 1/,
    advice: /owners and shares/,
  },
  {
    cause: 'rows of one account that disagree',
    feed: 'accounts',
    bytes: account('A1,C2,1,DEP,USD,01,,'),
    line: 2,
    column: 'account_no',
    rule: 'account_contradicts',
    value: '**',
    expected: /same product/,
    advice: /agree/,
  },
  {
    cause: 'a word that is no choice',
    feed: 'units',
    bytes: 'code,name,kind\n01,HO,headquarters\n',
    line: 2,
    column: 'kind',
    rule: 'type',
    value: 'headquarters',
    expected: /headOffice/,
    advice: /core system/,
  },
  {
    cause: 'a text that is too long',
    feed: 'units',
    bytes: `code,name,kind\n${'9'.repeat(33)},HO,headOffice\n`,
    line: 2,
    column: 'code',
    rule: 'type',
    value: '9'.repeat(33),
    expected: /32 characters/,
    advice: /core system/,
  },
  {
    cause: 'a card number with a wrong check digit',
    feed: 'cards',
    bytes: 'card_no,customer_no,face\n6228480402564890019,C1,gold\n',
    line: 2,
    column: 'card_no',
    rule: 'cardNo',
    value: '6228***********0019',
    expected: /Luhn/,
    advice: /core system/,
  },
  {
    cause: 'a rate of zero',
    feed: 'exchange-rates',
    bytes: 'currency,day,rate\nUSD,2026-01-30,0\n',
    line: 2,
    column: 'rate',
    rule: 'type',
    value: '0',
    expected: /positive/,
    advice: /core system/,
  },
]

describe('rows', () => {
  test.each(rowCases)('$cause', async (given) => {
    const feed = given.feed ?? 'balances'
    const checked = await bench.check(feed, `${feed}.csv`, given.bytes)
    const found = checked.quarantine.find((row) => row.rule === given.rule)
    expect(found).toMatchObject({
      line: BigInt(given.line),
      column: given.column,
      value: given.value,
      expectedEn: expect.stringMatching(given.expected),
      adviceEn: expect.stringMatching(given.advice),
    })
    expect(checked.read).toBe(checked.accepted + checked.quarantined)
    expect(checked.logicalName).toBe(`${feed}.csv`)
  })

  test('identity, phone, e-mail and birth date that are wrong are let in and counted', async () => {
    const bytes = `${customerHead}\nC1,person,Lin,01,residentId,11010519491231002X,1949-12-31,13800138000,lin@example.com
C2,person,Wu,01,residentId,110105194912310021,2027-01-01,12800138000,wu@\nC3,company,Co,01,creditCode,91350100M000100Y43,,,\nC4,company,Co,01,creditCode,91350100M000100Y44,,,\n`
    const checked = await bench.check('customers', 'customers.csv', bytes)
    expect(checked.accepted).toBe(4n)
    const invalid = Object.fromEntries(checked.columns.filter((c) => c.invalid > 0n).map((c) => [c.column, c.reported]))
    expect(invalid).toEqual({ identity_no: 2n, birth_on: 1n, phone: 1n, email: 1n })
  })
})

describe('files that are only unusual', () => {
  const rows = ['code,name,kind', '01,"总行, 本部",headOffice', '02,"分\n行",branch', '03,张三,branch']
  const plain = `${rows.join('\n')}\n`
  const gb = gb18030(plain)
  const cases: [string, string, string | Buffer | (() => Promise<Buffer>)][] = [
    ['UTF-8', 'units.csv', plain],
    ['byte order mark', 'units.csv', `\ufeff${plain}`],
    ['CRLF', 'units.csv', `${rows.join('\r\n')}\r\n`],
    ['CR', 'units.csv', `${rows.join('\r')}\r`],
    ['no line end at the end', 'units.csv', rows.join('\n')],
    ['GB18030', 'units.csv', gb],
    ['gzip', 'units.csv.gz', gzipSync(gb)],
    ['zstd', 'units.csv.zst', zstdCompressSync(Buffer.from(plain))],
    [
      'workbook',
      'units.xlsx',
      () =>
        workbook([
          ['code', 'name', 'kind'],
          ['01', '总行, 本部', 'headOffice'],
          ['02', '分 行', 'branch'],
          ['03', '张三', 'branch'],
        ]),
    ],
    [
      'Parquet',
      'units.parquet',
      () =>
        parquet(
          `select * from (values ('01', '总行, 本部', 'headOffice'), ('02', '分 行', 'branch'), ('03', '张三', 'branch')) t(code, name, kind)`,
        ),
    ],
  ]
  test.each(cases)('%s', async (_, name, bytes) => {
    const checked = await bench.check('units', name, typeof bytes === 'function' ? await bytes() : bytes)
    const found = await bench.rows(checked)
    expect(found.map((row) => [row['code'], row['name'], row['kind']])).toEqual([
      ['01', '总行, 本部', 'headOffice'],
      ['02', '分 行', 'branch'],
      ['03', '张三', 'branch'],
    ])
  })

  test('lines are those of the original, also after a field with line breaks', async () => {
    const checked = await bench.check(
      'units',
      'units.csv',
      'code,name,kind\r\n01,"a\r\nb\r\nc",branch\r\n\r\n02,x,none\r\n',
    )
    expect(checked.quarantine.map((row) => row.line)).toEqual([6n])
  })
})

function damaged(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  const position = at < 0 ? copy.length + at : at
  for (let i = position; i < Math.min(position + 4, copy.length); i++) copy[i] = (copy[i] ?? 0) ^ 0xff
  return copy
}

/** By asking the decoder: every two-byte code of the few characters used. */
function gb18030(text: string): Buffer {
  const decoder = new TextDecoder('gb18030')
  const codes = new Map<string, number[]>()
  for (let a = 0x81; a <= 0xfe; a++)
    for (let b = 0x40; b <= 0xfe; b++) codes.set(decoder.decode(new Uint8Array([a, b])), [a, b])
  return Buffer.from(
    [...text].flatMap((c) => ((c.codePointAt(0) ?? 0) < 128 ? [c.charCodeAt(0)] : (codes.get(c) ?? []))),
  )
}

async function parquet(query: string): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), 'strata-parquet-'))
  await bench.engine.exec(`copy (${query}) to ${literal(join(dir, 'x.parquet'))} (format parquet)`)
  const bytes = readFileSync(join(dir, 'x.parquet'))
  rmSync(dir, { recursive: true })
  return bytes
}

async function workbook(rows: string[][]): Promise<Buffer> {
  const cells = rows.map((row) => row.map((value) => ({ type: String, value })))
  return (await writeXlsxFile(cells).toBuffer()) as Buffer
}
