/** Companies: names, credit codes, contacts (some of whom are private customers), and what they keep at the bank. */
import { creditCode } from './checkdigits.ts'
import { familySurname, fullName } from './names.ts'
import type { Outlet } from './organisation.ts'
import { blockSize, makeBlock, type World } from './people.ts'
import { address, type City } from './places.ts'
import { purpose, Random, weighted } from './random.ts'

export interface Contact {
  name: string
  role: string
  customerNo: string
}

export interface Company {
  index: number
  no: string
  name: string
  creditCode: string
  outlet: Outlet
  address: string
  phone: string
  email: string
  industry: string
  /** Yuan of financial assets. */
  assets: number
  openedOn: number
  contacts: Contact[]
}

const words =
  '恒 信 达 瑞 丰 泰 华 盛 远 航 锦 程 联 创 德 润 宏 兴 嘉 禾 佳 和 正 元 鼎 新 通 海 明 阳 卓 越 金 玉 同 安'.split(
    ' ',
  )
const lines = weighted<readonly [industry: string, suffix: string, size: number]>([
  [['制造业', '机械制造', 13.4], 14],
  [['批发和零售业', '商贸', 12.4], 26],
  [['建筑业', '建筑工程', 13.2], 10],
  [['信息技术', '信息科技', 12.8], 12],
  [['交通运输业', '物流', 12.6], 8],
  [['住宿和餐饮业', '餐饮管理', 11.6], 9],
  [['农业', '农业发展', 12], 6],
  [['商务服务', '企业管理咨询', 11.9], 10],
  [['房地产业', '置业', 14.4], 2],
  [['科学研究', '检测技术', 12.5], 3],
])
const forms = weighted<string>([
  ['有限公司', 80],
  ['有限责任公司', 12],
  ['股份有限公司', 3],
  ['经营部', 5],
])
const roles = ['法定代表人', '财务总监', '会计主管', '出纳', '总经理', '采购经理'] as const

/** Company number `index`, from 0. */
export function makeCompany(world: World, index: number): Company {
  const random = new Random(world.seed, purpose.company, index)
  const outlet = random.pick(world.organisation.outlets)
  const { name, industry, size } = companyName(random, outlet.city)
  const contacts: Contact[] = []
  const count = 1 + random.int(3)
  for (let i = 0; i < count; i++) {
    const contact = makeContact(world, random, roles[i === 0 ? 0 : 1 + random.int(roles.length - 1)]!)
    if (!contacts.some((other) => other.name === contact.name)) contacts.push(contact)
  }
  return {
    index,
    no: String(2_000_000_000 + index),
    name,
    creditCode: creditCode(outlet.city.districts[outlet.district]!.code, 7_000_003 + index * 104_729),
    outlet,
    address: address(random, outlet.city, outlet.district),
    phone: `1${random.pick(['38', '39', '50', '86'])}${String(random.int(100_000_000)).padStart(8, '0')}`,
    email: random.chance(0.5) ? `finance${index}@example.com` : '',
    industry,
    assets: Math.round(Math.min(500_000_000, Math.exp(size + 1.3 * random.normal()))),
    openedOn: world.calendar.first - 40 - random.int(5000),
    contacts,
  }
}

/** A name with its parts: place, own words, line of business, legal form. */
export function companyName(random: Random, city: City) {
  const [industry, line, size] = lines(random)
  const own = `${random.pick(words)}${random.pick(words)}${random.chance(0.3) ? random.pick(words) : ''}`
  const place = city.name.slice(0, -1)
  const form = forms(random)
  return { name: `${place}${own}${line}${form}`, place, own, line, form, industry, size }
}

function makeContact(world: World, random: Random, role: string): Contact {
  if (world.people > 0 && random.chance(0.35)) {
    const chosen = random.int(world.people)
    const person = makeBlock(world, Math.floor(chosen / blockSize))[chosen % blockSize]!
    if (person.age >= 22 && !person.twin) return { name: person.name, role, customerNo: person.no }
  }
  const sex = random.chance(0.5) ? 'male' : 'female'
  return { name: fullName(random, sex, 1965 + random.int(35), familySurname(random)).name, role, customerNo: '' }
}
