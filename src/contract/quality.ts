/** Data quality: how good what the bank hands over is, and what to mend first by its effect on tiers. */
import { z } from 'zod'
import { dayOut, fenText, unitRef, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'

export const dimensions = ['completeness', 'validity', 'consistency', 'timeliness', 'uniqueness'] as const

/** `passed` of `checked` values; the page shows the quotient. */
const tally = { checked: z.int(), passed: z.int() }

export const readQuality = endpoint({
  name: 'readQuality',
  tag: 'quality',
  method: 'GET',
  path: '/api/quality',
  label: { zh: '数据质量', en: 'Data quality' },
  permission: 'quality.read',
  query: z.object({
    feed: z.string().max(40).optional(),
    unit: z.string().max(32).optional(),
    /** How far back the trend goes. */
    days: wholeNumber(1, 800).default(90),
  }),
  output: z.object({
    /** The newest day with scores; null before the first load. */
    day: dayOut.nullable(),
    total: z.object(tally),
    dimensions: z.array(z.object({ dimension: z.enum(dimensions), ...tally })),
    feeds: z.array(z.object({ feed: z.string(), ...tally })),
    columns: z.array(
      z.object({ feed: z.string(), column: z.string(), dimension: z.enum(dimensions), day: dayOut, ...tally }),
    ),
    units: z.array(z.object({ unit: unitRef, ...tally })),
    trend: z.array(z.object({ day: dayOut, ...tally })),
  }),
  refusals: ['not_found'],
})

export const mendFirst = endpoint({
  name: 'mendFirst',
  tag: 'quality',
  method: 'GET',
  path: '/api/quality/mend-first',
  label: { zh: '优先修复', en: 'What to mend first' },
  permission: 'quality.read',
  query: z.object({ limit: wholeNumber(1, 100).default(20) }),
  output: z.object({
    rows: z.array(
      z.object({
        feed: z.string(),
        column: z.string(),
        /** What is wrong, and what to do, in both languages. */
        fault: z.object({ zh: z.string(), en: z.string() }),
        advice: z.object({ zh: z.string(), en: z.string() }),
        /** Rows or customers with the fault. */
        rows: z.int(),
        customers: z.int(),
        /** Customers whose tier it holds down or makes uncertain. */
        tiersAtStake: z.int(),
        assetsFen: fenText,
      }),
    ),
  }),
})
