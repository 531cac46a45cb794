/**
 * Private customers, made in blocks of 16 neighbours that hold whole families. A block depends on the seed and its number
 * only, so that any customer can be made again when a company names them as a contact or the staff list as a colleague.
 */

import { dayOfNumber } from '../src/kit/day.ts'
import { identityCheck } from './checkdigits.ts'
import type { Calendar } from './market.ts'
import { familySurname, fullName, nameVariant, type Sex } from './names.ts'
import type { Organisation, Outlet } from './organisation.ts'
import { address, birthRegions } from './places.ts'
import { purpose, Random, weighted } from './random.ts'

export const blockSize = 16

/** How somebody's money moves over the history. */
export type Pattern = 'steady' | 'riser' | 'faller' | 'newcomer' | 'leaver' | 'gamer' | 'dormant'
export type HouseholdRole = 'head' | 'spouse' | 'child' | 'parent'

export interface Member {
  no: string
  role: HouseholdRole
  /** Calendar indices. */
  from: number
  to: number
  consentFrom: number
  consentTo: number
}

export interface Person {
  index: number
  no: string
  name: string
  sex: Sex
  /** Day number since 1970. */
  born: number
  /** Whole years at the end of the calendar. */
  age: number
  identityNo: string
  phone: string
  email: string
  address: string
  outlet: Outlet
  occupation: string
  industry: string
  /** Yuan a year. */
  income: number
  /** Yuan of financial assets that the pattern is drawn around. */
  assets: number
  pattern: Pattern
  /** Day number of the first account. */
  openedOn: number
  /** Calendar index of the first day as a customer: 0 when it lies before the calendar. */
  from: number
  /** Calendar index of the first day after; infinite while a customer. */
  to: number
  /** Calendar index of death; infinite while alive. */
  died: number
  staff: boolean
  staffKin: boolean
  member: Member | undefined
  /** The neighbour who is the same person under another number. */
  twin: Person | undefined
  /** Joint account with this neighbour. */
  joint: Person | undefined
  fault: Fault | undefined
}

/** What is wrong with a customer's own row though it is let in. */
export type Fault =
  | 'identityMissing'
  | 'identityCheck'
  | 'identityShort'
  | 'birthContradicts'
  | 'sexContradicts'
  | 'phoneBad'
  | 'birthFuture'

export interface World {
  seed: number
  calendar: Calendar
  organisation: Organisation
  /** Private customers. */
  people: number
  companies: number
  /** Every how many customers one of the staff stands. */
  staffStride: number
}

interface Trade {
  occupation: string
  industry: string
  income: number
  spread: number
}
const trade = (occupation: string, industry: string, income: number, spread: number): Trade => ({
  occupation,
  industry,
  income,
  spread,
})
const trades = weighted<Trade>([
  [trade('工人', '制造业', 62_000, 0.3), 17],
  [trade('农民', '农业', 32_000, 0.5), 12],
  [trade('营业员', '批发和零售业', 54_000, 0.3), 11],
  [trade('个体工商户', '批发和零售业', 110_000, 0.8), 9],
  [trade('司机', '交通运输业', 78_000, 0.3), 6],
  [trade('教师', '教育', 105_000, 0.3), 6],
  [trade('公务员', '公共管理', 118_000, 0.3), 6],
  [trade('护士', '卫生', 92_000, 0.3), 3],
  [trade('医生', '卫生', 190_000, 0.4), 2.5],
  [trade('工程师', '信息技术', 185_000, 0.45), 7],
  [trade('会计', '商务服务', 98_000, 0.35), 4],
  [trade('职员', '商务服务', 86_000, 0.4), 10],
  [trade('律师', '商务服务', 240_000, 0.6), 0.7],
  [trade('企业主', '商务服务', 420_000, 0.9), 2],
  [trade('企业高管', '制造业', 520_000, 0.6), 1],
  [trade('自由职业', '文化娱乐', 88_000, 0.7), 3],
])
const bankClerk = trade('银行职员', '金融业', 150_000, 0.35)
const mobilePrefixes =
  '130 131 132 133 135 136 137 138 139 150 151 152 153 155 157 158 159 176 177 178 180 181 182 185 186 187 188 189 191 198'.split(
    ' ',
  )

type Shape = readonly HouseholdRole[]
const shapes = weighted<Shape>([
  [['head'], 40],
  [['head', 'spouse'], 20],
  [['head', 'spouse', 'child'], 20],
  [['head', 'spouse', 'parent'], 7],
  [['head', 'spouse', 'child', 'parent'], 6],
  [['head', 'child'], 3],
  [['head', 'spouse', 'child', 'child', 'parent'], 4],
])
const faults = weighted<Fault>([
  ['identityMissing', 4],
  ['identityCheck', 3],
  ['identityShort', 1],
  ['birthContradicts', 2],
  ['sexContradicts', 2],
  ['phoneBad', 4],
  ['birthFuture', 1],
])

/** Customers block × 16 … block × 16 + 15, fewer in the last block. */
export function makeBlock(world: World, block: number): Person[] {
  const random = new Random(world.seed, purpose.block, block)
  const people: Person[] = []
  const first = block * blockSize
  const size = Math.min(blockSize, world.people - first)
  while (people.length < size) {
    const shape = shapes(random).slice(0, size - people.length)
    const family = makeFamily(world, random, first + people.length, shape)
    people.push(...family)
    const adult = family[0]!
    if (people.length < size && random.chance(0.025)) people.push(makeTwin(world, random, first + people.length, adult))
  }
  return people
}

/** The staff number (from 0) that customer `index` would have, or -1. */
export function staffNumber(world: World, index: number): number {
  const number = (index - 5) / world.staffStride
  return Number.isInteger(number) && number >= 0 && number < world.organisation.staff.length ? number : -1
}

function makeFamily(world: World, random: Random, first: number, shape: Shape): Person[] {
  const { outlets } = world.organisation
  // The square crowds the older outlets, as in life.
  const outlet = outlets[Math.floor(outlets.length * random.unit() ** 1.3)]!
  const surname = familySurname(random)
  const home = address(random, outlet.city, outlet.district)
  const fortune = random.normal()
  const headAge = Math.round(shape.length === 1 ? random.between(19, 78) : random.between(26, 62))
  const family = shape.map((role, i) =>
    makePerson(world, random, first + i, { role, outlet, surname, home, fortune, headAge }),
  )
  if (shape.length > 1) arrangeFamily(world, random, first, family, shape)
  return family
}

interface Circumstances {
  role: HouseholdRole
  outlet: Outlet
  surname: readonly [string, string]
  home: string
  fortune: number
  headAge: number
}

function makePerson(world: World, random: Random, index: number, at: Circumstances): Person {
  const age = ageOf(random, at)
  const staff = age >= 22 && age <= 58 && staffNumber(world, index) >= 0
  const colleague = staff ? world.organisation.staff[staffNumber(world, index)]! : undefined
  const sex: Sex =
    colleague?.sex ??
    (at.role === 'spouse'
      ? 'female'
      : at.role === 'head' && at.headAge > 0 && random.chance(0.6)
        ? 'male'
        : random.chance(0.5)
          ? 'male'
          : 'female')
  const { born, identityNo } = identityOf(world, random, index, age, sex)
  const year = Number(dayOfNumber(born).slice(0, 4))
  const surname = at.role === 'head' || at.role === 'child' ? at.surname : familySurname(random)
  const named = fullName(random, sex, year, surname)
  const job = staff ? bankClerk : age < 18 ? undefined : trades(random)
  const incomeNoise = random.normal()
  const income = incomeOf(job, age, at.outlet.city.wealth, incomeNoise)
  const history = historyOf(world, random, age)
  const phone = random.pick(mobilePrefixes) + String(random.int(100_000_000)).padStart(8, '0')
  return {
    index,
    no: String(1_000_000_000 + index),
    name: colleague?.name ?? named.name,
    sex,
    born,
    age,
    identityNo,
    phone: age < 10 ? '' : phone,
    email:
      random.chance(0.42) && age > 15
        ? `${named.pinyin}.${dayOfNumber(born).slice(0, 4)}${index % 10_000}@example.com`
        : '',
    address: at.home,
    outlet: at.outlet,
    occupation: age < 18 ? '学生' : age > 60 ? '退休' : job!.occupation,
    industry: age < 18 || age > 60 ? '' : job!.industry,
    income,
    assets: assetsOf(random, at, age, income, job),
    ...history,
    staff,
    staffKin: false,
    member: undefined,
    twin: undefined,
    joint: undefined,
    fault: random.chance(0.014) ? faults(random) : undefined,
  }
}

function ageOf(random: Random, at: Circumstances): number {
  if (at.role === 'head') return at.headAge
  if (at.role === 'spouse') return Math.max(21, at.headAge - 3 + random.int(6))
  if (at.role === 'child') return Math.max(1, Math.min(at.headAge - 24, 30) - random.int(8))
  return Math.min(94, at.headAge + 23 + random.int(8))
}

// Running numbers are permuted and cut into (birth region, 5 low bits of the birthday, sequence): no identity number
// occurs twice below 1,024,000 customers, except where one person deliberately has two customer numbers.
function identityOf(
  world: World,
  random: Random,
  index: number,
  age: number,
  sex: Sex,
): { born: number; identityNo: string } {
  let place = (Math.imul(index, 0x9e375) + world.seed) & 0xfffff
  place ^= place >>> 9
  const sequence = (place % 500) * 2 + (sex === 'male' ? 1 : 0)
  const low = Math.floor(place / 500) % 32
  const region = birthRegions[Math.floor(place / 16_000) % birthRegions.length]!
  const last = world.calendar.first + world.calendar.length - 40
  const about = last - Math.round(age * 365.2425) - random.int(300)
  const born = (about & ~31) + low
  const body = region + dayOfNumber(born).replaceAll('-', '') + String(sequence).padStart(3, '0')
  return { born, identityNo: body + identityCheck(body) }
}

function incomeOf(job: Trade | undefined, age: number, wealth: number, noise: number): number {
  if (!job) return 0
  const working = Math.round((job.income * wealth * Math.exp(noise * job.spread)) / 100) * 100
  return age > 60 ? Math.max(14_400, Math.min(120_000, Math.round((working * 0.45) / 100) * 100)) : working
}

// ln(assets) = 10.1 + 1.55 z: one in five above 100,000, one in twenty above 300,000, one in 120 above a million, and
// the richest fifth holds four fifths. z mixes age, income, the family's fortune and one's own.
function assetsOf(random: Random, at: Circumstances, age: number, income: number, job: Trade | undefined): number {
  const own = random.normal()
  if (!job) return Math.round(Math.exp(7.6 + 0.35 * at.fortune + 0.8 * own))
  const byAge = Math.max(-1.4, Math.min(1, (age - 42) / 16))
  const byIncome = Math.log(Math.max(income, 10_000) / (age > 60 ? 36_000 : 80_000)) / 0.65
  const z = 0.33 * byAge + 0.42 * byIncome + 0.4 * at.fortune + 0.7 * own
  const tail = z > 2.4 ? (z - 2.4) ** 2 * 0.6 : 0
  return Math.min(80_000_000, Math.round(Math.exp(wealthMean + wealthSpread * z + tail)))
}
const wealthMean = 9.91
const wealthSpread = 1.58

function historyOf(
  world: World,
  random: Random,
  age: number,
): Pick<Person, 'pattern' | 'openedOn' | 'from' | 'to' | 'died'> {
  const { first, start, length } = world.calendar
  const draw = random.unit()
  const within = start + 5 + random.int(Math.max(1, length - start - 10))
  const history = {
    pattern: 'steady' as Pattern,
    openedOn: first - 30 - random.int(Math.max(200, Math.min(7000, Math.max(0, age - 1) * 365))),
    from: 0,
    to: Number.POSITIVE_INFINITY,
    died: Number.POSITIVE_INFINITY,
  }
  // The shares are per year of history, so that short histories do not churn.
  const years = Math.min(2.3, (length - start) / 365)
  if (draw < 0.05 * years) return { ...history, pattern: 'newcomer', from: within, openedOn: first + within }
  if (draw < 0.072 * years) return { ...history, pattern: 'leaver', to: within }
  if (draw < 0.125 * years) return { ...history, pattern: 'riser' }
  if (draw < 0.165 * years) return { ...history, pattern: 'faller' }
  if (draw > 0.994) return { ...history, pattern: 'gamer' }
  if (draw > 0.965) return { ...history, pattern: 'dormant' }
  if (age > 66 && random.chance(0.02 * years)) return { ...history, died: within }
  return history
}

function arrangeFamily(world: World, random: Random, first: number, family: Person[], shape: Shape): void {
  const { start, length } = world.calendar
  if (family.some((person) => person.staff)) for (const person of family) person.staffKin = !person.staff
  const [head, second] = family
  if (head && second && shape[1] === 'spouse' && random.chance(0.3)) head.joint = second
  if (!random.chance(0.55)) return
  const no = `H${String(first + 1).padStart(9, '0')}`
  const declared = random.chance(0.85) ? 0 : start + random.int(Math.max(1, length - start))
  for (const [i, person] of family.entries()) {
    const from = Math.max(declared, person.from)
    const consents = person.age >= 18 ? !random.chance(0.12) : true
    const leaves = i > 0 && person.age > 20 && random.chance(0.03) && from < length - 60
    person.member = {
      no,
      role: shape[i]!,
      from,
      to: leaves ? from + 30 + random.int(length - from - 30) : Number.POSITIVE_INFINITY,
      consentFrom: consents ? from : Number.POSITIVE_INFINITY,
      consentTo:
        consents && random.chance(0.02) ? Math.min(length - 1, from + 20 + random.int(200)) : Number.POSITIVE_INFINITY,
    }
  }
}

/** The same person under a second number: another branch of the bank, the name as typed there, part of the money. */
function makeTwin(world: World, random: Random, index: number, of: Person): Person {
  const share = random.between(0.15, 0.6)
  const own = Math.round(of.assets * share)
  of.assets -= own
  return {
    ...of,
    index,
    no: String(1_000_000_000 + index),
    name: nameVariant(random, of.name),
    phone: random.chance(0.5)
      ? of.phone
      : random.pick(mobilePrefixes) + String(random.int(100_000_000)).padStart(8, '0'),
    email: '',
    outlet: random.pick(world.organisation.outlets),
    identityNo: random.chance(0.7) ? of.identityNo : fifteenDigits(of.identityNo),
    assets: own,
    pattern: 'steady',
    from: 0,
    openedOn: Math.min(of.openedOn + 400, world.calendar.first - 20),
    to: Number.POSITIVE_INFINITY,
    staff: false,
    member: undefined,
    twin: of,
    joint: undefined,
    fault: undefined,
  }
}

/** The identity number as it was issued before 1999: two-digit year, no check character. */
function fifteenDigits(identityNo: string): string {
  return identityNo.slice(0, 6) + identityNo.slice(8, 17)
}
