/** The bank itself: its tree of units, sized by the number of customers, and its staff in every role. */
import { familySurname, fullName, type Sex } from './names.ts'
import { type City, cities, streetName } from './places.ts'
import { purpose, Random } from './random.ts'

export const bankName = '临江银行'

export interface Unit {
  code: string
  name: string
  nameEn: string
  kind: 'headOffice' | 'branch' | 'subBranch' | 'outlet' | 'department'
  parent: string
  region: string
  openedOn: string
}

export interface Outlet {
  unit: Unit
  city: City
  district: number
  /** Codes of its relationship managers. */
  managers: string[]
}

export interface StaffMember {
  code: string
  unit: string
  role: string
  sex: Sex
  name: string
  joinedOn: string
  leftOn: string
}

export interface Organisation {
  units: Unit[]
  outlets: Outlet[]
  staff: StaffMember[]
}

const departments = [
  ['公司业务部', 'Corporate Banking'],
  ['个人金融部', 'Personal Banking'],
  ['机构业务部', 'Institutional Banking'],
  ['客户部', 'Customer Department'],
  ['信贷管理部', 'Credit Management'],
  ['风险管理部', 'Risk Management'],
  ['合规部', 'Compliance'],
  ['审计部', 'Audit'],
  ['信息科技部', 'Information Technology'],
] as const

// A manager may have 300 customers of gold and above; one customer in five is, so one manager per 1,100 customers.
const customersPerOutlet = 900
const customersPerManager = 1100

/** The tree and the staff for a bank of that many customers. */
export function makeOrganisation(seed: number, customers: number): Organisation {
  const random = new Random(seed, purpose.organisation)
  const units: Unit[] = []
  const outlets: Outlet[] = []
  const head = add('01', `${bankName}总行`, 'Linjiang Bank Head Office', 'headOffice', '', cities[0]!.code)
  addDepartments(head.code, departments.length)
  const outletCount = Math.min(1200, Math.max(3, Math.round(customers / customersPerOutlet)))
  const branchCount = Math.min(cities.length, Math.max(1, Math.round(outletCount / 12)))
  const perBranch = Math.ceil(outletCount / branchCount)
  for (let b = 0; b < branchCount; b++) {
    const city = cities[b]!
    const code = `01${pad(b + 1)}`
    add(code, `${city.name.slice(0, -1)}分行`, `${city.nameEn} Branch`, 'branch', '01', city.code)
    addDepartments(code, 5)
    const count = Math.min(perBranch, outletCount - outlets.length)
    const subCount = Math.min(city.districts.length, Math.max(1, Math.ceil(count / 4)))
    for (let s = 0; s < subCount; s++) {
      const district = city.districts[s]!
      const short = district.name.slice(0, 2)
      add(
        code + pad(s + 1),
        `${city.name.slice(0, -1)}${short}支行`,
        `${city.nameEn} Sub-branch ${s + 1}`,
        'subBranch',
        code,
        district.code,
      )
    }
    const used = new Set<string>()
    for (let o = 0; o < count; o++) {
      const s = o % subCount
      const parent = code + pad(s + 1)
      const district = city.districts[s]!
      let name = `${district.name.slice(0, 2)}${streetName(random)}支行营业网点`
      if (used.has(name)) name = name.replace('营业网点', `第${Math.floor(o / subCount) + 1}网点`)
      used.add(name)
      const unit = add(
        parent + pad(Math.floor(o / subCount) + 1),
        name,
        `${city.nameEn} Outlet ${o + 1}`,
        'outlet',
        parent,
        district.code,
      )
      outlets.push({ unit, city, district: s, managers: [] })
    }
  }
  return { units, outlets, staff: makeStaff(random, customers, units, outlets) }

  function add(code: string, name: string, nameEn: string, kind: Unit['kind'], parent: string, region: string): Unit {
    const year = kind === 'headOffice' ? 1996 : 1996 + random.int(20)
    const openedOn = `${year}-${pad(1 + random.int(12))}-${pad(1 + random.int(28))}`
    const unit: Unit = { code, name, nameEn, kind, parent, region, openedOn }
    units.push(unit)
    return unit
  }
  function addDepartments(parent: string, count: number): void {
    const at = units.find((unit) => unit.code === parent)!
    for (let d = 0; d < count; d++) {
      const [name, nameEn] = departments[d]!
      add(`${parent}D${d + 1}`, `${at.name}${name}`, `${at.nameEn} ${nameEn}`, 'department', parent, at.region)
    }
  }
}

function makeStaff(random: Random, customers: number, units: Unit[], outlets: Outlet[]): StaffMember[] {
  const staff: StaffMember[] = []
  const join = (unit: string, role: string): StaffMember => {
    const sex: Sex = random.chance(0.55) ? 'female' : 'male'
    const name = fullName(random, sex, 1968 + random.int(34), familySurname(random)).name
    const joinedOn = `${2001 + random.int(23)}-07-${pad(1 + random.int(28))}`
    const member = {
      code: `S${String(staff.length + 1).padStart(5, '0')}`,
      unit,
      role,
      sex,
      name,
      joinedOn,
      leftOn: '',
    }
    staff.push(member)
    return member
  }
  for (const role of ['analyst', 'riskOfficer', 'complianceOfficer', 'dataSteward', 'administrator', 'auditor'])
    join('01', role)
  join('01D4', 'callCentreAgent')
  join('01D4', 'callCentreAgent')
  join('01D2', 'analyst')
  for (const unit of units) {
    if (unit.kind !== 'branch') continue
    join(unit.code, 'branchManager')
    join(unit.code, 'dataSteward')
    join(`${unit.code}D2`, 'analyst')
    join(`${unit.code}D1`, 'relationshipManager')
  }
  const managersEach = Math.max(1, Math.ceil(customers / outlets.length / customersPerManager)) + 1
  for (const outlet of outlets) {
    const code = outlet.unit.code
    join(code, 'outletManager')
    join(code, 'lobbyManager')
    join(code, 'teller')
    join(code, 'teller')
    for (let i = 0; i < managersEach; i++) outlet.managers.push(join(code, 'relationshipManager').code)
    if (random.chance(0.3))
      join(code, random.pick(['teller', 'relationshipManager'])).leftOn = `${2024 + random.int(2)}-03-31`
  }
  return staff
}

function pad(n: number): string {
  return String(n).padStart(2, '0')
}
