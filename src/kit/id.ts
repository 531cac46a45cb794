/** Branded ids, so that two of them cannot be swapped. Ours are integers; the bank's own numbers are text and kept. */

export type PartyId = bigint & { readonly __brand: 'PartyId' }
export type AccountId = bigint & { readonly __brand: 'AccountId' }
export type UnitId = number & { readonly __brand: 'UnitId' }
export type StaffId = number & { readonly __brand: 'StaffId' }
export type LoadId = number & { readonly __brand: 'LoadId' }
export type RunId = number & { readonly __brand: 'RunId' }
/** The bank's own number of a customer; a party may have several. */
export type CustomerNo = string & { readonly __brand: 'CustomerNo' }
