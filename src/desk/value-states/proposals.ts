/** What the night proposes about value states: the list, and the decision of a manager, alone or many at once. */
import { type RawBuilder, sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import { toFenText } from '../../contract/common.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import type { FieldRights } from '../../contract/permission.ts'
import type { decideValueProposals, listValueProposals } from '../../contract/value-states.ts'
import type { Trx } from '../../db/database.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { encodeCursor, idOfCursor } from '../cursor.ts'
import { shownName } from '../customers/figures.ts'
import { subtree } from '../nights/current.ts'
import { bumpDesk } from '../nights/store.ts'
import { type Current, enter, type Mover } from './store.ts'
import { type LossReason, type Position, proposedBy, reasonRefusal, type ValueCause } from './value-states.ts'

type Proposal = Output<typeof listValueProposals>['rows'][number]

interface ProposalRow extends Position {
  id: bigint
  cause: ValueCause
  proposed_on: Day
  customer_no: string
  kind: 'person' | 'company'
  name: string
  unit_code: string
  unit_name: string
  rm_code: string | null
  rm_name: string | null
  average_fen: bigint | null
  average_before_fen: bigint | null
  last_activity_on: Day | null
  status: Proposal['status']
  decided_by: string | null
  decided_at: Date | null
  reason: Proposal['reason']
  note: string | null
}

/** Newest first; only customers that the scope sees. Refuses cursor_invalid, not_found for an unknown unit. */
export async function valueProposals(
  trx: Trx,
  asked: Checked<typeof listValueProposals>['query'],
  fields: FieldRights,
): Promise<Output<typeof listValueProposals>> {
  const where = await conditions(trx, asked)
  const before = idOfCursor(asked.cursor)
  const { rows } = await sql<ProposalRow>`select t.id, t.cause, t.proposed_on, p.customer_no, p.kind, p.name,
      u.code as unit_code, u.name as unit_name, s.code as rm_code, s.name as rm_name, v.state, v.stage, t.average_fen,
      t.average_before_fen, t.last_activity_on, t.status, l.display_name as decided_by, t.decided_at, t.reason, t.note
    from value_proposal t join party p on p.id = t.party_id join unit u on u.id = p.unit_id
    join value_state v on v.id = t.entry_id
    left join staff s on s.id = p.rm_id left join login l on l.id = t.decided_by
    where ${where} and (${before}::bigint is null or t.id < ${before}::bigint)
    order by t.id desc limit ${asked.limit + 1}`.execute(trx)
  const total = await sql<{ total: bigint }>`select count(*) as total from value_proposal t
    join party p on p.id = t.party_id where ${where}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => asProposal(row, fields)),
    next: rows.length > asked.limit && last ? encodeCursor([String(last.id)]) : null,
    total: Number(total.rows[0]?.total ?? 0n),
  }
}

function asProposal(row: ProposalRow, fields: FieldRights): Proposal {
  const shownFen = (fen: bigint | null) => (fen === null || fields.money === 'hidden' ? null : toFenText(fen))
  return {
    id: String(row.id),
    cause: row.cause,
    proposedOn: row.proposed_on,
    customerNo: row.customer_no,
    name: shownName(row.kind, row.name, fields.name),
    unit: { code: row.unit_code, name: row.unit_name },
    rm: row.rm_code === null ? null : { code: row.rm_code, name: row.rm_name ?? '' },
    from: { state: row.state, stage: row.stage },
    to: proposedBy[row.cause],
    averageFen: shownFen(row.average_fen),
    averageBeforeFen: shownFen(row.average_before_fen),
    lastActivityOn: row.last_activity_on,
    status: row.status,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    reason: row.reason,
    note: row.note,
  }
}

async function conditions(
  trx: Trx,
  asked: { status: string; cause?: string | undefined; unit?: string | undefined },
): Promise<RawBuilder<unknown>> {
  const all = [sql`t.status = ${sql.lit(asked.status)}`]
  if (asked.cause) all.push(sql`t.cause = ${sql.lit(asked.cause)}`)
  if (asked.unit) all.push(sql`p.unit_id = any(${await subtree(trx, asked.unit)}::int[])`)
  return sql.join(all, sql` and `)
}

interface OpenRow extends Position {
  id: bigint
  party_id: bigint
  cause: ValueCause
  status: string
  entry_id: bigint
  since: Day
}

/**
 * Accepts, and then the customers move; or keeps them where they are, and why. Refuses not_found (also outside the scope),
 * value_proposal_decided, loss_reason_missing for losses, loss_reason_unfit where there are none; then none is decided.
 */
export async function decide(
  trx: Trx,
  clock: Clock,
  asked: Checked<typeof decideValueProposals>['body'],
  mover: Mover,
): Promise<number> {
  const ids = [...new Set(asked.ids)]
  const { rows } = await sql<OpenRow>`select t.id, t.party_id, t.cause, t.status, v.id as entry_id, v.state, v.stage,
      v.from_day as since
    from value_proposal t join party p on p.id = t.party_id join value_state v on v.id = t.entry_id
    where t.id = any(${ids}::bigint[]) order by t.id for update of t`.execute(trx)
  const missing = ids.find((id) => !rows.some((row) => String(row.id) === id))
  if (missing !== undefined) refuse('not_found', { what: `proposal ${missing}`, whatZh: `状态建议 ${missing}` })
  if (rows.some((row) => row.status !== 'open')) refuse('value_proposal_decided')
  const reason = asked.decision === 'accepted' ? asked.reason : undefined
  if (asked.decision === 'accepted') {
    const refused = reasonRefusal(rows.some(losing), reason)
    if (refused) refuse(refused)
  }
  // Decided first: what is still open when the customer moves is withdrawn
  await sql`update value_proposal set status = ${asked.decision}, decided_by = ${mover.loginId},
      decided_on = ${mover.today}, decided_at = ${clock.now()}, note = ${asked.note ?? null},
      reason = case when cause = 'cameBack' then null else ${reason ?? null} end
    where id = any(${ids}::bigint[])`.execute(trx)
  if (asked.decision === 'accepted') {
    for (const group of Map.groupBy(rows, (row) => row.cause).values()) await accept(trx, group, asked, mover)
  }
  await bumpDesk(trx)
  await audit(trx, {
    who: mover.who,
    action: 'decideValueProposals',
    noun: 'valueProposal',
    before: { decision: 'open', ids },
    after: { decision: asked.decision, ids, reason },
    reason: asked.note ?? null,
    address: mover.address,
  })
  return ids.length
}

const losing = ({ cause }: { cause: ValueCause }) => cause !== 'cameBack'

/** All of one cause, so of one move. */
async function accept(
  trx: Trx,
  group: readonly OpenRow[],
  asked: { reason?: LossReason | undefined; note?: string | undefined },
  mover: Mover,
): Promise<void> {
  const [first] = group
  if (!first) return
  const parties = group.map((row) => ({ partyId: row.party_id, current: asCurrent(row) }))
  const reason = losing(first) ? asked.reason : undefined
  const to = proposedBy[first.cause]
  await enter(trx, parties, { to, fromDay: mover.today, reason, note: asked.note, source: 'night' }, mover)
}

function asCurrent({ entry_id, state, stage, since }: OpenRow): Current {
  return { entryId: String(entry_id), state, stage, since }
}
