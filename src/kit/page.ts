/** Cursor paging: every list is read page by page, and the cursor says where the last page ended. */

export const pageSizeDefault = 50
export const pageSizeMax = 500

export interface Page<T> {
  rows: T[]
  /** Give it back to read on; null at the end. */
  next: string | null
}
