/** Delegations: who checks in whose place while that person is away. Audited; only a person delegates, never a key. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { checkPermissions, type delegation } from '../contract/approvals.ts'
import type { Trx } from '../db/database.ts'
import { present } from '../kit/assert.ts'
import type { Clock } from '../kit/clock.ts'
import { type Day, daysBetween } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { mayDo, rightsOf, rightsOfEach, type Session } from './session.ts'

const daysMax = 92
const shownMax = 500

type Delegation = z.output<typeof delegation>

/** Those who are away today and have asked this person to check in their place, with their rights. */
export async function absentFor(trx: Trx, clock: Clock, loginId: number): Promise<Session[]> {
  const today = clock.today()
  const { rows } = await sql<{ from_id: number }>`select distinct from_id from delegation
    where to_id = ${loginId} and from_day <= ${today} and to_day > ${today} and ended_at is null
    order by from_id limit ${shownMax}`.execute(trx)
  if (rows.length === 0) return []
  return rightsOfEach(
    trx,
    clock,
    rows.map((row) => row.from_id),
  )
}

/** Given and received, newest first. */
export async function listDelegations(trx: Trx, session: Session): Promise<Delegation[]> {
  return read(trx, session, sql`(d.from_id = ${session.loginId} or d.to_id = ${session.loginId})`)
}

/** People who check something themselves: whom one can ask to stand in. */
export async function colleaguesOf(trx: Trx, clock: Clock, session: Session): Promise<Delegation['to'][]> {
  const today = clock.today()
  const { rows } = await sql<Delegation['to']>`select distinct l.name as login, l.display_name as name
    from login l join post p on p.login_id = l.id join role r on r.code = p.role
    where l.disabled_at is null and l.kind = 'person' and l.id <> ${session.loginId}
      and p.from_day <= ${today} and p.to_day > ${today} and r.permissions && ${[...checkPermissions]}::text[]
    order by 1 limit ${shownMax}`.execute(trx)
  return rows
}

/**
 * From a day until a day, at most 92. Refuses check_needs_person by a key, not_found for an unknown sign-in, and
 * input_invalid for a span that is none or a colleague who holds no post that checks.
 */
export async function createDelegation(
  trx: Trx,
  clock: Clock,
  session: Session,
  given: { to: string; fromDay: Day; toDay: Day; reason: string; address: string },
): Promise<Delegation> {
  if (session.byKey) refuse('check_needs_person')
  const { fromDay, toDay } = given
  const days = daysBetween(fromDay, toDay)
  if (days < 1 || days > daysMax || toDay <= clock.today())
    refuse('input_invalid', {
      field: 'toDay',
      reason: `comes 1 to ${daysMax} days after fromDay, and after today`,
      reasonZh: `应在起始日之后 1 至 ${daysMax} 天，且晚于今天`,
    })
  const found = await trx.selectFrom('login').select(['id']).where('name', '=', given.to).executeTakeFirst()
  const colleague = found && (await rightsOf(trx, clock, found.id))
  if (!colleague) refuse('not_found', { what: given.to })
  const checks = checkPermissions.some((permission) => mayDo(colleague, permission))
  if (!checks || colleague.loginId === session.loginId)
    refuse('input_invalid', {
      field: 'to',
      reason: 'is a colleague who holds a post that checks',
      reasonZh: '应为持有复核岗位的同事',
    })
  const { rows } = await sql<{ id: number }>`insert into delegation
      (from_id, to_id, from_day, to_day, reason, recorded_at)
    values (${session.loginId}, ${colleague.loginId}, ${fromDay}, ${toDay}, ${given.reason}, ${clock.now()})
    returning id`.execute(trx)
  const id = present(rows[0], 'the delegation just written').id
  await audit(trx, {
    who: session.who,
    action: 'delegate',
    noun: 'delegation',
    nounId: String(id),
    after: { to: given.to, fromDay, toDay },
    reason: given.reason,
    address: given.address,
  })
  return one(trx, session, id)
}

/** At once; by whoever gave it. Refuses not_found, check_needs_person. */
export async function endDelegation(
  trx: Trx,
  clock: Clock,
  session: Session,
  given: { id: number; address: string },
): Promise<Delegation> {
  if (session.byKey) refuse('check_needs_person')
  const found = await one(trx, session, given.id)
  if (!found.isMine) refuse('not_found', { what: `delegation ${given.id}`, whatZh: `复核代理 ${given.id}` })
  if (found.endedAt !== null) return found
  await sql`update delegation set ended_at = ${clock.now()} where id = ${given.id}`.execute(trx)
  const entry = { action: 'endDelegation', noun: 'delegation', nounId: String(given.id) }
  await audit(trx, { who: session.who, ...entry, before: { to: found.to.login }, address: given.address })
  return one(trx, session, given.id)
}

async function one(trx: Trx, session: Session, id: number): Promise<Delegation> {
  const [found] = await read(trx, session, sql`d.id = ${id}`)
  return found ?? refuse('not_found', { what: `delegation ${id}`, whatZh: `复核代理 ${id}` })
}

async function read(trx: Trx, session: Session, where: ReturnType<typeof sql>): Promise<Delegation[]> {
  const { rows } = await sql<{
    id: number
    from: Delegation['from']
    to: Delegation['to']
    from_id: number
    from_day: string
    to_day: string
    reason: string
    ended_at: Date | null
  }>`select d.id, d.from_id, d.from_day, d.to_day, d.reason, d.ended_at,
      json_build_object('login', f.name, 'name', f.display_name) as "from",
      json_build_object('login', t.name, 'name', t.display_name) as "to"
    from delegation d join login f on f.id = d.from_id join login t on t.id = d.to_id
    where ${where} order by d.id desc limit ${shownMax}`.execute(trx)
  return rows.map((row) => ({
    id: row.id,
    from: row.from,
    to: row.to,
    fromDay: row.from_day,
    toDay: row.to_day,
    reason: row.reason,
    endedAt: row.ended_at?.toISOString() ?? null,
    isMine: row.from_id === session.loginId,
  }))
}
