/** Why a customer has a tier: sums, bars, parts that add up to the unit, gaps, and the distance both ways. */
import { z } from 'zod'
import { dayOut, dayText, fenText, path, tierRef } from './common.ts'
import { endpoint } from './endpoint.ts'

/** A decimal string of an exact, scaled sum (fen·days × sumScale of kit/money). */
const scaled = z.string().regex(/^-?\d+$/)

/** One account, or one span of days of it with one weight, share and currency. */
export const whyPart = z
  .object({
    customerNo: z.string(),
    /** The id of the account on the customer's page. */
    accountId: z.string(),
    accountNo: z.string(),
    product: z.string(),
    productName: z.string(),
    class: z.string(),
    kind: z.enum(['balance', 'holding', 'transit']),
    currency: z.string(),
    /** Both included. */
    fromDay: dayOut,
    toDay: dayOut,
    days: z.int(),
    /** End-of-day value in minor units of `currency`, when it is one over the span; null when it moved. */
    value: z.string().nullable(),
    /** Base units per foreign unit × 10^8, when one over the span; null when it moved. */
    rate: z.string().nullable(),
    /** About how much it was when it moved, × 10^8, truncated. */
    rateAverage: z.string(),
    /** × 10,000. */
    weight: z.int(),
    share: z.int(),
    /** Sum over the days in fen, truncated. */
    sumFen: fenText,
    /** What it adds to the average, in fen, truncated. */
    averageFen: fenText,
    gapDays: z.int(),
    /** Runs of days with one value; both ends included. */
    spans: z.array(
      z.object({
        fromDay: dayOut,
        toDay: dayOut,
        days: z.int(),
        value: z.string(),
        /** What of it counts: 0 for an overdraft or a left-out day. */
        counted: z.string(),
        carried: z.boolean(),
        leftOut: z.boolean(),
        sumFen: fenText,
      }),
    ),
  })
  .meta({ id: 'WhyPart' })

export const distance = z
  .object({
    /** The tier that would be reached, or the one that would be lost. */
    tier: tierRef,
    path,
    /** To hold more (or that may leave) from `from` to `to`, in whole units of the base currency, as fen. */
    amountFen: fenText,
    from: dayOut,
    to: dayOut,
    cutOff: dayOut,
  })
  .meta({ id: 'Distance' })

export const why = z
  .object({
    customerNo: z.string(),
    name: z.string(),
    day: dayOut,
    scheme: z.string(),
    policyName: z.object({ zh: z.string(), en: z.string() }),
    policyVersion: z.int(),
    currency: z.string(),
    window: z.object({ from: dayOut, to: dayOut, days: z.int() }),
    qualifiedTier: tierRef,
    tierInForce: tierRef,
    path,
    /** False: the scheme is not for this kind of customer. */
    applies: z.boolean(),
    noticeCount: z.int(),
    individual: z.object({ sumFen: fenText, averageFen: fenText, sumScaled: scaled }),
    household: z
      .object({
        householdNo: z.string(),
        rule: z.enum(['mean', 'sum']),
        sumFen: fenText,
        averageFen: fenText,
        sumScaled: scaled,
        /** Of all members together; `averageFen` is per member under the rule 'mean'. */
        totalFen: fenText,
        consenting: z.int(),
        /** False: too few consent, or this customer does not; then there is no household path. */
        counts: z.boolean(),
        members: z.array(
          z.object({
            /** Null for a member whom this session may not see. */
            customerNo: z.string().nullable(),
            name: z.string().nullable(),
            consenting: z.boolean(),
            sumFen: fenText,
            averageFen: fenText,
          }),
        ),
      })
      .nullable(),
    /** Lowest first. Each compares sum ≥ bar × days, so nothing is rounded. */
    bars: z.array(
      z.object({
        tier: tierRef,
        individualFen: fenText.nullable(),
        householdFen: fenText.nullable(),
        individualMet: z.boolean(),
        householdMet: z.boolean(),
        /** What gives the tier without any assets: nothing but being there, or a valid identity. */
        entry: z.enum(['everyone', 'identity']).nullable(),
        entryMet: z.boolean(),
        /** Of a scheme of points. */
        points: z.number().nullable(),
        /** False for a shipped default that nobody has confirmed. */
        confirmed: z.boolean(),
      }),
    ),
    /** Of a scheme of points; weight × points = contribution, both × 10,000. */
    criteria: z.array(
      z.object({
        measure: z.string(),
        zh: z.string(),
        en: z.string(),
        value: z.string(),
        weight: z.number(),
        points: z.number(),
        contribution: z.number(),
      }),
    ),
    points: z.number().nullable(),
    parts: z.array(whyPart),
    /** Sum of the parts' averages plus this is the individual average. */
    roundingFen: fenText,
    /** Likewise for the sums. */
    roundingSumFen: fenText,
    confidence: z.int(),
    gaps: z.array(z.object({ code: z.string(), points: z.number(), zh: z.string(), en: z.string() })),
    toNext: distance.nullable(),
    toKeep: distance.nullable(),
    /** To have the tier in force again, when the qualified one is below it. */
    toHold: distance.nullable(),
    unconfirmed: z.array(z.object({ tier: z.string(), zh: z.string(), en: z.string() })),
    /** The same in sentences. */
    sentences: z.object({ zh: z.array(z.string()), en: z.array(z.string()) }),
  })
  .meta({ id: 'Why' })
export type Why = z.output<typeof why>

export const explainCustomer = endpoint({
  name: 'explainCustomer',
  tag: 'customers',
  method: 'GET',
  path: '/api/customers/:no/why',
  label: { zh: '定级依据', en: 'Why this tier' },
  permission: 'customers.read',
  params: z.object({ no: z.string().min(1).max(64) }),
  query: z.object({
    /** Default: the day of the last published night. */
    day: dayText.optional(),
  }),
  output: why,
  refusals: ['not_found', 'field_hidden', 'night_missing', 'rate_missing', 'engine_busy', 'engine_timeout'],
})
