/**
 * One personal field of the filtered customers in clear. Approving it shows nothing by itself: its proposer may then fetch
 * the file once within a day, of the customers and under the rights that the proposer has at that moment.
 */
import { createHash } from 'node:crypto'
import { canonical } from '../../access/differences.ts'
import type { BulkRevealChange } from '../../contract/changes.ts'
import type { Kind } from '../kind.ts'
import { homeOf } from './export.ts'

/** What was asked for with what the server found: the night it is read from and the rows it has. */
export type CountedReveal = BulkRevealChange & { night: number; day: string; rows: number }

export const bulkRevealKind: Kind<CountedReveal> = {
  prepare: async ({ trx, proposer }, change) => {
    const { field, rows, day, filter, sort, dir } = change
    const after = { clear: field, rows, day, ...(sort && { sort: `${sort} ${dir}` }), ...filter }
    const digest = createHash('sha256').update(canonical(after)).digest('hex').slice(0, 8)
    return {
      subject: `reveal ${digest} of ${proposer.name}`,
      before: {},
      after,
      unitId: await homeOf(trx, proposer),
      concernsId: null,
    }
  },

  apply: async () => {},
}
