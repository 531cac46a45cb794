/** The published nights' rows name unit and manager of each customer: they decide who finds the customer in a list. */
import type pg from 'pg'

/**
 * Brings the nights' rows of customers who changed unit or manager after them, in the transaction of that change: until
 * the next night the old ones would go on finding them, and the new ones not. `moved` is a query of party ids. The nights'
 * figures per unit stay.
 */
export async function followHomes(
  client: pg.ClientBase,
  moved: string,
  values: readonly unknown[] = [],
): Promise<void> {
  await client.query(
    `update night_customer n set unit_id = p.unit_id, rm_id = p.rm_id
     from party p where p.id in (${moved}) and n.party_id = p.id
       and (n.unit_id, n.rm_id) is distinct from (p.unit_id, p.rm_id)`,
    [...values],
  )
}
