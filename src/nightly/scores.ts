/** The score step: RFM scores by cut-points, and how sure the tier is given the holes in its inputs. */

import { cutPointsOf, histogramSql, scoresSql as rfmScoresSql } from '../insight/rfm.ts'
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

/** The query that gives party_id, recency_days, r_score, f_score, m_score, confidence, gaps. */
export async function scoresSql(engine: Engine, source: ScoreSource): Promise<string> {
  const active = `(select party_id, (date '${source.day}' - last_activity_on)::integer as recency_days,
      case when last_activity_on is not null then frequency end as frequency,
      case when last_activity_on is not null then monetary_fen end as monetary_fen,
      own_sum, gap_sum, gap_days from ${source.measure})`
  const points = cutPointsOf(await engine.rows(histogramSql({ input: active })))
  return `select p.party_id, recency_days, ${rfmScoresSql(points)},
      ${confidenceSql(source.policy, source.windowDays)} as confidence, array_to_string(${gapsSql()}, ',') as gaps
    from (select party_id, string_split(nullif(missing, ''), ',') as missing from ${partySql(source)}) p
    join ${active} m
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
