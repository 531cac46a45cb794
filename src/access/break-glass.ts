/**
 * Break-glass accounts (应急账户): an administrator's rights for the day on which nothing else opens. Made on the machine,
 * kept in an envelope; the first use starts the hours that are left to it, and every use raises an alert.
 */
import { sql } from 'kysely'
import { type Database, nobodyAs } from '../db/database.ts'
import { type Clock, hoursAfter } from '../kit/clock.ts'
import { addDays } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { hashPassword, readableSecret } from './password.ts'

export interface BreakGlassRequest {
  name: string
  /** From the first use. */
  hours: number
  /** Unused, it ends after so many days. */
  days: number
}

export interface BreakGlassMade {
  name: string
  /** Told this once. */
  password: string
  hours: number
  validUntil: string
}

/** Makes one, or makes a spent one anew with another password. Refuses name_taken for somebody's sign-in. Audited. */
export async function makeBreakGlass(db: Database, clock: Clock, asked: BreakGlassRequest): Promise<BreakGlassMade> {
  const name = asked.name.trim().toLowerCase()
  const { hours, days } = asked
  const password = readableSecret(5)
  const passwordHash = await hashPassword(password)
  const validUntil = hoursAfter(clock.millis(), days * 24)
  await db.withScope(nobodyAs('strata'), async (trx) => {
    const { rows } = await sql<{ id: number }>`
      insert into login (name, display_name, password_hash, kind, valid_until, use_hours)
      values (${name}, ${name}, ${passwordHash}, 'breakGlass', ${validUntil}, ${hours})
      on conflict (name) do update set password_hash = excluded.password_hash, valid_until = excluded.valid_until,
        use_hours = excluded.use_hours, last_sign_in_at = null, disabled_at = null where login.kind = 'breakGlass'
      returning id`.execute(trx)
    const id = rows[0]?.id ?? refuse('name_taken', { name })
    await sql`delete from session where login_id = ${id}`.execute(trx)
    await sql`delete from login_lock where login_id = ${id}`.execute(trx)
    // One that ended, or ends before the account does, opens nothing on the day on which it is needed
    await sql`insert into post (login_id, role, unit_id)
      select ${id}, 'administrator', top.id from (select id from unit where parent_id is null order by id limit 1) top
      where not exists (select from post p where p.login_id = ${id} and p.role = 'administrator' and p.unit_id = top.id
        and p.from_day <= ${clock.today()} and p.to_day > ${addDays(clock.today(), days)})`.execute(trx)
    await audit(trx, {
      who: 'strata',
      action: 'makeBreakGlass',
      noun: 'login',
      nounId: name,
      after: { hours, validUntil },
    })
  })
  return { name, password, hours, validUntil }
}
