/** The score step: RFM scores by cut-points, and how sure the tier is given the holes in its inputs. */
import type { Day } from '../kit/day.ts'
import { type Engine, literal } from '../lake/engine.ts'
import { confidenceSql, gapsSql } from '../tiers/confidence.ts'
import { assetClasses, type Policy } from '../tiers/policy.ts'
import { desk, partySql } from './compute.ts'

export interface ScoreSource {
  policy: Policy
  day: Day
  snapshotDir: string
  /** Relation of the measures. */
  measure: string
  windowDays: number
}

/** Scores from 1 to 5; a value belongs to the band of the highest cut-point it is above, so equal values score equal. */
const bands = 5

interface Cuts {
  recency: bigint[]
  frequency: bigint[]
  monetary: bigint[]
}

/** The query that gives party_id, recency_days, r_score, f_score, m_score, confidence, gaps. */
export async function scoresSql(engine: Engine, source: ScoreSource): Promise<string> {
  const cuts = await readCuts(engine, source)
  const score = (column: string, values: readonly bigint[]) =>
    `(1 + ${values.map((cut) => `(${column} > ${cut})::integer`).join(' + ')})::smallint`
  return `select p.party_id, recency_days,
      case when recency_days is null then null else (${bands + 1} - ${score('recency_days', cuts.recency)})::smallint end as r_score,
      case when recency_days is null then null else ${score('frequency', cuts.frequency)} end as f_score,
      case when recency_days is null then null else ${score('monetary_fen', cuts.monetary)} end as m_score,
      ${confidenceSql(source.policy, source.windowDays)} as confidence, array_to_string(${gapsSql()}, ',') as gaps
    from (select party_id, string_split(nullif(missing, ''), ',') as missing from ${partySql(source)}) p
    join (select *, (date '${source.day}' - last_activity_on)::integer as recency_days from ${source.measure}) m
      on m.party_id = p.party_id
    left join ${noDataSql(source)} o on o.owner_id = p.party_id`
}

/** Owners of an open account of financial assets of which no balance ever came. */
function noDataSql(source: ScoreSource): string {
  return `(select distinct o.party_id as owner_id, true as no_data
    from ${desk(source, 'account_owner')} o
    join ${desk(source, 'account')} a on a.account_id = o.account_id
    join ${desk(source, 'product')} pr on pr.product_id = a.product_id
    where o.from_day <= date '${source.day}' and o.to_day > date '${source.day}'
      and (a.opened_on is null or a.opened_on <= date '${source.day}') and (a.closed_on is null or a.closed_on > date '${source.day}')
      and pr.class in (${assetClasses.map(literal).join(', ')})
      and not exists (select 1 from ${desk(source, 'position')} t where t.account_id = a.account_id))`
}

async function readCuts(engine: Engine, source: ScoreSource): Promise<Cuts> {
  const quantiles = (column: string) =>
    Array.from(
      { length: bands - 1 },
      (_, i) => `quantile_disc(${column}, ${(i + 1) / bands})::bigint as ${column}_${i}`,
    )
  const [row] = await engine.rows<Record<string, bigint | null>>(`
    select ${['recency_days', 'frequency', 'monetary_fen'].flatMap(quantiles).join(', ')}
    from (select (date '${source.day}' - last_activity_on) as recency_days, frequency, monetary_fen
      from ${source.measure} where last_activity_on is not null)`)
  const cuts = (column: string) => Array.from({ length: bands - 1 }, (_, i) => row?.[`${column}_${i}`] ?? 0n)
  return { recency: cuts('recency_days'), frequency: cuts('frequency'), monetary: cuts('monetary_fen') }
}
