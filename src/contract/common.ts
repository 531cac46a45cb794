/** Shapes that several endpoints share: money, days, tiers, units, pages, problems. */
import { z } from 'zod'
import { type Day, isDay } from '../kit/day.ts'
import { hideNumbers } from '../kit/free-text.ts'
import { pageSizeDefault, pageSizeMax } from '../kit/page.ts'

/** Money in JSON: a decimal string of fen (minor units of the base currency), '-1234'. */
export const fenText = z
  .string()
  .regex(/^-?\d{1,38}$/)
  .brand<'FenText'>()
  .describe('decimal string of minor units of the base currency (fen)')
export type FenText = z.output<typeof fenText>

/** Minor units as they go into JSON. */
export function toFenText(amount: bigint | string): FenText {
  return String(amount) as FenText
}

/** The least of a reason that need only be there; some endpoints ask for more. */
export const reasonLengthMin = 1

/** Reasons and notes: kept without the numbers and addresses by which a person is known. */
export const freeText = (lengthMin: number, lengthMax = 500) =>
  z.string().trim().min(lengthMin).max(lengthMax).transform(hideNumbers)

/** A calendar day, 'YYYY-MM-DD'. */
export const dayText = z
  .string()
  .refine(isDay, { error: 'should be a day such as 2026-01-31', params: { zh: '应为日期，例如 2026-01-31' } })
  .transform((text): Day => text as Day)
  .meta({ format: 'date', description: 'calendar day YYYY-MM-DD' })

/** A day in an answer: the server wrote it, so it is not checked again. */
export const dayOut = z.string().meta({ format: 'date' })
/** An instant, UTC, ISO 8601. */
export const instant = z.string().meta({ format: 'date-time' })

/** 0 is no tier; 1 the lowest. Names and colours come from GET /api/policies/current. */
/** A tier by place and code. Ordinal 0 is 'none', or 'outside' for a customer whom the scheme is not for. */
export const tierRef = z.object({ ordinal: z.int().min(0), code: z.string() }).meta({ id: 'TierRef' })
export type TierRef = z.output<typeof tierRef>

export const unitRef = z.object({ code: z.string(), name: z.string() }).meta({ id: 'UnitRef' })
/** With its English name, where it has one: for whoever cannot look it up in the tree. */
export const unitInBoth = unitRef.extend({ nameEn: z.string().nullable() })
export const staffRef = z.object({ code: z.string(), name: z.string() }).meta({ id: 'StaffRef' })
export const nightRef = z.object({ id: z.int(), day: dayOut }).meta({ id: 'NightRef' })

/** The ways a customer comes to a tier. 'entry' is a valid identity only, 'none' not even that. */
export const path = z.enum(['individual', 'household', 'entry', 'none'])

/** '3,4': ordinals of tiers separated by commas. */
export const ordinals = z
  .string()
  .regex(/^\d{1,2}(,\d{1,2})*$/)
  .describe('tier ordinals separated by commas')

export const yes = z.enum(['true', 'false'])

/** A whole number in a query string. */
export const wholeNumber = (min: number, max: number) => z.coerce.number<number>().int().min(min).max(max)
/** Our own ids in paths. */
export const id = wholeNumber(1, 2_147_483_647)
/** Counts times 10,000: 2500 is 25.00 %. */
export const share = z.int().min(0).max(10_000).describe('part of the whole × 10,000')

export const pageQuery = z.object({
  limit: wholeNumber(1, pageSizeMax).default(pageSizeDefault),
  cursor: z.string().max(600).optional().describe('`next` of the page before; opaque'),
})

/** One page of rows. `next` is null at the end. */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), next: z.string().nullable() })
}

/** Every refusal over HTTP: application/problem+json (RFC 9457), in both languages. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    titleEn: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    detailEn: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .meta({ id: 'Problem' })
export type Problem = z.output<typeof problem>
