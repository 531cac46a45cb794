import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { openEngine } from '../lake/engine.ts'
import {
  bucket,
  cutPoints,
  cutPointsOf,
  type Histogram,
  histogramSql,
  mergeHistograms,
  score,
  scoresSql,
} from './rfm.ts'

const engine = openEngine({ threads: 1, memoryLimitMb: 256, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())

const histogram = (values: readonly bigint[]): Histogram =>
  mergeHistograms(values.map((value) => new Map([[bucket(value), 1]])))

describe('cut-points', () => {
  it.each([
    ['five values, five scores', [1n, 2n, 3n, 4n, 5n], [2n, 3n, 4n, 5n]],
    ['all the same: one score', [7n, 7n, 7n, 7n, 7n], []],
    ['nine tenths the same', [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 8n], [8n]],
    ['nobody', [], []],
  ])('%s', (_, values, expected) => expect(cutPoints(histogram(values))).toEqual(expected))

  it('are the same however the bank is divided', () => {
    const anyValues = fc.array(fc.bigInt({ min: 0n, max: 1_000_000n }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(anyValues, fc.integer({ min: 1, max: 7 }), (values, parts) => {
        const divided = Array.from({ length: parts }, (_, part) =>
          histogram(values.filter((_, i) => i % parts === part)),
        )
        expect(cutPoints(mergeHistograms(divided))).toEqual(cutPoints(histogram(values)))
      }),
    )
  })

  it('give equal values equal scores, higher values no lower ones, and use at most five', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -500n, max: 900_000n }), { minLength: 1, maxLength: 300 }), (values) => {
        const points = cutPoints(histogram(values))
        expect(points.length).toBeLessThanOrEqual(4)
        const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        const scores = sorted.map((value) => score(value, points) ?? 0)
        expect(scores).toEqual(scores.toSorted((a, b) => a - b))
        expect(scores.every((one) => one >= 1 && one <= 5)).toBe(true)
      }),
    )
  })

  it('put a fifth of distinct values into each score', () => {
    const values = Array.from({ length: 1000 }, (_, i) => BigInt(i))
    const points = cutPoints(histogram(values))
    expect(points).toEqual([200n, 400n, 600n, 800n])
  })
})

describe('scores', () => {
  it('count fewer days since the last activity as better', () => {
    const points = [10n, 30n, 60n, 90n]
    expect([0n, 9n, 10n, 60n, 90n, null].map((value) => score(value, points, 'low'))).toEqual([5, 5, 4, 2, 1, null])
    expect([0n, 10n, 90n].map((value) => score(value, points))).toEqual([1, 2, 5])
  })

  it('are the same in SQL, from the histogram on', async () => {
    const anyRow = fc.record({
      recency: fc.option(fc.bigInt({ min: 0n, max: 400n }), { nil: null }),
      frequency: fc.bigInt({ min: 0n, max: 80n }),
      monetary: fc.bigInt({ min: -5_000n, max: 9_000_000_000_000n }),
    })
    type Row = { measure: string; value: bigint; customers: bigint }
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 150 }), async (rows) => {
        const values = rows.map((row, id) => `(${id}, ${row.recency}, ${row.frequency}, ${row.monetary})`)
        const input = `(select id, recency::integer as recency_days, frequency::integer as frequency, monetary::bigint as monetary_fen
          from (values ${values.join(',')}) as given(id, recency, frequency, monetary))`
        const points = cutPointsOf(await engine.rows<Row>(histogramSql({ input })))
        const present = rows.flatMap((row) => (row.recency === null ? [] : [row.recency]))
        expect(points).toEqual({
          recency: cutPoints(histogram(present)),
          frequency: cutPoints(histogram(rows.map((row) => row.frequency))),
          monetary: cutPoints(histogram(rows.map((row) => row.monetary))),
        })
        const found = await engine.rows(`select ${scoresSql(points)} from ${input} order by id`)
        const expected = rows.map((row) => ({
          r_score: score(row.recency, points.recency, 'low'),
          f_score: score(row.frequency, points.frequency),
          m_score: score(row.monetary, points.monetary),
        }))
        expect(found).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})
