/** Which earlier loads a file corrects. What is corrected goes out of force; a new delivery stands beside the earlier ones. */
import type pg from 'pg'
import type { Feed } from '../../feeds/feed.ts'
import type { Day } from '../../kit/day.ts'
import { dayOfName } from '../../lake/named-day.ts'
import { logicalNameOf } from './account.ts'

/** An earlier load in force. Its days are those of its accepted rows; null when it has none. */
export interface EarlierLoad {
  id: number
  firstDay: Day | null
  lastDay: Day | null
}

/**
 * Of the earlier loads of this feed and name, those that the file corrects. A feed without a business day says how
 * things are, so a file of the same name replaces the earlier one; so does a file whose name says its day. Under a name
 * without a day ('in-transit.csv', delivered daily) only a file about some of the same days corrects; otherwise it is
 * the next delivery, and the earlier one stays in force.
 */
export function corrected(
  feed: Pick<Feed, 'dayColumn'>,
  file: { name: string; firstDay: Day | undefined; lastDay: Day | undefined },
  earlier: readonly EarlierLoad[],
): EarlierLoad[] {
  if (!feed.dayColumn || dayOfName(file.name)) return [...earlier]
  const { firstDay, lastDay } = file
  if (!firstDay || !lastDay) return []
  return earlier.filter((load) => load.firstDay && load.lastDay && load.firstDay <= lastDay && load.lastDay >= firstDay)
}

/** Loads in force of this feed and name, newest first. */
export async function earlierLoads(client: pg.PoolClient, feed: string, name: string): Promise<EarlierLoad[]> {
  const found = await client.query<{ id: number; first_day: Day | null; last_day: Day | null }>(
    `select id, first_day, last_day from load
     where feed = $1 and logical_name = $2 and status = 'loaded' and superseded_by_id is null order by id desc`,
    [feed, logicalNameOf(name)],
  )
  return found.rows.map((row) => ({ id: row.id, firstDay: row.first_day, lastDay: row.last_day }))
}
