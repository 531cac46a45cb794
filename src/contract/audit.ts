/** The audit: who did what, found and opened by auditors; its file and what the chain stands at. */
import { z } from 'zod'
import { dayText, instant, pageOf, pageQuery } from './common.ts'
import { endpoint } from './endpoint.ts'
import { name, named } from './naming.ts'

const place = z.object({ seq: z.int(), hash: z.string() })

export const auditEntry = z
  .object({
    id: z.string(),
    at: instant,
    /** 'login:17', 'key:3', 'strata' or 'nobody'. */
    who: z.string(),
    /** The name behind it; null for the program and for nobody. */
    whoName: z.string().nullable(),
    action: z.string(),
    noun: z.string(),
    nounId: z.string().nullable(),
    /** The name behind `nounId` where that is a code: of a login whose it is, of a role or unit what it is called. */
    nounName: name.nullable(),
    customerNo: z.string().nullable(),
    address: z.string().nullable(),
    /** Place in the chain; null while it is not yet sealed. */
    sealed: place.nullable(),
  })
  .meta({ id: 'AuditEntry' })

const code = z.string().regex(/^[\w:-]{1,80}$/)

const auditFilter = z.object({
  who: z
    .string()
    .max(80)
    .optional()
    .describe('a sign-in name, or login:17, key:3, strata, nobody; of a sign-in also its refusals'),
  action: code.optional(),
  noun: code.optional(),
  nounId: z.string().max(120).optional(),
  customer: z.string().max(32).optional().describe('a customer number'),
  from: dayText.optional().describe('first day, in the bank’s zone'),
  to: dayText.optional().describe('last day'),
  state: z.enum(['sealed', 'pending']).optional(),
})
export type AuditFilter = z.output<typeof auditFilter>

export const listAudit = endpoint({
  name: 'listAudit',
  tag: 'audit',
  method: 'GET',
  path: '/api/audit',
  label: { zh: '审计记录', en: 'Audit entries' },
  permission: 'audit.read',
  query: auditFilter.extend(pageQuery.shape),
  output: pageOf(auditEntry),
  refusals: ['cursor_invalid'],
})

/** What is sealed in it stands opened, telling parts masked. Reading is itself an entry. */
export const readAuditEntry = endpoint({
  name: 'readAuditEntry',
  tag: 'audit',
  method: 'GET',
  path: '/api/audit/entries/:id',
  label: { zh: '一条审计记录', en: 'One audit entry' },
  permission: 'audit.read',
  params: z.object({ id: z.string().regex(/^\d{1,18}$/) }),
  output: auditEntry.extend({
    reason: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    /** Top-level fields that differ; values as JSON, null where there is none. */
    differences: z.array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
    /** Of the roles and units that stand in before and after. */
    names: z.array(named),
    /** The customer was erased: nobody can open it any more. */
    erased: z.boolean(),
  }),
  refusals: ['not_found'],
})

export const readAuditState = endpoint({
  name: 'readAuditState',
  tag: 'audit',
  method: 'GET',
  path: '/api/audit/state',
  label: { zh: '审计链状态', en: 'State of the audit chain' },
  permission: 'audit.read',
  output: z.object({
    /** Entries in the chain, and those that wait for the sealer. */
    sealed: z.int(),
    pending: z.int(),
    oldestPendingAt: instant.nullable(),
    head: z
      .object({ seq: z.int(), hash: z.string(), sealedAt: instant, keyId: z.string(), signature: z.string() })
      .nullable(),
    keys: z.array(z.object({ keyId: z.string(), publicKey: z.string() })),
    /** Actions and nouns that occur, for filters. */
    actions: z.array(z.string()),
    nouns: z.array(z.string()),
  }),
})

/** The file that `strata verify audit` checks. */
export const exportAudit = endpoint({
  name: 'exportAudit',
  tag: 'audit',
  method: 'GET',
  path: '/api/audit/export',
  label: { zh: '导出审计文件', en: 'Export the audit file' },
  permission: 'audit.read',
  query: z.object({ from: dayText.optional(), to: dayText.optional() }),
  output: z.string(),
  answers: 'file',
})

/** What the list shows under the same filters, to be read in a spreadsheet; it proves nothing, the chain's file does. */
export const exportAuditList = endpoint({
  name: 'exportAuditList',
  tag: 'audit',
  method: 'GET',
  path: '/api/audit/list.csv',
  label: { zh: '导出审计记录清单', en: 'Export the list of audit entries' },
  permission: 'audit.read',
  query: auditFilter.extend({ language: z.enum(['zh', 'en']).default('zh') }),
  output: z.string(),
  answers: 'file',
  refusals: ['export_too_large', 'volume_unusual'],
})
