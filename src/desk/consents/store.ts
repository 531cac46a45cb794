/** The ledger of consents of a customer: read, added to, never changed. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { audit } from '../../access/audit.ts'
import type { consentEntry, consentLedger } from '../../contract/privacy.ts'
import type { Trx } from '../../db/database.ts'
import { type Day, forever } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { allowedOn, type ConsentEntry, mayContact } from './consents.ts'

export interface ConsentAsked {
  purpose: string
  channel: string
  fromDay: Day
  who: string
  address: string
}

/** Entries newest first, and what is allowed today: of whoever was erased nothing, whatever the entries say. */
export async function consentsOf(trx: Trx, partyId: bigint, today: Day): Promise<z.output<typeof consentLedger>> {
  const rows = await entriesOf(trx, partyId)
  const allowed = (await isErased(trx, partyId)) ? [] : allowedOn(rows.map(asEntry), today)
  return {
    today,
    entries: rows.toReversed().map((row) => ({
      id: String(row.id),
      kind: row.kind,
      purpose: row.purpose,
      channel: row.channel,
      basis: row.basis,
      fromDay: row.from_day,
      toDay: row.to_day,
      proof: row.proof,
      reason: row.reason,
      recordedAt: row.recorded_at.toISOString(),
      recordedBy: row.recorded_name,
    })),
    allowed: allowed.map((one) => ({ ...one, because: one.because === null ? null : String(one.because) })),
  }
}

/** Adds a consent that the customer gave. */
export async function recordConsent(
  trx: Trx,
  party: { id: bigint; customerNo: string },
  given: ConsentAsked & { basis: string; toDay: Day; proof: string },
): Promise<void> {
  if (given.toDay <= given.fromDay) {
    refuse('input_invalid', { field: 'toDay', reason: 'must be after fromDay', reasonZh: '应晚于起始日' })
  }
  await add(trx, party, { ...given, kind: 'given', reason: null })
}

/** Adds a withdrawal. Refuses nothing_to_withdraw where no consent is in force from that day on. */
export async function withdrawConsent(
  trx: Trx,
  party: { id: bigint; customerNo: string },
  taken: ConsentAsked & { reason: string },
): Promise<void> {
  const ledger = (await entriesOf(trx, party.id)).map(asEntry)
  const answers = allowedOn(ledger, taken.fromDay).filter(
    (one) => one.purpose === taken.purpose && (taken.channel === 'any' || one.channel === taken.channel),
  )
  const single = mayContact(ledger, taken.purpose, taken.channel, taken.fromDay)
  const given = [...answers, single].some(
    ({ allowed, because }) => allowed && ledger.find((entry) => entry.id === because)?.basis === 'consent',
  )
  if (!given) refuse('nothing_to_withdraw')
  await add(trx, party, { ...taken, kind: 'withdrawn', basis: 'consent', toDay: forever, proof: null })
}

/** Whether the party was erased: then nothing is recorded of it any more. */
export async function isErased(trx: Trx, partyId: bigint): Promise<boolean> {
  const { rows } = await sql`select from party where id = ${partyId} and erased_at is not null`.execute(trx)
  return rows.length > 0
}

interface Row {
  id: bigint
  kind: z.output<typeof consentEntry>['kind']
  purpose: string
  channel: string
  basis: string
  from_day: Day
  to_day: Day
  proof: string | null
  reason: string | null
  recorded_at: Date
  recorded_name: string
}

const entriesMax = 1000

/** The newest, oldest first: what was withdrawn last must not be left out. */
async function entriesOf(trx: Trx, partyId: bigint): Promise<Row[]> {
  const { rows } = await sql<Row>`select c.id, c.kind, c.purpose, c.channel, c.basis, c.from_day, c.to_day, c.proof,
      c.reason, c.recorded_at, coalesce(l.display_name, 'consents') as recorded_name
    from consent c left join login l on c.recorded_by = 'login:' || l.id
    where c.party_id = ${partyId} order by c.id desc limit ${entriesMax}`.execute(trx)
  return rows.reverse()
}

function asEntry({ id, kind, purpose, channel, basis, from_day, to_day }: Row): ConsentEntry {
  return { id, kind, purpose, channel, basis, fromDay: from_day, toDay: to_day }
}

interface NewEntry extends ConsentAsked {
  kind: Row['kind']
  basis: string
  toDay: Day
  proof: string | null
  reason: string | null
}

async function add(trx: Trx, party: { id: bigint; customerNo: string }, entry: NewEntry): Promise<void> {
  const { kind, purpose, channel, basis, fromDay, toDay, proof, reason, who, address } = entry
  await sql`insert into consent (party_id, kind, purpose, channel, basis, from_day, to_day, proof, reason, recorded_by)
    values (${party.id}, ${kind}, ${purpose}, ${channel}, ${basis}, ${fromDay}, ${toDay}, ${proof}, ${reason},
      ${who})`.execute(trx)
  const action = kind === 'given' ? 'recordConsent' : 'withdrawConsent'
  const after = { purpose, channel, basis, fromDay, toDay }
  const about = { noun: 'customer', nounId: party.customerNo, partyId: party.id }
  await audit(trx, { who, action, ...about, after, reason, address })
}
