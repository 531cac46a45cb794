/** Sign-ins of a bank's own people, made by whoever runs the machine. The demo bank's are made in demo-logins.ts. */
import { sql } from 'kysely'
import { type Database, everything, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { byName, forgetAttempts } from './attempts.ts'
import { audit } from './audit.ts'
import { hashPassword, readablePassword } from './password.ts'
import { tellSessions } from './sessions.ts'
import { bySingleSignOn } from './single-sign-on-login.ts'

const needed = { reason: 'is needed for a new sign-in', reasonZh: '新建账户时必填' }

export interface LoginRequest {
  /** What is typed at sign-in; lower case. */
  name: string
  /** Code of a role of this bank; needed for a new sign-in, else what it was. */
  role?: string
  /** Code of the unit whose customers it sees; needed for a new sign-in. */
  unit?: string
  /** Staff code: whose book it is. A role that sees a book only needs it. */
  staff?: string
  disable?: boolean
  /** Comes by the bank's own sign-on: no password here. */
  sso?: boolean
}

export interface LoginSet {
  name: string
  role: string
  unit: string
  staff: string | null
  /** New, told this once; null for a disabled one and for one of the bank's own sign-on. */
  password: string | null
}

/**
 * Makes a sign-in or changes it; either way it gets a new password, and its sessions end. `disable` ends sessions and
 * keys for good, until it is set again. Refuses input_invalid and not_found. Audited.
 */
export async function setLogin(db: Database, clock: Clock, asked: LoginRequest): Promise<LoginSet> {
  const name = asked.name.trim().toLowerCase()
  if (!/^[\p{L}\p{N}._@-]{2,80}$/u.test(name)) {
    refuse('input_invalid', {
      field: 'name',
      reason: 'takes 2 to 80 of a-z 0-9 . _ @ -',
      reasonZh: '应为 2 至 80 个字符：a-z 0-9 . _ @ -',
    })
  }
  const password = asked.disable || asked.sso ? null : readablePassword()
  // Without a hash no password opens it; checkPassword takes any text that is none for a wrong password
  const hash = password === null ? (asked.sso ? bySingleSignOn : 'disabled') : await hashPassword(password)
  return db.withScope(everything, async (trx) => {
    const before = await found(trx, clock, name)
    if (!before && asked.disable) refuse('not_found', { what: name, whatZh: name })
    const role = await roleOf(
      trx,
      asked.role ?? before?.role ?? refuse('input_invalid', { field: '--role', ...needed }),
    )
    const unit = await unitOf(
      trx,
      asked.unit ?? before?.unit ?? refuse('input_invalid', { field: '--unit', ...needed }),
    )
    const staffCode = asked.staff ?? before?.staff ?? null
    if (role.customers === 'book' && staffCode === null) {
      refuse('input_invalid', {
        field: '--staff',
        reason: 'is needed for a role that sees a book only',
        reasonZh: '必填：该角色只看名下客户',
      })
    }
    const staff = staffCode === null ? null : await staffOf(trx, staffCode)
    const { rows } = await sql<{
      id: number
    }>`insert into login (name, display_name, password_hash, staff_id, disabled_at)
      values (${name}, ${staff?.name ?? name}, ${hash}, ${staff?.id ?? null},
        case when ${asked.disable === true} then now() end)
      on conflict (name) do update set display_name = excluded.display_name, password_hash = excluded.password_hash,
        staff_id = excluded.staff_id, demo_password = null, password_temporary = false,
        disabled_at = excluded.disabled_at where login.kind = 'person' returning id`.execute(trx)
    const id = rows[0]?.id ?? refuse('name_taken', { name })
    if (before?.role !== role.code || before.unit !== unit.code) await setOnlyPost(trx, clock, id, role.code, unit.id)
    await sql`delete from session where login_id = ${id}`.execute(trx)
    await tellSessions(trx, id)
    await forgetAttempts(trx, byName(name))
    const after = { role: role.code, unit: unit.code, staff: staffCode, disabled: asked.disable === true }
    await audit(trx, { who: 'strata', action: 'setLogin', noun: 'login', nounId: name, before, after })
    return { name, role: role.code, unit: unit.code, staff: staffCode, password }
  })
}

/** From today on this is the one post; those that were stay on record until yesterday. */
async function setOnlyPost(trx: Trx, clock: Clock, loginId: number, role: string, unitId: number): Promise<void> {
  const today = clock.today()
  await sql`delete from post where login_id = ${loginId} and from_day >= ${today}`.execute(trx)
  await sql`update post set to_day = ${today} where login_id = ${loginId} and to_day > ${today}`.execute(trx)
  await sql`insert into post (login_id, role, unit_id, from_day) values (${loginId}, ${role}, ${unitId}, ${today})`.execute(
    trx,
  )
}

interface Known {
  role: string | null
  unit: string | null
  staff: string | null
}

/** The sign-in of that name with its newest post. */
async function found(trx: Trx, clock: Clock, name: string): Promise<Known | undefined> {
  const { rows } = await sql<Known>`
    select p.role, u.code as unit, s.code as staff from login l
    left join lateral (select role, unit_id from post where post.login_id = l.id and from_day <= ${clock.today()}
      and to_day > ${clock.today()} order by id desc limit 1) p on true
    left join unit u on u.id = p.unit_id left join staff s on s.id = l.staff_id where l.name = ${name}`.execute(trx)
  return rows[0]
}

async function roleOf(trx: Trx, code: string): Promise<{ code: string; customers: string }> {
  const row = await trx.selectFrom('role').select(['code', 'customers']).where('code', '=', code).executeTakeFirst()
  return row ?? refuse('not_found', { what: `role ${code}`, whatZh: `角色 ${code}` })
}

async function unitOf(trx: Trx, code: string): Promise<{ id: number; code: string }> {
  const row = await trx.selectFrom('unit').select(['id', 'code']).where('code', '=', code).executeTakeFirst()
  return row ?? refuse('not_found', { what: `unit ${code}`, whatZh: `机构 ${code}` })
}

async function staffOf(trx: Trx, code: string): Promise<{ id: number; name: string }> {
  const row = await trx.selectFrom('staff').select(['id', 'name']).where('code', '=', code).executeTakeFirst()
  return row ?? refuse('not_found', { what: `staff ${code}`, whatZh: `员工 ${code}` })
}
