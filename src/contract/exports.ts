/** Asking for an export above the free limit; fetching it is `exportCustomers` with the approval's id. */
import { z } from 'zod'
import { proposed, reason } from './approvals.ts'
import { exportChange } from './changes.ts'
import { endpoint } from './endpoint.ts'

export const proposeExport = endpoint({
  name: 'proposeExport',
  tag: 'customers',
  method: 'POST',
  path: '/api/customers/export/request',
  label: { zh: '申请导出', en: 'Ask for an export above the limit' },
  permission: 'customers.export',
  body: z.object({ change: exportChange, reason }),
  output: proposed,
  refusals: ['night_missing', 'export_too_large', 'approval_open'],
})
