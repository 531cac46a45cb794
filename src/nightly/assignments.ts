/** Assignments that begin or end by themselves: whose customer somebody is follows the day, not the last load alone. */
import { auditAsOwner } from '../access/audit.ts'
import { ownerTransaction } from '../db/database.ts'
import { followHomes } from '../publish/homes.ts'
import type { Workplace } from './workplace.ts'

/**
 * Gives the customers whose assignments began or ended since it was last asked to whoever looks after them today; returns
 * how many changed hands. Once a day; audited where anybody did.
 */
export async function bringAssignments({ db, keys, clock }: Pick<Workplace, 'db' | 'keys' | 'clock'>): Promise<number> {
  const today = clock.today()
  return ownerTransaction(db.owner, async (client) => {
    const last = await client.query<{ value: string }>(
      `insert into setting (name, value) values ('assignmentsOn', '1900-01-01')
       on conflict (name) do update set value = setting.value returning value`,
    )
    const since = last.rows[0]?.value ?? today
    if (since >= today) return 0
    const moved = await client.query<{ id: bigint }>(
      `update party p set rm_id = c.staff_id
       from (select t.party_id, a.staff_id from (select distinct party_id from assignment
           where (from_day > $1 and from_day <= $2) or (to_day > $1 and to_day <= $2)) t
         left join assignment a on a.party_id = t.party_id and a.from_day <= $2 and a.to_day > $2) c
       where p.id = c.party_id and p.rm_id is distinct from c.staff_id returning p.id`,
      [since, today],
    )
    await followHomes(client, 'select unnest($1::bigint[])', [moved.rows.map(({ id }) => String(id))])
    await client.query(`update setting set value = $1 where name = 'assignmentsOn'`, [today])
    const customers = moved.rows.length
    if (customers === 0) return 0
    await client.query(`update setting set value = (value::bigint + 1)::text where name = 'deskVersion'`)
    const after = { day: today, customers }
    await auditAsOwner(client, keys, { who: 'strata', action: 'bringAssignments', noun: 'assignment', after })
    return customers
  })
}
