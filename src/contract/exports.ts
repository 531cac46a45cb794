/** What of the customer list waits for a second person: an export above the free limit, and one field in clear. */
import { z } from 'zod'
import { proposed, reason } from './approvals.ts'
import { bulkRevealChange, exportChange } from './changes.ts'
import { id } from './common.ts'
import { endpoint } from './endpoint.ts'

/** Fetching it is `exportCustomers` with the approval's id. */
export const proposeExport = endpoint({
  name: 'proposeExport',
  tag: 'customers',
  method: 'POST',
  path: '/api/customers/export/request',
  label: { zh: '申请导出', en: 'Ask for an export above the limit' },
  permission: 'customers.export',
  body: z.object({ change: exportChange, reason }),
  output: proposed,
  refusals: ['not_found', 'night_missing', 'export_too_large', 'field_hidden', 'approval_open'],
})

export const proposeBulkReveal = endpoint({
  name: 'proposeBulkReveal',
  tag: 'customers',
  method: 'POST',
  path: '/api/bulk-reveals',
  label: { zh: '申请批量明文', en: 'Ask for one field of many customers in clear' },
  permission: 'customers.export',
  body: z.object({ change: bulkRevealChange, reason }),
  output: proposed,
  refusals: [
    'not_found',
    'night_missing',
    'export_too_large',
    'field_hidden',
    'volume_unusual',
    'key_needs_person',
    'approval_open',
    'origin_refused',
  ],
})

/** The approved file as CSV, once and within a day, of the customers whom whoever asked sees at that moment. */
export const fetchBulkReveal = endpoint({
  name: 'fetchBulkReveal',
  tag: 'customers',
  method: 'POST',
  path: '/api/bulk-reveals/:id',
  label: { zh: '下载批量明文', en: 'Fetch one field of many customers in clear' },
  permission: 'customers.export',
  params: z.object({ id }),
  output: z.string(),
  answers: 'file',
  refusals: [
    'not_found',
    'field_hidden',
    'volume_unusual',
    'key_needs_person',
    'export_waits',
    'export_spent',
    'approval_stale',
    'origin_refused',
  ],
})
