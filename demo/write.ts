/**
 * A made-up bank from a seed: writes the feed files that the demo, the tests and the benchmarks read. One pass over the
 * customers, block by block; nothing of the bank is held but its tree, its staff and the open files.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Day, dayOfNumber } from '../src/kit/day.ts'
import { type Account, companyPortfolio, portfolio } from './accounts.ts'
import { type Life, type Stage, simulate } from './balances.ts'
import { writeBench } from './bench.ts'
import { Books } from './books.ts'
import { makeCompany } from './companies.ts'
import { Desk } from './desk.ts'
import { Dirt } from './dirt.ts'
import { decimal, FeedFolder } from './files.ts'
import { makeCalendar, priceSeries, rates, roughRate } from './market.ts'
import { bankName, makeOrganisation } from './organisation.ts'
import { blockSize, makeBlock, type Person, type World } from './people.ts'
import { basePrice, bonds, funds, metals, products } from './products.ts'
import { purpose, Random } from './random.ts'
import { writeWorkbook } from './workbook.ts'

export interface DemoOptions {
  /** People and companies together; one in twenty-five is a company. */
  customers: number
  /** Calendar days of history. */
  days: number
  seed: number
  /** Folder of the feed files; made when missing. */
  out: string
  /** The last day of the history: the caller's yesterday in the bank's zone. */
  end: Day
  /** Where to write what was spoiled, who is twice and who games the cut-off (JSON); not written when missing. */
  truth?: string
  /** 'bench': minimal customers, 1.6 accounts each and balance changes, without dirt. */
  form?: 'full' | 'bench'
  /** Called about a hundred times with customers written so far. */
  report?: (done: number, total: number) => void
}

export interface DemoSummary {
  bank: string
  customers: number
  people: number
  companies: number
  units: number
  staff: number
  /** First and last day of the history. */
  start: Day
  end: Day
  files: { file: string; rows: number; dirty: number }[]
}

/** Writes the bank. Same options, same bytes. */
export async function writeDemo(options: DemoOptions): Promise<DemoSummary> {
  mkdirSync(options.out, { recursive: true })
  const world = makeWorld(options)
  const folder = new FeedFolder(options.out)
  const written: DemoSummary['files'] = []
  if (options.form === 'bench') await writeBench(world, folder, options.report)
  else {
    await writeFull(world, folder, options)
    written.push(await writeProducts(options.out))
  }
  written.push(...(await folder.close()))
  const { calendar, organisation } = world
  return {
    bank: bankName,
    customers: options.customers,
    people: world.people,
    companies: world.companies,
    units: organisation.units.length,
    staff: organisation.staff.length,
    start: dayOfNumber(calendar.first + calendar.start),
    end: options.end,
    files: written.sort((a, b) => (a.file < b.file ? -1 : 1)),
  }
}

/** The calendar, the tree and the numbers of a bank; nothing is written. */
export function makeWorld(options: Pick<DemoOptions, 'customers' | 'days' | 'seed' | 'end' | 'form'>): World {
  const companies = options.form === 'bench' ? 0 : Math.floor(options.customers / 25)
  const people = options.customers - companies
  const organisation = makeOrganisation(options.seed, options.customers)
  const staffStride = Math.max(1, Math.floor(people / organisation.staff.length))
  return {
    seed: options.seed,
    calendar: makeCalendar(options.end, options.days),
    organisation,
    people,
    companies,
    staffStride,
  }
}

async function writeFull(world: World, folder: FeedFolder, options: DemoOptions): Promise<void> {
  const dirt = new Dirt(world.seed, options.truth)
  const books = new Books(folder, world.calendar, dirt)
  const desk = new Desk(world, folder, dirt)
  const instruments = [...funds, ...bonds, ...metals]
  const prices = instruments.map((product, key) =>
    priceSeries(world.seed, key, world.calendar, product.risk, basePrice(product, key)),
  )
  const stage: Stage = { seed: world.seed, calendar: world.calendar, prices, books, dirt }
  writeUnits(world, folder)
  writeStaff(world, folder)
  writeRates(world, folder)
  const blocks = Math.ceil(world.people / blockSize)
  const step = Math.max(1, Math.floor(blocks / 100))
  for (let block = 0; block < blocks; block++) {
    writeBlock(world, stage, desk, block)
    await folder.drain()
    if (block % step === 0) options.report?.(Math.min(world.people, (block + 1) * blockSize), options.customers)
  }
  for (let index = 0; index < world.companies; index++) {
    writeCompany(world, stage, desk, index)
    if (index % 16 === 0) await folder.drain()
  }
  options.report?.(options.customers, options.customers)
  await dirt.close()
}

function writeBlock(world: World, stage: Stage, desk: Desk, block: number): void {
  const people = makeBlock(world, block)
  const portfolios = people.map((person) => portfolio(world, person))
  const opening = openingAssets(people, portfolios)
  for (const [i, person] of people.entries()) {
    const accounts = portfolios[i]!
    simulate(stage, lifeOf(person), accounts)
    desk.person(person, accounts, opening.get(person.no)!)
    if (person.age > 20 && person.from === 0) writeFees(world, stage, person, accounts[0]!.no)
  }
}

/** Per customer the better of the own assets and the household's mean when the history begins, yuan. */
function openingAssets(people: readonly Person[], portfolios: readonly Account[][]): Map<string, number> {
  const own = new Map(people.map((person) => [person.no, 0]))
  for (const [i, accounts] of portfolios.entries()) {
    const share = people[i]!.pattern === 'riser' ? 0.35 : 1
    for (const account of accounts) {
      if (account.from > 0 || account.kind === 'loan') continue
      const yuan =
        (account.amount / 10 ** account.places) * roughRate[account.currency]! * (account.product.weight / 10_000)
      const factor = account.kind === 'current' ? share : 1
      for (const owner of account.owners) own.set(owner.no, own.get(owner.no)! + (yuan * factor * owner.share) / 10_000)
    }
  }
  const better = new Map(own)
  for (const person of people) {
    const { member } = person
    if (member?.consentFrom !== 0) continue
    const family = people.filter((other) => other.member?.no === member.no && other.member.consentFrom === 0)
    if (family.length < 2) continue
    const mean = family.reduce((sum, other) => sum + own.get(other.no)!, 0) / family.length
    // A household's bars are four fifths of the individual's.
    better.set(person.no, Math.max(own.get(person.no)!, mean * 1.25))
  }
  return better
}

function lifeOf(person: Person): Life {
  const retired = person.age > 60
  const works = person.age >= 18 && person.income > 0 && person.pattern !== 'dormant'
  return {
    key: person.index,
    no: person.no,
    pattern: person.pattern,
    from: person.from,
    to: person.to,
    died: person.died,
    monthly: works ? Math.round(person.income / 12) * 100 : 0,
    monthlyKind: retired ? 'pension' : 'salary',
    company: false,
    assets: person.assets * 100,
  }
}

function writeFees(world: World, stage: Stage, person: Person, accountNo: string): void {
  const { calendar } = world
  const random = new Random(world.seed, purpose.desk, -1_000_000_000 - person.index)
  for (let t = calendar.start; t < Math.min(calendar.length, person.to); t++) {
    if (calendar.dayOfMonth[t] !== 21 || !random.chance(0.08)) continue
    const [service, amount] = random.pick([
      ['accountKeeping', 1000],
      ['smsNotice', 200],
      ['transfer', 550],
      ['cardYear', 1000],
      ['safeBox', 20_000],
    ] as const)
    stage.books.fee({ no: accountNo, currency: 'CNY' }, t, service, amount)
  }
}

function writeCompany(world: World, stage: Stage, desk: Desk, index: number): void {
  const company = makeCompany(world, index)
  const owners = [{ no: company.no, share: 10_000 }]
  const { no, openedOn } = company
  const accounts = companyPortfolio(
    world,
    index,
    { no, from: 0, to: Number.POSITIVE_INFINITY, openedOn, unit: company.outlet.unit.code, owners },
    company.assets,
  )
  simulate(
    stage,
    {
      key: -1 - index,
      no,
      pattern: 'steady',
      from: 0,
      to: Number.POSITIVE_INFINITY,
      died: Number.POSITIVE_INFINITY,
      monthly: Math.round(company.assets * 0.08) * 100,
      monthlyKind: 'transfer',
      company: true,
      assets: company.assets * 100,
    },
    accounts,
  )
  desk.company(company, accounts)
}

function writeUnits(world: World, folder: FeedFolder): void {
  const file = folder.file('units.csv', [
    'code',
    'name',
    'name_en',
    'kind',
    'parent_code',
    'region_code',
    'opened_on',
    'closed_on',
  ])
  for (const unit of world.organisation.units) {
    file.cells([unit.code, unit.name, unit.nameEn, unit.kind, unit.parent, unit.region, unit.openedOn, ''])
  }
}

function writeStaff(world: World, folder: FeedFolder): void {
  const columns = ['code', 'name', 'unit_code', 'role', 'joined_on', 'left_on', 'customer_no']
  const file = folder.file('staff.csv', columns, { encoding: 'gb18030' })
  for (const [i, member] of world.organisation.staff.entries()) {
    const index = i * world.staffStride + 5
    const person = index < world.people ? makeBlock(world, Math.floor(index / blockSize))[index % blockSize] : undefined
    const own = person?.staff ? person.no : ''
    file.cells([member.code, member.name, member.unit, member.role, member.joinedOn, member.leftOn, own])
  }
}

/** The catalogue as the product managers keep it: a workbook. Answers with its line in the summary. */
async function writeProducts(out: string): Promise<DemoSummary['files'][number]> {
  const header = ['code', 'name', 'name_en', 'class', 'weight', 'risk', 'currency']
  const rows = products.map((product) => {
    const risk = product.risk === 0 ? '' : `R${product.risk}`
    return [product.code, product.name, product.nameEn, product.class, product.weight / 10_000, risk, product.currency]
  })
  await writeWorkbook(join(out, 'products.xlsx'), header, rows)
  return { file: 'products.xlsx', rows: rows.length, dirty: 0 }
}

/** Rates as the treasury exports them: semicolons, Windows line ends, no dirt (a night needs every one of them). */
export function writeRates(world: World, folder: FeedFolder): void {
  const file = folder.file('exchange-rates.csv', ['currency', 'day', 'rate'], {
    separator: ';',
    crlf: true,
    control: [],
  })
  for (const rate of rates(world.seed, world.calendar))
    file.line(`${rate.currency};${rate.day};${decimal(rate.rate, 8)}`)
}
