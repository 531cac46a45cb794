/** Nights as the list shows them, and what corrected files would have changed. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { audit } from '../../access/audit.ts'
import { tierChangeDigestOf } from '../../access/audit-tiers.ts'
import { toFenText } from '../../contract/common.ts'
import type { Night, wouldHaveBeen } from '../../contract/nights.ts'
import type { FieldRights } from '../../contract/permission.ts'
import type { Trx } from '../../db/database.ts'
import type { Clock } from '../../kit/clock.ts'
import { type RefusalCode, type RefusalParams, refusals, refusalText, refuse } from '../../kit/refusal.ts'
import { decodeCursor, encodeCursor, idOfCursor } from '../cursor.ts'
import { shownName } from '../customers/figures.ts'
import { nightById, type TierNames } from './current.ts'

interface NightRow {
  id: number
  day: string
  scheme: string
  version: number
  status: Night['status']
  is_current: boolean
  is_cut_off: boolean
  step: string | null
  steps: unknown
  digest: string | null
  replay_of_id: number | null
  customers: bigint | null
  started_at: Date
  finished_at: Date | null
  published_at: Date | null
  failure: unknown
  stale_since: Date | null
  stale_load_id: number | null
}

const nightColumns = sql`n.id, n.day, n.scheme, p.version, n.status,
  exists (select 1 from published_night c where c.night_id = n.id) as is_current, n.is_cut_off, n.step, n.steps, n.digest,
  n.replay_of_id, n.customers, n.started_at, n.finished_at, n.published_at, n.failure, n.stale_since, n.stale_load_id`

/** Newest first. Refuses cursor_invalid. */
export async function listNights(
  trx: Trx,
  asked: { limit: number; cursor?: string | undefined; scheme?: string | undefined },
): Promise<{ rows: Night[]; next: string | null }> {
  const before = idOfCursor(asked.cursor)
  const { rows } = await sql<NightRow>`select ${nightColumns} from night n join policy p on p.id = n.policy_id
    where (${asked.scheme ?? null}::text is null or n.scheme = ${asked.scheme ?? null})
      and (${before}::bigint is null or n.id < ${before}::bigint)
    order by n.id desc limit ${asked.limit + 1}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return { rows: shown.map(asNight), next: rows.length > asked.limit && last ? encodeCursor([String(last.id)]) : null }
}

/** Refuses not_found. */
export async function readNight(trx: Trx, id: number): Promise<Night & { manifest: unknown }> {
  const { rows } = await sql<NightRow & { manifest: unknown }>`select ${nightColumns}, n.manifest
    from night n join policy p on p.id = n.policy_id where n.id = ${id}`.execute(trx)
  const row = rows[0] ?? refuse('not_found', { what: `night ${id}`, whatZh: `跑批 ${id}` })
  return { ...asNight(row), manifest: row.manifest }
}

function asNight(row: NightRow): Night {
  return {
    id: row.id,
    day: row.day,
    scheme: row.scheme,
    policyVersion: row.version,
    status: row.status,
    isCurrent: row.is_current,
    isCutOff: row.is_cut_off,
    step: row.step,
    steps: stepsOf(row.steps),
    digest: row.digest,
    replayOf: row.replay_of_id,
    customers: row.customers === null ? null : Number(row.customers),
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    publishedAt: row.published_at?.toISOString() ?? null,
    failure: refusalShown(row.failure),
    staleSince: row.stale_since?.toISOString() ?? null,
    staleLoadId: row.stale_load_id,
  }
}

/** Several files of one step show as one line. */
function stepsOf(stored: unknown): Night['steps'] {
  if (!Array.isArray(stored)) return []
  return stored.flatMap((step: unknown) => {
    if (typeof step !== 'object' || step === null) return []
    const { name, digest, seconds } = step as Record<string, unknown>
    if (typeof name !== 'string') return []
    return {
      name,
      digest: typeof digest === 'string' ? digest : null,
      seconds: typeof seconds === 'number' ? seconds : null,
    }
  })
}

/** A refusal kept as {code, params} or with its texts, in both languages. */
export function refusalShown(stored: unknown): { code: string; zh: string; en: string } | null {
  if (typeof stored !== 'object' || stored === null) return null
  const { code, params, zh, en, message } = stored as Record<string, unknown>
  const known = typeof code === 'string' ? code : 'internal_failure'
  if (typeof zh === 'string' && typeof en === 'string') return { code: known, zh, en }
  if (Object.hasOwn(refusals, known)) {
    const given = (params ?? {}) as RefusalParams
    return {
      code: known,
      zh: refusalText(known as RefusalCode, given, 'zh'),
      en: refusalText(known as RefusalCode, given, 'en'),
    }
  }
  const text = typeof message === 'string' ? message : known
  return { code: known, zh: text, en: text }
}

type Difference = z.output<typeof wouldHaveBeen>

/** Only customers that the scope sees. Refuses not_found, cursor_invalid. */
export async function listWouldHaveBeen(
  trx: Trx,
  names: TierNames,
  asked: {
    id: number
    limit: number
    cursor?: string | undefined
    decision?: 'open' | 'accepted' | 'declined' | undefined
  },
  fields: FieldRights,
): Promise<{
  rows: Difference[]
  next: string | null
  open: number
  accepted: number
  declined: number
}> {
  const [after] = asked.cursor === undefined ? [null] : decodeCursor(asked.cursor)
  if (after !== null && typeof after !== 'string') refuse('cursor_invalid')
  const decision = asked.decision
  const { rows } = await sql<{
    customer_no: string
    kind: 'person' | 'company'
    name: string
    unit_code: string
    unit_name: string
    published_tier: number
    would_tier: number
    published_average_fen: bigint
    would_average_fen: bigint
    load_id: number | null
    decision: 'accepted' | 'declined' | null
    decided_by: string | null
    decided_at: Date | null
  }>`select p.customer_no, p.kind, p.name, u.code as unit_code, u.name as unit_name, w.published_tier, w.would_tier,
      w.published_average_fen, w.would_average_fen, w.load_id, w.decision, l.display_name as decided_by, w.decided_at
    from would_have_been w join party p on p.id = w.party_id join unit u on u.id = p.unit_id
    left join login l on l.id = w.decided_by
    where w.night_id = ${asked.id} and (${after}::text is null or p.customer_no > ${after}::text collate "C")
      and (${decision ?? null}::text is null or coalesce(w.decision, 'open') = ${decision ?? null})
    order by p.customer_no limit ${asked.limit + 1}`.execute(trx)
  const counts = await sql<{ open: bigint; accepted: bigint; declined: bigint }>`select
      count(*) filter (where w.decision is null) as open, count(*) filter (where w.decision = 'accepted') as accepted,
      count(*) filter (where w.decision = 'declined') as declined
    from would_have_been w join party p on p.id = w.party_id where w.night_id = ${asked.id}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => ({
      customerNo: row.customer_no,
      name: shownName(row.kind, row.name, fields.name),
      unit: { code: row.unit_code, name: row.unit_name },
      publishedTier: names(row.published_tier),
      wouldTier: names(row.would_tier),
      publishedAverageFen: fields.money === 'hidden' ? null : toFenText(row.published_average_fen),
      wouldAverageFen: fields.money === 'hidden' ? null : toFenText(row.would_average_fen),
      loadId: row.load_id,
      decision: row.decision,
      decidedBy: row.decided_by,
      decidedAt: row.decided_at?.toISOString() ?? null,
    })),
    next: rows.length > asked.limit && last ? encodeCursor([last.customer_no]) : null,
    open: Number(counts.rows[0]?.open ?? 0),
    accepted: Number(counts.rows[0]?.accepted ?? 0),
    declined: Number(counts.rows[0]?.declined ?? 0),
  }
}

/**
 * Accepts or declines differences. What was published stands; an accepted one changes the tier in force from the next
 * day on, where it is not that tier already. Refuses not_found (a customer that is not in the list or not in the scope)
 * and difference_decided; then nothing is decided.
 */
export async function decideWouldHaveBeen(
  trx: Trx,
  clock: Clock,
  given: {
    id: number
    decision: 'accepted' | 'declined'
    customerNos: readonly string[]
    note: string | undefined
    who: string
    loginId: number
    staffId: number | null
    address: string
  },
): Promise<number> {
  const night = await nightById(trx, given.id)
  const wanted = [...new Set(given.customerNos)]
  const { rows } = await sql<{ party_id: bigint; customer_no: string; decision: string | null; would_tier: number }>`
    select w.party_id, p.customer_no, w.decision, w.would_tier from would_have_been w join party p on p.id = w.party_id
    where w.night_id = ${night.id} and p.customer_no = any(${wanted}::text[]) order by w.party_id for update of w`.execute(
    trx,
  )
  const missing = wanted.find((customerNo) => !rows.some((row) => row.customer_no === customerNo))
  if (missing !== undefined) refuse('not_found', { what: `customer ${missing}`, whatZh: `客户 ${missing}` })
  if (rows.some((row) => row.decision !== null)) refuse('difference_decided')
  const ids = rows.map((row) => String(row.party_id))
  await sql`update would_have_been set decision = ${given.decision}, decided_by = ${given.loginId},
    decided_at = ${clock.now()} where night_id = ${night.id} and party_id = any(${ids}::bigint[])`.execute(trx)
  const changes = given.decision === 'accepted' ? await applyDifferences(trx, clock, night, ids, given) : []
  await audit(trx, {
    who: given.who,
    action: 'decideDifferences',
    noun: 'night',
    nounId: String(night.id),
    before: { decision: 'open', customers: wanted.length },
    after: { decision: given.decision, customerNos: wanted, ...(await tierChangeDigestOf(trx, changes)) },
    reason: given.note ?? null,
    address: given.address,
  })
  return rows.length
}

async function applyDifferences(
  trx: Trx,
  clock: Clock,
  night: { id: number; scheme: string },
  ids: string[],
  given: { staffId: number | null; note: string | undefined },
): Promise<string[]> {
  const reason = given.note ?? 'a corrected file'
  const made = await sql<{
    id: bigint
  }>`insert into tier_change (party_id, scheme, from_tier, to_tier, effective_on, made_by, reason, night_id, staff_id)
    select w.party_id, ${night.scheme}, f.to_tier, w.would_tier, ${clock.today()}::date + 1, 'approval', ${reason},
      ${night.id}, ${given.staffId}
    from would_have_been w
    left join lateral (select to_tier from tier_change c where c.party_id = w.party_id and c.scheme = ${night.scheme}
      order by effective_on desc, id desc limit 1) f on true
    where w.night_id = ${night.id} and w.party_id = any(${ids}::bigint[])
      and w.would_tier is distinct from f.to_tier returning id`.execute(trx)
  // A person has decided about these; what the night had proposed for them is answered by it.
  await sql`update tier_proposal set status = 'withdrawn', decided_at = ${clock.now()}
    where status = 'open' and scheme = ${night.scheme} and party_id = any(${ids}::bigint[])`.execute(trx)
  await bumpDesk(trx)
  return made.rows.map((row) => String(row.id))
}

/** Everything that changes what a night reads of the record says so. */
export async function bumpDesk(trx: Trx): Promise<void> {
  await sql`update setting set value = (value::bigint + 1)::text where name = 'deskVersion'`.execute(trx)
}
