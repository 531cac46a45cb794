/** A published night of as many customers as wanted, and nothing else: for tests of long lists. */
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { day } from '../../src/kit/day.ts'
import type { Workplace } from '../../src/nightly/workplace.ts'
import { nightCustomerColumns } from '../../src/publish/columns.ts'
import { publishNight } from '../../src/publish/publish.ts'

/** The number of the customer at a place of the list by average, highest first: the first is 1. */
export function numberAt(place: number): string {
  return `3${String(place).padStart(8, '0')}`
}

/** Makes one unit (code 'LONG') with that many customers, each with a lower average than the one before. */
export async function longList({ db, keys }: Pick<Workplace, 'db' | 'keys'>, customers: number): Promise<void> {
  const unit = await db.owner.query<{ id: number }>(
    `insert into unit (code, name, kind, path) values ('LONG', '总行', 'headOffice', '') returning id`,
  )
  const unitId = unit.rows[0]?.id ?? 0
  await db.owner.query(`update unit set path = '/' || id || '/' where id = $1`, [unitId])
  const source = readFileSync(new URL('../../src/tiers/policies/personal.yaml', import.meta.url), 'utf8')
  const night = await db.owner.query<{ id: number }>(
    `with policy_made as (insert into policy (scheme, version, name, source, sha256, status, in_force_from, recorded_by)
       values ('personal', 1, '个人客户分级', $1, 'x', 'inForce', '1900-01-01', 'test') returning id)
     insert into night (day, scheme, policy_id, status) select '2026-10-31', 'personal', id, 'running' from policy_made
     returning id`,
    [source],
  )
  const nightId = night.rows[0]?.id ?? 0
  await publishNight(db.owner, {
    nightId,
    day: day('2026-10-31'),
    scheme: 'personal',
    appliesTo: 'person',
    digest: 'digest',
    keys,
    customers: () => Readable.from(rows(nightId, unitId, customers)),
    households: () => Readable.from([]),
    moves: () => Readable.from([]),
  })
}

function* rows(nightId: number, unitId: number, customers: number): Generator<string> {
  for (let place = 1; place <= customers; place++) yield row(nightId, unitId, place, customers)
}

function row(nightId: number, unitId: number, place: number, customers: number): string {
  const averageFen = BigInt(customers - place) * 10_000n
  const known: Record<string, unknown> = {
    night_id: nightId,
    party_id: place,
    customer_no: numberAt(place),
    kind: 'person',
    name: `王第${place}`,
    unit_id: unitId,
    qualified_tier: 1,
    tier_in_force: 1,
    path: 'individual',
    average_fen: averageFen,
    sum_fen: averageFen * 90n,
    sum_scaled: averageFen * 90n,
    days: 90,
    gaps: '{}',
    confidence: 100,
  }
  const counted = /_fen$|^frequency$|^notice_count$/
  const missing = new Set(['household_average_fen', 'to_next_fen', 'to_keep_fen'])
  const blank = (column: string) => (counted.test(column) && !missing.has(column) ? 0 : '')
  return `${nightCustomerColumns.map((column) => String(known[column] ?? blank(column))).join(',')}\n`
}
