/**
 * People and companies as several source systems of a bank hold them: families under one roof, namesakes, twins, sister companies,
 * and each record written by another hand. The truth goes beside the records, for those who judge a matcher, never into
 * them. Same seed, same records; party number i depends on the seed and i alone.
 */

import type { PartyRecord } from '../src/identity/record.ts'
import { dayOfNumber } from '../src/kit/day.ts'
import { creditCode, identityCheck } from './checkdigits.ts'
import { companyName } from './companies.ts'
import { familySurname, fullName } from './names.ts'
import { address, birthRegions, cities } from './places.ts'
import { purpose, Random } from './random.ts'
import {
  addressForm,
  companyForm,
  homophone,
  inLetters,
  phoneForm,
  slippedDigits,
  swappedName,
  traditionalForm,
} from './spellings.ts'

export interface SourceRecord {
  record: PartyRecord
  /** The party it is of. */
  truth: string
}

export interface SourceOptions {
  /** Parties, of which one in 16 is a company. */
  parties: number
  seed: number
  /** Another number gives the same parties, written by other hands. */
  hand?: number
}

const household = 4
const days = 25_550
const firstBirth = -13_500

/** All records, party by party. A party has one record, or up to four. */
export function* sourceRecords({ parties, seed, hand = 0 }: SourceOptions): Generator<SourceRecord> {
  for (let index = 0; index < parties; index++) {
    const random = new Random(seed + 7919 * hand, purpose.hands, index)
    const copies = random.chance(0.55) ? 1 : 2 + (random.chance(0.35) ? 1 : 0) + (random.chance(0.1) ? 1 : 0)
    const company = index % 16 === 15
    for (let copy = 0; copy < copies; copy++) {
      const record = company ? companyRecord(seed, index, random) : personRecord(seed, index, random)
      yield { record, truth: `${company ? 'C' : 'P'}${index}` }
    }
  }
}

interface Person {
  name: string
  surname: readonly [string, string]
  birthOn: string
  identityNo: string
  phone: string
  email: string
  address: string
}

/** Neighbours of four share a roof, half of the time a surname, and sometimes the phone of the first. */
function personOf(seed: number, index: number): Person {
  const home = new Random(seed, purpose.sources, 3_000_000 + Math.floor(index / household))
  const city = home.pick(cities)
  const roof = address(home, city, home.int(city.districts.length))
  const family = familySurname(home)
  const headPhone = mobile(home)
  const twins = home.chance(0.01)
  const random = new Random(seed, purpose.sources, 5_000_000 + index)
  const place = index % household
  // The second of a pair of twins takes the first one's birthday and the next number of the day.
  const of = twins && place === 3 ? index - 1 : index
  const born = dayOfNumber(firstBirth + ((of * 7919 + seed) % days))
  const region = birthRegions[Math.floor(of / days) % birthRegions.length]!
  const number = 10 + ((of * 31) % 900) + (of === index ? 0 : 1)
  const body = `${region}${born.replaceAll('-', '')}${String(number).padStart(3, '0')}`
  const surname = random.chance(place === 0 || place > 1 ? 0.75 : 0) ? family : familySurname(random)
  const named = fullName(random, random.chance(0.5) ? 'male' : 'female', Number(born.slice(0, 4)), surname)
  const alone = random.chance(0.3)
  return {
    name: named.name,
    surname,
    birthOn: born,
    identityNo: body + identityCheck(body),
    phone: place > 1 && random.chance(0.15) ? headPhone : mobile(random),
    email: random.chance(0.4) ? `${named.pinyin}${random.int(100_000)}@example.com` : '',
    address: alone ? address(random, city, random.int(city.districts.length)) : roof,
  }
}

function personRecord(seed: number, index: number, random: Random): PartyRecord {
  const person = personOf(seed, index)
  return {
    kind: 'person',
    name: personName(random, person),
    birthOn: birthForm(random, person.birthOn),
    identityNo: identityForm(random, person.identityNo),
    phone: phoneOf(random, person.phone),
    email: random.chance(0.4) ? '' : person.email,
    address: addressOf(random, person.address),
  }
}

function personName(random: Random, { name, surname }: Person): string {
  const draw = random.unit()
  if (name.includes('·')) return draw < 0.3 ? name.replace('·', draw < 0.15 ? '' : '•') : name
  if (draw < 0.06) return traditionalForm(name)
  if (draw < 0.11) return inLetters(random, surname, name)
  if (draw < 0.15) return homophone(random, name)
  if (draw < 0.165) return swappedName(name)
  if (draw < 0.2) return `${name.slice(0, surname[0].length)} ${name.slice(surname[0].length)}`
  return name
}

function birthForm(random: Random, birthOn: string): string {
  const draw = random.unit()
  if (draw < 0.12) return ''
  if (draw < 0.14) return slippedDigits(random, birthOn.replaceAll('-', ''))
  if (draw < 0.15 && Number(birthOn.slice(8)) <= 12)
    return `${birthOn.slice(0, 4)}-${birthOn.slice(8)}-${birthOn.slice(5, 7)}`
  return draw < 0.4 ? birthOn.replaceAll('-', '') : draw < 0.5 ? birthOn.replaceAll('-', '/') : birthOn
}

function identityForm(random: Random, number: string): string {
  const draw = random.unit()
  if (draw < 0.2) return ''
  if (draw < 0.23) return slippedDigits(random, number)
  if (draw < 0.3 && number.slice(6, 8) === '19') return number.slice(0, 6) + number.slice(8, 17)
  return draw < 0.32 ? number.toLowerCase() : number
}

function phoneOf(random: Random, phone: string): string {
  const draw = random.unit()
  if (draw < 0.1) return ''
  if (draw < 0.24) return mobile(random)
  if (draw < 0.26) return slippedDigits(random, phone)
  return draw < 0.5 ? phoneForm(random, phone) : phone
}

function addressOf(random: Random, known: string): string {
  const draw = random.unit()
  if (draw < 0.08) return ''
  if (draw < 0.18) {
    const city = random.pick(cities)
    return address(random, city, random.int(city.districts.length))
  }
  return draw < 0.7 ? addressForm(random, known) : known
}

function companyRecord(seed: number, index: number, random: Random): PartyRecord {
  // Every eighth company is the sister of the one before: same own words, roof and phone, another line.
  const sister = Math.floor(index / 16) % 8 === 7
  const main = new Random(seed, purpose.sources, 7_000_000 + (sister ? index - 16 : index))
  const city = main.pick(cities)
  const district = main.int(city.districts.length)
  const roof = address(main, city, district)
  const phone = mobile(main)
  const named = companyName(main, city)
  if (sister) Object.assign(named, { line: companyName(main, city).line })
  const code = creditCode(city.districts[district]!.code, 9_000_001 + index * 7919)
  const draw = random.unit()
  const { place, own, line, form } = named
  return {
    kind: 'company',
    name: random.chance(0.45) ? companyForm(random, named) : `${place}${own}${line}${form}`,
    identityNo: draw < 0.15 ? '' : draw < 0.18 ? slippedDigits(random, code) : code,
    phone: phoneOf(random, phone),
    email: random.chance(0.3) ? `office${index}@example.com` : '',
    address: addressOf(random, roof),
  }
}

function mobile(random: Random): string {
  const prefix = random.pick(['135', '136', '138', '139', '150', '158', '186', '189'])
  return prefix + String(random.int(100_000_000)).padStart(8, '0')
}
