/** By what a list of customers is narrowed and ordered: the same for list, count, export and acts on all of them. */
import { z } from 'zod'
import { ordinals, path, wholeNumber, yes } from './common.ts'
import { valueFilter } from './value-states.ts'

/** Filters shared by list, count and export, so that the three always speak of the same customers. */
export const customerFilter = z.object({
  /** Qualified tier. */
  tier: ordinals.optional(),
  inForce: ordinals.optional(),
  /** Unit code: it and everything below it. */
  unit: z.string().max(32).optional(),
  /** Staff code of the relationship manager. */
  rm: z.string().max(32).optional(),
  path: path.optional(),
  /** Near-line: lacks at most this many percent of the next tier's bar. */
  near: wholeNumber(1, 100).optional(),
  /** Bounds of the average, both included. */
  minFen: z
    .string()
    .regex(/^-?\d{1,18}$/)
    .optional(),
  maxFen: z
    .string()
    .regex(/^-?\d{1,18}$/)
    .optional(),
  kind: z.enum(['person', 'company']).optional(),
  /** As in search everywhere: a whole number, a part of a name, pinyin or initials, the end of a phone. */
  q: z.string().trim().max(80).optional(),
  /** On notice: below the line, tier kept. */
  notice: yes.optional(),
  confidenceBelow: wholeNumber(1, 100).optional(),
  ...valueFilter,
  /** Ids of tags, '3,17': whoever has one of them. */
  tag: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9}){0,49}$/)
    .optional(),
})
export type CustomerFilter = z.output<typeof customerFilter>

export const customerSorts = ['average', 'name', 'customerNo', 'toNext', 'aum', 'tier'] as const
export const customerSort = z.object({
  /** By average, and for whoever does not read money by customer number. */
  sort: z.enum(customerSorts).optional(),
  dir: z.enum(['asc', 'desc']).default('desc'),
})
