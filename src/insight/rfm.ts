/**
 * Recency, frequency and monetary value as scores of 1 to 5 by cut-points, never ntile: equal values get equal scores,
 * whatever their neighbours are. Cut-points come from a histogram, so that parts of the bank can be counted apart and
 * merged, or are given by the bank.
 */
import { assert } from '../kit/assert.ts'

/** Ascending and distinct; k cut-points make k + 1 scores. A value equal to a cut-point is above it. */
export type CutPoints = readonly bigint[]

export interface RfmCutPoints {
  /** Days since the last activity: fewer is better. */
  recency: CutPoints
  frequency: CutPoints
  monetary: CutPoints
}

/** How many customers have each (bucketed) value. */
export type Histogram = ReadonlyMap<bigint, number>

/** The three measures; the column each has in `night_customer`, and in which direction it is good. */
const rfmMeasures = [
  { name: 'recency', column: 'recency_days', score: 'r_score', better: 'low' },
  { name: 'frequency', column: 'frequency', score: 'f_score', better: 'high' },
  { name: 'monetary', column: 'monetary_fen', score: 'm_score', better: 'high' },
] as const
type Better = (typeof rfmMeasures)[number]['better']

/**
 * The bucket of a value: its first three digits and zeros, toward zero. At most 900 buckets per power of ten, so the
 * histogram of a million amounts stays small; a cut-point is off by less than 1 %.
 */
export function bucket(value: bigint): bigint {
  const digits = (value < 0n ? -value : value).toString()
  const step = 10n ** BigInt(Math.max(0, digits.length - 3))
  return value - (value % step)
}

/** Histograms of parts of the bank as one. */
export function mergeHistograms(parts: readonly Histogram[]): Histogram {
  const merged = new Map<bigint, number>()
  for (const part of parts) for (const [value, count] of part) merged.set(value, (merged.get(value) ?? 0) + count)
  return merged
}

/**
 * The cut-points that divide a histogram into `scores` parts as equal as equal values allow: the k-th is the smallest
 * value with more than k/scores of the customers at or below its predecessor. Fewer cut-points when values repeat.
 */
export function cutPoints(histogram: Histogram, scores = 5): CutPoints {
  assert(scores >= 2, 'at least two scores')
  const total = [...histogram.values()].reduce((sum, count) => sum + count, 0)
  const points: bigint[] = []
  let below = 0
  let part = 1
  for (const [value, count] of [...histogram].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    // `below` customers have less than `value`: it opens a new score once they fill the parts before
    if (below > 0 && below * scores >= part * total) points.push(value)
    while (below * scores >= part * total && part < scores) part++
    below += count
  }
  return points.slice(0, scores - 1)
}

/** 1 to cut-points + 1; null stays null (never active). */
export function score(value: bigint | null, points: CutPoints, better: Better = 'high', scores = 5): number | null {
  if (value === null) return null
  const reached = points.filter((point) => value >= point).length
  return better === 'high' ? 1 + reached : scores - reached
}

/** The scores as SQL columns over a row with recency_days, frequency and monetary_fen: r_score, f_score, m_score SMALLINT. */
export function scoresSql(points: RfmCutPoints, scores = 5): string {
  return rfmMeasures
    .map(({ name, column, score: title, better }) => {
      const reached = ['0', ...points[name].map((point) => `case when ${column} >= ${point} then 1 else 0 end`)]
      const value = better === 'high' ? `1 + ${reached.join(' + ')}` : `${scores} - (${reached.join(' + ')})`
      return `(case when ${column} is null then null else ${value} end)::smallint as ${title}`
    })
    .join(',\n  ')
}

/** The three histograms of a relation in one query: measure VARCHAR, value BIGINT (bucketed), customers BIGINT. */
export function histogramSql(source: { input: string }): string {
  const parts = rfmMeasures.map(
    ({ name, column }) => `
select '${name}' as measure, ${bucketSql(column)} as value, count(*) as customers
from ${source.input} as input where ${column} is not null group by all`,
  )
  return `${parts.join('\nunion all')}\norder by measure, value`
}

/** The cut-points of the rows of `histogramSql`, parts of the bank merged by adding up. */
export function cutPointsOf(
  rows: readonly { measure: string; value: bigint; customers: bigint }[],
  scores = 5,
): RfmCutPoints {
  const of = (measure: string) =>
    cutPoints(
      mergeHistograms(
        rows.filter((row) => row.measure === measure).map((row) => new Map([[row.value, Number(row.customers)]])),
      ),
      scores,
    )
  return { recency: of('recency'), frequency: of('frequency'), monetary: of('monetary') }
}

function bucketSql(column: string): string {
  const digits = `length(abs(${column})::varchar)`
  return `(sign(${column})::bigint * rpad(left(abs(${column})::varchar, 3), ${digits}::integer, '0')::bigint)`
}
