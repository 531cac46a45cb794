/** Which facts of a customer are wanted, and what their lack costs: a rule of loads and of edits alike. */

/** Column names of the customers feed. */
const wantedOf = {
  person: ['identity_kind', 'identity_no', 'birth_on', 'phone', 'address'],
  company: ['identity_kind', 'identity_no', 'phone', 'address'],
} as const

export type WantedFact = (typeof wantedOf)['person'][number]

/** The wanted facts that are empty. */
export function emptyFacts(kind: 'person' | 'company', isEmpty: (fact: WantedFact) => boolean): WantedFact[] {
  return wantedOf[kind].filter(isEmpty)
}

/** 0..100: the share of wanted facts that are there and right; each further wrong one costs as much as a wanted one. */
export function qualityOf(kind: 'person' | 'company', missing: readonly string[]): number {
  const wanted = wantedOf[kind].length
  return Math.max(0, Math.round((100 * (wanted - missing.length)) / wanted))
}
