/** Customers: the list as of the last published night, one customer's page, balance history and export. */
import { z } from 'zod'
import {
  dayOut,
  dayText,
  fenText,
  id,
  instant,
  nightRef,
  pageOf,
  pageQuery,
  path,
  staffRef,
  tierRef,
  unitRef,
} from './common.ts'
import { customerFilter, customerSort } from './customer-filter.ts'
import { endpoint } from './endpoint.ts'
import { valuePosition } from './value-states.ts'

/** One customer of one night. Names are masked; amounts are of the night's day, null for whoever does not read money. */
export const customerRow = z
  .object({
    customerNo: z.string(),
    kind: z.enum(['person', 'company']),
    name: z.string(),
    unit: unitRef,
    rm: staffRef.nullable(),
    qualifiedTier: tierRef,
    tierInForce: tierRef,
    path,
    averageFen: fenText.nullable(),
    sumFen: fenText.nullable(),
    days: z.int(),
    householdNo: z.string().nullable(),
    householdAverageFen: fenText.nullable(),
    householdMembers: z.int().nullable(),
    /** More than today, held until the next cut-off, for the next tier; null at the top. */
    toNextFen: fenText.nullable(),
    /** May leave before the qualified tier is lost; null at the bottom. */
    toKeepFen: fenText.nullable(),
    /** Unweighted, at the end of the day. */
    aumFen: fenText.nullable(),
    depositFen: fenText.nullable(),
    wealthFen: fenText.nullable(),
    fundFen: fenText.nullable(),
    insuranceFen: fenText.nullable(),
    bondFen: fenText.nullable(),
    metalFen: fenText.nullable(),
    securitiesFen: fenText.nullable(),
    transitFen: fenText.nullable(),
    foreignFen: fenText.nullable(),
    overdraftFen: fenText.nullable(),
    averageBeforeFen: fenText.nullable(),
    recencyDays: z.int().nullable(),
    frequency: z.int(),
    monetaryFen: fenText.nullable(),
    rScore: z.int().nullable(),
    fScore: z.int().nullable(),
    mScore: z.int().nullable(),
    firstActivityOn: dayOut.nullable(),
    lastActivityOn: dayOut.nullable(),
    /** 0 to 100. */
    confidence: z.int(),
    gaps: z.array(z.string()),
    /** Month-ends below the line in a row while the tier in force is kept. */
    noticeCount: z.int(),
    /** As it stands now; null for whoever came after the last night. */
    valueState: valuePosition.nullable(),
    /** Ids. */
    tags: z.array(z.int()),
  })
  .meta({ id: 'CustomerRow' })
export type CustomerRow = z.output<typeof customerRow>

export const listCustomers = endpoint({
  name: 'listCustomers',
  tag: 'customers',
  method: 'GET',
  path: '/api/customers',
  label: { zh: '客户列表', en: 'Customers' },
  permission: 'customers.read',
  query: customerFilter.extend({ ...customerSort.shape, ...pageQuery.shape }),
  output: pageOf(customerRow).extend({ night: nightRef }),
  refusals: ['not_found', 'night_missing', 'cursor_invalid', 'field_hidden'],
})

export const countCustomers = endpoint({
  name: 'countCustomers',
  tag: 'customers',
  method: 'GET',
  path: '/api/customers/count',
  label: { zh: '客户计数', en: 'Count customers' },
  permission: 'customers.read',
  query: customerFilter,
  output: z.object({
    night: nightRef,
    customers: z.int(),
    /** Null for whoever does not read money. */
    assetsFen: fenText.nullable(),
    averageFen: fenText.nullable(),
    /** By qualified tier. */
    tiers: z.array(
      z.object({
        tier: tierRef,
        customers: z.int(),
        assetsFen: fenText.nullable(),
        averageFen: fenText.nullable(),
      }),
    ),
  }),
  refusals: ['not_found', 'night_missing', 'field_hidden'],
})

export const exportCustomers = endpoint({
  name: 'exportCustomers',
  tag: 'customers',
  method: 'GET',
  path: '/api/customers/export',
  label: { zh: '导出客户', en: 'Export customers' },
  permission: 'customers.export',
  query: customerFilter.extend({
    ...customerSort.shape,
    format: z.enum(['csv', 'xlsx']).default('csv'),
    language: z.enum(['zh', 'en']).default('zh'),
    /** Of an approved export: what it says is fetched, and the other parameters count for nothing. */
    approval: id.optional(),
  }),
  output: z.string(),
  answers: 'file',
  refusals: [
    'night_missing',
    'export_too_large',
    'field_hidden',
    'volume_unusual',
    'export_needs_approval',
    'export_waits',
    'export_spent',
    'approval_stale',
    'not_found',
  ],
})

const customerNo = z.object({ no: z.string().min(1).max(64) })

export const account = z
  .object({
    /** Our id: stable, and no account number. The parts of an explanation name it too. */
    id: z.string(),
    accountNo: z.string(),
    product: z.object({ code: z.string(), name: z.string(), nameEn: z.string().nullable(), class: z.string() }),
    currency: z.string(),
    unit: unitRef,
    openedOn: dayOut.nullable(),
    closedOn: dayOut.nullable(),
    maturesOn: dayOut.nullable(),
    /** Of this customer, × 10,000. */
    share: z.int(),
    owners: z.int(),
    flags: z.array(z.object({ kind: z.enum(['frozen', 'pledged', 'dormant']), fromDay: dayOut, toDay: dayOut })),
  })
  .meta({ id: 'Account' })

export const tierChange = z
  .object({
    id: z.string(),
    fromTier: tierRef.nullable(),
    toTier: tierRef,
    effectiveOn: dayOut,
    madeBy: z.enum(['opening', 'policy', 'approval', 'counter']),
    reason: z.string(),
    night: nightRef.nullable(),
    staff: staffRef.nullable(),
    recordedAt: instant,
  })
  .meta({ id: 'TierChange' })

export const householdMember = z
  .object({
    customerNo: z.string(),
    name: z.string(),
    role: z.string(),
    isHead: z.boolean(),
    fromDay: dayOut,
    toDay: dayOut,
    /** Consents on the night's day, so counts in the household's sum and divisor. */
    consenting: z.boolean(),
    averageFen: fenText.nullable(),
    qualifiedTier: tierRef.nullable(),
  })
  .meta({ id: 'HouseholdMember' })

export const household = z
  .object({
    householdNo: z.string(),
    unit: unitRef,
    /** The day of the night that the figures are of; null where no night knows the household yet. */
    asOf: dayOut.nullable(),
    sumFen: fenText.nullable(),
    /** All consenting members together, per day of the window. */
    totalFen: fenText.nullable(),
    /** Mean per consenting member. */
    averageFen: fenText.nullable(),
    consenting: z.int().nullable(),
    tier: tierRef.nullable(),
    members: z.array(householdMember),
    /** Members whom this session may not see. */
    hiddenMembers: z.int(),
  })
  .meta({ id: 'Household' })

export const composition = z
  .object({
    householdNo: z.string(),
    night: nightRef,
    /** False where the night counts only the days of a membership, or counts points: then the sums here are near it. */
    exact: z.boolean(),
    /** Members whom this session may not see; with any, there are no compositions. */
    hiddenMembers: z.int(),
    members: z.array(
      z.object({
        customerNo: z.string(),
        name: z.string(),
        consenting: z.boolean(),
        /** What counts of the member, fen·days, truncated. */
        sumFen: fenText.nullable(),
        averageFen: fenText.nullable(),
        /** Alone. */
        ownTier: tierRef,
        /** Today, alone or by the household. */
        qualifiedTier: tierRef,
      }),
    ),
    /** Highest tier first. */
    compositions: z.array(
      z.object({
        tier: tierRef,
        /** Those who count are those who count today. */
        isCurrent: z.boolean(),
        /** Fen·days of those who count: their sums and what truncating them left over. */
        sumFen: fenText.nullable(),
        roundingFen: fenText.nullable(),
        /** As the policy measures it: mean per member or together. */
        averageFen: fenText.nullable(),
        /** As `members`, in the same order. */
        members: z.array(z.object({ customerNo: z.string(), counts: z.boolean(), tier: tierRef })),
      }),
    ),
  })
  .meta({ id: 'Composition' })

/** Fields of identity are masked; null where the bank gave none. */
export const customer = z
  .object({
    customerNo: z.string(),
    otherNumbers: z.array(z.string()),
    kind: z.enum(['person', 'company']),
    name: z.string(),
    sex: z.enum(['male', 'female']).nullable(),
    age: z.int().nullable(),
    identity: z.object({ kind: z.string().nullable(), no: z.string().nullable(), valid: z.boolean().nullable() }),
    phone: z.string().nullable(),
    email: z.string().nullable(),
    address: z.string().nullable(),
    regionCode: z.string().nullable(),
    occupation: z.string().nullable(),
    industry: z.string().nullable(),
    annualIncomeFen: fenText.nullable(),
    openedOn: dayOut.nullable(),
    closedOn: dayOut.nullable(),
    /** Personal data was erased then; what is left are ids, amounts and tiers. */
    erasedAt: instant.nullable(),
    unit: unitRef,
    rm: staffRef.nullable(),
    source: z.string().nullable(),
    /** Data quality, 0 to 100, and the columns that are missing or wrong. */
    quality: z.int(),
    missing: z.array(z.string()),
    flags: z.array(z.object({ kind: z.string(), fromDay: dayOut, toDay: dayOut })),
    night: nightRef.nullable(),
    /** Figures of the last published night; null when it did not know this customer. */
    figures: customerRow.nullable(),
    household: household.nullable(),
    accounts: z.array(account),
    cards: z.array(
      z.object({ cardNo: z.string(), face: z.string(), issuedOn: dayOut.nullable(), closedOn: dayOut.nullable() }),
    ),
    tierChanges: z.array(tierChange),
    openProposal: z
      .object({ id: z.string(), fromTier: tierRef.nullable(), toTier: tierRef, reason: z.string() })
      .nullable(),
    sources: z.array(z.object({ source: z.string(), externalId: z.string() })),
    /** For a company its contacts, for a person the companies they speak for. */
    relations: z.array(z.object({ customerNo: z.string().nullable(), name: z.string(), role: z.string().nullable() })),
  })
  .meta({ id: 'Customer' })

export const readCustomer = endpoint({
  name: 'readCustomer',
  tag: 'customers',
  method: 'GET',
  path: '/api/customers/:no',
  label: { zh: '客户详情', en: 'One customer' },
  permission: 'customers.read',
  params: customerNo,
  output: customer,
  refusals: ['not_found'],
})

export const readHistory = endpoint({
  name: 'readHistory',
  tag: 'customers',
  method: 'GET',
  path: '/api/customers/:no/history',
  label: { zh: '资产走势', en: 'Balance history' },
  permission: 'customers.read',
  params: customerNo,
  query: z.object({ from: dayText.optional(), to: dayText.optional() }),
  output: z.object({
    customerNo: z.string(),
    from: dayOut,
    to: dayOut,
    /** The window of the last night, to be shaded; null before the first night. */
    window: z.object({ from: dayOut, to: dayOut }).nullable(),
    days: z.array(
      z.object({
        day: dayOut,
        /** Weighted, in base currency, as the average counts it. */
        valueFen: fenText,
        /** Unweighted. */
        aumFen: fenText,
        /** Carried forward over a hole in the data. */
        gap: z.boolean(),
      }),
    ),
  }),
  refusals: ['not_found', 'engine_busy', 'engine_timeout', 'field_hidden'],
})

export const readHousehold = endpoint({
  name: 'readHousehold',
  tag: 'households',
  method: 'GET',
  path: '/api/households/:no',
  label: { zh: '家庭', en: 'One household' },
  permission: 'customers.read',
  params: customerNo,
  output: household,
  refusals: ['not_found'],
})

export const readComposition = endpoint({
  name: 'readComposition',
  tag: 'households',
  method: 'GET',
  path: '/api/households/:no/composition',
  label: { zh: '家庭最优组合', en: 'Best composition of a household' },
  permission: 'customers.read',
  params: customerNo,
  output: composition,
  refusals: ['not_found', 'night_missing'],
})
