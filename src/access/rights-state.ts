/** The rights of everybody on a day, out of the record; and where the customers are, counted by unit and book. */
import { sql } from 'kysely'
import { customerScopes } from '../contract/permission.ts'
import type { Trx } from '../db/database.ts'
import type { Day } from '../kit/day.ts'
import { editsOfRole, fieldsOfRole } from './fields.ts'
import type { RightsState, RoleFacts } from './rehearse.ts'
import { knownPermissions } from './roles.ts'

/** People with an open sign-in (all, or those named), their posts, the roles, the tree and the walls as of `day`. */
export async function readRightsState(trx: Trx, day: Day, logins?: readonly string[]): Promise<RightsState> {
  const named = logins === undefined ? sql`true` : sql`l.name = any(${[...logins]}::text[])`
  const people = await sql<RightsState['people'][number]>`select l.name as login, l.display_name as name,
      l.staff_id as "staffId", coalesce(json_agg(json_build_object('role', p.role, 'unitId', p.unit_id) order by p.id)
        filter (where p.id is not null), '[]') as posts
    from login l left join post p on p.login_id = l.id and p.from_day <= ${day} and p.to_day > ${day}
    where l.disabled_at is null and ${named} group by l.id order by l.name limit 100000`.execute(trx)
  const roles = await trx
    .selectFrom('role')
    .select(['code', 'customers', 'permissions', 'fields', 'edits'])
    .limit(1000)
    .execute()
  const units = await trx.selectFrom('unit').select(['id', 'parent_id']).limit(100_000).execute()
  const walls = await sql<RightsState['walls'][number]>`select around_id as "aroundId", against_id as "againstId"
    from wall where from_day <= ${day} and to_day > ${day} order by id limit 10000`.execute(trx)
  return {
    people: people.rows,
    roles: new Map(roles.map((role) => [role.code, roleFacts(role)])),
    parents: new Map(units.map((unit) => [unit.id, unit.parent_id])),
    walls: walls.rows,
  }
}

function roleFacts(role: { customers: string; permissions: string[]; fields: unknown; edits: string[] }): RoleFacts {
  return {
    customers: customerScopes.find((scope) => scope === role.customers) ?? 'none',
    permissions: knownPermissions(role.permissions),
    fields: fieldsOfRole(role.fields),
    edits: editsOfRole(role.edits),
  }
}

export interface Home {
  unitId: number
  unit: string
  staffId: number | null
  rm: string | null
  customers: number
}

/** Customers by unit and relationship manager. Counts alone; wants a scope that sees everybody. */
export async function countHomes(trx: Trx): Promise<Home[]> {
  const { rows } = await sql<Home>`select h.unit_id as "unitId", u.code as unit, h.rm_id as "staffId", s.code as rm,
      h.customers::int as customers
    from (select unit_id, rm_id, count(*) as customers from party group by unit_id, rm_id) h
    join unit u on u.id = h.unit_id left join staff s on s.id = h.rm_id
    order by h.unit_id, h.rm_id limit 1000000`.execute(trx)
  return rows
}
