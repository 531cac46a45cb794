/**
 * Where somebody stands to papers: the units whose papers they open, what for, and when. Written into the transaction,
 * where row-level security reads it (sql/0023_papers.sql), so that no query of ours can forget it.
 */
import { sql } from 'kysely'
import type { Keys } from '../../access/keys.ts'
import { placesOf, type Session } from '../../access/session.ts'
import type { PaperPurpose } from '../../contract/paper-words.ts'
import type { Permission } from '../../contract/permission.ts'
import { unitsSetting } from '../../db/connection.ts'
import type { Scope, Trx } from '../../db/database.ts'
import type { Clock } from '../../kit/clock.ts'
import { refuse } from '../../kit/refusal.ts'
import { minus, only } from '../../kit/unit-set.ts'

/** Whoever is at work, and with what. */
export interface AtWork {
  session: Session
  scope: Scope
  keys: Keys
  clock: Clock
  /** Network address, for audit entries. */
  address: string
}

/**
 * From here on the transaction stands where `permission` is held: at its units and above, but for those behind a wall.
 * Before every statement that names a paper's content, a request or a reuse.
 */
export async function standBy(
  trx: Trx,
  { session, scope, clock }: Pick<AtWork, 'session' | 'scope' | 'clock'>,
  permission: Permission,
  purpose?: PaperPurpose,
): Promise<void> {
  const places = minus(placesOf(session, permission), only(scope.walled))
  await sql`select set_config('strata.places', ${unitsSetting(places)}, true),
    set_config('strata.purpose', ${purpose ?? ''}, true), set_config('strata.at', ${clock.now()}, true)`.execute(trx)
}

/** The unit that acts: of the posts with the permission the nearest one above the customer, else the first. */
export function actingUnit(session: Session, permission: Permission, homeUnitId: number): number {
  const posts = session.posts.filter((post) => post.permissions.includes(permission))
  const above = posts
    .filter(({ subtree }) => subtree === null || subtree.includes(homeUnitId))
    .sort((a, b) => (a.subtree?.length ?? Infinity) - (b.subtree?.length ?? Infinity))
  return (above[0] ?? posts[0] ?? refuse('permission_missing', { permission })).unit.id
}

export const paperNamed = (id: number) => ({ what: `paper ${id}`, whatZh: `材料 ${id}` })
