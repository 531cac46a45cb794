/**
 * How long things are kept: one setting per noun in the record, a rehearsal that says what would go now, and the act
 * itself, once a day. What is under retention is deleted or loses its content; why a row was kept out, sums of old
 * nights and the audit stay.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { auditAsOwner } from '../access/audit.ts'
import { sessionEnd, sweepSessions } from '../access/session-span.ts'
import { ownerTransaction } from '../db/database.ts'
import { freeLock, takeLock } from '../db/lock.ts'
import { refuse } from '../kit/refusal.ts'
import { dropOldNights, oldNights } from '../publish/retention.ts'
import type { Workplace } from './workplace.ts'

export type RetentionNoun =
  | 'originals'
  | 'quarantine'
  | 'sessions'
  | 'events'
  | 'nights'
  | 'monthEnds'
  | 'papers'
  | 'audit'

export interface RetentionLine {
  noun: RetentionNoun
  /** Days; of nights and month-ends how many are kept whole; null: for ever. */
  keep: number | null
  fixed: boolean
  held: number
  /** Would go now. */
  goes: number
  /** Of files that would go. */
  bytes: string | null
  oldest: string | null
  editedAt: string | null
  editedBy: string | null
}

export interface Retention {
  lines: RetentionLine[]
  appliedOn: string | null
}

interface Setting {
  noun: RetentionNoun
  keep: number | null
  edited_at: Date | null
  edited_by: string | null
}

interface Held {
  held: bigint
  goes: bigint
  bytes?: bigint
  oldest: Date | null
}

interface Keeping {
  noun: RetentionNoun
  /** Nobody sets it: the law does. */
  fixed?: true
  /** At least that many. */
  keepMin?: number
  count(owner: pg.Pool, keep: number | null, now: string): Promise<Held>
  /** Lets go what is too old. */
  apply(workplace: Workplace, keep: number): Promise<void>
}

/** Whether an instant is longer ago than $1 days, seen from $2. */
const isOld = (column: string) => `${column} < $2::timestamptz - $1 * interval '1 day'`
const first = async (owner: pg.Pool, query: string, values: unknown[]): Promise<Held> => {
  const found = await owner.query<Held>(query, values)
  return found.rows[0] ?? { held: 0n, goes: 0n, oldest: null }
}

const originals: Keeping = {
  noun: 'originals',
  count: (owner, keep, now) =>
    first(
      owner,
      `select count(*) as held, count(*) filter (where ${isOld('recorded_at')}) as goes,
         coalesce(sum(bytes) filter (where ${isOld('recorded_at')}), 0)::bigint as bytes, min(recorded_at) as oldest
       from lake_file where kind = 'raw'`,
      [keep, now],
    ),
  apply: async ({ db, lakeDir, clock }, keep) => {
    // First the key: from its commit on nobody opens a copy of the file, wherever that is.
    const paths = await ownerTransaction(db.owner, async (client) => {
      const gone = await client.query<{ load_id: number; path: string }>(
        `delete from lake_file where kind = 'raw' and ${isOld('recorded_at')} returning load_id, path`,
        [keep, clock.now()],
      )
      await client.query('delete from load_key where load_id = any($1::int[])', [gone.rows.map((row) => row.load_id)])
      return gone.rows.map((row) => row.path)
    })
    for (const path of paths) rmSync(join(lakeDir, path), { force: true })
  },
}

const quarantine: Keeping = {
  noun: 'quarantine',
  count: (owner, keep, now) =>
    first(
      owner,
      `select count(*) as held, count(*) filter (where ${isOld('l.recorded_at')}) as goes, min(l.recorded_at) as oldest
       from quarantine q join load l on l.id = q.load_id where q.row_sealed is not null`,
      [keep, now],
    ),
  apply: async ({ db, clock }, keep) => {
    await db.owner.query(
      `update quarantine q set row_sealed = null, value = '' from load l
       where l.id = q.load_id and q.row_sealed is not null and ${isOld('l.recorded_at')}`,
      [keep, clock.now()],
    )
  },
}

const sessions: Keeping = {
  noun: 'sessions',
  count: (owner, keep, now) =>
    first(
      owner,
      `select count(*) as held, count(*) filter (where ${isOld(sessionEnd)}) as goes, min(created_at) as oldest
       from session where ${sessionEnd} < $2`,
      [keep, now],
    ),
  apply: async ({ db, clock }) => {
    await sweepSessions(db, clock)
  },
}

const events: Keeping = {
  noun: 'events',
  count: (owner, keep, now) =>
    first(
      owner,
      `select count(*) as held, count(*) filter (where ${isOld('at')}) as goes, min(at) as oldest from event`,
      [keep, now],
    ),
  apply: async ({ db, clock }, keep) => {
    await db.owner.query(`delete from event where ${isOld('at')}`, [keep, clock.now()])
  },
}

// Dropped with the next night too: how many nights and how many month-ends are kept belongs together.
const nights = (noun: 'nights' | 'monthEnds'): Keeping => ({
  noun,
  keepMin: 1,
  count: async (owner) => {
    const all = await oldNights(owner)
    const of = all.filter((night) => night.isMonthEnd === (noun === 'monthEnds'))
    const oldest = of.map((night) => night.published_at).sort((a, b) => a.getTime() - b.getTime())[0]
    return { held: BigInt(of.length), goes: BigInt(of.filter((night) => night.goes).length), oldest: oldest ?? null }
  },
  apply: async ({ db }) => {
    const schemes = await db.owner.query<{ scheme: string }>('select scheme from published_night order by scheme')
    for (const { scheme } of schemes.rows) await dropOldNights(db.owner, scheme)
  },
})

/** When a paper was of use for the last time; null while it is. */
const paperEnd = `least(p.withdrawn_at, (p.valid_until + 1)::timestamptz)`

const papers: Keeping = {
  noun: 'papers',
  count: (owner, keep, now) =>
    first(
      owner,
      `select count(*) as held, count(*) filter (where ${isOld(paperEnd)}) as goes,
         coalesce(sum(p.bytes) filter (where ${isOld(paperEnd)}), 0)::bigint as bytes, min(p.taken_at) as oldest
       from paper_content c join paper p on p.id = c.paper_id`,
      [keep, now],
    ),
  // The file and the number on it; that it was held, until when and where stays.
  apply: async ({ db, clock }, keep) => {
    await db.owner.query(
      `with old as (select p.id from paper p where p.gone_at is null and ${isOld(paperEnd)}),
         emptied as (delete from paper_content where paper_id in (select id from old))
       update paper set gone_at = $2 where id in (select id from old)`,
      [keep, clock.now()],
    )
  },
}

const auditEntries: Keeping = {
  noun: 'audit',
  fixed: true,
  count: (owner) => first(owner, 'select count(*) as held, 0::bigint as goes, min(at) as oldest from audit_entry', []),
  apply: async () => undefined,
}

const keepings: readonly Keeping[] = [
  originals,
  quarantine,
  sessions,
  events,
  nights('nights'),
  nights('monthEnds'),
  papers,
  auditEntries,
]

/** What each noun holds, what would go now, and when it was last applied. Changes nothing. */
export async function rehearseRetention({ db, clock }: Pick<Workplace, 'db' | 'clock'>): Promise<Retention> {
  const settings = await settingsOf(db.owner)
  const lines: RetentionLine[] = []
  for (const keeping of keepings) {
    const setting = settings.get(keeping.noun)
    const { held, goes, bytes, oldest } = await keeping.count(db.owner, setting?.keep ?? null, clock.now())
    lines.push({
      noun: keeping.noun,
      keep: setting?.keep ?? null,
      fixed: keeping.fixed === true,
      held: Number(held),
      goes: Number(goes),
      bytes: bytes === undefined ? null : String(bytes),
      oldest: oldest?.toISOString() ?? null,
      editedAt: setting?.edited_at?.toISOString() ?? null,
      editedBy: setting?.edited_by ?? null,
    })
  }
  const applied = await db.owner.query<{ value: string }>(`select value from setting where name = 'retentionOn'`)
  return { lines, appliedOn: applied.rows[0]?.value ?? null }
}

/** Lets everything go that is too old; audited with what went. Returns the rehearsal of just before. */
export async function applyRetention(workplace: Workplace): Promise<Retention> {
  const { db, clock } = workplace
  const rehearsal = await rehearseRetention(workplace)
  for (const keeping of keepings) {
    const keep = rehearsal.lines.find((line) => line.noun === keeping.noun)?.keep
    if (keep !== null && keep !== undefined) await keeping.apply(workplace, keep)
  }
  await ownerTransaction(db.owner, async (client) => {
    const gone = Object.fromEntries(
      rehearsal.lines.filter((line) => line.goes > 0).map((line) => [line.noun, line.goes]),
    )
    await auditAsOwner(client, workplace.keys, {
      who: 'strata',
      action: 'applyRetention',
      noun: 'retention',
      after: gone,
    })
    await client.query(
      `insert into setting (name, value) values ('retentionOn', $1)
       on conflict (name) do update set value = excluded.value`,
      [clock.today()],
    )
  })
  return rehearsal
}

/** Any number that nothing else here locks by. */
const lockSpace = 7_304_003

/** What the worker asks for again and again: applies once a day, whoever asks first. */
export async function retentionOfToday(workplace: Workplace): Promise<void> {
  const client = await workplace.db.owner.connect()
  try {
    if (!(await takeLock(client, lockSpace, 'retention'))) return
    try {
      const done = await client.query(`select 1 from setting where name = 'retentionOn' and value = $1`, [
        workplace.clock.today(),
      ])
      if (done.rowCount === 0) await applyRetention(workplace)
    } finally {
      await freeLock(client, lockSpace, 'retention')
    }
  } finally {
    client.release()
  }
}

/** How long a noun is kept from now on. Refuses retention_fixed. Audited. */
export async function setRetention(
  { db, keys }: Pick<Workplace, 'db' | 'keys'>,
  asked: { noun: RetentionNoun; keep: number; who: string; reason: string; address: string },
): Promise<void> {
  const { noun, keep, who, reason, address } = asked
  const keeping = keepings.find((one) => one.noun === noun)
  if (keeping?.fixed) refuse('retention_fixed', { noun })
  if (keep < (keeping?.keepMin ?? 0)) {
    refuse('input_invalid', { field: 'keep', reason: 'at least 1', reasonZh: '至少为 1' })
  }
  await ownerTransaction(db.owner, async (client) => {
    const old = await client.query<{ keep: number | null }>('select keep from retention where noun = $1 for update', [
      noun,
    ])
    await client.query('update retention set keep = $2, edited_at = now(), edited_by = $3 where noun = $1', [
      noun,
      keep,
      who,
    ])
    const change = { before: { keep: old.rows[0]?.keep ?? null }, after: { keep } }
    await auditAsOwner(client, keys, {
      who,
      action: 'setRetention',
      noun: 'retention',
      nounId: noun,
      ...change,
      reason,
      address,
    })
  })
}

async function settingsOf(owner: pg.Pool): Promise<Map<RetentionNoun, Setting>> {
  const found = await owner.query<Setting>(
    `select r.noun, r.keep, r.edited_at, coalesce(l.display_name, r.edited_by) as edited_by
     from retention r left join login l on r.edited_by = 'login:' || l.id`,
  )
  return new Map(found.rows.map((row) => [row.noun, row]))
}
