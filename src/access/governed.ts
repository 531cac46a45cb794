/** A bank must not lock itself out: somebody who changes rights and somebody who checks it stay, where there were such. */
import { sql } from 'kysely'
import type { Permission } from '../contract/permission.ts'
import type { Trx } from '../db/database.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'

/** How many people who can sign in hold a permission on a day, through any post. */
export async function holdersOf(trx: Trx, permission: Permission, day: Day): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`select count(distinct l.id) as count
    from login l join post p on p.login_id = l.id join role r on r.code = p.role
    where l.disabled_at is null and not exists (select from login_lock k where k.login_id = l.id) and l.kind = 'person'
      and p.from_day <= ${day} and p.to_day > ${day} and ${permission} = any(r.permissions)`.execute(trx)
  return Number(rows[0]?.count ?? 0n)
}

const governedLock = 7_305_002

/**
 * Does `change` and refuses last_administrator when it leaves nobody, counted on `day`. Such changes take turns until their
 * transactions end, else two would each count on whom the other takes away.
 */
export async function stayGoverned(trx: Trx, day: Day, change: () => Promise<void>): Promise<void> {
  const guarded: readonly Permission[] = ['access.manage', 'access.check']
  const counts = async () => {
    const all: number[] = []
    for (const permission of guarded) all.push(await holdersOf(trx, permission, day))
    return all
  }
  await sql`select pg_advisory_xact_lock(${governedLock})`.execute(trx)
  const before = await counts()
  await change()
  const after = await counts()
  if (before.some((count, index) => count > 0 && after[index] === 0)) refuse('last_administrator')
}
