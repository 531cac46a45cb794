/** Proposals: the list, and the decision of a person, which alone lets a strict tier rise or a tier fall. */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { audit } from '../../access/audit.ts'
import { tierChangeDigestOf } from '../../access/audit-tiers.ts'
import { toFenText } from '../../contract/common.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { FieldRights } from '../../contract/permission.ts'
import type { listProposals as listEndpoint, proposal } from '../../contract/proposals.ts'
import type { Trx } from '../../db/database.ts'
import type { Clock } from '../../kit/clock.ts'
import { refuse } from '../../kit/refusal.ts'
import { encodeCursor, idOfCursor } from '../cursor.ts'
import { shownName } from '../customers/figures.ts'
import { currentNight, subtree, type TierNames } from '../nights/current.ts'
import { bumpDesk } from '../nights/store.ts'

type Proposal = z.output<typeof proposal>

export interface ProposalFilter {
  status: Proposal['status']
  direction?: 'rise' | 'fall' | undefined
  toTier?: string | undefined
  unit?: string | undefined
}

interface ProposalRow {
  id: bigint
  night_id: number
  day: string
  customer_no: string
  kind: 'person' | 'company'
  name: string
  unit_code: string
  unit_name: string
  from_tier: number | null
  to_tier: number
  reason: string
  status: Proposal['status']
  average_fen: bigint | null
  household_average_fen: bigint | null
  path: Proposal['path']
  qualified_tier: number | null
  decided_by: string | null
  decided_at: Date | null
  note: string | null
}

/** Newest first; only customers that the scope sees. Refuses cursor_invalid, not_found for an unknown unit. */
export async function listProposals(
  trx: Trx,
  names: TierNames,
  asked: ProposalFilter & { limit: number; cursor?: string | undefined },
  fields: FieldRights,
): Promise<Output<typeof listEndpoint>> {
  const where = await conditions(trx, asked)
  const before = idOfCursor(asked.cursor)
  const night = await currentNight(trx)
  const { rows } =
    await sql<ProposalRow>`select t.id, t.night_id, n.day, p.customer_no, p.kind, p.name, u.code as unit_code, u.name as unit_name, t.from_tier,
      t.to_tier, t.reason, t.status, c.average_fen, c.household_average_fen, c.path, c.qualified_tier,
      l.display_name as decided_by, t.decided_at, t.note
    from tier_proposal t join party p on p.id = t.party_id join unit u on u.id = p.unit_id join night n on n.id = t.night_id
    left join night_customer c on c.party_id = t.party_id and c.night_id = ${night?.id ?? 0}
    left join login l on l.id = t.decided_by
    where ${where} and (${before}::bigint is null or t.id < ${before}::bigint)
    order by t.id desc limit ${asked.limit + 1}`.execute(trx)
  const total = await sql<{ total: bigint }>`select count(*) as total from tier_proposal t
    join party p on p.id = t.party_id where ${where}`.execute(trx)
  const shownFen = (fen: bigint | null) => (fen === null || fields.money === 'hidden' ? null : toFenText(fen))
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => ({
      id: String(row.id),
      night: { id: row.night_id, day: row.day },
      customerNo: row.customer_no,
      name: shownName(row.kind, row.name, fields.name),
      unit: { code: row.unit_code, name: row.unit_name },
      fromTier: row.from_tier === null ? null : names(row.from_tier),
      toTier: names(row.to_tier),
      direction: row.to_tier > (row.from_tier ?? 0) ? ('rise' as const) : ('fall' as const),
      reason: row.reason,
      status: row.status,
      averageFen: shownFen(row.average_fen),
      householdAverageFen: shownFen(row.household_average_fen),
      path: row.path,
      qualifiedNow: row.qualified_tier === null ? null : names(row.qualified_tier),
      holds: holdsStill(row),
      decidedBy: row.decided_by,
      decidedAt: row.decided_at?.toISOString() ?? null,
      note: row.note,
    })),
    next: rows.length > asked.limit && last ? encodeCursor([String(last.id)]) : null,
    total: Number(total.rows[0]?.total ?? 0n),
  }
}

/** Whether the last published night says the same: what was proposed a month ago may have passed. */
function holdsStill({ from_tier, to_tier, qualified_tier }: ProposalRow): boolean | null {
  if (qualified_tier === null) return null
  return to_tier > (from_tier ?? 0) ? qualified_tier >= to_tier : qualified_tier <= to_tier
}

async function conditions(trx: Trx, asked: ProposalFilter): Promise<RawBuilder<unknown>> {
  const all = [sql`t.status = ${asked.status}`]
  if (asked.direction === 'rise') all.push(sql`t.to_tier > coalesce(t.from_tier, 0)`)
  if (asked.direction === 'fall') all.push(sql`t.to_tier <= coalesce(t.from_tier, 0)`)
  if (asked.toTier) all.push(sql`t.to_tier = any(${asked.toTier.split(',').map(Number)}::smallint[])`)
  if (asked.unit) all.push(sql`p.unit_id = any(${await subtree(trx, asked.unit)}::int[])`)
  return sql.join(all, sql` and `)
}

/**
 * Accepts or declines. An accepted one becomes a change of the tier in force from the next day on. Refuses not_found
 * (also outside the scope) and proposal_decided; then nothing is decided.
 */
export async function decideProposals(
  trx: Trx,
  clock: Clock,
  given: {
    decision: 'accepted' | 'declined'
    ids: readonly string[]
    note: string | undefined
    who: string
    loginId: number
    staffId: number | null
    address: string
  },
): Promise<number> {
  const ids = [...new Set(given.ids)]
  const { rows } = await sql<{ id: bigint; status: string }>`select t.id, t.status from tier_proposal t
    join party p on p.id = t.party_id where t.id = any(${ids}::bigint[]) order by t.id for update of t`.execute(trx)
  const missing = ids.find((id) => !rows.some((row) => String(row.id) === id))
  if (missing !== undefined) refuse('not_found', { what: `proposal ${missing}`, whatZh: `定级建议 ${missing}` })
  if (rows.some((row) => row.status !== 'open')) refuse('proposal_decided')
  await sql`update tier_proposal set status = ${given.decision}, decided_by = ${given.loginId}, decided_at = ${clock.now()},
    note = ${given.note ?? null} where id = any(${ids}::bigint[])`.execute(trx)
  let changes: string[] = []
  if (given.decision === 'accepted') {
    const made = await sql<{ id: bigint }>`insert into tier_change
        (party_id, scheme, from_tier, to_tier, effective_on, made_by, reason, night_id, proposal_id, staff_id)
      select party_id, scheme, from_tier, to_tier, ${clock.today()}::date + 1, 'approval', reason, night_id, id,
        ${given.staffId} from tier_proposal where id = any(${ids}::bigint[]) order by id returning id`.execute(trx)
    changes = made.rows.map((row) => String(row.id))
  }
  await bumpDesk(trx)
  await sql`insert into event (topic, payload) values ('proposals', ${JSON.stringify({ decided: ids.length })}::jsonb)`.execute(
    trx,
  )
  await audit(trx, {
    who: given.who,
    action: 'decideProposals',
    noun: 'proposal',
    before: { decision: 'open', ids },
    after: { decision: given.decision, ids, ...(await tierChangeDigestOf(trx, changes)) },
    reason: given.note ?? null,
    address: given.address,
  })
  return ids.length
}
