/**
 * Requests for a customer of another unit: asked with a reason, granted for a time by somebody who sees the customer and
 * may grant, never by whoever asked; what was granted ends by itself, or is ended earlier by either side.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { accessRequest, listAccessRequests } from '../contract/elsewhere.ts'
import type { Output } from '../contract/endpoint.ts'
import type { Trx } from '../db/database.ts'
import { present } from '../kit/assert.ts'
import { type Clock, hoursAfter } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import type { Session } from './session.ts'

type AccessRequest = z.output<typeof accessRequest>

interface Row {
  id: bigint
  customer_no: string
  name: string
  code: string
  unit: string
  asked_by: string
  login_id: number
  reason: string
  hours: number
  asked_at: Date
  decision: 'granted' | 'declined' | 'withdrawn' | null
  decided_by: string | null
  decided_at: Date | null
  note: string | null
  until: Date | null
}

const select = sql`select r.id, n.customer_no, n.name, u.code, u.name as unit, l.display_name as asked_by, r.login_id,
    r.reason, r.hours, r.asked_at, r.decision, d.display_name as decided_by, r.decided_at, r.note,
    least(g.to_at, g.revoked_at) as until
  from access_request r
  cross join lateral strata.named_elsewhere(r.party_id) n join unit u on u.id = n.unit_id
  join login l on l.id = r.login_id left join login d on d.id = r.decided_by
  left join access_grant g on g.id = r.grant_id`

/** Refuses not_found, customer_visible, request_open; key_needs_person for a key. Audited. */
export async function requestCustomer(
  trx: Trx,
  clock: Clock,
  session: Session,
  asked: { customerNo: string; reason: string; hours: number; address: string },
): Promise<AccessRequest> {
  if (session.byKey) refuse('key_needs_person')
  const { rows } = await sql<{ party_id: bigint; visible: boolean }>`select f.party_id,
      exists (select from party p where p.id = f.party_id) as visible
    from strata.find_elsewhere(${asked.customerNo}, null) f`.execute(trx)
  const party =
    rows[0] ?? refuse('not_found', { what: `customer ${asked.customerNo}`, whatZh: `客户 ${asked.customerNo}` })
  if (party.visible) refuse('customer_visible')
  const made = await sql<{ id: bigint }>`insert into access_request (login_id, party_id, reason, hours, asked_at)
    values (${session.loginId}, ${party.party_id}, ${asked.reason}, ${asked.hours}, ${clock.now()})
    on conflict (login_id, party_id) where decision is null do nothing returning id`.execute(trx)
  const id = made.rows[0]?.id ?? refuse('request_open')
  const after = { customerNo: asked.customerNo, hours: asked.hours }
  await note(trx, session, 'requestAccess', id, asked, after)
  await tellOf(trx, 'asked')
  return present((await read(trx, clock, session, id))[0], 'the request just made')
}

/** Newest first. `others` are the requests of others for customers that the scope sees. Refuses cursor_invalid. */
export async function listRequests(
  trx: Trx,
  clock: Clock,
  session: Session,
  asked: { box: 'own' | 'others'; status?: 'open' | 'decided' | undefined; before: string | null; limit: number },
): Promise<Output<typeof listAccessRequests>['rows']> {
  const own = sql`r.login_id = ${session.loginId}`
  const box = asked.box === 'own' ? own : sql`not ${own} and exists (select from party p where p.id = r.party_id)`
  const status = asked.status === undefined ? sql`true` : sql`(r.decision is null) = ${asked.status === 'open'}`
  const { rows } = await sql<Row>`${select} where ${box} and ${status}
    and (${asked.before}::bigint is null or r.id < ${asked.before}::bigint) order by r.id desc limit ${asked.limit}`.execute(
    trx,
  )
  return rows.map((row) => asRequest(row, clock, session))
}

/**
 * Grants or declines. Only of a customer that the scope of `access.grant` sees, and never one's own request. Refuses
 * not_found, request_decided, own_proposal, key_needs_person. Audited.
 */
export async function decideRequest(
  trx: Trx,
  clock: Clock,
  session: Session,
  given: {
    id: number
    decision: 'granted' | 'declined'
    hours: number | undefined
    note: string | undefined
    address: string
  },
): Promise<AccessRequest> {
  if (session.byKey) refuse('key_needs_person')
  const found = await locked(trx, given.id)
  if (found.login_id === session.loginId) refuse('own_proposal')
  if (found.decision !== null) refuse('request_decided')
  if (!found.visible) refuse('not_found', requestNamed(given.id))
  const hours = given.hours ?? found.hours
  const grant = given.decision === 'granted' ? await grantFor(trx, clock, session, found, hours) : null
  await sql`update access_request set decision = ${given.decision}, decided_by = ${session.loginId},
    decided_at = ${clock.now()}, note = ${given.note ?? null}, grant_id = ${grant} where id = ${given.id}`.execute(trx)
  const after = { decision: given.decision, ...(grant !== null && { hours }) }
  await note(trx, session, 'decideAccess', BigInt(given.id), { reason: given.note, address: given.address }, after)
  await tellOf(trx, 'decided')
  return present((await read(trx, clock, session, BigInt(given.id)))[0], 'the request just decided')
}

/** By whoever asked: withdraws or gives back; by whoever may grant the customer: ends what was granted. Refuses not_found, request_decided. */
export async function endRequest(
  trx: Trx,
  clock: Clock,
  session: Session,
  given: { id: number; address: string },
): Promise<AccessRequest> {
  const found = await locked(trx, given.id)
  const own = found.login_id === session.loginId
  if (!own && !found.visible) refuse('not_found', requestNamed(given.id))
  if (found.decision === null && own) {
    await sql`update access_request set decision = 'withdrawn', decided_by = ${session.loginId},
      decided_at = ${clock.now()} where id = ${given.id}`.execute(trx)
  } else if (found.decision === 'granted') {
    await sql`update access_grant set revoked_at = ${clock.now()} where id = ${found.grant_id}
      and revoked_at is null and to_at > ${clock.now()}`.execute(trx)
  } else {
    refuse('request_decided')
  }
  await note(trx, session, 'endAccess', BigInt(given.id), { address: given.address }, {})
  await tellOf(trx, 'ended')
  return present((await read(trx, clock, session, BigInt(given.id)))[0], 'the request just ended')
}

interface Locked {
  login_id: number
  party_id: bigint
  reason: string
  hours: number
  decision: Row['decision']
  grant_id: bigint | null
  visible: boolean
}

async function locked(trx: Trx, id: number): Promise<Locked> {
  const { rows } = await sql<Locked>`select r.login_id, r.party_id, r.reason, r.hours, r.decision, r.grant_id,
      exists (select from party p where p.id = r.party_id) as visible
    from access_request r where r.id = ${id} for update of r`.execute(trx)
  return rows[0] ?? refuse('not_found', requestNamed(id))
}

async function grantFor(trx: Trx, clock: Clock, session: Session, request: Locked, hours: number): Promise<bigint> {
  const until = hoursAfter(clock.millis(), hours)
  const { rows } = await sql<{ id: bigint }>`insert into access_grant
      (login_id, party_id, from_at, to_at, granted_by, reason)
    values (${request.login_id}, ${request.party_id}, ${clock.now()}, ${until}, ${session.loginId}, ${request.reason})
    returning id`.execute(trx)
  return present(rows[0], 'the grant just made').id
}

async function read(trx: Trx, clock: Clock, session: Session, id: bigint): Promise<AccessRequest[]> {
  const { rows } = await sql<Row>`${select} where r.id = ${id}`.execute(trx)
  return rows.map((row) => asRequest(row, clock, session))
}

function asRequest(row: Row, clock: Clock, session: Session): AccessRequest {
  const ended = row.decision === 'granted' && row.until !== null && row.until.getTime() <= clock.millis()
  return {
    id: String(row.id),
    customerNo: row.customer_no,
    name: row.name,
    unit: { code: row.code, name: row.unit },
    askedBy: row.asked_by,
    reason: row.reason,
    hours: row.hours,
    askedAt: row.asked_at.toISOString(),
    status: ended ? 'ended' : (row.decision ?? 'open'),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    note: row.note,
    until: row.until?.toISOString() ?? null,
    own: row.login_id === session.loginId,
  }
}

/** To whoever may grant: that something changed, not of whom. */
async function tellOf(trx: Trx, state: 'asked' | 'decided' | 'ended'): Promise<void> {
  await sql`insert into event (topic, payload) values ('accessRequests', ${JSON.stringify({ state })}::jsonb)`.execute(
    trx,
  )
}

const requestNamed = (id: number) => ({ what: `request ${id}`, whatZh: `申请 ${id}` })

function note(
  trx: Trx,
  session: Session,
  action: string,
  id: bigint,
  given: { reason?: string | undefined; address: string },
  after: object,
): Promise<void> {
  const { reason = null, address } = given
  return audit(trx, { who: session.who, action, noun: 'accessRequest', nounId: String(id), after, reason, address })
}
