/**
 * What a measure is: a text. Its SQL is an aggregate over one party's shares of positions; the night puts all of them
 * into one query, so a measure costs a column, not a pass.
 *
 * The relation they aggregate (`owned`) has one row per party, position and segment of days:
 * - window_scaled, kept_scaled, before_scaled HUGEINT: fen·days × `sumScale`, weight and share applied (over the
 *   window; its part that still counts on the target cut-off; the window before)
 * - now_scaled, ahead_scaled HUGEINT: one day at today's value; the days up to the target cut-off at today's value, less
 *   known maturities and closings
 * - window_member HUGEINT: window_scaled on days of consenting membership, else 0
 * - at_fen, raw_fen BIGINT: this owner's part at the end of the day, fen, unweighted; raw_fen before the rule for
 *   negative balances
 * - gap_scaled HUGEINT: window_scaled of positions with carried days
 * - class, kind ('balance', 'holding', 'transit'), is_foreign, gap_days
 */
export interface Measure {
  /** Column of the night's measure table. */
  column: string
  zh: string
  en: string
  unit: 'fen' | 'fen·days × 10^19' | 'days' | 'count' | 'day' | 'score'
  /** Where the definition comes from: the rule or the feed. */
  source: string
  /** 'owned': over shares of positions; 'activity': over a party's transactions; 'party': from the party's columns. */
  over: 'owned' | 'activity' | 'party'
  sql: string
}
