/**
 * The login of whoever comes from the bank's own sign-on: found by what never changes, made at the first time, with
 * posts after the groups of today. Posts given by hand stay.
 */
import { sql } from 'kysely'
import type { Database, Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { Refused, refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { nobody } from './login.ts'
import { tellSessions } from './sessions.ts'
import type { Identity } from './single-sign-on.ts'

/** A group, and the post that whoever is in it holds. */
export interface GroupPost {
  group: string
  role: string
  unit: string
}

/**
 * Finds or makes the login and brings its posts up to date. Refuses sso_no_post when there is none left, name_taken
 * when another login has the name, and sign_in_locked. Audited.
 */
export async function enterBySingleSignOn(
  db: Database,
  clock: Clock,
  identity: Identity,
  given: { rules: readonly GroupPost[]; address: string },
): Promise<{ loginId: number }> {
  const { address } = given
  const entered = await db.withScope(nobody, async (trx) => {
    const login = await loginOf(trx, identity)
    if (login.locked) return { refused: 'sign_in_locked' as const, who: `login:${login.id}` }
    await followStaff(trx, login.id, identity)
    const posts = await followGroups(trx, clock, login.id, wantedPosts(identity, given.rules), address)
    // The posts of yesterday are gone all the same: what the groups no longer say must not hold
    if (posts === 0) return { refused: 'sso_no_post' as const, who: `login:${login.id}` }
    return { loginId: login.id }
  })
  if ('loginId' in entered) return { loginId: entered.loginId }
  await db.withScope(nobody, (trx) =>
    audit(trx, { who: entered.who, action: 'signInRefused', noun: 'login', reason: entered.refused, address }),
  )
  throw new Refused(entered.refused)
}

/** In place of a hash: no password opens it, and the first who comes by that name from the bank's own sign-on has it. */
export const bySingleSignOn = 'single sign-on'

async function loginOf(trx: Trx, identity: Identity): Promise<{ id: number; locked: boolean }> {
  const { subject, name, displayName } = identity
  const known = await trx
    .selectFrom('login')
    .leftJoin('login_lock', 'login_lock.login_id', 'login.id')
    .select(['id', 'locked_at', 'disabled_at'])
    .where('oidc_subject', '=', subject)
    .executeTakeFirst()
  if (known) return { id: known.id, locked: known.locked_at !== null || known.disabled_at !== null }
  // A name alone proves nothing: a login with that name stays whose it is, unless it was made to be met by this way
  const made = await trx
    .insertInto('login')
    .values({ name, display_name: displayName, password_hash: bySingleSignOn, oidc_subject: subject })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ oidc_subject: subject })
        .where('login.password_hash', '=', bySingleSignOn)
        .where('login.oidc_subject', 'is', null)
        .where('login.disabled_at', 'is', null),
    )
    .returning('id')
    .executeTakeFirst()
  if (!made) refuse('name_taken', { name })
  await audit(trx, {
    who: 'strata',
    action: 'makeLogin',
    noun: 'login',
    nounId: String(made.id),
    after: { origin: 'oidc' },
  })
  return { id: made.id, locked: false }
}

async function followStaff(trx: Trx, loginId: number, { displayName, staffCode }: Identity): Promise<void> {
  await sql`update login set display_name = ${displayName},
    staff_id = coalesce((select id from staff where code = ${staffCode} and left_on is null), staff_id)
    where id = ${loginId}`.execute(trx)
}

function wantedPosts({ groups }: Identity, rules: readonly GroupPost[]): { role: string; unit: string }[] {
  return rules.filter((rule) => groups.includes(rule.group))
}

/** Brings the posts by groups up to date, and says how many posts the login holds today by whatever way. */
async function followGroups(
  trx: Trx,
  clock: Clock,
  loginId: number,
  wanted: readonly { role: string; unit: string }[],
  address: string,
): Promise<number> {
  const today = clock.today()
  const asked = sql`(select r.code as role, u.id as unit_id
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w (role text, unit text)
    join role r on r.code = w.role join unit u on u.code = w.unit)`
  const held = sql`login_id = ${loginId} and origin = 'oidc' and to_day > ${today}`
  const unwanted = sql`${held} and (role, unit_id) not in (select role, unit_id from ${asked} a)`
  const gone = await sql`delete from post where ${unwanted} and from_day >= ${today}`.execute(trx)
  const ended = await sql`update post set to_day = ${today} where ${unwanted}`.execute(trx)
  const added = await sql`insert into post (login_id, role, unit_id, from_day, origin)
    select distinct ${loginId}::int, role, unit_id, ${today}::date, 'oidc' from ${asked} a
    where (role, unit_id) not in (select role, unit_id from post where ${held})`.execute(trx)
  const changes = [gone, ended, added].map((one) => Number(one.numAffectedRows ?? 0n))
  if (changes.some((count) => count > 0)) {
    const after = { posts: wanted, ended: (changes[0] ?? 0) + (changes[1] ?? 0), added: changes[2] }
    await audit(trx, { who: 'strata', action: 'followGroups', noun: 'login', nounId: String(loginId), after, address })
  }
  const { rows } = await sql<{ posts: number }>`select count(*)::int as posts from post
    where login_id = ${loginId} and from_day <= ${today} and to_day > ${today}`.execute(trx)
  return rows[0]?.posts ?? 0
}

/** Ends the sessions of which the provider says that they ended there; returns how many. Audited. */
export function endSingleSignOnSessions(
  db: Database,
  ended: { session: string | null; subject: string | null },
  address: string,
): Promise<number> {
  return db.withScope(nobody, async (trx) => {
    const which =
      ended.session !== null
        ? sql`oidc_session = ${ended.session}`
        : sql`login_id = (select id from login where oidc_subject = ${ended.subject})`
    const { rows } = await sql<{ login_id: number }>`delete from session where origin = 'oidc' and ${which}
      returning login_id`.execute(trx)
    for (const loginId of new Set(rows.map((row) => row.login_id))) {
      await tellSessions(trx, loginId)
      const after = { count: rows.length, by: 'oidc' }
      await audit(trx, { who: 'strata', action: 'endSessions', noun: 'login', nounId: String(loginId), after, address })
    }
    return rows.length
  })
}
