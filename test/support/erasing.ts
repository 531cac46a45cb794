/** Erasures that two people agreed on, for tests of what comes after. */
import { type ErasingPlace, eraseApproved } from '../../src/acts/erase.ts'

export interface AskedErasure {
  customerNo: string
  reason: string
}

/** Keeps an erasure as asked for and approved, without carrying it out. */
export async function approveErasure(place: ErasingPlace, { customerNo, reason }: AskedErasure): Promise<bigint> {
  const { owner } = place
  await owner.query(`insert into login (name, display_name, password_hash) values ('asks', '经办', ''), ('checks', '复核', '')
    on conflict do nothing`)
  const approved = await owner.query<{ id: bigint }>(
    `insert into approval (kind, subject, asked, before, after, reason, unit_id, proposed_by, proposed_at, status,
       decided_by, decided_at)
     select 'erase', 'erasure of ' || $1, jsonb_build_object('kind', 'erase', 'customerNo', $1::text), '{}', '{}', $2,
       u.id, a.id, $3, 'approved', c.id, $3
     from login a, login c, (select min(id) as id from unit) u where a.name = 'asks' and c.name = 'checks' returning id`,
    [customerNo, reason, place.clock.now()],
  )
  return approved.rows[0]!.id
}

/** Approves it and carries it out. */
export async function eraseNow(place: ErasingPlace, asked: AskedErasure): Promise<void> {
  await eraseApproved(place, await approveErasure(place, asked))
}
