/**
 * An export above the free limit. Approving it changes nothing by itself: its proposer may then fetch it once within a
 * day, under the scope that the proposer has at that moment.
 */
import { createHash } from 'node:crypto'
import { canonical } from '../../access/differences.ts'
import type { Session } from '../../access/session.ts'
import type { ExportChange } from '../../contract/changes.ts'
import type { Trx } from '../../db/database.ts'
import type { Kind } from '../kind.ts'
import { rootUnit } from '../units.ts'

/** What was asked for with what the server found: the night it is read from and the rows it has. */
export type CountedExport = ExportChange & { night: number; day: string; rows: number }

export const exportKind: Kind<CountedExport> = {
  prepare: async ({ trx, proposer }, change) => {
    const { rows, day, format, filter, sort, dir } = change
    const after = { rows, day, format, sort: `${sort} ${dir}`, ...filter }
    const digest = createHash('sha256').update(canonical(after)).digest('hex').slice(0, 8)
    return {
      subject: `export ${digest} of ${proposer.name}`,
      before: {},
      after,
      unitId: await homeOf(trx, proposer),
      concernsId: null,
    }
  },

  apply: async () => {},
}

/** The lowest unit above every post that exports. */
export async function homeOf(trx: Trx, { posts }: Session): Promise<number> {
  const ids = posts.filter((post) => post.permissions.includes('customers.export')).map((post) => post.unit.id)
  const units = await trx.selectFrom('unit').select('path').where('id', 'in', ids).orderBy('id').limit(100).execute()
  const [first = [], ...rest] = units.map((unit) => unit.path.split('/').filter(Boolean))
  const shared = first.filter((id, at) => rest.every((path) => path[at] === id))
  return Number(shared.at(-1) ?? (await rootUnit(trx)).id)
}
