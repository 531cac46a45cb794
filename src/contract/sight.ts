/** Who sees what, and why; and the report on a person's rights for the yearly review. */
import { z } from 'zod'
import { dayOut, freeText, instant, pageOf, pageQuery, unitRef } from './common.ts'
import { endpoint } from './endpoint.ts'
import { customerScopes, editableFields, fieldGroups, fieldReads, permissions, roleRef } from './permission.ts'
import { userKinds, userStates } from './users.ts'

const loginRef = z.object({ login: z.string(), name: z.string() })
const atPost = z.object({ role: roleRef, unit: unitRef })
const loginParam = z.object({ login: z.string().min(1).max(80) })

/**
 * Why a post shows a customer (whole bank, unit and below, book) or does not: its role does not read customers, sees
 * nobody, stands elsewhere, the customer is in another book, or a wall stands between.
 */
export const postRules = [
  'bank',
  'subtree',
  'book',
  'noReading',
  'seesNobody',
  'elsewhere',
  'otherBook',
  'wall',
] as const
export type PostRule = (typeof postRules)[number]
/**
 * Whether a fact of the customer can be edited: it can, or nobody of the person's posts edits this customer, or its group
 * of fields is hidden, or no role of those posts names the fact.
 */
export const editRules = ['editable', 'noEditing', 'groupHidden', 'notNamed'] as const
export const grantStates = ['holds', 'ended', 'revoked', 'coming'] as const

export const explainAccess = endpoint({
  name: 'explainAccess',
  tag: 'access',
  method: 'GET',
  path: '/api/access/explain',
  label: { zh: '谁能看到', en: 'Who sees what, and why' },
  permission: 'access.read',
  query: z.object({ login: z.string().min(1).max(80), customer: z.string().min(1).max(64) }),
  output: z.object({
    person: loginRef.extend({ state: z.enum(userStates) }),
    /** By number and unit; nothing else of the customer is told here. */
    customer: z.object({ customerNo: z.string(), unit: unitRef }),
    /** Now: nobody who cannot sign in sees anything, whatever their posts say. */
    visible: z.boolean(),
    posts: z.array(
      atPost.extend({
        visible: z.boolean(),
        rule: z.enum(postRules),
        /** The wall that hides, or that the role looks over. */
        wall: z.string().nullable(),
      }),
    ),
    grants: z.array(
      z.object({ state: z.enum(grantStates), from: instant, to: instant, by: z.string(), reason: z.string() }),
    ),
    /** By the widest right of the person's roles; all hidden when no post and no grant reaches the customer. */
    fields: z.array(
      z.object({
        field: z.enum(fieldGroups),
        rule: z.enum(fieldReads),
        /** What each post that reads customers says of it; the widest decides. Empty when none reaches the customer. */
        posts: z.array(atPost.extend({ read: z.enum(fieldReads), decides: z.boolean() })),
      }),
    ),
    /** Editing a person's facts; `posts` are those whose role names the fact. */
    edits: z.array(z.object({ field: z.enum(editableFields), rule: z.enum(editRules), posts: z.array(atPost) })),
  }),
  refusals: ['not_found'],
})

const review = z.object({
  by: loginRef,
  at: instant,
  note: z.string().nullable(),
  /** The rights are no longer those that were reviewed. */
  changedSince: z.boolean(),
})

export const personRights = loginRef
  .extend({
    kind: z.enum(userKinds),
    state: z.enum(userStates),
    posts: z.array(z.object({ role: roleRef, unit: unitRef })),
    /** Whom the person sees by posts, today. */
    customers: z.int(),
    /** Single customers of others, granted and still holding. */
    grants: z.int(),
    lastSignInAt: instant.nullable(),
    review: review.nullable(),
  })
  .meta({ id: 'PersonRights' })

export const listPeople = endpoint({
  name: 'listPeople',
  tag: 'access',
  method: 'GET',
  path: '/api/access/people',
  label: { zh: '人员权限', en: "People's rights" },
  permission: 'access.read',
  query: pageQuery.extend({
    q: z.string().trim().min(1).max(80).optional().describe('part of the name, the sign-in name, a role or a unit'),
  }),
  output: pageOf(personRights),
  refusals: ['cursor_invalid'],
})

export const readPerson = endpoint({
  name: 'readPerson',
  tag: 'access',
  method: 'GET',
  path: '/api/access/people/:login',
  label: { zh: '个人权限报告', en: 'Report on a person’s rights' },
  permission: 'access.read',
  params: loginParam,
  output: personRights.extend({
    staff: z.string().nullable(),
    /** Past and coming posts too. */
    allPosts: z.array(
      z.object({
        role: roleRef,
        unit: unitRef,
        customers: z.enum(customerScopes),
        fromDay: dayOut,
        toDay: dayOut.nullable(),
        holds: z.boolean(),
        /** Units at or below it. */
        units: z.int(),
      }),
    ),
    permissions: z.array(z.object({ permission: z.enum(permissions), roles: z.array(roleRef) })),
    /** How each group of fields is read, with the roles that open it so far. */
    fields: z.array(z.object({ field: z.enum(fieldGroups), rule: z.enum(fieldReads), roles: z.array(roleRef) })),
    /** The facts of a person that may be edited. */
    edits: z.array(z.object({ field: z.enum(editableFields), roles: z.array(roleRef) })),
    /** Walls that stand against one of the posts. */
    walls: z.array(z.object({ name: z.string(), around: unitRef, against: unitRef, crossed: z.boolean() })),
    grantList: z.array(z.object({ customerNo: z.string(), to: instant, by: z.string(), reason: z.string() })),
    keys: z.int(),
    reviews: z.array(review),
    asOf: instant,
  }),
  refusals: ['not_found'],
})

export const exportPeople = endpoint({
  name: 'exportPeople',
  tag: 'access',
  method: 'GET',
  path: '/api/access/people.csv',
  label: { zh: '导出人员权限', en: "Export people's rights" },
  permission: 'access.read',
  query: z.object({ language: z.enum(['zh', 'en']).default('zh') }),
  output: z.string(),
  answers: 'file',
})

export const reviewPerson = endpoint({
  name: 'reviewPerson',
  tag: 'access',
  method: 'POST',
  path: '/api/access/people/:login/review',
  label: { zh: '标记已复审', en: 'Mark a person’s rights as reviewed' },
  permission: 'access.review',
  params: loginParam,
  body: z.object({ note: freeText(0).optional() }),
  output: review,
  refusals: ['not_found', 'own_proposal', 'check_needs_person'],
})
