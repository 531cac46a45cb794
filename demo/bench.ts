/** The bank that the night's benchmark needs and nothing else: many customers, 1.6 accounts each, balance changes. */
import { addDays, dayOfNumber } from '../src/kit/day.ts'
import { accountNo } from './accounts.ts'
import { identityCheck } from './checkdigits.ts'
import { decimal, type FeedFile, type FeedFolder, money } from './files.ts'
import { foreignCurrencies, rates, roughRate } from './market.ts'
import type { World } from './people.ts'
import { current, insurances, products, settlement, termDeposits, wealthProducts } from './products.ts'
import { purpose, Random } from './random.ts'

const secondProducts = [...termDeposits.slice(0, 3), ...wealthProducts, insurances[0]!, settlement]

/** Writes units, one member of staff, customers, products, accounts, rates and monthly balance changes. */
export async function writeBench(
  world: World,
  folder: FeedFolder,
  report?: (done: number, total: number) => void,
): Promise<void> {
  writeReference(world, folder)
  const customers = folder.file('customers.csv', [
    'customer_no',
    'kind',
    'name',
    'unit_code',
    'identity_kind',
    'identity_no',
  ])
  const accounts = folder.file('accounts.csv', [
    'account_no',
    'customer_no',
    'share',
    'product_code',
    'currency',
    'unit_code',
    'opened_on',
  ])
  const members = folder.file('household-members.csv', [
    'household_no',
    'customer_no',
    'role',
    'from_day',
    'consent_from',
  ])
  const { outlets } = world.organisation
  const since = addDays(dayOfNumber(world.calendar.first), -500)
  const random = new Random(world.seed, purpose.bench)
  const changes = changeFiles(world, folder)
  const step = Math.max(1, Math.floor(world.people / 100))
  for (let index = 0; index < world.people; index++) {
    random.reset(world.seed, purpose.bench, index)
    const no = String(1_000_000_000 + index)
    const unit = outlets[random.int(outlets.length)]!.unit.code
    const body = `360102${1950 + random.int(50)}0${1 + random.int(9)}${10 + random.int(18)}${String(index % 1000).padStart(3, '0')}`
    customers.line(`${no},person,客户${index},${unit},residentId,${body}${identityCheck(body)}`)
    // Every tenth pair of neighbours is a household.
    if (index % 20 < 2)
      members.line(`H${Math.floor(index / 20)},${no},${index % 20 === 0 ? 'head' : 'spouse'},${since},${since}`)
    const assets = Math.exp(10.1 + 1.55 * random.normal())
    const count = random.chance(0.6) ? 2 : 1
    for (let ordinal = 1; ordinal <= count; ordinal++)
      writeAccount(world, random, { no, unit, since, ordinal, yuan: assets / count }, accounts, changes)
    if (index % 256 === 0) await folder.drain()
    if (index % step === 0) report?.(index + 1, world.people)
  }
}

interface BenchAccount {
  no: string
  unit: string
  since: string
  ordinal: number
  yuan: number
}

function writeAccount(
  world: World,
  random: Random,
  at: BenchAccount,
  accounts: FeedFile,
  changes: readonly FeedFile[],
): void {
  const { calendar } = world
  const product = at.ordinal === 1 ? current : random.pick(secondProducts)
  const currency = at.ordinal === 2 && product === secondProducts[0] ? random.pick(foreignCurrencies) : 'CNY'
  const places = currency === 'JPY' ? 0 : 2
  const no = accountNo(at.no, at.ordinal)
  const joint = at.ordinal === 2 && at.no.endsWith('7')
  const row = (owner: string, share: string) =>
    accounts.line(`${no},${owner},${share},${product.code},${currency},${at.unit},${at.since}`)
  row(at.no, joint ? '0.6' : '')
  if (joint) row(String(Number(at.no) - 1), '0.4')
  let value = Math.round((at.yuan / roughRate[currency]!) * 10 ** places)
  // A current account changes on about one day in nine, others on one in thirty.
  const gap = at.ordinal === 1 ? 17 : 59
  for (let t = 0; t < calendar.length; t += 1 + random.int(gap)) {
    const amount = places === 2 ? money(value) : decimal(value, 0)
    changes[t]!.line(`${no},${calendar.text[t]},${amount},${currency}`)
    value = Math.max(0, Math.round(value * (0.85 + 0.3 * random.unit())))
  }
}

/** The file of each day of the calendar. */
function changeFiles(world: World, folder: FeedFolder): FeedFile[] {
  const columns = ['account_no', 'day', 'balance', 'currency']
  return world.calendar.monthOf.map((month) =>
    folder.file(`balance-changes-${month}.csv`, columns, { compression: 'gz' }),
  )
}

function writeReference(world: World, folder: FeedFolder): void {
  const units = folder.file('units.csv', ['code', 'name', 'kind', 'parent_code'])
  for (const unit of world.organisation.units) units.cells([unit.code, unit.name, unit.kind, unit.parent])
  const staff = folder.file('staff.csv', ['code', 'name', 'unit_code', 'role'])
  for (const member of world.organisation.staff) staff.cells([member.code, member.name, member.unit, member.role])
  const catalogue = folder.file('products.csv', ['code', 'name', 'class', 'weight'])
  for (const product of products)
    catalogue.cells([product.code, product.name, product.class, decimal(product.weight, 4)])
  const rateFile = folder.file('exchange-rates.csv', ['currency', 'day', 'rate'])
  for (const rate of rates(world.seed, world.calendar))
    rateFile.line(`${rate.currency},${rate.day},${decimal(rate.rate, 8)}`)
}
