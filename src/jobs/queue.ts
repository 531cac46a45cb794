/** What happens later: jobs enter in the transaction of what asks for them, through the database's list of tasks. */
import { sql } from 'kysely'
import { audit } from '../access/audit.ts'
import type { Trx } from '../db/database.ts'
import { nightLockSpace } from '../db/lock.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'

/** Tasks and what each is given. Ids, days and codes only: a payload is stored in clear. */
export interface Tasks {
  night: { day: Day; scheme?: string; by: string }
  sweep: Record<string, never>
}

/** Adds a job; a second one with the same key replaces the first while that waits. */
export async function enqueue<Name extends keyof Tasks>(
  trx: Trx,
  name: Name,
  payload: Tasks[Name],
  key: string | null = null,
): Promise<void> {
  await sql`select strata.enqueue(${name}, ${JSON.stringify(payload)}::json, ${key})`.execute(trx)
}

/** Queues a night. Refuses night_busy while one of the scheme runs and night_day_invalid for a day that has not come. */
export async function queueNight(
  trx: Trx,
  asked: { day: Day; scheme?: string | undefined; by: string; address: string; today: Day },
): Promise<void> {
  const { day, today, by, address } = asked
  if (day > today)
    refuse('night_day_invalid', {
      day,
      reason: `it lies ahead (today is ${today})`,
      reasonZh: `尚未到来（今天 ${today}）`,
    })
  const scheme = asked.scheme ?? 'personal'
  const busy = await trx
    .selectFrom('night')
    .select(['id', 'day'])
    .where('scheme', '=', scheme)
    .where('status', '=', 'running')
    .executeTakeFirst()
  if (busy && !(await wasKilled(trx, scheme))) refuse('night_busy', { run: `${busy.id} (${busy.day})` })
  await enqueue(trx, 'night', { day, scheme, by }, `night:${scheme}:${day}`)
  await tell(trx, 'night', { state: 'queued', day })
  await audit(trx, { who: by, action: 'runNight', noun: 'night', after: { day, scheme }, address })
}

// Whoever runs a night holds its lock. One that is "running" without was killed; the worker finishes it first.
async function wasKilled(trx: Trx, scheme: string): Promise<boolean> {
  const found = await sql<{ free: boolean }>`
    select pg_try_advisory_xact_lock(${nightLockSpace}, hashtext(${scheme})) as free`.execute(trx)
  return found.rows[0]?.free === true
}

/** An event for whoever watches. */
export async function tell(trx: Trx, topic: 'load' | 'night' | 'proposals', payload: object): Promise<void> {
  await sql`insert into event (topic, payload) values (${topic}, ${JSON.stringify(payload)}::jsonb)`.execute(trx)
}
