/** A change of rights or tree tried out: done in the transaction, looked at, and undone. Nothing of it is kept. */
import { sql } from 'kysely'
import { type Cell, type Effect, rehearse } from '../access/rehearse.ts'
import { countHomes, readRightsState } from '../access/rights-state.ts'
import { placesOf, type Session } from '../access/session.ts'
import { approvalKinds } from '../contract/approvals.ts'
import type { RightsChange } from '../contract/changes.ts'
import { everything, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { type Day, laterOf } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { holds } from '../kit/unit-set.ts'
import { kindOf } from './approval-kinds.ts'
import type { Acting } from './approvals.ts'
import type { ActContext } from './kind.ts'
import { changeTree, unitAfter } from './organisation.ts'

/**
 * Who would gain and lose what, on the day from which the change holds. Refuses what the change itself would, and
 * permission_missing elsewhere in the tree.
 */
export async function rehearseChange(
  { db, clock }: Pick<Acting, 'db' | 'clock'>,
  session: Session,
  change: RightsChange,
): Promise<{ people: Effect[]; unchanged: number }> {
  // Counts of the whole bank; no customer leaves this function.
  return db.withScope({ ...everything, who: session.who }, async (trx) => {
    const day = dayOf(clock, change)
    const context = { trx, clock, proposer: session }
    const { unitId } = await kindOf(change).prepare(context, change)
    const { propose, check } = approvalKinds[change.kind]
    if (![propose, check].some((permission) => holds(placesOf(session, permission), unitId)))
      refuse('permission_missing', { permission: propose })
    const before = await readRightsState(trx, day)
    const homes = await countHomes(trx)
    await sql`savepoint rehearsal`.execute(trx)
    await tryOut(context, change)
    const after = await readRightsState(trx, day)
    const ids = await unitIds(trx)
    await sql`rollback to savepoint rehearsal`.execute(trx)
    const cells = homes.map((home): Cell => {
      const unit = change.kind === 'unit' ? unitAfter(change, home) : home.unit
      const { unitId: unitBefore, staffId, customers } = home
      return { unitBefore, unitAfter: ids.get(unit) ?? unitBefore, staffId, customers }
    })
    const people = rehearse(before, after, cells)
    return { people, unchanged: before.people.length - people.length }
  })
}

/** Where customers go is worked out from their counts: they are not moved to be moved back. */
async function tryOut(context: ActContext, change: RightsChange): Promise<void> {
  if (change.kind === 'unit') await changeTree(context.trx, context.clock, change)
  else await kindOf(change).apply(context, change)
}

function dayOf(clock: Clock, change: RightsChange): Day {
  const today = clock.today()
  if (change.kind !== 'post' && change.kind !== 'wall') return today
  return laterOf(change.action === 'end' ? change.to : change.from, today)
}

async function unitIds(trx: Trx): Promise<Map<string, number>> {
  const units = await trx.selectFrom('unit').select(['id', 'code']).limit(100_000).execute()
  return new Map(units.map((unit) => [unit.code, unit.id]))
}
