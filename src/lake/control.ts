/** Control totals: what the sender says a file holds, compared with the rows read. */

export interface ControlResult {
  /** Where the totals came from; 'none' when the sender gave none. */
  source: 'none' | 'file' | 'trailer'
  /** Each total that was given: 'rows', 'day', 'sha256' or 'sum.<column>', as said and as read (plain decimals). */
  totals: { name: string; said: string; read: string }[]
}
