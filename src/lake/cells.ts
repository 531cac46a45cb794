/**
 * How the text of a cell becomes a value, as SQL. Every expression takes the cleaned text (NULL when empty) and gives
 * NULL when the text does not fit: nothing is rounded, nothing is guessed.
 */

import type { Column, Feed } from '../feeds/feed.ts'
import { type Currency, minorUnits } from '../kit/currency.ts'
import type { Day } from '../kit/day.ts'
import { literal } from './engine.ts'
import type { Texture } from './format.ts'

const wide = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)).join('')
/** Full-width digits and letters, the ideographic and the no-break space, and what numbers are written with. */
const fullWidth = `${wide(0xff10, 0xff19)}${wide(0xff21, 0xff3a)}${wide(0xff41, 0xff5a)}\u3000\u00a0`
const halfWidth = `${wide(0x30, 0x39)}${wide(0x41, 0x5a)}${wide(0x61, 0x7a)}  `
const fullSigns = '．，－＋／＠＿'
const halfSigns = '.,-+/@_'

/** Trimmed; full-width letters and digits half-width; runs of blanks one; NULL when nothing is left. */
export function cleanText(raw: string, column: Column, texture: Texture = 'any'): string {
  // The reader gives an empty cell as NULL.
  if (texture === 'bare') return raw
  if (texture === 'plain') return `nullif(trim(${raw}), '')`
  const signs = column.type.kind !== 'text' || column.check !== undefined || column.references !== undefined
  const from = literal(fullWidth + (signs ? fullSigns : ''))
  const to = literal(halfWidth + (signs ? halfSigns : ''))
  return `case when strlen(${raw}) = length(${raw}) and not contains(${raw}, '  ') and not contains(${raw}, chr(9))
    then nullif(trim(${raw}), '')
    else nullif(trim(regexp_replace(translate(${raw}, ${from}, ${to}), '\\s+', ' ', 'g')), '') end`
}

/** The typed value of a column. `places` is SQL giving the decimal places of the row's currency (amounts only). */
export function typedValue(column: Column, text: string, places: string): string {
  const type = column.type
  switch (type.kind) {
    case 'text':
      return column.check ? normalised(column, text) : `case when length(${text}) <= ${type.lengthMax} then ${text} end`
    case 'choice':
      return `case when ${text} in (${type.values.map(literal).join(', ')}) then ${text} end`
    case 'boolean':
      return `case when lower(${text}) in ('y', 'yes', 'true', '1', '是') then true
        when lower(${text}) in ('n', 'no', 'false', '0', '否') then false end`
    case 'integer': {
      const value = `case when regexp_full_match(${text}, '[+-]?[0-9]{1,18}') then try_cast(${text} as bigint) end`
      if (type.min === undefined && type.max === undefined) return value
      const low = type.min ?? '-1000000000000000000'
      return `case when ${value} between ${low} and ${type.max ?? '1000000000000000000'} then ${value} end`
    }
    case 'day':
      return dayValue(text)
    case 'amount':
      return scaledValue(text, places, 15)
    case 'decimal': {
      const value = scaledValue(text, String(type.places), Math.min(15, 18 - type.places))
      return type.positive ? `case when ${value} > 0 then ${value} end` : value
    }
  }
}

/** Texts with a check are kept in one form: identity numbers in capitals, mobile numbers as their eleven digits. */
function normalised(column: Column, text: string): string {
  const fits = `length(${text}) <= ${column.type.kind === 'text' ? column.type.lengthMax : 0}`
  if (column.check === 'mobile') {
    const digits = `regexp_replace(${text}, '[ -]', '', 'g')`
    return `case when ${fits} then case when regexp_full_match(${digits}, '(\\+?86)?1[3-9][0-9]{9}')
      then right(${digits}, 11) else ${text} end end`
  }
  if (column.check === 'identityNo' || column.check === 'creditCode') return `case when ${fits} then upper(${text}) end`
  if (column.check === 'cardNo') return `case when ${fits} then regexp_replace(${text}, '[ -]', '', 'g') end`
  return `case when ${fits} then ${text} end`
}

/** 'YYYY-MM-DD', 'YYYYMMDD' or 'YYYY/M/D', from 1900 to 2299. */
export function dayValue(text: string): string {
  const read = `case when ${text} like '____-__-__' then try_cast(${text} as date)
    when ${text} like '____/%' and length(${text}) <= 10 then try_cast(${text} as date)
    when length(${text}) = 8 then try_cast(try_strptime(${text}, '%Y%m%d') as date) end`
  return `(case when (${read}) between date '1900-01-01' and date '2299-12-31' then (${read}) end)`
}

/** The decimal in `text` × 10^places as BIGINT; NULL when it has more places (zeros at the end aside) or digits. */
export function scaledValue(text: string, places: string, digitsMax: number): string {
  const fraction = `(case when contains(${text}, '.') then length(${text}) - instr(${text}, '.') else 0 end)`
  const plain = `try_cast(replace(${text}, '.', '') as bigint)`
  const power = (n: string) =>
    `(case ${n} when 0 then 1 when 1 then 10 when 2 then 100 when 3 then 1000 else cast(10 ** (${n}) as bigint) end)`
  const short = `rtrim(${text}, '0')`
  const shortFraction = `(length(${short}) - instr(${short}, '.'))`
  // Two places, as most amounts have: known without the regular expression, which costs three times the rest.
  const common = `instr(${text}, '.') = strlen(${text}) - 2 and strlen(replace(${text}, '.', '')) = strlen(${text}) - 1
    and strlen(${text}) between 4 and ${digitsMax + 3} and upper(${text}) = lower(${text}) and not contains(${text}, '_')
    and not contains(${text}, '-.') and not contains(${text}, '+.')`
  return `case when ${common} and ${places} >= 2 then ${plain} * ${power(`${places} - 2`)}
    when not ${decimalShape(text, digitsMax)} then null
    when ${fraction} <= ${places} then ${plain} * ${power(`${places} - ${fraction}`)}
    when ${shortFraction} <= ${places}
      then try_cast(replace(${short}, '.', '') as bigint) * ${power(`${places} - ${shortFraction}`)} end`
}

/** A plain decimal: no exponent, no separators of thousands, at most `digitsMax` digits before the point. */
export function decimalShape(text: string, digitsMax: number): string {
  return `regexp_full_match(${text}, '[+-]?[0-9]{1,${digitsMax}}(\\.[0-9]+)?')`
}

/**
 * SQL of the decimal places of the currency in `currency` (SQL); NULL for one we do not know. `first` is likeliest.
 * Single comparisons, because the engine makes a join of every list of values.
 */
export function placesOf(currency: string, first: Currency): string {
  const rest = Object.entries(minorUnits).filter(([code]) => code !== first)
  const arms = [[first, minorUnits[first]] as const, ...rest]
  return `(case ${arms.map(([code, places]) => `when ${currency} = ${literal(code)} then ${places}`).join(' ')} end)`
}

/** The layer under the typed values knows the places of each currency column. */
export const placesColumn = (column: string) => `"p_${column}"`

/** The column of the row's currency that an amount column names, if the feed has it. */
export function currencyColumnOf(column: Column, feed: Feed): Column | undefined {
  if (column.type.kind !== 'amount') return undefined
  const name = column.type.currencyColumn
  return feed.columns.find((c) => c.name === name)
}

/** SQL: true when the value fails the column's check. `value` is typed; `kindText` the sibling identity_kind, if any. */
export function checkFails(column: Column, value: string, today: Day, kindText: string | undefined): string {
  const check = column.check
  if (check === undefined) return 'false'
  switch (check) {
    case 'currency':
      return `${placesColumn(column.name)} is null`
    case 'notFuture':
      return `${value} > date ${literal(today)}`
    case 'mobile':
      return `not regexp_full_match(${value}, '1[3-9][0-9]{9}')`
    case 'email':
      return `not regexp_full_match(${value}, '[^@\\s]+@[^@\\s.]+(\\.[^@\\s.]+)+')`
    case 'cardNo':
      return `not (regexp_full_match(${value}, '[0-9]{12,19}') and ${luhnValid(value)})`
    case 'creditCode':
      return `not ${creditCodeValid(value)}`
    case 'identityNo':
      return identityFails(value, today, kindText)
  }
}

function identityFails(value: string, today: Day, kindText: string | undefined): string {
  const resident = residentIdValid(value, today)
  const credit = creditCodeValid(value)
  if (kindText === undefined) return `not (${resident} or ${credit})`
  return `not (case ${kindText} when 'residentId' then ${resident} when 'creditCode' then ${credit}
    when 'passport' then regexp_full_match(${value}, '[A-Z0-9]{5,17}')
    when 'hkMoTwPermit' then regexp_full_match(${value}, '[HM][0-9]{8}([0-9]{2})?|[0-9]{8}|8[123]0000[0-9]{11}[0-9X]')
    when 'other' then true else ${resident} or ${credit} end)`
}

// GB/T 2260 codes of the provinces; 83 residence permits of Taiwan, 91 foreigners with permanent residence.
const provinces =
  '11|12|13|14|15|21|22|23|31|32|33|34|35|36|37|41|42|43|44|45|46|50|51|52|53|54|61|62|63|64|65|71|81|82|83|91'

/** GB 11643-1999: region, date of birth, order number, check character (mod 11-2); the old 15 digits too. */
export function residentIdValid(value: string, today: Day): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.map((w, i) => `${w} * try_cast(substr(${value}, ${i + 1}, 1) as int)`).join(' + ')
  const born = (from: number, century: string) =>
    `coalesce(try_cast(try_strptime(${century} || substr(${value}, ${from}, ${century === "''" ? 8 : 6}), '%Y%m%d') as date)
      between date '1880-01-01' and date ${literal(today)}, false)`
  return `(case when length(${value}) = 18 then regexp_full_match(${value}, '(${provinces})[0-9]{15}[0-9X]')
      and ${born(7, "''")} and substr('10X98765432', (${sum}) % 11 + 1, 1) = right(${value}, 1)
    when length(${value}) = 15 then regexp_full_match(${value}, '(${provinces})[0-9]{13}') and ${born(7, "'19'")}
    else false end)`
}

/** GB 32100-2015: 18 characters of 31, check character mod 31. */
export function creditCodeValid(value: string): string {
  const alphabet = literal('0123456789ABCDEFGHJKLMNPQRTUWXY')
  const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
  const sum = weights.map((w, i) => `${w} * (instr(${alphabet}, substr(${value}, ${i + 1}, 1)) - 1)`).join(' + ')
  return `(regexp_full_match(${value}, '[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}')
    and substr(${alphabet}, (31 - (${sum}) % 31) % 31 + 1, 1) = right(${value}, 1))`
}

/** Luhn (ISO/IEC 7812-1): from the right, every second digit doubled, digits summed, a multiple of ten. */
export function luhnValid(value: string): string {
  const digit = `try_cast(substr(${value}, length(${value}) - i, 1) as int)`
  const doubled = `(case when i % 2 = 1 then (2 * ${digit}) % 10 + (2 * ${digit}) // 10 else ${digit} end)`
  return `coalesce(list_sum(list_transform(range(0, length(${value})), lambda i: ${doubled})) % 10 = 0, false)`
}
