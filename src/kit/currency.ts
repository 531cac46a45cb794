/** Currencies and their ISO 4217 minor units. Money in another currency is refused at the door, never guessed. */

/** Decimal places of the minor unit, per currency code. */
export const minorUnits = {
  AUD: 2,
  CAD: 2,
  CHF: 2,
  CNY: 2,
  CZK: 2,
  DKK: 2,
  EUR: 2,
  GBP: 2,
  HKD: 2,
  IDR: 2,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  MOP: 2,
  MYR: 2,
  NOK: 2,
  NZD: 2,
  PHP: 2,
  RUB: 2,
  SEK: 2,
  SGD: 2,
  THB: 2,
  TWD: 2,
  USD: 2,
  VND: 0,
  ZAR: 2,
} as const satisfies Record<string, number>

export type Currency = keyof typeof minorUnits

export function isCurrency(code: string): code is Currency {
  return Object.hasOwn(minorUnits, code)
}
