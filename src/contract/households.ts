/** Households as staff build and change them: who belongs today, who was invited, and every act on record. */
import { z } from 'zod'
import { dayOut, fenText, freeText, instant, pageOf, pageQuery, tierRef, unitRef } from './common.ts'
import { endpoint } from './endpoint.ts'

export const householdRoles = ['head', 'spouse', 'child', 'parent', 'other'] as const
/** Days for which an invitation stands. */
export const invitationDays = 30
export const householdActs = [
  ...['open', 'invite', 'join', 'decline', 'withdraw', 'consent', 'withdrawConsent'],
  ...['role', 'head', 'leave', 'split', 'merge'],
] as const satisfies readonly string[]

const customerNo = z.string().min(1).max(64)
/** Of the head, who leads the household, there is one: named by `head`, never by a role. */
const role = z.enum(householdRoles).exclude(['head'])
/** How consent was given: which form, where it lies. */
const proof = freeText(1)
const reason = freeText(1)

const who = { customerNo: z.string(), name: z.string() }

export const householdRecord = z
  .object({
    householdNo: z.string(),
    unit: unitRef,
    version: z.int(),
    /** Nobody is in it today. */
    closed: z.boolean(),
    /** The caller may change it. */
    may: z.boolean(),
    /** Today's. */
    members: z.array(
      z.object({
        ...who,
        role: z.string(),
        isHead: z.boolean(),
        fromDay: dayOut,
        /** Since when the member agrees to be counted with the others; null without consent. */
        consentFrom: dayOut.nullable(),
      }),
    ),
    hiddenMembers: z.int(),
    former: z.array(z.object({ ...who, role: z.string(), fromDay: dayOut, toDay: dayOut })),
    /** Those that stand today. */
    invitations: z.array(z.object({ ...who, role: z.string(), invitedOn: dayOut, until: dayOut, by: z.string() })),
    /** Newest first, the last 200. */
    acts: z.array(
      z.object({
        at: instant,
        act: z.string(),
        by: z.string(),
        member: z.object(who).nullable(),
        role: z.string().nullable(),
        other: z.string().nullable(),
        note: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'HouseholdRecord' })

const byNo = z.object({ no: customerNo })

export const readHouseholdRecord = endpoint({
  name: 'readHouseholdRecord',
  tag: 'households',
  method: 'GET',
  path: '/api/households/:no/record',
  label: { zh: '家庭成员与变更记录', en: 'Members of a household today, and what was done' },
  permission: 'customers.read',
  params: byNo,
  output: householdRecord,
  refusals: ['not_found'],
})

export const listHouseholds = endpoint({
  name: 'listHouseholds',
  tag: 'households',
  method: 'GET',
  path: '/api/households',
  label: { zh: '家庭列表', en: 'Households' },
  permission: 'customers.read',
  /** `q`: of a number the beginning, or whatever finds one of the members. */
  query: z.object({ ...pageQuery.shape, q: z.string().trim().max(100).optional() }),
  /** By number; only those with a member today whom the caller sees. */
  output: pageOf(
    z.object({
      householdNo: z.string(),
      unit: unitRef,
      head: z.object(who).nullable(),
      members: z.int(),
      /** As of the last night, mean per consenting member; null where it does not know the household. */
      averageFen: fenText.nullable(),
      tier: tierRef.nullable(),
    }),
  ),
  refusals: ['cursor_invalid'],
})

const everyRefusal = ['not_found', 'already_erased', 'household_person_only', 'household_member_taken'] as const

export const openHousehold = endpoint({
  name: 'openHousehold',
  tag: 'households',
  method: 'POST',
  path: '/api/households',
  label: { zh: '建立家庭', en: 'Open a household' },
  permission: 'households.edit',
  body: z.object({ head: customerNo, proof }),
  output: householdRecord,
  status: 201,
  refusals: [...everyRefusal, 'origin_refused'],
})

export const householdChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('invite'), customerNo, role }),
  /** The invitation is accepted: a member from today, counted from today on. */
  z.object({ kind: z.literal('join'), customerNo, proof }),
  z.object({ kind: z.literal('decline'), customerNo, reason }),
  z.object({ kind: z.literal('withdraw'), customerNo, reason }),
  z.object({ kind: z.literal('consent'), customerNo, proof }),
  z.object({ kind: z.literal('withdrawConsent'), customerNo, reason }),
  z.object({ kind: z.literal('role'), customerNo, role }),
  z.object({ kind: z.literal('head'), customerNo, reason }),
  z.object({ kind: z.literal('leave'), customerNo, reason }),
  /** They move into a new household; their consents go with them, as they are counted with fewer. */
  z.object({ kind: z.literal('split'), members: z.array(customerNo).min(1).max(50), head: customerNo, reason }),
  /** All move into another one, where each agrees anew before they count. */
  z.object({ kind: z.literal('merge'), into: customerNo, reason }),
])

export const changeHousehold = endpoint({
  name: 'changeHousehold',
  tag: 'households',
  method: 'POST',
  path: '/api/households/:no',
  label: { zh: '变更家庭', en: 'Change a household' },
  permission: 'households.edit',
  params: byNo,
  /** `version`: as it was read; another one means that somebody was faster. */
  body: z.object({ version: z.int().min(1), change: householdChange }),
  /** As it is then; of a split the household that stays, of a merge the one that all are in. */
  output: householdRecord,
  refusals: [
    ...everyRefusal,
    'household_stale',
    'household_closed',
    'household_member_missing',
    'household_head_needed',
    'household_invited',
    'household_invitation_over',
    'household_consent_unchanged',
    'household_hidden_members',
    'household_split_whole',
    'household_same',
    'origin_refused',
  ],
})
