/**
 * What an administrator does to somebody's sign-in: make it, lock and unlock it, give a new password, take a lost second
 * factor. Each asks for re-entry and for users.manage at the top of the tree, is never done to oneself, and is audited.
 */
import { sql } from 'kysely'
import { checkPermissions } from '../contract/approvals.ts'
import type { RoleRef } from '../contract/permission.ts'
import { type Database, nobodyAs, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { byCode, byName, forgetAttempts } from './attempts.ts'
import { audit } from './audit.ts'
import { stayGoverned } from './governed.ts'
import { hashPassword, readableSecret } from './password.ts'
import { mustHaveReentered } from './reentry.ts'
import { deleteSecondFactor } from './second-factor.ts'
import { raiseAlert } from './security-alerts.ts'
import type { Session } from './session.ts'
import { tellSessions } from './sessions.ts'
import { bySingleSignOn } from './single-sign-on-login.ts'

/** Whom it is done to, and from where. */
export interface Target {
  id: number
  address: string
}

/** Ends sessions at once and refuses new ones, keys too, until unlocked. Locking twice keeps the first reason. */
export function lockUser(
  db: Database,
  clock: Clock,
  session: Session,
  target: Target & { reason: string },
): Promise<void> {
  return onOther(db, clock, session, target, async (trx) => {
    const { reason } = target
    await stayGoverned(trx, clock.today(), async () => {
      await sql`insert into login_lock (login_id, locked_at, locked_by, reason)
        values (${target.id}, ${clock.now()}, ${session.loginId}, ${reason}) on conflict do nothing`.execute(trx)
    })
    await endAll(trx, target.id)
    return { action: 'lockUser', reason }
  })
}

/** Refuses not_found for one that is not locked. */
export function unlockUser(db: Database, clock: Clock, session: Session, target: Target): Promise<void> {
  return onOther(db, clock, session, target, async (trx, user) => {
    const { rows } = await sql<{ reason: string }>`delete from login_lock where login_id = ${target.id}
      returning reason`.execute(trx)
    const [lock] = rows
    if (!lock) refuse('not_found', { what: `lock of user ${target.id}`, whatZh: `用户 ${target.id} 的锁定` })
    for (const counted of [byName(user.name), byCode(target.id)]) await forgetAttempts(trx, counted)
    return { action: 'unlockUser', before: { reason: lock.reason } }
  })
}

/**
 * A new password, told this once; the person must set one of their own at the next sign-in. Sessions end. Refuses
 * password_elsewhere for whoever has none here: programs, and people of the bank's own sign-on.
 */
export async function resetPassword(db: Database, clock: Clock, session: Session, target: Target): Promise<string> {
  const password = readableSecret(4)
  const passwordHash = await hashPassword(password)
  await onOther(db, clock, session, target, async (trx, user) => {
    if (user.kind !== 'person' || user.oidc_subject !== null || user.password_hash === bySingleSignOn)
      refuse('password_elsewhere')
    await tellOfChecker(trx, clock, target)
    await trx
      .updateTable('login')
      .set({ password_hash: passwordHash, demo_password: null, password_temporary: true })
      .where('id', '=', target.id)
      .execute()
    await endAll(trx, target.id)
    await forgetAttempts(trx, byName(user.name))
    return { action: 'resetPassword' }
  })
  return password
}

/** For whoever lost device and recovery codes: they enrol anew at the next sign-in where a role asks for it. */
export function takeSecondFactor(db: Database, clock: Clock, session: Session, target: Target): Promise<void> {
  return onOther(db, clock, session, target, async (trx) => {
    await tellOfChecker(trx, clock, target)
    await deleteSecondFactor(trx, target.id)
    await endAll(trx, target.id)
    return { action: 'takeSecondFactor' }
  })
}

/**
 * Whoever signs in as a checker could approve what they proposed themselves: somebody else looks at it. Also where the
 * checker is locked now, for a lock can be taken off.
 */
async function tellOfChecker(trx: Trx, clock: Clock, { id, address }: Target): Promise<void> {
  const { rows } = await sql`select from post p join role r on r.code = p.role
    where p.login_id = ${id} and p.to_day > ${clock.today()} and r.permissions && ${[...checkPermissions]}::text[]
    limit 1`.execute(trx)
  if (rows.length) await raiseAlert(trx, clock, { kind: 'checkerReset', about: `login:${id}`, loginId: id, address })
}

export interface PersonRequest {
  name: string
  displayName: string
  /** Code of the member of staff: whose book it is. */
  staff?: string | undefined
  way: 'password' | 'singleSignOn'
  address: string
}

/**
 * A login for one of the bank's people. It has no post yet, so it sees nothing; its password is told this once and must
 * be replaced at the first sign-in. Refuses reentry_needed, key_needs_person, name_taken, staff_taken, not_found. Audited.
 */
export async function makePerson(
  db: Database,
  clock: Clock,
  session: Session,
  asked: PersonRequest,
): Promise<{ id: number; password: string | null }> {
  mustHaveReentered(session, clock)
  const { name, displayName, staff, way, address } = asked
  const password = way === 'password' ? readableSecret(4) : null
  const passwordHash = password === null ? bySingleSignOn : await hashPassword(password)
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const made = await trx
      .insertInto('login')
      .values({
        name,
        display_name: displayName,
        password_hash: passwordHash,
        password_temporary: password !== null,
        staff_id: staff === undefined ? null : await staffId(trx, staff),
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!made) refuse('name_taken', { name })
    const { who } = session
    const after = { name, staff, way }
    await audit(trx, { who, action: 'makePerson', noun: 'login', nounId: String(made.id), after, address })
    return { id: made.id, password }
  })
}

/** The member of staff, held so that two requests take turns. */
async function staffId(trx: Trx, code: string): Promise<number> {
  const { rows } = await sql<{ id: number; taken: string | null }>`select id,
      (select min(name) from login where staff_id = staff.id and disabled_at is null) as taken
    from staff where code = ${code} and left_on is null for update of staff`.execute(trx)
  const [found] = rows
  if (!found) refuse('not_found', { what: `staff ${code}`, whatZh: `员工 ${code}` })
  if (found.taken !== null) refuse('staff_taken', { staff: code, name: found.taken })
  return found.id
}

/** Each role, whether it asks for a second factor, how many people hold it and how many of them have one. */
export function listRoleFactors(db: Database, clock: Clock, session: Session): Promise<RoleFactor[]> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const day = clock.today()
    const { rows } = await sql<{
      code: string
      zh: string
      en: string
      needed: boolean
      people: number
      enrolled: number
      toEnrol: number
    }>`
      select r.code, r.name_zh as zh, r.name_en as en, r.second_factor as needed,
        count(distinct l.id)::int as people, count(distinct t.login_id)::int as enrolled,
        count(distinct l.id) filter (where t.login_id is null and l.oidc_subject is null
          and l.password_hash <> ${bySingleSignOn})::int as "toEnrol"
      from role r left join post p on p.role = r.code and p.from_day <= ${day} and p.to_day > ${day}
        left join login l on l.id = p.login_id and l.kind = 'person' and l.disabled_at is null
        left join totp t on t.login_id = l.id and t.confirmed_at is not null
      group by r.code order by r.code limit 200`.execute(trx)
    return rows.map(({ code, zh, en, ...counts }) => ({ role: { code, zh, en }, ...counts }))
  })
}

export interface RoleFactor {
  role: RoleRef
  needed: boolean
  people: number
  enrolled: number
  toEnrol: number
}

/** Whether a role asks for a second factor; binds at the next request of whoever holds it. Refuses not_found. */
export async function setRoleFactor(
  db: Database,
  clock: Clock,
  session: Session,
  asked: { role: string; needed: boolean; address: string },
): Promise<void> {
  mustHaveReentered(session, clock)
  await db.withScope(nobodyAs(session.who), async (trx) => {
    const { role, needed, address } = asked
    const before = await trx.selectFrom('role').select('second_factor').where('code', '=', role).executeTakeFirst()
    if (!before) refuse('not_found', { what: `role ${role}`, whatZh: `角色 ${role}` })
    await trx.updateTable('role').set({ second_factor: needed }).where('code', '=', role).execute()
    await audit(trx, {
      who: session.who,
      action: 'setRoleFactor',
      noun: 'role',
      nounId: role,
      before: { secondFactor: before.second_factor },
      after: { secondFactor: needed },
      address,
    })
  })
}

interface Done {
  action: string
  reason?: string
  before?: object
}

interface Held {
  name: string
  kind: string
  oidc_subject: string | null
  password_hash: string
}

/** Refuses reentry_needed, own_account, not_found; writes the audit entry of what was done. */
function onOther(
  db: Database,
  clock: Clock,
  session: Session,
  { id, address }: Target,
  act: (trx: Trx, user: Held) => Promise<Done>,
): Promise<void> {
  mustHaveReentered(session, clock)
  if (id === session.loginId) refuse('own_account')
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const user = await trx
      .selectFrom('login')
      .select(['name', 'kind', 'oidc_subject', 'password_hash'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (!user) refuse('not_found', { what: `user ${id}`, whatZh: `用户 ${id}` })
    const done = await act(trx, user)
    await audit(trx, { who: session.who, noun: 'login', nounId: String(id), address, ...done })
  })
}

async function endAll(trx: Trx, loginId: number): Promise<void> {
  await trx.deleteFrom('session').where('login_id', '=', loginId).execute()
  await tellSessions(trx, loginId)
}
