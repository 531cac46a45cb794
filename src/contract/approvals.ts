/** Maker and checker: what waits for a second person, deciding it, and who checks for whom while they are away. */
import { z } from 'zod'
import { dayOut, dayText, freeText, id, instant, pageOf, pageQuery, reasonLengthMin } from './common.ts'
import { endpoint, type Label } from './endpoint.ts'
import { named } from './naming.ts'
import type { Permission } from './permission.ts'

/** Every kind: its name, the permission that proposes it and the one that checks it. */
export const approvalKinds = {
  policy: { label: { zh: '政策生效', en: 'Policy in force' }, propose: 'policies.manage', check: 'policies.check' },
  role: { label: { zh: '角色', en: 'Role' }, propose: 'access.manage', check: 'access.check' },
  post: { label: { zh: '岗位', en: 'Post' }, propose: 'access.manage', check: 'access.check' },
  wall: { label: { zh: '隔离墙', en: 'Wall' }, propose: 'access.manage', check: 'access.check' },
  unit: { label: { zh: '机构', en: 'Unit' }, propose: 'units.manage', check: 'units.check' },
  export: { label: { zh: '导出', en: 'Export' }, propose: 'customers.export', check: 'exports.check' },
  bulkReveal: {
    label: { zh: '批量明文', en: 'Reveal in bulk' },
    propose: 'customers.export',
    check: 'exports.check',
  },
  erase: { label: { zh: '删除个人信息', en: 'Erasure' }, propose: 'privacy.erase', check: 'privacy.erase' },
} as const satisfies Record<string, { label: Label; propose: Permission; check: Permission }>

export type ApprovalKind = keyof typeof approvalKinds
export const approvalKindNames = Object.keys(approvalKinds) as ApprovalKind[]

/** There is no way back: approving one asks for the password or code again. */
export const finalKinds: readonly ApprovalKind[] = ['erase']

/** Whoever has one of these checks something. */
export const checkPermissions: readonly Permission[] = [
  ...new Set(Object.values(approvalKinds).map((kind) => kind.check)),
]

const subjectsZh: [RegExp, string][] = [
  [/^role (.+)$/, '角色 $1'],
  [/^posts of (.+)$/, '$1 的岗位'],
  [/^wall around (.+) against (.+)$/, '隔离墙 $1 ⟂ $2'],
  [/^wall (\d+)$/, '隔离墙 $1'],
  [/^unit (.+)$/, '机构 $1'],
  [/^policy (.+)$/, '分级方案 $1'],
  [/^export (\w+) of (.+)$/, '$2 的导出 $1'],
  [/^erasure of (.+)$/, '删除客户 $1 的个人信息'],
  [/^reveal (\w+) of (.+)$/, '$2 的批量明文 $1'],
]

/** A subject in Chinese; it is kept in English, as the key by which one proposal stands in the way of another. */
export function subjectZh(subject: string): string {
  const [pattern, words] = subjectsZh.find(([one]) => one.test(subject)) ?? []
  return pattern && words ? subject.replace(pattern, words) : subject
}

const person = z.object({ login: z.string(), name: z.string() })

export const approval = z
  .object({
    id: z.string(),
    kind: z.enum(approvalKindNames),
    subject: z.string(),
    status: z.enum(['open', 'approved', 'returned', 'withdrawn', 'expired']),
    reason: z.string(),
    /** Field by field; a field that is a list says what came and went. */
    differences: z.array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
    /** Of the roles and units that stand in the subject and the differences. */
    names: z.array(named),
    /** The change as it was asked for. */
    asked: z.record(z.string(), z.unknown()),
    proposedBy: person,
    proposedAt: instant,
    /** Null of an approved one: the bank had a single administrator and four eyes off. */
    decidedBy: person.nullable(),
    inPlaceOf: person.nullable(),
    decidedAt: instant.nullable(),
    /** Of an open one: when it ends by itself unless it is decided. */
    expiresAt: instant.nullable(),
    note: z.string().nullable(),
    isMine: z.boolean(),
    /** Whether this session may decide it. */
    mayDecide: z.boolean(),
    /** Of an approved export or bulk reveal that can still be fetched: until when. */
    fetchUntil: instant.nullable(),
    /** When the approved file was fetched or the approved erasure was carried out; until then it is under way. */
    usedAt: instant.nullable(),
  })
  .meta({ id: 'Approval' })

/** What every proposing endpoint answers: 'approved' when no second person is asked for. */
export const proposed = z.object({ id: z.string(), status: z.enum(['open', 'approved']) })
export const reason = freeText(reasonLengthMin)

export const listApprovals = endpoint({
  name: 'listApprovals',
  tag: 'approvals',
  method: 'GET',
  path: '/api/approvals',
  label: { zh: '待复核与我的申请', en: 'Approvals to check, and own ones' },
  permission: 'signedIn',
  query: z.object({
    ...pageQuery.shape,
    /**
     * toCheck: open, and this session may decide them; mine: proposed by it; decided: those it could have checked;
     * all: every one, for whoever reads the audit of the whole bank.
     */
    view: z.enum(['toCheck', 'mine', 'decided', 'all']).default('toCheck'),
    kind: z.enum(approvalKindNames).optional(),
  }),
  /** `fourEyes` false: rights and tree change without a checker, as the bank has a single administrator. */
  output: pageOf(approval).extend({ toCheck: z.int(), fourEyes: z.boolean() }),
  refusals: ['cursor_invalid', 'permission_missing', 'head_office_only'],
})

export const readApproval = endpoint({
  name: 'readApproval',
  tag: 'approvals',
  method: 'GET',
  path: '/api/approvals/:id',
  label: { zh: '复核事项', en: 'One approval' },
  permission: 'signedIn',
  params: z.object({ id }),
  output: approval,
  refusals: ['not_found'],
})

export const decideApproval = endpoint({
  name: 'decideApproval',
  tag: 'approvals',
  method: 'POST',
  path: '/api/approvals/:id/decide',
  label: { zh: '批准或退回', en: 'Approve or return' },
  permission: checkPermissions,
  params: z.object({ id }),
  body: z.discriminatedUnion('decision', [
    z.object({ decision: z.literal('approved'), note: freeText(0).optional() }),
    z.object({ decision: z.literal('returned'), note: reason }),
  ]),
  output: approval,
  refusals: [
    'not_found',
    'head_office_only',
    'approval_decided',
    'approval_expired',
    'approval_stale',
    'own_proposal',
    'check_needs_person',
    'last_administrator',
    'unit_closed',
    'unit_known',
    'unit_misplaced',
    'already_erased',
    'erasure_needs_person',
    'erasure_under_way',
    'reentry_needed',
  ],
})

export const withdrawApproval = endpoint({
  name: 'withdrawApproval',
  tag: 'approvals',
  method: 'DELETE',
  path: '/api/approvals/:id',
  label: { zh: '撤回申请', en: 'Withdraw an own proposal' },
  permission: 'signedIn',
  params: z.object({ id }),
  output: approval,
  refusals: ['not_found', 'approval_decided', 'approval_expired'],
})

export const delegation = z
  .object({
    id: z.int(),
    from: person,
    to: person,
    fromDay: dayOut,
    /** The first day on which it no longer holds. */
    toDay: dayOut,
    reason: z.string(),
    endedAt: instant.nullable(),
    isMine: z.boolean(),
  })
  .meta({ id: 'Delegation' })

export const listDelegations = endpoint({
  name: 'listDelegations',
  tag: 'approvals',
  method: 'GET',
  path: '/api/delegations',
  label: { zh: '复核代理', en: 'Delegations of checking' },
  permission: checkPermissions,
  /** `colleagues`: whom this session can ask to check in its place. */
  output: z.object({ rows: z.array(delegation), colleagues: z.array(person) }),
})

export const createDelegation = endpoint({
  name: 'createDelegation',
  tag: 'approvals',
  method: 'POST',
  path: '/api/delegations',
  label: { zh: '设置复核代理', en: 'Let a colleague check in one’s place' },
  permission: checkPermissions,
  body: z.object({ to: z.string().min(1).max(80), fromDay: dayText, toDay: dayText, reason }),
  output: delegation,
  refusals: ['not_found', 'check_needs_person'],
})

export const endDelegation = endpoint({
  name: 'endDelegation',
  tag: 'approvals',
  method: 'DELETE',
  path: '/api/delegations/:id',
  label: { zh: '结束复核代理', en: 'End a delegation' },
  permission: checkPermissions,
  params: z.object({ id }),
  output: delegation,
  refusals: ['not_found', 'check_needs_person'],
})
