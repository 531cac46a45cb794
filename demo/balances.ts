/**
 * The life of a customer's money, day by day: salaries, spending, terms that mature and roll, units bought and sold,
 * festivals, and the patterns of those who rise, fall, come, leave, or only pass by on the day that counts.
 */
import type { Account } from './accounts.ts'
import type { Books } from './books.ts'
import { currentAccount, type Flow } from './current.ts'
import type { Dirt } from './dirt.ts'
import { type Calendar, roughRate } from './market.ts'
import type { Pattern } from './people.ts'
import { current as currentDeposit } from './products.ts'
import { purpose, Random } from './random.ts'

/** What the process has to know of whoever owns the accounts; amounts in fen. */
export interface Life {
  key: number
  no: string
  pattern: Pattern
  from: number
  to: number
  died: number
  /** Salary or pension each month, 0 without. */
  monthly: number
  monthlyKind: 'salary' | 'pension' | 'transfer'
  company: boolean
  /** Fen of all assets: gamers bring a multiple. */
  assets: number
}

/** What one simulation run needs; `prices[key]` are the daily prices of an instrument × 10^6. */
export interface Stage {
  seed: number
  calendar: Calendar
  prices: readonly Float64Array[]
  books: Books
  dirt: Dirt
}

// Reused from account to account: the series of (day, value) of the account under way.
const days: number[] = []
const values: number[] = []
const random = new Random(0, purpose.balance)

/** Writes everything that happens on a customer's accounts; the first account must be the current account. */
export function simulate(stage: Stage, life: Life, accounts: readonly Account[]): void {
  random.reset(stage.seed, purpose.balance, life.key)
  const flows: Flow[] = []
  for (const account of accounts) {
    days.length = 0
    values.length = 0
    if (account.kind === 'term') termDeposit(stage, life, account, flows)
    else if (account.kind === 'wealth') wealthProduct(stage, life, account, flows)
    else if (account.kind === 'insurance') insurance(stage, account, flows)
    else if (account.kind === 'settlement') settlementAccount(stage, account, flows)
    else if (account.kind === 'foreign') foreignAccount(stage, account)
    else if (account.kind === 'holding') holdingAccount(stage, life, account, accounts[0]!, flows)
    else if (account.kind === 'loan') loanAccount(stage, account, flows)
    if (days.length > 0) publish(stage, account)
  }
  days.length = 0
  values.length = 0
  flows.sort((a, b) => a.t - b.t || b.amount - a.amount)
  currentAccount(stage, life, accounts[0]!, flows, random, put)
  publish(stage, accounts[0]!)
}

function put(t: number, value: number): void {
  const last = days.length - 1
  if (last >= 0 && days[last] === t) values[last] = value
  else {
    days.push(t)
    values.push(value)
  }
}

/** Changes before the snapshots, snapshots, and the month's profit, from the series just made. */
function publish(stage: Stage, account: Account): void {
  const { books, calendar } = stage
  const { snapshotFrom } = books
  for (let i = 0; i < days.length && days[i]! < snapshotFrom; i++) books.change(account, days[i]!, values[i]!)
  let at = 0
  const end = Math.min(calendar.length, account.to)
  for (let t = Math.max(snapshotFrom, account.from); t < end; t++) {
    while (at + 1 < days.length && days[at + 1]! <= t) at++
    books.snapshot(account, t, values[at]!)
  }
  profits(stage, account)
}

function profits(stage: Stage, account: Account): void {
  const { calendar } = stage
  const yearly = account.product.margin * (roughRate[account.currency] ?? 1) * (account.places === 0 ? 100 : 1)
  let at = 0
  const end = Math.min(calendar.length, account.to)
  for (let t = Math.max(calendar.start, account.from); t < end; t++) {
    if (calendar.isMonthEnd[t] === 0) continue
    while (at + 1 < days.length && days[at + 1]! <= t) at++
    const profit = Math.round((Math.max(0, values[at]!) * yearly) / 12)
    if (profit !== 0) stage.books.profit(account, t, profit)
  }
}

/** Where the money of an account that begins within the history comes from: the current account, filled if need be. */
function begin(account: Account, flows: Flow[]): void {
  put(account.from, account.amount)
  if (account.from === 0) return
  if (account.funded) flows.push({ t: account.from, amount: account.amount, kind: 'transfer' })
  flows.push({ t: account.from, amount: -account.amount, kind: 'investment' })
}

/** The day on which the money of an account that ends leaves it: the last day on which it exists. */
function lastDay(calendar: Calendar, account: Account): number {
  return account.to <= calendar.length ? account.to - 1 : Number.POSITIVE_INFINITY
}

function drain(life: Life, _account: Account, t: number, amount: number, flows: Flow[], length: number): void {
  put(t, 0)
  flows.push({ t, amount, kind: 'investment' })
  // Those who fall take the money to another bank; leavers take everything at the end anyway.
  if (life.pattern === 'faller' && t + 2 < length) flows.push({ t: t + 2, amount: -amount, kind: 'transfer' })
}

function termDeposit(stage: Stage, life: Life, account: Account, flows: Flow[]): void {
  const { calendar } = stage
  const { term } = account.product
  begin(account, flows)
  const last = lastDay(calendar, account)
  let matures = account.openedOn + term - calendar.first
  while (matures <= 0) matures += term
  const rolls = random.chance(0.75)
  let value = account.amount
  for (let t = matures; t < Math.min(calendar.length, last); t += term) {
    if (t < calendar.start) continue
    const interest = Math.round((value * account.product.yield * term) / 365)
    if (rolls) {
      value += interest
      put(t, value)
    } else flows.push({ t, amount: interest, kind: 'interest' })
  }
  while (matures < calendar.length) matures += term
  account.maturesOn = calendar.first + matures
  if (last !== Number.POSITIVE_INFINITY) drain(life, account, last, value, flows, calendar.length)
}

/** Matures into the current account by way of two days in transit, and is usually bought again within the week. */
function wealthProduct(stage: Stage, life: Life, account: Account, flows: Flow[]): void {
  const { calendar, books } = stage
  const { term } = account.product
  begin(account, flows)
  const last = Math.min(lastDay(calendar, account), calendar.length - 1)
  let value = account.amount
  let matures = account.openedOn + term - calendar.first
  while (matures <= 0) matures += term
  while (matures + 8 < last) {
    if (matures >= calendar.start && matures > account.from) {
      const paid = value + Math.round((value * account.product.yield * term) / 365)
      put(matures, 0)
      books.transit(account, account.product.code, matures, paid)
      books.transit(account, account.product.code, matures + 2, 0)
      flows.push({ t: matures + 2, amount: paid, kind: 'investment' })
      if (random.chance(0.04)) {
        value = 0
        break
      }
      const again = matures + 3 + random.int(5)
      value = Math.floor(paid / 100_000) * 100_000 || paid
      put(again, value)
      flows.push({ t: again, amount: -value, kind: 'investment' })
      matures = again
    }
    matures += term
  }
  account.maturesOn = value > 0 ? calendar.first + matures : 0
  const end = lastDay(calendar, account)
  if (end !== Number.POSITIVE_INFINITY && value > 0) drain(life, account, end, value, flows, calendar.length)
}

function insurance(stage: Stage, account: Account, flows: Flow[]): void {
  const { calendar } = stage
  begin(account, flows)
  const end = lastDay(calendar, account)
  const policyDay = 1 + random.int(28)
  let value = account.amount
  for (let t = Math.max(calendar.start, account.from + 1); t < Math.min(calendar.length, end); t++) {
    if (calendar.dayOfMonth[t] !== policyDay) continue
    value += Math.round((value * account.product.yield) / 12)
    put(t, value)
  }
  if (end === Number.POSITIVE_INFINITY) return
  put(end, 0)
  flows.push({ t: end, amount: value, kind: 'investment' })
}

function settlementAccount(stage: Stage, account: Account, flows: Flow[]): void {
  const { calendar } = stage
  begin(account, flows)
  const end = lastDay(calendar, account)
  let value = account.amount
  for (let t = Math.max(calendar.start, account.from + 1); t < Math.min(calendar.length, end); t++) {
    if (calendar.isWorkday[t] === 0 || !random.chance(0.12)) continue
    value = Math.max(0, Math.round(value * random.between(0.7, 1.22) + account.amount * 0.05))
    put(t, value)
  }
  if (end === Number.POSITIVE_INFINITY) return
  put(end, 0)
  flows.push({ t: end, amount: value, kind: 'investment' })
}

function foreignAccount(stage: Stage, account: Account): void {
  const { calendar, books } = stage
  put(account.from, account.amount)
  const end = lastDay(calendar, account)
  let value = account.amount
  for (let t = Math.max(calendar.start, account.from + 1); t < Math.min(calendar.length, end); t++) {
    if (!random.chance(0.018)) continue
    const next = Math.round(value * random.between(0.75, 1.3))
    if (next === value) continue
    books.transaction(account, t, 0, next - value, 'transfer', 'online')
    value = next
    put(t, value)
  }
  if (end === Number.POSITIVE_INFINITY) return
  if (value !== 0) books.transaction(account, end, 1, -value, 'transfer', 'counter')
  put(end, 0)
}

/** Units times price: revalued twice a month; some buy more by monthly plan, which is in transit for two days. */
function holdingAccount(stage: Stage, life: Life, account: Account, funding: Account, flows: Flow[]): void {
  const { calendar, books } = stage
  if (account.from > 0) {
    if (account.funded) flows.push({ t: account.from, amount: account.amount, kind: 'transfer' })
    flows.push({ t: account.from, amount: -account.amount, kind: 'investment' })
  }
  const last = Math.min(lastDay(calendar, account), calendar.length)
  for (const [i, { product, key, share }] of account.instruments.entries()) {
    const prices = stage.prices[key]!
    // price × 10^6 per unit × 10^4: units = fen / 100 × 10^10 / price
    let units = Math.floor((account.amount * share * 100_000_000) / prices[account.from]!)
    books.holding(account, product.code, account.from, units, prices[account.from]!)
    // One plan per account: two could be under way on the same days, and the feed knows one amount per product and day.
    const plans = i === 0 && product.class === 'fund' && life.monthly > 300_000 && random.chance(0.25)
    const plan = plans ? Math.round(life.monthly * 0.0008) * 100 : 0
    const planDay = 2 + random.int(24)
    for (let t = Math.max(calendar.start, account.from + 1); t < last; t++) {
      const dayOfMonth = calendar.dayOfMonth[t]!
      if (plan > 0 && dayOfMonth === planDay && t + 2 < last && t < life.died) {
        flows.push({ t, amount: -plan, kind: 'investment' })
        books.transit(funding, currentDeposit.code, t, plan)
        books.transit(funding, currentDeposit.code, t + 2, 0)
        units += Math.floor((plan * 100_000_000) / prices[t + 2]!)
        books.holding(account, product.code, t + 2, units, prices[t + 2]!)
      } else if ((dayOfMonth === 15 && (plan === 0 || planDay !== 13)) || calendar.isMonthEnd[t] === 1) {
        books.holding(account, product.code, t, units, prices[t]!)
      }
    }
    if (last < calendar.length) {
      books.holding(account, product.code, last, 0, prices[last]!)
      flows.push({ t: last, amount: Math.round((units * prices[last]!) / 100_000_000), kind: 'investment' })
    }
  }
}

function loanAccount(stage: Stage, account: Account, flows: Flow[]): void {
  const { calendar, books } = stage
  let owed = account.amount
  const payDay = 5 + random.int(20)
  const late = random.chance(0.03)
    ? calendar.start + random.int(calendar.length - calendar.start)
    : Number.POSITIVE_INFINITY
  const monthsLeft = Math.max(3, Math.round((account.maturesOn - calendar.first) / 30.4))
  const instalment = Math.ceil(owed / monthsLeft / 100) * 100
  books.loan(account, account.from, owed, 0)
  for (let t = Math.max(calendar.start, account.from + 1); t < calendar.length && owed > 0; t++) {
    if (calendar.dayOfMonth[t] !== payDay) continue
    if (t >= late && t < late + 130) {
      books.loan(account, t, owed, Math.floor(t - late) + 1)
      continue
    }
    const paid = Math.min(owed, instalment)
    owed -= paid
    flows.push({ t, amount: -paid, kind: 'loan' })
    books.loan(account, t, owed, 0)
    const monthEnd = monthEndAfter(calendar, t)
    if (monthEnd < calendar.length) books.profit(account, monthEnd, Math.round((owed * account.product.margin) / 12))
  }
}

function monthEndAfter(calendar: Calendar, t: number): number {
  let at = t
  while (at < calendar.length && calendar.isMonthEnd[at] === 0) at++
  return at
}
