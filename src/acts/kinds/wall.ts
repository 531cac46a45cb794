/** Drawing a wall between units, or ending one. */
import { sql } from 'kysely'
import type { WallChange } from '../../contract/changes.ts'
import type { Trx } from '../../db/database.ts'
import { forever } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Kind } from '../kind.ts'
import { openUnit, rootUnit } from '../units.ts'

interface Facts {
  name: string
  around: string
  against: string
  from: string
  to: string
}

export const wallKind: Kind<WallChange> = {
  prepare: async ({ trx, clock }, change) => {
    const unitId = (await rootUnit(trx)).id
    if (change.action === 'end') {
      const before = await factsOf(trx, change.wall)
      if (change.to < clock.today() || change.to >= before.to)
        refuse('input_invalid', {
          field: 'to',
          reason: 'is today or later, and before the wall ends by itself',
          reasonZh: '应不早于今天，且早于原定撤除日',
        })
      return { subject: `wall ${change.wall}`, before, after: { ...before, to: change.to }, unitId, concernsId: null }
    }
    const around = await openUnit(trx, change.around)
    const against = await openUnit(trx, change.against)
    if (against.path.startsWith(around.path))
      refuse('input_invalid', {
        field: 'against',
        reason: 'lies inside the wall, where everything stays visible',
        reasonZh: '位于墙内，不受隔离',
      })
    const { name, from } = change
    const after: Facts = { name, around: around.code, against: against.code, from, to: change.to ?? forever }
    if (after.to <= from || after.to <= clock.today())
      refuse('input_invalid', { field: 'to', reason: 'comes after from and today', reasonZh: '应晚于起始日和今天' })
    return {
      subject: `wall around ${around.code} against ${against.code}`,
      before: {},
      after,
      unitId,
      concernsId: null,
    }
  },

  apply: async ({ trx }, change) => {
    if (change.action === 'end') {
      await sql`delete from wall where id = ${change.wall} and from_day >= ${change.to}`.execute(trx)
      await sql`update wall set to_day = ${change.to} where id = ${change.wall}`.execute(trx)
      return
    }
    const around = await openUnit(trx, change.around)
    const against = await openUnit(trx, change.against)
    await sql`insert into wall (name, around_id, against_id, from_day, to_day)
      values (${change.name}, ${around.id}, ${against.id}, ${change.from}, ${change.to ?? forever})`.execute(trx)
  },
}

async function factsOf(trx: Trx, id: number): Promise<Facts> {
  const { rows } = await sql<Facts>`select w.name, a.code as around, g.code as against, w.from_day as "from",
      w.to_day as "to"
    from wall w join unit a on a.id = w.around_id join unit g on g.id = w.against_id where w.id = ${id}`.execute(trx)
  return rows[0] ?? refuse('not_found', { what: `wall ${id}`, whatZh: `隔离墙 ${id}` })
}
