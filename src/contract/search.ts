/** Search everywhere: customers and households by whatever a person types, each with what it was found by. */
import { z } from 'zod'
import { fenText, tierRef, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'

/** What a hit was found by, best first: the order of hits. */
export const waysFound = [
  'customerNo',
  'identityNo',
  'phone',
  'account',
  'card',
  'name',
  'shortName',
  'phoneEnd',
  'nameBeginning',
  'customerNoBeginning',
  'namePart',
  'pinyin',
  'initials',
  'similar',
] as const
export type WayFound = (typeof waysFound)[number]

export const search = endpoint({
  name: 'search',
  tag: 'customers',
  method: 'GET',
  path: '/api/search',
  label: { zh: '全局搜索', en: 'Search everywhere' },
  permission: 'customers.read',
  query: z.object({
    /** As the list's: a number in whole, a name or a part of it, pinyin or initials, a Latin name with one error. */
    q: z.string().trim().max(80).default(''),
    limit: wholeNumber(1, 50).default(8),
  }),
  output: z.object({
    /** Best first: by what they were found by, then by average for whoever reads money. */
    customers: z.array(
      z.object({
        customerNo: z.string(),
        kind: z.enum(['person', 'company']),
        /** Masked. */
        name: z.string(),
        tierInForce: tierRef,
        averageFen: fenText.nullable(),
        foundBy: z.enum(waysFound),
      }),
    ),
    /** By number, each with a visible member to open it by. */
    households: z.array(z.object({ householdNo: z.string(), customerNo: z.string() })),
  }),
  refusals: ['night_missing'],
})
