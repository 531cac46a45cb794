/**
 * Asking for a paper that another unit holds: released for some days by somebody above that unit, never by whoever asked;
 * what was released ends by itself, or is ended earlier by either side.
 */
import { type RawBuilder, sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import { mustMay } from '../../access/session.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import type { decidePaperRequest, listPaperRequests, requestPaper } from '../../contract/paper-access.ts'
import { type PaperPurpose, paperStateWords } from '../../contract/paper-words.ts'
import type { Trx } from '../../db/database.ts'
import { present } from '../../kit/assert.ts'
import { hoursAfter } from '../../kit/clock.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { encodeCursor, idOfCursor } from '../cursor.ts'
import { isUsable } from './papers.ts'
import { type AtWork, paperNamed, standBy } from './places.ts'
import { stateNow } from './read.ts'

type PaperRequest = Output<typeof requestPaper>

interface Row {
  id: bigint
  paper_id: bigint
  customer_no: string
  name: string
  kind: string
  zh: string
  en: string
  valid_until: Day | null
  code: string
  unit: string
  asked_by: string
  login_id: number
  purpose: PaperPurpose
  reason: string | null
  days: number
  asked_at: Date
  decision: 'released' | 'refused' | 'withdrawn' | null
  decided_by: string | null
  decided_at: Date | null
  note: string | null
  until: Date | null
}

const select = sql`select r.id, r.paper_id, a.customer_no, a.name, a.kind, k.name_zh as zh, k.name_en as en,
    a.valid_until, u.code, u.name as unit, l.display_name as asked_by, r.login_id, r.purpose, r.reason, r.days,
    r.asked_at, r.decision, d.display_name as decided_by, r.decided_at, r.note, r.until
  from paper_request r cross join lateral strata.paper_asked(r.id) a join paper_kind k on k.code = a.kind
  join unit u on u.id = r.unit_id join login l on l.id = r.login_id left join login d on d.id = r.decided_by`

/**
 * Refuses not_found, paper_open_already, paper_not_valid, paper_gone, paper_request_open; key_needs_person for a key.
 * Audited.
 */
export async function askFor(
  trx: Trx,
  paperId: number,
  asked: Checked<typeof requestPaper>['body'],
  work: AtWork,
): Promise<PaperRequest> {
  const { session, clock } = work
  if (session.byKey) refuse('key_needs_person')
  await standBy(trx, work, 'papers.open')
  const { rows } = await sql<{
    unit_id: number
    party_id: bigint
    valid_from: Day | null
    valid_until: Day | null
    withdrawn_at: Date | null
    gone_at: Date | null
    ground: string | null
  }>`select unit_id, party_id, valid_from, valid_until, withdrawn_at, gone_at, strata.paper_ground(id) as ground
    from paper where id = ${paperId}`.execute(trx)
  const paper = rows[0] ?? refuse('not_found', paperNamed(paperId))
  if (paper.ground !== null) refuse('paper_open_already')
  const state = stateNow(paper, work)
  if (!isUsable(state)) {
    refuse('paper_not_valid', { state: paperStateWords[state].en, stateZh: paperStateWords[state].zh })
  }
  if (paper.gone_at !== null) refuse('paper_gone')
  const made = await sql<{ id: bigint }>`insert into paper_request (paper_id, unit_id, login_id, purpose, reason, days,
      asked_at)
    values (${paperId}, ${paper.unit_id}, ${session.loginId}, ${asked.purpose}, ${asked.reason}, ${asked.days},
      ${clock.now()})
    on conflict (paper_id, login_id) where decision is null do nothing returning id`.execute(trx)
  const id = made.rows[0]?.id ?? refuse('paper_request_open')
  const after = { paper: paperId, purpose: asked.purpose, days: asked.days }
  await note(trx, work, 'requestPaper', { id, partyId: paper.party_id, reason: asked.reason, after })
  await tell(trx, 'asked')
  return requestCalled(trx, id, work)
}

/** Newest first; `others` are those of others for papers of units below one's own. Refuses cursor_invalid. */
export async function requests(
  trx: Trx,
  asked: Checked<typeof listPaperRequests>['query'],
  work: AtWork,
): Promise<Output<typeof listPaperRequests>> {
  const isOwn = sql`r.login_id = ${work.session.loginId}`
  if (asked.box === 'others') mustMay(work.session, 'papers.release')
  await standBy(trx, work, asked.box === 'others' ? 'papers.release' : 'papers.open')
  const before = idOfCursor(asked.cursor)
  const where: RawBuilder<unknown>[] = [
    asked.box === 'own' ? isOwn : sql`not ${isOwn} and strata.stands_over(r.unit_id)`,
  ]
  if (asked.status) where.push(sql`(r.decision is null) = ${asked.status === 'open'}`)
  if (before !== null) where.push(sql`r.id < ${before}::bigint`)
  const { rows } = await sql<Row>`${select} where ${sql.join(where, sql` and `)}
    order by r.id desc limit ${asked.limit + 1}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => asRequest(row, work)),
    next: rows.length > asked.limit && last ? encodeCursor([String(last.id)]) : null,
  }
}

interface Locked {
  login_id: number
  days: number
  decision: Row['decision']
  until: Date | null
  is_over: boolean
  withdrawn: boolean
  party_id: bigint
}

/** Held until the transaction ends. `is_over`: whoever asks stands above the unit that holds the paper. */
async function locked(trx: Trx, id: number, work: AtWork): Promise<Locked> {
  await standBy(trx, work, 'papers.release')
  const { rows } = await sql<Locked>`select r.login_id, r.days, r.decision, r.until,
      strata.stands_over(r.unit_id) as is_over, a.withdrawn, a.party_id
    from paper_request r cross join lateral strata.paper_asked(r.id) a where r.id = ${id} for update of r`.execute(trx)
  return rows[0] ?? refuse('not_found', named(id))
}

/**
 * By somebody above the unit that holds the paper, who need not see the customer: number and masked name are told. Refuses
 * not_found, own_proposal, request_decided, paper_withdrawn, key_needs_person. Audited.
 */
export async function decide(
  trx: Trx,
  id: number,
  given: Checked<typeof decidePaperRequest>['body'],
  work: AtWork,
): Promise<PaperRequest> {
  const { session, clock } = work
  if (session.byKey) refuse('key_needs_person')
  const found = await locked(trx, id, work)
  if (found.login_id === session.loginId) refuse('own_proposal')
  if (!found.is_over) refuse('not_found', named(id))
  if (found.decision !== null) refuse('request_decided')
  const isReleased = given.decision === 'released'
  if (isReleased && found.withdrawn) refuse('paper_withdrawn')
  const days = (isReleased && given.days) || found.days
  const until = isReleased ? hoursAfter(clock.millis(), days * 24) : null
  await sql`update paper_request set decision = ${given.decision}, decided_by = ${session.loginId},
    decided_at = ${clock.now()}, note = ${given.note ?? null}, until = ${until} where id = ${id}`.execute(trx)
  const after = { decision: given.decision, ...(isReleased && { days }) }
  await note(trx, work, 'decidePaperRequest', { id, partyId: found.party_id, reason: given.note, after })
  await tell(trx, 'decided')
  return requestCalled(trx, BigInt(id), work)
}

/** By whoever asked: withdraws it, or gives back; by whoever may release: ends it. Refuses not_found, request_decided. */
export async function endRequest(trx: Trx, id: number, work: AtWork): Promise<PaperRequest> {
  const { session, clock } = work
  const found = await locked(trx, id, work)
  const isOwn = found.login_id === session.loginId
  if (!isOwn && !found.is_over) refuse('not_found', named(id))
  if (found.decision === null && isOwn) {
    await sql`update paper_request set decision = 'withdrawn', decided_by = ${session.loginId},
      decided_at = ${clock.now()} where id = ${id}`.execute(trx)
  } else if (found.until !== null && found.until.getTime() > clock.millis()) {
    await sql`update paper_request set until = ${clock.now()} where id = ${id}`.execute(trx)
  } else {
    refuse('request_decided')
  }
  await note(trx, work, 'endPaperRequest', { id, partyId: found.party_id, after: {} })
  await tell(trx, 'ended')
  return requestCalled(trx, BigInt(id), work)
}

async function requestCalled(trx: Trx, id: bigint, work: AtWork): Promise<PaperRequest> {
  const { rows } = await sql<Row>`${select} where r.id = ${id}`.execute(trx)
  return asRequest(present(rows[0], 'the request that was written'), work)
}

function asRequest(row: Row, { session, clock }: AtWork): PaperRequest {
  const isOver = row.until !== null && row.until.getTime() <= clock.millis()
  return {
    id: String(row.id),
    paperId: String(row.paper_id),
    customerNo: row.customer_no,
    name: row.name,
    kind: { code: row.kind, zh: row.zh, en: row.en },
    validUntil: row.valid_until,
    unit: { code: row.code, name: row.unit },
    askedBy: row.asked_by,
    purpose: row.purpose,
    reason: row.reason,
    days: row.days,
    askedAt: row.asked_at.toISOString(),
    status: isOver ? 'ended' : (row.decision ?? 'open'),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    note: row.note,
    until: row.until?.toISOString() ?? null,
    own: row.login_id === session.loginId,
  }
}

const named = (id: number) => ({ what: `request ${id}`, whatZh: `申请 ${id}` })

/** To browsers: that something changed, not of whom. */
async function tell(trx: Trx, state: 'asked' | 'decided' | 'ended'): Promise<void> {
  await sql`insert into event (topic, payload) values ('paperRequests', ${JSON.stringify({ state })}::jsonb)`.execute(
    trx,
  )
}

function note(
  trx: Trx,
  { session, address }: AtWork,
  action: string,
  given: { id: bigint | number; partyId: bigint; reason?: string | undefined; after: object },
): Promise<void> {
  const { id, partyId, reason = null, after } = given
  const entry = { who: session.who, action, noun: 'paperRequest', nounId: String(id), partyId, after, reason, address }
  return audit(trx, entry)
}
