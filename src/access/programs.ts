/**
 * Logins of other systems of the bank: a role at a unit, keys, no password. Whoever makes a key of one gives it nothing
 * that they could not do themselves.
 */
import { sql } from 'kysely'
import type { Output } from '../contract/endpoint.ts'
import type { listPrograms as listProgramsEndpoint, UserState } from '../contract/users.ts'
import { type Database, inUnits, nobodyAs } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { holds } from '../kit/unit-set.ts'
import { grantableOf, keysOf, type ProgramPost, postsOfProgram } from './api-keys.ts'
import { audit } from './audit.ts'
import { mustHaveReentered } from './reentry.ts'
import { placesOf, type Session } from './session.ts'
import { stateOf } from './user-list.ts'

type Program = Output<typeof listProgramsEndpoint>['rows'][number]

const programsShownMax = 500
const keysOfEachMax = 50

/** By name: those whose unit lies in one's own part of the tree. */
export function listPrograms(db: Database, clock: Clock, session: Session): Promise<Program[]> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const day = clock.today()
    const { rows } = await sql<{
      id: number
      name: string
      display_name: string
      state: UserState
      unit: { code: string; name: string }
      posts: ProgramPost[]
    }>`select l.id, l.name, l.display_name, ${stateOf(clock)} as state,
        json_build_object('code', u.code, 'name', u.name) as unit, ${postsOfProgram(day)} as posts
      from login l join lateral (select unit_id from post where post.login_id = l.id and from_day <= ${day}
          and to_day > ${day} order by id limit 1) first on true
        join unit u on u.id = first.unit_id left join login_lock k on k.login_id = l.id
      where l.kind = 'program' and ${inUnits(placesOf(session, 'programs.manage'), 'u.id')}
      order by l.name limit ${programsShownMax}`.execute(trx)
    const keys = await keysOf(
      trx,
      rows.map((row) => row.id),
    )
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      displayName: row.display_name,
      state: row.state,
      unit: row.unit,
      grantable: grantableOf(session, row.posts),
      keys: keys.filter((key) => key.login === row.name).slice(0, keysOfEachMax),
    }))
  })
}

export interface ProgramRequest {
  name: string
  displayName: string
  /** Code of the unit whose customers it sees. */
  unit: string
  address: string
}

/**
 * A login for another system of the bank, in the role `program`: keys, no password. Refuses reentry_needed, name_taken,
 * not_found, and permission_missing for a unit that is not in one's own part of the tree. Audited.
 */
export async function makeProgram(
  db: Database,
  clock: Clock,
  session: Session,
  asked: ProgramRequest,
): Promise<{ id: number }> {
  mustHaveReentered(session, clock)
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const { name, displayName, unit, address } = asked
    const place = await trx.selectFrom('unit').select('id').where('code', '=', unit).executeTakeFirst()
    if (!place) refuse('not_found', { what: `unit ${unit}`, whatZh: `机构 ${unit}` })
    if (!holds(placesOf(session, 'programs.manage'), place.id))
      refuse('permission_missing', { permission: `programs.manage (${unit})` })
    const made = await trx
      .insertInto('login')
      .values({ name, display_name: displayName, password_hash: 'none', kind: 'program' })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!made) refuse('name_taken', { name })
    const post = { login_id: made.id, role: 'program', unit_id: place.id, from_day: clock.today() }
    await trx.insertInto('post').values(post).execute()
    const { who } = session
    const after = { name, unit }
    await audit(trx, { who, action: 'makeProgram', noun: 'login', nounId: String(made.id), after, address })
    return made
  })
}
