/** What a kind of approval is: how a change is read against the record, and how it is applied once it is approved. */
import type { Session } from '../access/session.ts'
import type { Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'

export interface ActContext {
  trx: Trx
  clock: Clock
  /** Whose proposal it is. */
  proposer: Session
}

/** The subject of a change as it is and as it would be. Made anew at the decision: another `before` means stale. */
export interface Prepared {
  subject: string
  before: unknown
  after: unknown
  /** Where it belongs; its proposer's and its checker's posts are at or above it. */
  unitId: number
  /** Whose rights it changes, when it is one person's. */
  concernsId: number | null
}

export interface Kind<Change> {
  /** Refuses what cannot be. */
  prepare(context: ActContext, change: Change): Promise<Prepared>
  /** In the transaction of the decision. */
  apply(context: ActContext, change: Change): Promise<void>
}
