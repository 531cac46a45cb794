/** The value state of a customer: read with its history and what it may become, and moved. Entries are only added. */
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import { toFenText } from '../../contract/common.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { FieldRights } from '../../contract/permission.ts'
import { positionWords } from '../../contract/value-state-words.ts'
import type { readValueState } from '../../contract/value-states.ts'
import type { Trx } from '../../db/database.ts'
import { addDays, type Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { isErased } from '../consents/store.ts'
import { bumpDesk } from '../nights/store.ts'
import {
  isLoss,
  isToBeWonBack,
  type LossReason,
  moveRefusal,
  movesFrom,
  type Position,
  proposedBy,
  type ValueCause,
} from './value-states.ts'

type ValueRecord = Output<typeof readValueState>

const historyMax = 200

export interface Current extends Position {
  entryId: string
  since: Day
}

interface EntryRow extends Position {
  id: bigint
  from_day: Day
  source: ValueRecord['history'][number]['source']
  by: string | null
  reason: LossReason | null
  note: string | null
  recorded_at: Date
}

/** Who moves, where from, and until when a win-back is due. */
export interface Mover {
  who: string
  loginId: number
  address: string
  today: Day
  winBackDays: number
}

/** Current entry, history, allowed moves, and what is open about the customer. */
export async function valueRecordOf(
  trx: Trx,
  party: { id: bigint; customerNo: string },
  fields: FieldRights,
): Promise<ValueRecord> {
  const { rows } = await sql<EntryRow>`select v.id, v.state, v.stage, v.from_day, v.source, l.display_name as "by",
      v.reason, v.note, v.recorded_at
    from value_state v left join login l on v.made_by = 'login:' || l.id where v.party_id = ${party.id}
    order by v.id desc limit ${historyMax}`.execute(trx)
  const history = rows.map((row) => ({
    id: String(row.id),
    state: row.state,
    stage: row.stage,
    fromDay: row.from_day,
    source: row.source,
    by: row.by,
    reason: row.reason,
    note: row.note,
    recordedAt: row.recorded_at.toISOString(),
  }))
  const current = history[0] ?? null
  const moves = current === null || (await isErased(trx, party.id)) ? [] : movesFrom(current)
  return {
    customerNo: party.customerNo,
    current,
    moves,
    history,
    proposal: await openProposalOf(trx, party.id, fields),
    winBack: await openWinBackOf(trx, party.id),
  }
}

async function openProposalOf(trx: Trx, partyId: bigint, { money }: FieldRights): Promise<ValueRecord['proposal']> {
  const { rows } = await sql<{
    id: bigint
    cause: ValueCause
    proposed_on: Day
    average_fen: bigint | null
    average_before_fen: bigint | null
    last_activity_on: Day | null
  }>`select id, cause, proposed_on, average_fen, average_before_fen, last_activity_on from value_proposal
    where party_id = ${partyId} and status = 'open' limit 1`.execute(trx)
  const [row] = rows
  if (!row) return null
  const shown = (fen: bigint | null) => (fen === null || money === 'hidden' ? null : toFenText(fen))
  return {
    id: String(row.id),
    cause: row.cause,
    proposedOn: row.proposed_on,
    to: proposedBy[row.cause],
    averageFen: shown(row.average_fen),
    averageBeforeFen: shown(row.average_before_fen),
    lastActivityOn: row.last_activity_on,
  }
}

async function openWinBackOf(trx: Trx, partyId: bigint): Promise<ValueRecord['winBack']> {
  const { rows } = await sql<{ id: bigint; opened_on: Day; due_on: Day }>`select id, opened_on, due_on from win_back
    where party_id = ${partyId} and outcome is null limit 1`.execute(trx)
  const [row] = rows
  return row ? { id: String(row.id), openedOn: row.opened_on, dueOn: row.due_on } : null
}

/**
 * Moves a customer. Refuses already_erased, value_state_missing before the first night, value_state_stale when `entry` is
 * not the current one, and what `moveRefusal` says; then nothing has changed.
 */
export async function moveValueState(
  trx: Trx,
  party: { id: bigint; customerNo: string },
  asked: {
    entry: string
    to: Position
    fromDay?: Day | undefined
    reason?: LossReason | undefined
    note?: string | undefined
  },
  mover: Mover,
): Promise<void> {
  if (await isErased(trx, party.id)) refuse('already_erased', { customer: party.customerNo })
  const current = (await currentOf(trx, party.id)) ?? refuse('value_state_missing')
  if (current.entryId !== asked.entry) refuse('value_state_stale')
  const fromDay = asked.fromDay ?? laterDay(mover.today, current.since)
  const { to, reason, note } = asked
  mustBeAllowed(current, { to, fromDay, reason }, laterDay(mover.today, current.since))
  await enter(trx, [{ partyId: party.id, current }], { to, fromDay, reason, note, source: 'person' }, mover)
  await audit(trx, {
    who: mover.who,
    action: 'moveValueState',
    noun: 'customer',
    nounId: party.customerNo,
    partyId: party.id,
    before: { state: current.state, stage: current.stage, since: current.since },
    after: { ...to, fromDay, reason },
    reason: note ?? null,
    address: mover.address,
  })
}

function mustBeAllowed(current: Current, asked: Parameters<typeof moveRefusal>[1], today: Day): void {
  const refused = moveRefusal(current, asked, today)
  if (refused === null) return
  if (refused === 'value_day_refused') refuse(refused, { day: asked.fromDay, since: current.since, today })
  if (refused !== 'value_move_refused') refuse(refused)
  const [allowed, allowedZh] = (['en', 'zh'] as const).map((language) =>
    movesFrom(current)
      .map((move) => positionWords(move, language))
      .join(language === 'en' ? ', ' : '、'),
  )
  refuse(refused, {
    from: positionWords(current, 'en'),
    fromZh: positionWords(current, 'zh'),
    to: positionWords(asked.to, 'en'),
    toZh: positionWords(asked.to, 'zh'),
    allowed: allowed ?? '',
    allowedZh: allowedZh ?? '',
  })
}

// The night's day may be later than today where files run ahead of the clock.
const laterDay = (a: Day, b: Day) => (a < b ? b : a)

async function currentOf(trx: Trx, partyId: bigint): Promise<Current | undefined> {
  const { rows } = await sql<Position & { entry_id: bigint; since: Day }>`select entry_id, state, stage, since
    from value_now where party_id = ${partyId}`.execute(trx)
  const [row] = rows
  return row && { entryId: String(row.entry_id), state: row.state, stage: row.stage, since: row.since }
}

export interface Entered {
  to: Position
  fromDay: Day
  reason: LossReason | undefined
  note: string | undefined
  source: 'person' | 'night'
}

/** The scheme that readers see. */
const shownScheme = sql`select scheme from published_night order by scheme <> 'personal', scheme limit 1`

/**
 * Adds an entry for each of these customers, who all make the same move, with what follows from it: a loss opens a
 * win-back, whoever is lost no more closes theirs, and what a night proposed is withdrawn. Refuses value_state_stale when
 * somebody was faster.
 */
export async function enter(
  trx: Trx,
  parties: readonly { partyId: bigint; current: Current }[],
  entered: Entered,
  mover: Mover,
): Promise<void> {
  const { to, fromDay, reason, note, source } = entered
  const loss = parties.some(({ current }) => isLoss(current, to))
  const entries = parties.map(({ current }) => current.entryId)
  const by = `login:${mover.loginId}`
  const made = await sql<{ id: bigint }>`insert into value_state (party_id, previous_id, state, stage, from_day, source,
      made_by, reason, note, is_loss, unit_id, former_average_fen)
    select v.party_id, v.id, ${to.state}, ${to.stage}, greatest(${fromDay}::date, v.from_day), ${source}, ${by},
      ${reason ?? null}, ${note ?? null}, ${loss}, case when ${loss} then p.unit_id end,
      case when ${loss} then coalesce(c.former, 0) end
    from value_state v join party p on p.id = v.party_id
    left join lateral (select greatest(c.average_fen, c.average_before_fen) as former
      from night_customer c join night n on n.id = c.night_id
      where ${loss} and c.party_id = v.party_id and n.scheme = (${shownScheme})
      order by n.day desc, n.id desc limit 1) c on true
    where v.id = any(${entries}::bigint[]) order by v.party_id
    on conflict (previous_id) do nothing returning id`.execute(trx)
  if (made.rows.length !== parties.length) refuse('value_state_stale')
  const ids = parties.map(({ partyId }) => String(partyId))
  await sql`update value_proposal set status = 'withdrawn', decided_at = now()
    where party_id = any(${ids}::bigint[]) and status = 'open'`.execute(trx)
  if (loss && reason !== undefined && isToBeWonBack(reason)) {
    const dueOn = addDays(mover.today, mover.winBackDays)
    await sql`insert into win_back (party_id, entry_id, reason, former_average_fen, opened_on, due_on)
      select party_id, id, reason, former_average_fen, ${mover.today}, ${dueOn} from value_state
      where id = any(${made.rows.map(({ id }) => String(id))}::bigint[])
      on conflict (party_id) where outcome is null do nothing`.execute(trx)
  }
  if (to.state === 'actual' || to.state === 'permanentlyLost') {
    await sql`update win_back set outcome = ${to.state === 'actual' ? 'back' : 'permanentlyLost'},
        closed_on = ${mover.today}, closed_by = ${by}, note = ${note ?? null}
      where party_id = any(${ids}::bigint[]) and outcome is null`.execute(trx)
  }
  await bumpDesk(trx)
}
