/** What the audit page is filtered by, as its address says it. */
export interface AuditSearch {
  who?: string | undefined
  action?: string | undefined
  noun?: string | undefined
  customer?: string | undefined
  from?: string | undefined
  to?: string | undefined
  state?: 'sealed' | 'pending' | undefined
}

const names = ['who', 'action', 'noun', 'customer', 'from', 'to'] as const

/** Reads the address; what is no filter is dropped. */
export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const read: AuditSearch = {}
  for (const name of names) {
    const value = search[name]
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') read[name] = String(value)
  }
  if (search.state === 'sealed' || search.state === 'pending') read.state = search.state
  return read
}
