/** English texts of the audit page; part of en.ts. */
import { auditWordsEn } from '../../src/contract/audit-words.en.ts'
import type { auditZhCN } from './audit.zh-CN.ts'

export const auditEn: typeof auditZhCN = {
  audit: {
    title: 'Audit',
    who: 'Who',
    whoHint: 'sign-in name',
    action: 'Action',
    noun: 'What',
    record: 'Record',
    customer: 'Customer number',
    from: 'From',
    to: 'To',
    address: 'From where',
    at: 'When',
    seal: 'Seal',
    sealed: (seq) => `No. ${seq}`,
    pending: 'Not yet sealed',
    states: { sealed: 'Sealed', pending: 'Not yet sealed' },
    summary: (sealed, pending) => `${sealed} sealed, ${pending} not yet`,
    head: (seq, at) => `Head: no. ${seq}, ${at}`,
    exportChain: 'Chain file (to verify)',
    exportChainHint:
      'The signed chain of the chosen days, whatever else is filtered; check it with strata verify audit. Audited',
    exportList: 'List as CSV',
    exportListHint: 'What the list shows under its filters. Audited',
    empty: 'No entry fits',
    entry: (id) => `Audit entry ${id}`,
    reason: 'Reason',
    field: 'Field',
    before: 'Before',
    after: 'After',
    noDifference: 'Nothing differs before and after',
    erased: 'This customer was erased; nobody can open this any more',
    hash: 'Hash in the chain',
    program: 'Strata',
    nobody: 'Not signed in',
    ...auditWordsEn,
  },
}
