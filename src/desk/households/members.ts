/** Who is in a household today, and the two writes that all changes are made of: into it and out of it. */
import { sql } from 'kysely'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { isErased } from '../consents/store.ts'

export interface StoredHousehold {
  id: bigint
  householdNo: string
  headId: bigint | null
  version: number
}

export interface Member {
  partyId: bigint
  customerNo: string
  role: string
  fromDay: Day
  consents: boolean
}

/** Locked until the transaction ends. Refuses not_found where no member is in sight. */
export async function lockHousehold(trx: Trx, householdNo: string): Promise<StoredHousehold> {
  const { rows } = await sql<StoredHousehold>`select id, household_no as "householdNo", head_id as "headId", version
    from household where household_no = ${householdNo} for update`.execute(trx)
  return rows[0] ?? noHousehold(householdNo)
}

export function noHousehold(no: string): never {
  refuse('not_found', { what: `household ${no}`, whatZh: `家庭 ${no}` })
}

/** Today's members in sight, head first. */
export async function membersToday(trx: Trx, { id, headId }: StoredHousehold, today: Day): Promise<Member[]> {
  const { rows } = await sql<Member>`select m.party_id as "partyId", p.customer_no as "customerNo", m.role,
      m.from_day::text as "fromDay", (m.consent_from <= ${today} and coalesce(m.consent_to, 'infinity') > ${today}) is true as consents
    from household_member m join party p on p.id = m.party_id
    where m.household_id = ${id} and m.from_day <= ${today} and m.to_day > ${today}
    order by m.party_id = ${headId}::bigint desc nulls last, m.from_day, m.party_id`.execute(trx)
  return rows
}

/** Today's members, in sight or not. */
export async function countToday(trx: Trx, householdId: bigint, today: Day): Promise<number> {
  const { rows } = await sql<{
    count: bigint | null
  }>`select strata.members_between(${householdId}, ${today}::date, ${today}::date) as count`.execute(trx)
  return Number(rows[0]?.count ?? 0)
}

/** Refuses household_person_only, already_erased, household_member_taken. */
export async function mustBeFree(trx: Trx, party: { id: bigint; customerNo: string }, today: Day): Promise<void> {
  const customer = party.customerNo
  const { rows } = await sql<{ kind: string; taken: boolean }>`select kind,
      strata.household_taken(id, ${today}::date) as taken from party where id = ${party.id}`.execute(trx)
  if (rows[0]?.kind !== 'person') refuse('household_person_only', { customer })
  if (await isErased(trx, party.id)) refuse('already_erased', { customer })
  if (rows[0].taken) refuse('household_member_taken', { customer })
}

/** A member from today on. Refuses household_member_taken when another transaction was faster. */
export async function moveIn(
  trx: Trx,
  householdId: bigint,
  { partyId, customerNo, role, consents }: Omit<Member, 'fromDay'>,
  { today, now }: { today: Day; now: string },
): Promise<void> {
  const consentFrom = consents ? today : null
  await onceOnly(customerNo, async () => {
    await sql`insert into household_member (household_id, party_id, role, from_day, consent_from, consent_to, edited_at)
      values (${householdId}, ${partyId}, ${role}, ${today}, ${consentFrom}, ${consents ? '2299-12-31' : null}, ${now}::timestamptz)
      on conflict (household_id, party_id, from_day) do update set role = excluded.role, to_day = '2299-12-31',
        consent_from = excluded.consent_from, consent_to = excluded.consent_to, edited_at = excluded.edited_at`.execute(
      trx,
    )
    await sql`set constraints household_member_once immediate`.execute(trx)
    await sql`set constraints household_member_once deferred`.execute(trx)
  })
}

/** No member from today on; what was before stays. */
export async function moveOut(
  trx: Trx,
  householdId: bigint,
  partyId: bigint,
  { today, now }: { today: Day; now: string },
): Promise<void> {
  await sql`update household_member set to_day = ${today}, edited_at = ${now}::timestamptz,
      consent_to = case when consent_from is not null then least(consent_to, ${today}::date) end
    where household_id = ${householdId} and party_id = ${partyId} and from_day <= ${today} and to_day > ${today}`.execute(
    trx,
  )
}

async function onceOnly(customer: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if ((error as { code?: string }).code === '23P01') refuse('household_member_taken', { customer })
    throw error
  }
}
