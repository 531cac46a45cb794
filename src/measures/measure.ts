/**
 * What a measure is: a text. Its SQL is an aggregate over one party's shares of positions. The night puts measures over
 * the same rows into one pass; those that most rows add nothing to say so (`where`), because every sum more makes the
 * rows of the one big aggregation wider and all of them slower.
 *
 * The relation they aggregate (`owned`) has one row per party, position and segment of days, and comes in two forms:
 * general shares with HUGEINT sums of scale `sumScale`, and plain ones (base currency, one owner) with BIGINT sums of
 * scale 10^4, which are several times faster to add. A party's sum is the sum over both, so a measure over `owned` is a
 * sum. The columns:
 * - window_scaled, kept_scaled, before_scaled: fen·days, weight and share applied, over the window, its part that still
 *   counts on the target cut-off, and the window before
 * - now_scaled: one day at today's value; ahead_scaled: the days up to the target cut-off at today's value, less known
 *   maturities and closings (general shares only: a plain one has neither)
 * - is_member: the party was a consenting member of its household on these days; asked by policy membership `byDay`
 * - at_fen, raw_fen BIGINT: this owner's part at the end of the day, fen, unweighted; raw_fen before the rule for
 *   negative balances
 * - class, kind ('balance', 'holding', 'transit'), is_foreign, is_overdrawn: raw_fen of the whole position is negative
 *
 * Another one, `carried`, of positions with carried days only, has gap_days and gap_scaled HUGEINT, their window_scaled.
 */
export interface Measure {
  /** Column of the night's measure table. */
  column: string
  zh: string
  en: string
  unit: 'fen' | 'fen·days × 10^19' | 'days' | 'count' | 'day' | 'score'
  /** Where the definition comes from: the rule or the feed. */
  source: string
  /** 'owned', 'carried': over shares of positions; 'activity': over a party's transactions; 'party': from the party's columns. */
  over: 'owned' | 'carried' | 'activity' | 'party'
  /** Rows where this is not true add nothing, and may be left out or not. Measures with the same condition share a pass. */
  where?: string
  sql: string
  /** Over plain shares instead of `sql`: from the other columns of its pass and days_left, the days up to the target cut-off. */
  plain?: string
}
