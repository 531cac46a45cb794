/** Ways in which a whole file can be broken, each as real bytes on disk, and what is said about it. */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalText } from '../src/kit/refusal.ts'
import type { CheckRequest } from '../src/lake/check.ts'
import { type CheckBench, openCheckBench } from './support/check-bench.ts'
import { balanceHead, damaged, good, parquet, workbook, zhangSan } from './support/file-bytes.ts'

let bench: CheckBench
beforeAll(() => {
  bench = openCheckBench()
})
afterAll(() => bench.close())

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
          bench.engine,
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
      parquet(
        bench.engine,
        `select 'A1' as account_no, date '2026-01-31' as day, 1.1::double as balance, 'CNY' as currency`,
      ),
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
    const refused = await bench.refused(
      'balances',
      'balances.csv',
      `${good}A1,2026-01-30,x,CNY\nA2,2026-01-30,y,CNY\n`,
      {
        badRowLimit: 0.01,
      },
    )
    expect(refused.code).toBe('too_many_bad_rows')
    expect(refused.params).toMatchObject({
      file: 'balances.csv',
      bad: 2n,
      read: 4n,
      limit: '1 %',
      worst: expect.stringContaining('line 4'),
      worstZh: expect.stringContaining('第 4 行'),
    })
    expect(refusalText(refused.code, refused.params, 'zh')).toMatch(/最常见的是 balance：/)
    const twice = 'A1,2026-01-30,1.00,CNY\nA1,2026-01-30,2.00,CNY\n'
    const contradicting = await bench.refused('balances', 'balances.csv', `account_no,day,balance,currency\n${twice}`, {
      badRowLimit: 0.01,
    })
    expect(contradicting.params.worst).toBe('rows of one key that agree (line 2)')
  })
})
