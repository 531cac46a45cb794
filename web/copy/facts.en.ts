/** English texts of the contact facts tab; part of en.ts. */
import type { factsZhCN } from './facts.zh-CN.ts'

export const factsEn: typeof factsZhCN = {
  facts: {
    title: 'Contact facts',
    history: 'Changes',
    fields: { phone: 'Phone', email: 'E-mail', address: 'Address', occupation: 'Occupation' },
    edit: 'Edit',
    editTitle: 'Edit contact facts',
    editHint: 'Fill in what changes; what is left empty stays.',
    reason: 'Reason',
    save: 'Save',
    saved: 'Saved, and noted in the audit',
    who: 'Who',
    when: 'When',
    field: 'Field',
    before: 'Before',
    after: 'After',
    restore: 'Restore the old value',
    restoreTitle: (field) => `Restore the old value of ${field}`,
    empty: 'Nobody has changed anything yet',
    conflict: (field, edited, brought, load) =>
      `${field}: staff had changed it to ${edited}; then load ${load} brought the newer ${brought}, which is in force. Please check.`,
    none: '(empty)',
  },
}
