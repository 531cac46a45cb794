/** What a night says of one customer: as it is stored, and as the API shows it. */
import { type RawBuilder, sql } from 'kysely'
import { mask } from '../../access/show.ts'
import { toFenText } from '../../contract/common.ts'
import type { CustomerRow } from '../../contract/customers.ts'
import type { FieldRead, FieldRights } from '../../contract/permission.ts'
import type { TierNames } from '../nights/current.ts'
import type { LifeStage, ValueState } from '../value-states/value-states.ts'

/** The row of a night about one party, to be read within another statement. */
export function figuresOf(nightId: number, partyId: RawBuilder<unknown>): RawBuilder<StoredRow> {
  return sql<StoredRow>`select ${figureColumns} from night_customer n ${figureJoins}
    where n.night_id = ${sql.lit(nightId)} and n.party_id = ${partyId}`
}

/** What `figuresOf` and a page of the list read, amounts as text. */
export interface StoredRow {
  party_id: string
  customer_no: string
  kind: 'person' | 'company'
  name: string
  unit_code: string
  unit_name: string
  rm_code: string | null
  rm_name: string | null
  qualified_tier: number
  tier_in_force: number | null
  path: CustomerRow['path']
  average_fen: string
  sum_fen: string
  days: number
  household_no: string | null
  household_average_fen: string | null
  household_members: number | null
  to_next_fen: string | null
  to_keep_fen: string | null
  aum_fen: string
  deposit_fen: string
  wealth_fen: string
  fund_fen: string
  insurance_fen: string
  bond_fen: string
  metal_fen: string
  securities_fen: string
  transit_fen: string
  foreign_fen: string
  overdraft_fen: string
  average_before_fen: string
  recency_days: number | null
  frequency: number
  monetary_fen: string
  r_score: number | null
  f_score: number | null
  m_score: number | null
  first_activity_on: string | null
  last_activity_on: string | null
  confidence: number
  gaps: string[]
  notice_count: number
  value_state: ValueState | null
  life_stage: LifeStage | null
  tags: number[]
}

/** Columns of `StoredRow` for `night_customer n` with `figureJoins`. */
export const figureColumns = sql`n.party_id, n.customer_no, n.kind, n.name, u.code as unit_code, u.name as unit_name,
  s.code as rm_code, s.name as rm_name, n.qualified_tier, n.tier_in_force, n.path, n.average_fen, n.sum_fen, n.days,
  h.household_no, n.household_average_fen, n.household_members, n.to_next_fen, n.to_keep_fen, n.aum_fen, n.deposit_fen,
  n.wealth_fen, n.fund_fen, n.insurance_fen, n.bond_fen, n.metal_fen, n.securities_fen, n.transit_fen, n.foreign_fen,
  n.overdraft_fen, n.average_before_fen, n.recency_days, n.frequency, n.monetary_fen, n.r_score, n.f_score, n.m_score,
  n.first_activity_on, n.last_activity_on, n.confidence, n.gaps, n.notice_count,
  v.state as value_state, v.stage as life_stage,
  array(select t.tag_id from party_tag t where t.party_id = n.party_id order by t.tag_id limit 50) as tags`
// One row looked up for each, which the limits see to: joined as they stand, PostgreSQL read all 7,069 members of staff and
// all 1,289 units to name those of 50 rows, two thirds of the time of a page of the list.
export const figureJoins = sql`left join lateral (select code, name from unit where id = n.unit_id limit 1) u on true
  left join lateral (select code, name from staff where id = n.rm_id limit 1) s on true
  left join lateral (select household_no from household where id = n.household_id limit 1) h on true
  left join lateral (select state, stage from value_now where party_id = n.party_id limit 1) v on true`

/** As the API shows it: the name and the amounts as whoever asks may read them, tiers by name. */
export function asCustomerRow(row: StoredRow, names: TierNames, fields: FieldRights): CustomerRow {
  const hidden = fields.money === 'hidden'
  const fen = (amount: string | null) => (amount === null || hidden ? null : toFenText(amount))
  return {
    customerNo: row.customer_no,
    kind: row.kind,
    name: shownName(row.kind, row.name, fields.name),
    unit: { code: row.unit_code, name: row.unit_name },
    rm: row.rm_code === null ? null : { code: row.rm_code, name: row.rm_name ?? '' },
    qualifiedTier: names(row.qualified_tier, row.kind),
    tierInForce: names(row.tier_in_force ?? 0, row.kind),
    path: row.path,
    averageFen: fen(row.average_fen),
    sumFen: fen(row.sum_fen),
    days: row.days,
    householdNo: row.household_no,
    householdAverageFen: fen(row.household_average_fen),
    householdMembers: row.household_members,
    toNextFen: fen(row.to_next_fen),
    toKeepFen: fen(row.to_keep_fen),
    aumFen: fen(row.aum_fen),
    depositFen: fen(row.deposit_fen),
    wealthFen: fen(row.wealth_fen),
    fundFen: fen(row.fund_fen),
    insuranceFen: fen(row.insurance_fen),
    bondFen: fen(row.bond_fen),
    metalFen: fen(row.metal_fen),
    securitiesFen: fen(row.securities_fen),
    transitFen: fen(row.transit_fen),
    foreignFen: fen(row.foreign_fen),
    overdraftFen: fen(row.overdraft_fen),
    averageBeforeFen: fen(row.average_before_fen),
    recencyDays: row.recency_days,
    frequency: row.frequency,
    monetaryFen: fen(row.monetary_fen),
    rScore: row.r_score,
    fScore: row.f_score,
    mScore: hidden ? null : row.m_score,
    firstActivityOn: row.first_activity_on,
    lastActivityOn: row.last_activity_on,
    confidence: row.confidence,
    gaps: row.gaps,
    noticeCount: row.notice_count,
    tags: row.tags,
    valueState: row.value_state && { state: row.value_state, stage: row.life_stage },
  }
}

/** People are masked unless they are read in clear; a company's name is public. */
export function shownName(kind: 'person' | 'company', name: string, read: FieldRead = 'masked'): string {
  if (kind === 'company' || read === 'clear' || name.startsWith('∅')) return name
  return read === 'hidden' ? '***' : mask('name', name)
}
