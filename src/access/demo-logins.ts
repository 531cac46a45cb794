/** Sign-ins of the demo bank: one per shipped role, each with a password that is kept readable. Never outside demo mode. */
import type { Output } from '../contract/endpoint.ts'
import type { demoSignIns } from '../contract/session.ts'
import { type Database, everything } from '../db/database.ts'
import { audit } from './audit.ts'
import { nobody } from './login.ts'
import { hashPassword, readablePassword } from './password.ts'
import type { ShippedRoleCode } from './roles.ts'

export type DemoLogin = Output<typeof demoSignIns>['logins'][number]

/**
 * One sign-in per role with a name from the staff, each with a random password that is kept readable. Only for the demo
 * bank: call it in demo mode and never elsewhere. Calling again keeps what is there.
 */
export async function ensureDemoLogins(db: Database): Promise<DemoLogin[]> {
  const known = new Set((await demoLogins(db)).map((login) => login.role.code))
  for (const [role, wanted] of Object.entries(demoStaff) as [keyof typeof demoStaff, string][]) {
    if (!known.has(role)) await makeDemoLogin(db, role, wanted)
  }
  return demoLogins(db)
}

async function makeDemoLogin(db: Database, role: keyof typeof demoStaff, wanted: string): Promise<void> {
  const staff = await db.owner.query<{ id: number; name: string; unit_id: number }>(wanted)
  const person = staff.rows[0]
  const unitId = person?.unit_id ?? (await rootUnit(db))
  if (unitId === undefined) return
  const name = demoNames[role]
  const password = readablePassword()
  const made = await db.owner.query(
    `with made as (insert into login (name, display_name, password_hash, staff_id, demo_password)
       values ($1, $2, $3, $4, $5) on conflict (name) do nothing returning id)
     insert into post (login_id, role, unit_id) select id, $6, $7 from made`,
    [name, person?.name ?? name, await hashPassword(password), person?.id, password, role, unitId],
  )
  if (made.rowCount === 0) return
  const after = { role, unitId, demo: true }
  await db.withScope(everything, (trx) =>
    audit(trx, { who: 'strata', action: 'setLogin', noun: 'login', nounId: name, after }),
  )
}

/** The demo sign-ins; empty outside demo mode. */
export function demoLogins(db: Database): Promise<DemoLogin[]> {
  return db.withScope(nobody, async (trx) => {
    const rows = await trx
      .selectFrom('login')
      .innerJoin('post', 'post.login_id', 'login.id')
      .innerJoin('role', 'role.code', 'post.role')
      .innerJoin('unit', 'unit.id', 'post.unit_id')
      .distinctOn('login.id')
      .select(['login.name', 'login.demo_password as password', 'login.display_name'])
      .select([
        'role.code as roleCode',
        'role.name_zh',
        'role.name_en',
        'unit.code',
        'unit.name as unitName',
        'unit.name_en as unitNameEn',
      ])
      .where('login.demo_password', 'is not', null)
      .where('login.disabled_at', 'is', null)
      .orderBy('login.id')
      .orderBy('post.id')
      .limit(100)
      .execute()
    return rows.map((row) => ({
      name: row.name,
      password: row.password ?? '',
      displayName: row.display_name,
      role: { code: row.roleCode, zh: row.name_zh, en: row.name_en },
      unit: { code: row.code, name: row.unitName, nameEn: row.unitNameEn },
    }))
  })
}

// Whoever has most to see: the manager with the largest book, then their outlet and branch; the rest at the top.
const busiest = `select rm_id, count(*) as customers from party where rm_id is not null group by rm_id`
// A department of head office has no customers below it, and the call centre answers for the whole bank.
const ofRole = (role: string) => `select id, name, (select case when kind = 'department' then parent_id else id end
    from unit where unit.id = staff.unit_id) as unit_id from staff where role = '${role}' and left_on is null
  order by (select length(path) from unit where unit.id = staff.unit_id), id limit 1`
const demoStaff: Record<Exclude<ShippedRoleCode, 'program'>, string> = {
  relationshipManager: `select s.id, s.name, s.unit_id from staff s join (${busiest}) b on b.rm_id = s.id
    where s.left_on is null order by b.customers desc, s.id limit 1`,
  outletManager: `select id, name, unit_id from staff where role = 'outletManager' and left_on is null order by id limit 1`,
  branchManager: `select id, name, unit_id from staff where role = 'branchManager' and left_on is null order by id limit 1`,
  teller: ofRole('teller'),
  lobbyManager: ofRole('lobbyManager'),
  callCentreAgent: ofRole('callCentreAgent'),
  analyst: ofRole('analyst'),
  riskOfficer: ofRole('riskOfficer'),
  complianceOfficer: ofRole('complianceOfficer'),
  dataSteward: ofRole('dataSteward'),
  administrator: ofRole('administrator'),
  auditor: ofRole('auditor'),
}

const demoNames: Record<keyof typeof demoStaff, string> = {
  relationshipManager: 'manager',
  outletManager: 'outlet',
  branchManager: 'branch',
  teller: 'teller',
  lobbyManager: 'lobby',
  callCentreAgent: 'calls',
  analyst: 'analyst',
  riskOfficer: 'risk',
  complianceOfficer: 'compliance',
  dataSteward: 'data',
  administrator: 'admin',
  auditor: 'auditor',
}

async function rootUnit(db: Database): Promise<number | undefined> {
  const found = await db.owner.query<{ id: number }>('select id from unit order by length(path), id limit 1')
  return found.rows[0]?.id
}
