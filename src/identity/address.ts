/** Addresses taken apart: a Chinese one of a single line, or parts that the source has already. */
import { plain } from './names.ts'
import type { AddressParts } from './record.ts'

const digits: Record<string, number> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
}
const numeral = /[零〇一二两三四五六七八九十百]+(?=[号栋幢座楼单室层弄])/gu

/** The parts of an address, normalised; what is not found stays empty. */
export function addressParts(address: string | undefined, parts: Partial<AddressParts> | undefined): AddressParts {
  if (parts) {
    return {
      number: plain(parts.number ?? '').replace(/号$/u, ''),
      street: plain(parts.street ?? ''),
      building: plain(parts.building ?? ''),
      district: plain(parts.district ?? ''),
      postcode: plain(parts.postcode ?? ''),
      region: plain(parts.region ?? ''),
    }
  }
  return chineseAddress(address ?? '')
}

function chineseAddress(address: string): AddressParts {
  let rest = plain(address.replace(/[-－–—~#]+/gu, '之')).replace(numeral, (text) => String(numberOf(text)))
  const take = (pattern: RegExp): string => {
    const found = pattern.exec(rest)
    if (!found) return ''
    rest = rest.slice(found[0].length)
    return found[1]!
  }
  take(/^(\p{Script=Han}{2,4}?(?:省|自治区|特别行政区))/u)
  const region = take(/^(\p{Script=Han}{2,6}?)(?:市|自治州|地区|盟)/u)
  const district = take(/^(\p{Script=Han}{2,6}?)(?:区|县|旗|市)/u)
  const street = take(/^(\p{Script=Han}{1,10}?(?:大道|路|街|道|巷|胡同|里弄))/u)
  const number = street === '' ? '' : take(/^(\d+(?:之\d+)?)(?:号|弄)?(?!幢|栋|座|楼|单)/u)
  return { number, street: street.replace(/大街$/u, '街'), building: flat(rest), district, postcode: '', region }
}

/** 阳光花园12幢3单元502室 and 阳光花园12栋3-502 are one flat. */
function flat(text: string): string {
  return text
    .replace(/号楼|[幢栋座楼]|单元|[室户房号]/gu, '之')
    .replace(/之+/gu, '-')
    .replace(/^-|-$/g, '')
}

/** 一百二十八 is 128; 一二八, digit for digit, too. */
function numberOf(text: string): number {
  if (!/[十百]/u.test(text)) return Number([...text].map((character) => digits[character]).join(''))
  let sum = 0
  let digit = 0
  for (const character of text) {
    if (character === '十' || character === '百') {
      sum += (digit || 1) * (character === '十' ? 10 : 100)
      digit = 0
    } else digit = digits[character] ?? 0
  }
  return sum + digit
}
