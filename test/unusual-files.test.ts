/** Files that are only unusual: every encoding, packing and line end is read alike. */
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckBench, openCheckBench } from './support/check-bench.ts'
import { gb18030, parquet, workbook } from './support/file-bytes.ts'

let bench: CheckBench
beforeAll(() => {
  bench = openCheckBench()
})
afterAll(() => bench.close())

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
          bench.engine,
          `select * from (values ('01', '总行, 本部', 'headOffice'), ('02', '分 行', 'branch'), ('03', '张三', 'branch')) t(code, name, kind)`,
        ),
    ],
  ]
  test.each(cases)('%s', async (_, name, bytes) => {
    const checked = await bench.check('units', name, typeof bytes === 'function' ? await bytes() : bytes)
    const found = await bench.rows(checked)
    expect(found.map((row) => [row.code, row.name, row.kind])).toEqual([
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
