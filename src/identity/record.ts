/** What the matcher is given of a party, whatever source system it comes from. Numbers of the source are left out on purpose. */

export type PartyKind = 'person' | 'company'

export interface AddressParts {
  /** House number in the street. */
  number: string
  street: string
  /** Building, estate, unit, flat: what stands beside the street. */
  building: string
  /** District or suburb. */
  district: string
  postcode: string
  /** City, province or state. */
  region: string
}

export interface PartyRecord {
  kind: PartyKind
  /** The whole name as it was written; or, where the source has them apart, the two below. */
  name?: string
  givenName?: string
  surname?: string
  /** Any form with year, month, day in this order. */
  birthOn?: string
  /** Identity number of a person, unified social credit code of a company. */
  identityNo?: string
  phone?: string
  email?: string
  /** The address in one line; or, where the source has them apart, its parts. */
  address?: string
  addressParts?: Partial<AddressParts>
}

/** What is compared, once normalised. An empty text is a missing value. */
export const fields = [
  'given',
  'surname',
  'givenSound',
  'surnameSound',
  'birth',
  'identity',
  'phone',
  'email',
  'number',
  'street',
  'building',
  'district',
  'postcode',
  'region',
] as const
export type Field = (typeof fields)[number]

export interface Normal extends Record<Field, string> {
  /** The identity number has a check digit, and it is right. */
  verified: boolean
}
