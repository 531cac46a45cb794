/** The score step: RFM scores by cut-points, and how sure the tier is given the holes in its inputs. */

import { cutPointsOf, histogramSql, scoresSql as rfmScoresSql } from '../insight/rfm.ts'
import type { Day } from '../kit/day.ts'
import type { Engine } from '../lake/engine.ts'
import { confidenceSql, withGapsSql } from '../tiers/confidence.ts'
import type { Policy } from '../tiers/policy.ts'

export interface ScoreSource {
  policy: Policy
  day: Day
  /** Relation of the measures, with `partyColumns`. */
  measure: string
  windowDays: number
}

/** The query that gives party_id, recency_days, r_score, f_score, m_score, confidence, gaps. */
export async function scoresSql(engine: Engine, source: ScoreSource): Promise<string> {
  const active = `(select party_id, (date '${source.day}' - last_activity_on)::integer as recency_days,
      case when last_activity_on is not null then frequency end as frequency,
      case when last_activity_on is not null then monetary_fen end as monetary_fen,
      own_sum, gap_sum, gap_days, missing, missing_count, no_data from ${source.measure})`
  const points = cutPointsOf(await engine.rows(histogramSql({ input: active })))
  return `select party_id, recency_days, ${rfmScoresSql(points)},
      ${confidenceSql(source.policy, source.windowDays)} as confidence, gaps
    from ${withGapsSql(active)}`
}
