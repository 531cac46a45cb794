/**
 * Money. An amount is a bigint in its currency's minor unit; `Fen` is the minor unit of the base currency (CNY unless
 * the bank says otherwise). No float ever holds money. Rounding is named where it happens: `truncate` for shown
 * averages (toward zero), `roundHalfAway` for fees, interest and the value of a holding.
 */

export type Fen = bigint & { readonly __brand: 'Fen' }

/** Exchange rates are integers: units of base currency per one unit of the foreign one, times this. */
export const rateScale = 100_000_000n
/** Product weights (系数) and ownership shares are integers times this; 10,000 is the whole. */
export const shareScale = 10_000n
/** The largest weight of a product, scaled: ten times its value. */
export const weightMax = 10n * shareScale
/**
 * The scale of a rate per *minor* unit (see `ratePerMinor`): 10^3 finer than `rateScale`, so that a currency with
 * three decimals against a base with none still converts without rounding.
 */
export const minorRateScale = 100_000_000_000n
/** A scaled sum (value × rate per minor unit × weight × share) divided by this is in fen·days. */
export const sumScale = minorRateScale * shareScale * shareScale

export function fen(amount: bigint): Fen {
  return amount as Fen
}

/** Whole units of the base currency (yuan) as fen, for a base currency of `decimals` places. */
export function yuan(amount: number | bigint, decimals = 2): Fen {
  return (BigInt(amount) * 10n ** BigInt(decimals)) as Fen
}

/**
 * Parses a plain decimal ('-1234.50', no separators of thousands) into minor units of `decimals` places.
 * Returns undefined when the text is no number or has more places than the currency (nothing is rounded on the way in).
 */
export function parseAmount(text: string, decimals: number): bigint | undefined {
  const found = /^([+-]?)(\d{1,18})(?:\.(\d+))?$/.exec(text.trim())
  if (!found) return undefined
  const fraction = (found[3] ?? '').replace(/0+$/, '')
  if (fraction.length > decimals) return undefined
  const magnitude = BigInt((found[2] ?? '0') + fraction.padEnd(decimals, '0'))
  return found[1] === '-' ? -magnitude : magnitude
}

/** Minor units as a plain decimal, '1234.50'. The inverse of `parseAmount`. */
export function formatAmount(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? '-' : ''
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0')
  if (decimals === 0) return sign + digits
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** Division toward zero: what is shown as an average. */
export function truncate(numerator: bigint, denominator: bigint): bigint {
  return numerator / denominator
}

/** Division rounding half away from zero: fees, interest, units × price. */
export function roundHalfAway(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n
  const n = numerator < 0n ? -numerator : numerator
  const d = denominator < 0n ? -denominator : denominator
  const rounded = (2n * n + d) / (2n * d)
  return negative ? -rounded : rounded
}

/** Division upward, for a positive denominator: what is still missing. */
export function ceilDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  return numerator > 0n && numerator % denominator !== 0n ? quotient + 1n : quotient
}

/**
 * Fen per minor unit of a foreign currency, times `minorRateScale`.
 * `rate` is base units per foreign unit × 10^8; `decimals` are the foreign, `baseDecimals` the base currency's places.
 */
export function ratePerMinor(rate: bigint, decimals: number, baseDecimals: number): bigint {
  return rate * 10n ** BigInt(3 + baseDecimals - decimals)
}
