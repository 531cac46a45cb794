/** A mapping carried out over real files: every row accounted for, faults named at their place. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMapping } from '../src/feeds/mapping.ts'
import { Refused } from '../src/kit/refusal.ts'
import { type Engine, openEngine } from '../src/lake/engine.ts'
import { type MappedFolder, runMapping } from '../src/lake/map.ts'

const dir = mkdtempSync(join(tmpdir(), 'strata-mapping-'))
let engine: Engine
beforeAll(() => {
  engine = openEngine({ threads: 1, memoryLimitMb: 256, tempDir: join(dir, 'engine') })
  mkdirSync(join(dir, 'in'))
  writeFileSync(
    join(dir, 'in', 'moves.csv'),
    'no;who;on;kind;sum;after\n1;A1;260101;in;100,50;100,50\n2;A1;260101;out;0,50;100,00\n3;A1;260102;out;50,00;49,90\n4;A2;260102;in;7,00;20,00\n5;A2;260103;fee;1,00;19,00\n6;A2\n',
  )
  writeFileSync(join(dir, 'in', 'notes.txt'), 'not ours')
})
afterAll(async () => {
  await engine.close()
  rmSync(dir, { recursive: true, force: true })
})

const text = `mapping: 1
name: bank
baseCurrency: CNY
sources:
  moves: { file: 'mov*.csv', separator: ';' }
targets:
  - feed: balance-changes
    from: moves
    where:
      - { keep: kind <> 'fee', otherwise: fees }
    running:
      account: who
      day: two_digit_year(on, 2000)
      amount: case kind when 'in' then number(sum, ',') else 0 - number(sum, ',') end
      compare: number(after, ',')
      tolerance: 1
    columns:
      account_no: who
      currency: "'CNY'"
`

function run(mapping: string): Promise<MappedFolder> {
  const outDir = mkdtempSync(join(dir, 'out-'))
  return runMapping({
    engine,
    read: readMapping(mapping.replace(/\bon\b(?!:)/, '`on`'), 'bank.yaml'),
    dir: join(dir, 'in'),
    outDir,
  })
}

test('running balances, what is left out, breaks and unnamed files', async () => {
  const mapped = await run(text)
  const [file] = mapped.files
  expect(await engine.rows(`select * from read_csv('${file?.path}', all_varchar = true)`)).toEqual([
    { account_no: 'A1', currency: 'CNY', day: '2026-01-01', balance: '100.00', __line: '3' },
    { account_no: 'A1', currency: 'CNY', day: '2026-01-02', balance: '50.00', __line: '4' },
    { account_no: 'A2', currency: 'CNY', day: '2026-01-02', balance: '7.00', __line: '5' },
  ])
  expect(mapped.unnamed).toEqual(['notes.txt'])
  expect(mapped.sources[0]).toMatchObject({ rows: 5n, misshapen: 1n })
  expect(mapped.files[0]?.format.misshapen).toMatchObject({ count: 1n, fields: 6, rows: [{ line: 7 }] })
  expect(mapped.sources[0]?.targets).toEqual([
    { feed: 'balance-changes', leftOut: [{ why: 'fees', rows: 1n }], merged: 1n, made: 3n },
  ])
  expect(mapped.breaks).toMatchObject([
    { line: 5n, day: '2026-01-02', kind: 'end', running: '7.00', said: '20.00', change: '13.00' },
  ])
  expect(mapped.smallBreaks).toEqual({ count: 1n, largest: '0.10' })
})

test.each([
  ['an unknown column', text.replace('account_no: who', 'account_no: whom'), 18, 7],
  ['a type error', text.replace('account_no: who', 'account_no: who + true'), 18, 7],
  ['a missing file', text.replace('mov*.csv', 'trans*.csv'), 5, 12],
])('%s is refused at its place', async (_, mapping, line, column) => {
  const refused = await run(mapping).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Refused)
  expect((refused as Refused).params).toMatchObject({ file: 'bank.yaml', line, column })
})

/** Transactions of one account: [day, amount, balance after it]. */
async function breaksOf(rows: [string, string, string][]): Promise<MappedFolder> {
  const folder = mkdtempSync(join(dir, 'moves-'))
  const lines = rows.map(([day, sum, after], i) => `${i};A1;${day};in;${sum};${after}`)
  writeFileSync(join(folder, 'moves.csv'), `no;who;on;kind;sum;after\n${lines.join('\n')}\n`)
  const mapping = text.replace(/amount: .*/, "amount: number(sum, ',')").replace(/\bon\b(?!:)/, '`on`')
  const outDir = mkdtempSync(join(dir, 'out-'))
  return runMapping({ engine, read: readMapping(mapping, 'bank.yaml'), dir: folder, outDir })
}

test.each([
  ['exactly the tolerance is small', '101,00', [], { count: 1n, largest: '1.00' }],
  ['a hundredth above it is told', '101,01', ['1.01'], { count: 0n, largest: '0.00' }],
  ['a hundredth below it is small', '100,99', [], { count: 1n, largest: '0.99' }],
])('breaks of the balance column: %s', async (_, said, changes, smallBreaks) => {
  const mapped = await breaksOf([
    ['260101', '50,00', '50,00'],
    ['260102', '50,00', said],
  ])
  expect(mapped.breaks.map((found) => found.change)).toEqual(changes)
  expect(mapped.smallBreaks).toEqual(smallBreaks)
  expect(mapped.breakCount).toBe(BigInt(changes.length))
})

test('the order of a day does not matter, in the file or by number', async () => {
  const mapped = await breaksOf([
    ['260101', '100,00', '100,00'],
    ['260102', '-30,00', '90,00'],
    ['260102', '20,00', '120,00'],
    ['260102', '-90,00', '0,00'],
    ['260103', '5,00', '5,00'],
  ])
  expect(mapped.breaks).toEqual([])
  expect(mapped.smallBreaks.count).toBe(0n)
})

test.each([
  [
    'the balance of another transaction of the day covers it',
    [
      ['260101', '100,00', '100,00'],
      ['260101', '-40,00', '0,00'],
    ],
    '40.00',
  ],
  [
    'two errors of one day that cancel out',
    [
      ['260101', '100,00', '100,00'],
      ['260102', '10,00', '160,00'],
      ['260102', '10,00', '120,00'],
    ],
    '10.00',
  ],
  [
    'the day comes right again on the next',
    [
      ['260101', '100,00', '105,00'],
      ['260102', '10,00', '110,00'],
    ],
    '5.00',
  ],
] as [string, [string, string, string][], string][])('a break cannot hide: %s', async (_, rows, change) => {
  const mapped = await breaksOf(rows)
  expect(mapped.breaks.map((found) => found.change)).toContain(change)
})

test('small breaks that add up beyond the tolerance are told once', async () => {
  const mapped = await breaksOf([
    ['260101', '10,00', '10,40'],
    ['260102', '10,00', '20,80'],
    ['260103', '10,00', '31,20'],
    ['260104', '10,00', '41,60'],
  ])
  expect(mapped.breaks.map((found) => found.day)).toEqual(['2026-01-03'])
  expect(mapped.smallBreaks.count).toBe(3n)
})
