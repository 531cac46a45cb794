/** A new role, or another text, reach, set of permissions or right to fields of one that there is. */
import { sql } from 'kysely'
import { editsOfRole, fieldsOfRole } from '../../access/fields.ts'
import { stayGoverned } from '../../access/governed.ts'
import type { RoleChange } from '../../contract/changes.ts'
import { editableFields } from '../../contract/permission.ts'
import type { Trx } from '../../db/database.ts'
import type { Kind } from '../kind.ts'
import { rootUnit } from '../units.ts'

type Facts = Required<Pick<RoleChange, 'zh' | 'en' | 'customers' | 'permissions' | 'edits'>> & {
  fields: ReturnType<typeof fieldsOfRole>
}

export const roleKind: Kind<RoleChange> = {
  prepare: async ({ trx }, change) => {
    const before = await factsOf(trx, change.code)
    return {
      subject: `role ${change.code}`,
      before: before ?? {},
      after: changed(before, change),
      // A role means the same at every unit.
      unitId: (await rootUnit(trx)).id,
      concernsId: null,
    }
  },

  apply: ({ trx, clock }, change) =>
    stayGoverned(trx, clock.today(), async () => {
      const { zh, en, customers, permissions, fields, edits } = changed(await factsOf(trx, change.code), change)
      await sql`insert into role (code, name_zh, name_en, customers, permissions, fields, edits, edited_at)
        values (${change.code}, ${zh}, ${en}, ${customers}, ${permissions}::text[], ${JSON.stringify(fields)}::jsonb,
          ${edits}::text[], ${clock.now()})
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
          customers = excluded.customers, permissions = excluded.permissions, fields = excluded.fields,
          edits = excluded.edits, edited_at = excluded.edited_at`.execute(trx)
    }),
}

async function factsOf(trx: Trx, code: string): Promise<Facts | undefined> {
  const { rows } = await sql<Facts>`select name_zh as zh, name_en as en, customers, permissions, fields, edits from role
    where code = ${code}`.execute(trx)
  return rows[0] && changed(undefined, rows[0])
}

/** The role after the change: what it does not name of fields stays, so that nothing hidden opens by being left out. */
function changed(before: Facts | undefined, change: Omit<RoleChange, 'kind' | 'code'>): Facts {
  const { zh, en, customers, permissions, fields, edits } = change
  return {
    zh,
    en,
    customers,
    permissions: [...permissions].sort(),
    fields: fieldsOfRole({ ...before?.fields, ...fields }),
    edits: editsOfRole(edits ?? before?.edits ?? editableFields).sort(),
  }
}
