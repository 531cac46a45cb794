/** Which accounts a customer has and how the assets are spread over them. */
import { mod97 } from './checkdigits.ts'
import { foreignCurrencies, roughRate } from './market.ts'
import type { Person, World } from './people.ts'
import {
  bondAccount,
  bonds,
  businessLoan,
  consumerLoan,
  creditCard,
  current,
  fundAccount,
  funds,
  insurances,
  metalAccount,
  metals,
  mortgage,
  type Product,
  settlement,
  termDeposits,
  wealthProducts,
} from './products.ts'
import { purpose, Random } from './random.ts'

export type AccountKind =
  | 'current'
  | 'foreign'
  | 'term'
  | 'wealth'
  | 'insurance'
  | 'settlement'
  | 'holding'
  | 'loan'
  | 'card'

export interface Account {
  /** 17 digits, the last two a check. */
  no: string
  kind: AccountKind
  product: Product
  currency: string
  /** Decimal places of the currency. */
  places: number
  unit: string
  owners: { no: string; share: number }[]
  /** Day numbers since 1970; closing is the first day without. */
  openedOn: number
  closedOn: number
  maturesOn: number
  /** Calendar indices of the first day and the first day after. */
  from: number
  to: number
  /** Minor units at the beginning. */
  amount: number
  /** For holdings: what is held, each with its share of `amount`. */
  instruments: { product: Product; key: number; share: number }[]
  /** Money came from outside the bank rather than from the current account. */
  funded: boolean
}

export interface Holder {
  no: string
  from: number
  to: number
  openedOn: number
  unit: string
  owners: { no: string; share: number }[]
}

/** Numbers of accounts: '8010' for people and '8020' for companies, customer, ordinal, two check digits. */
export function accountNo(customerNo: string, ordinal: number): string {
  const body = (customerNo.startsWith('2') ? '8020' : '8010') + customerNo.slice(1) + String(ordinal).padStart(2, '0')
  return body + mod97(body)
}

/** One account of a holder, before its amounts are decided. */
export function openAccount(
  holder: Holder,
  ordinal: number,
  kind: AccountKind,
  product: Product,
  currency: string,
  amount: number,
): Account {
  return {
    no: accountNo(holder.no, ordinal),
    kind,
    product,
    currency,
    places: currency === 'JPY' ? 0 : 2,
    unit: holder.unit,
    owners: holder.owners,
    openedOn: holder.openedOn,
    closedOn: Number.POSITIVE_INFINITY,
    maturesOn: 0,
    from: holder.from,
    to: holder.to,
    amount: Math.max(0, Math.round(amount)),
    instruments: [],
    funded: false,
  }
}

type Slice = 'term' | 'wealth' | 'fund' | 'insurance' | 'bond' | 'metal' | 'settlement' | 'foreign'

/** The accounts of a private customer; the first is always the current account. */
export function portfolio(world: World, person: Person): Account[] {
  const random = new Random(world.seed, purpose.portfolio, person.index)
  const own: Holder = {
    no: person.no,
    from: person.from,
    to: person.to,
    openedOn: person.openedOn,
    unit: person.outlet.unit.code,
    owners: [{ no: person.no, share: 10_000 }],
  }
  const slices = person.pattern === 'dormant' ? [] : slicesOf(random, person)
  const floor = Math.min(person.assets, person.income / 9)
  const kept = slices.length === 0 ? person.assets : Math.max(floor, person.assets * random.between(0.07, 0.4))
  const accounts = [
    openAccount(own, 1, 'current', current, 'CNY', (person.pattern === 'dormant' ? Math.min(kept, 3000) : kept) * 100),
  ]
  const weights = slices.map(() => 0.25 + random.unit())
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, slice] of slices.entries()) {
    const amount = ((person.assets - kept) * weights[i]!) / total
    if (amount < 100) continue
    accounts.push(sliceAccount(random, person, own, accounts.length + 1, slice, amount))
  }
  for (const account of accounts) if (account.kind !== 'current') timeAccount(world, random, person, account)
  if (person.age >= 22 && person.pattern !== 'dormant') addCredit(world, random, person, own, accounts)
  for (const account of accounts) account.closedOn = world.calendar.first + account.to
  return accounts
}

function slicesOf(random: Random, person: Person): Slice[] {
  if (person.age < 18) return random.chance(0.15) ? ['term'] : []
  const rich = Math.max(0, Math.min(1, (Math.log(person.assets + 1) - 8.5) / 5))
  const old = person.age > 55 ? 1 : 0
  const wanted: [Slice, number][] = [
    ['term', 0.12 + 0.55 * rich + 0.18 * old],
    ['wealth', 0.03 + 0.72 * rich],
    ['fund', 0.05 + 0.42 * rich - 0.05 * old],
    ['insurance', 0.03 + 0.32 * rich],
    ['bond', 0.01 + 0.12 * rich + 0.08 * old],
    ['metal', 0.02 + 0.14 * rich],
    ['settlement', 0.02 + 0.22 * rich],
    ['foreign', 0.01 + 0.2 * rich * rich],
  ]
  return wanted.filter(([, chance]) => random.chance(chance)).map(([slice]) => slice)
}

function sliceAccount(
  random: Random,
  person: Person,
  own: Holder,
  ordinal: number,
  slice: Slice,
  yuan: number,
): Account {
  const joint = person.joint && (slice === 'term' || slice === 'wealth') && random.chance(0.7)
  const holder = joint ? { ...own, owners: jointOwners(random, own.no, person.joint!.no) } : own
  const cents = Math.round(yuan) * 100
  switch (slice) {
    case 'term': {
      const product = yuan > 200_000 && random.chance(0.5) ? termDeposits[3]! : termDeposits[random.int(3)]!
      return openAccount(holder, ordinal, 'term', product, 'CNY', cents)
    }
    case 'wealth':
      return openAccount(holder, ordinal, 'wealth', random.pick(wealthProducts), 'CNY', cents)
    case 'insurance':
      return openAccount(own, ordinal, 'insurance', random.pick(insurances), 'CNY', cents)
    case 'settlement':
      return openAccount(own, ordinal, 'settlement', settlement, 'CNY', cents)
    case 'foreign': {
      const currency = random.pick(foreignCurrencies)
      return openAccount(
        own,
        ordinal,
        'foreign',
        current,
        currency,
        (yuan / roughRate[currency]!) * (currency === 'JPY' ? 1 : 100),
      )
    }
    default:
      return holdingAccount(random, own, ordinal, slice, cents)
  }
}

function holdingAccount(
  random: Random,
  own: Holder,
  ordinal: number,
  slice: 'fund' | 'bond' | 'metal',
  cents: number,
): Account {
  const product = slice === 'fund' ? fundAccount : slice === 'bond' ? bondAccount : metalAccount
  const account = openAccount(own, ordinal, 'holding', product, 'CNY', cents)
  const choice = slice === 'fund' ? funds : slice === 'bond' ? bonds : metals
  const offset = slice === 'fund' ? 0 : slice === 'bond' ? funds.length : funds.length + bonds.length
  const count = slice === 'fund' ? 1 + random.int(3) : 1
  const first = random.int(choice.length)
  for (let i = 0; i < count; i++) {
    const at = (first + i * 5) % choice.length
    account.instruments.push({ product: choice[at]!, key: offset + at, share: 1 / count })
  }
  return account
}

// Thirds do not divide 10,000: one owner gets the odd unit.
function jointOwners(random: Random, first: string, second: string): { no: string; share: number }[] {
  const share = random.chance(0.6) ? 5000 : random.chance(0.5) ? 6667 : 7000
  return [
    { no: first, share },
    { no: second, share: 10_000 - share },
  ]
}

/** When an account begins and ends: most were there before, those of risers come, those of fallers go. */
function timeAccount(world: World, random: Random, person: Person, account: Account): void {
  const { first, start, length } = world.calendar
  const span = length - start
  if (account.kind === 'term' || account.kind === 'wealth') {
    // Opened somewhere within the current term, so that maturities spread over the history.
    account.openedOn = first + account.from - (account.from === 0 ? 1 + random.int(account.product.term) : 0)
  } else if (account.from === 0) {
    account.openedOn = person.openedOn + random.int(Math.max(1, first - person.openedOn))
  }
  if (account.from > 0) account.from = Math.min(length - 1, account.from + random.int(6))
  const comes = person.pattern === 'riser' ? 0.75 : person.pattern === 'steady' ? 0.05 * (span / 365) : 0
  const goes = person.pattern === 'faller' ? 0.75 : 0
  if (span > 20 && random.chance(comes)) {
    account.from = start + 5 + random.int(span - 10)
    account.funded = person.pattern === 'riser' || random.chance(0.3)
  } else if (span > 20 && account.to === Number.POSITIVE_INFINITY && random.chance(goes)) {
    account.to = start + 5 + random.int(span - 10)
  }
  if (account.from > 0) {
    account.openedOn = first + account.from
    if (person.pattern === 'newcomer') account.funded = true
  }
  if (account.to !== Number.POSITIVE_INFINITY) {
    if (person.to !== Number.POSITIVE_INFINITY) account.to = Math.max(account.from + 1, person.to - 1 - random.int(4))
  }
}

function addCredit(world: World, random: Random, person: Person, own: Holder, accounts: Account[]): void {
  const loan = random.chance(person.age < 55 ? 0.14 : 0.03) ? mortgage : random.chance(0.05) ? consumerLoan : undefined
  if (loan && person.to === Number.POSITIVE_INFINITY) {
    const yuan = loan === mortgage ? person.income * random.between(2, 6) : person.income * random.between(0.1, 0.8)
    const account = openAccount(own, accounts.length + 1, 'loan', loan, 'CNY', Math.round(yuan / 1000) * 100_000)
    account.maturesOn = world.calendar.first + world.calendar.length + 200 + random.int(6000)
    if (account.amount > 0) accounts.push(account)
  }
  if (person.age <= 65 && person.income > 40_000 && random.chance(0.22)) {
    accounts.push(openAccount(own, accounts.length + 1, 'card', creditCard, 'CNY', 0))
  }
}

/** The accounts of a company: current, often a term deposit, foreign currency and a loan; the amounts are larger. */
export function companyPortfolio(world: World, index: number, holder: Holder, yuan: number): Account[] {
  const random = new Random(world.seed, purpose.portfolio, -1 - index)
  const accounts = [openAccount(holder, 1, 'current', current, 'CNY', yuan * random.between(0.4, 0.9) * 100)]
  if (random.chance(0.35)) {
    const account = openAccount(holder, 2, 'term', termDeposits[random.int(3)]!, 'CNY', Math.round(yuan * 0.4) * 100)
    account.openedOn = world.calendar.first - 1 - random.int(account.product.term)
    accounts.push(account)
  }
  if (random.chance(0.15)) {
    const currency = random.pick(foreignCurrencies)
    const amount = ((yuan * 0.2) / roughRate[currency]!) * (currency === 'JPY' ? 1 : 100)
    accounts.push(openAccount(holder, accounts.length + 1, 'foreign', current, currency, amount))
  }
  if (random.chance(0.3)) {
    const account = openAccount(
      holder,
      accounts.length + 1,
      'loan',
      businessLoan,
      'CNY',
      Math.round((yuan * random.between(0.5, 4)) / 10_000) * 1_000_000,
    )
    account.maturesOn = world.calendar.first + world.calendar.length + random.int(700)
    if (account.amount > 0) accounts.push(account)
  }
  return accounts
}
