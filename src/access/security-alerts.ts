/**
 * Security alerts: what administrators and compliance officers must see, until one of them says with a note that it was
 * looked at. While an alert is open, the same again counts up.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { SecurityAlertKind, securityAlert } from '../contract/security-alerts.ts'
import { type Database, nobodyAs, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import type { Session } from './session.ts'

export interface Raised {
  kind: SecurityAlertKind
  /** What it is about, without personal data: 'login:17', 'address:10.0.0.4'. */
  about: string
  loginId?: number | null
  address?: string | null
}

/** Raises an alert, or counts it where the same one is open, and tells whoever is connected. Audited when new. */
export async function raiseAlert(trx: Trx, clock: Clock, raised: Raised): Promise<void> {
  const { kind, about } = raised
  const address = raised.address ?? null
  const { rows } = await sql<{ id: number; times: number }>`
    insert into security_alert as open (kind, about, first_at, last_at, login_id, address)
    values (${kind}, ${about}, ${clock.now()}, ${clock.now()}, ${raised.loginId ?? null}, ${address})
    on conflict (kind, about) where acknowledged_at is null
    do update set times = open.times + 1, last_at = excluded.last_at, address = excluded.address
    returning id, times`.execute(trx)
  const row = rows[0]
  if (row?.times === 1) {
    await audit(trx, {
      who: 'strata',
      action: 'raiseSecurityAlert',
      noun: 'securityAlert',
      nounId: String(row.id),
      after: { kind, about },
      address,
    })
  }
  await sql`insert into event (topic, payload) values ('securityAlert', ${JSON.stringify({ id: row?.id, kind })}::jsonb)`.execute(
    trx,
  )
}

type SecurityAlert = z.output<typeof securityAlert>

export interface AlertsAsked {
  state: 'open' | 'acknowledged' | 'all'
  limit: number
  /** Below this id. */
  before: number | null
}

/** Newest first, with how many there are in that state. They are the bank's, for whoever reads them at the top. */
export async function listSecurityAlerts(
  db: Database,
  session: Session,
  asked: AlertsAsked,
): Promise<{ rows: SecurityAlert[]; total: number; next: number | null }> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const state =
      asked.state === 'all'
        ? sql`true`
        : asked.state === 'open'
          ? sql`a.acknowledged_at is null`
          : sql`a.acknowledged_at is not null`
    const counted = await sql<{
      total: number
    }>`select count(*)::int as total from security_alert a where ${state}`.execute(trx)
    const { rows } = await sql<Row>`select a.*, l.name as login_name, l.display_name, b.display_name as by_name
      from security_alert a left join login l on l.id = a.login_id left join login b on b.id = a.acknowledged_by
      where ${state} and (${asked.before}::int is null or a.id < ${asked.before}) order by a.id desc
      limit ${asked.limit + 1}`.execute(trx)
    const page = rows.slice(0, asked.limit).map(asAlert)
    const next = rows.length > asked.limit ? (page.at(-1)?.id ?? null) : null
    return { rows: page, total: counted.rows[0]?.total ?? 0, next }
  })
}

/** Says that somebody looked at it. Refuses not_found, security_alert_acknowledged. Audited. */
export async function acknowledgeSecurityAlert(
  db: Database,
  clock: Clock,
  session: Session,
  given: { id: number; note: string; address: string },
): Promise<void> {
  await db.withScope(nobodyAs(session.who), async (trx) => {
    const changed = await sql`update security_alert set acknowledged_at = ${clock.now()},
      acknowledged_by = ${session.loginId}, note = ${given.note}
      where id = ${given.id} and acknowledged_at is null`.execute(trx)
    if (changed.numAffectedRows !== 1n) {
      const known = await trx.selectFrom('security_alert').select('id').where('id', '=', given.id).executeTakeFirst()
      if (known) refuse('security_alert_acknowledged')
      refuse('not_found', { what: `alert ${given.id}`, whatZh: `告警 ${given.id}` })
    }
    const { who } = session
    const { note: reason, address } = given
    await audit(trx, {
      who,
      action: 'acknowledgeSecurityAlert',
      noun: 'securityAlert',
      nounId: String(given.id),
      reason,
      address,
    })
    await sql`insert into event (topic, payload)
      values ('securityAlert', ${JSON.stringify({ id: given.id, kind: 'acknowledged' })}::jsonb)`.execute(trx)
  })
}

interface Row {
  id: number
  kind: SecurityAlertKind
  about: string
  first_at: Date
  last_at: Date
  times: number
  address: string | null
  login_name: string | null
  display_name: string | null
  acknowledged_at: Date | null
  by_name: string | null
  note: string | null
}

function asAlert(row: Row): SecurityAlert {
  return {
    id: row.id,
    kind: row.kind,
    about: row.about,
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    times: row.times,
    address: row.address,
    login: row.login_name === null ? null : { name: row.login_name, displayName: row.display_name ?? row.login_name },
    acknowledged: row.acknowledged_at && {
      at: row.acknowledged_at.toISOString(),
      by: row.by_name ?? '',
      note: row.note ?? '',
    },
  }
}
