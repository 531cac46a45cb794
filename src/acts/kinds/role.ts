/** A new role, or another text, reach or set of permissions of one that there is. */
import { sql } from 'kysely'
import type { RoleChange } from '../../contract/changes.ts'
import type { Trx } from '../../db/database.ts'
import { stayGoverned } from '../governed.ts'
import type { Kind } from '../kind.ts'
import { rootUnit } from '../units.ts'

type Facts = Pick<RoleChange, 'zh' | 'en' | 'customers' | 'permissions'>

export const roleKind: Kind<RoleChange> = {
  prepare: async ({ trx }, change) => ({
    subject: `role ${change.code}`,
    before: (await factsOf(trx, change.code)) ?? {},
    after: facts(change),
    // A role means the same at every unit.
    unitId: (await rootUnit(trx)).id,
    concernsId: null,
  }),

  apply: ({ trx, clock }, change) =>
    stayGoverned(trx, clock.today(), async () => {
      await sql`insert into role (code, name_zh, name_en, customers, permissions, edited_at)
        values (${change.code}, ${change.zh}, ${change.en}, ${change.customers}, ${[...change.permissions].sort()}::text[],
          ${clock.now()})
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
          customers = excluded.customers, permissions = excluded.permissions, edited_at = excluded.edited_at`.execute(
        trx,
      )
    }),
}

async function factsOf(trx: Trx, code: string): Promise<Facts | undefined> {
  const { rows } = await sql<Facts>`select name_zh as zh, name_en as en, customers, permissions from role
    where code = ${code}`.execute(trx)
  return rows[0] && facts(rows[0])
}

function facts({ zh, en, customers, permissions }: Facts): Facts {
  return { zh, en, customers, permissions: [...permissions].sort() }
}
