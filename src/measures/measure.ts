/**
 * What a measure is: a text. Its SQL is an aggregate over one party's shares of positions. The night puts measures over
 * the same rows into one pass; those that most rows add nothing to say so (`where`), because every sum more makes the
 * rows of the one big aggregation wider and all of them slower.
 *
 * The relation they aggregate (`owned`) has one row per party, position and segment of days:
 * - window_scaled, kept_scaled HUGEINT: fen·days × `sumScale`, weight and share applied (over the window; its part that
 *   still counts on the target cut-off)
 * - now_scaled, ahead_scaled HUGEINT: one day at today's value; the days up to the target cut-off at today's value, less
 *   known maturities and closings
 * - window_member, kept_member HUGEINT: window_scaled and kept_scaled on days of consenting membership, else 0
 * - at_fen, raw_fen BIGINT: this owner's part at the end of the day, fen, unweighted; raw_fen before the rule for
 *   negative balances
 * - class, kind ('balance', 'holding', 'transit'), is_foreign, is_overdrawn: raw_fen of the whole position is negative
 *
 * Two more of the same kind: `before` with before_scaled HUGEINT, the window before; and `carried`, of positions with
 * carried days only, with gap_days and gap_scaled HUGEINT, their window_scaled.
 */
export interface Measure {
  /** Column of the night's measure table. */
  column: string
  zh: string
  en: string
  unit: 'fen' | 'fen·days × 10^19' | 'days' | 'count' | 'day' | 'score'
  /** Where the definition comes from: the rule or the feed. */
  source: string
  /** 'owned', 'before', 'carried': over shares of positions; 'activity': over a party's transactions; 'party': from the party's columns. */
  over: 'owned' | 'before' | 'carried' | 'activity' | 'party'
  /** Rows where this is not true add nothing. Measures with the same condition share a pass. */
  where?: string
  sql: string
}
