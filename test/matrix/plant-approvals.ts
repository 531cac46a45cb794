/** Approvals and delegations that wait, for probes. */
import type { Asking } from './probe.ts'

let planted = 0

/** An open approval of somebody's, at the head office. */
export async function plantApproval({ bank }: Asking, given: { by: string; kind: string }): Promise<string> {
  const [made] = await bank.query<{ id: bigint }>(
    `insert into approval (kind, subject, asked, before, after, reason, unit_id, proposed_by, proposed_at)
     select $2, $3, '{}', '{}', '{"zh": "试"}', 'probe', u.id, l.id, now() from login l, unit u
     where l.name = $1 and u.code = '01' returning id`,
    [given.by, given.kind, `probe ${++planted}`],
  )
  return String(made?.id)
}

/** An approved file with the phone of everybody, for the person who asks. */
export async function plantReveal({ bank, person }: Asking): Promise<string> {
  const asked = { kind: 'bulkReveal', field: 'phone', filter: {}, sort: 'customerNo', dir: 'asc', language: 'zh' }
  const [made] = await bank.query<{ id: bigint }>(
    `insert into approval (kind, subject, asked, before, after, reason, unit_id, proposed_by, proposed_at, status,
       decided_by, decided_at)
     select 'bulkReveal', $2, $3, '{}', '{}', 'probe', u.id, l.id, $4, 'approved', g.id, $4
     from login l, login g, unit u where l.name = $1 and g.name = 'granter' and u.code = '01' returning id`,
    [
      person.name,
      `probe ${++planted}`,
      JSON.stringify({ ...asked, night: bank.nights.current, day: '2026-10-31', rows: 100 }),
      bank.site.clock.now(),
    ],
  )
  return String(made?.id)
}

export async function plantDelegation({ bank, person }: Asking): Promise<number> {
  const [made] = await bank.query<{ id: number }>(
    `insert into delegation (from_id, to_id, from_day, to_day, reason, recorded_at)
     select l.id, g.id, '2026-11-01', '2026-12-01', 'probe', now() from login l, login g
     where l.name = $1 and g.name = 'granter' returning id`,
    [person.name],
  )
  return made?.id ?? 0
}
