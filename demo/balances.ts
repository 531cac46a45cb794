/**
 * The life of a customer's money, day by day: salaries, spending, terms that mature and roll, units bought and sold,
 * festivals, and the patterns of those who rise, fall, come, leave, or only pass by on the day that counts.
 */
import type { Account } from './accounts.ts'
import type { Books, Channel, TransactionKind } from './books.ts'
import type { Dirt } from './dirt.ts'
import { type Calendar, foreignCurrencies, roughRate } from './market.ts'
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

interface Flow {
  t: number
  amount: number
  kind: TransactionKind
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
  flows.sort((a, b) => a.t - b.t || a.amount - b.amount)
  currentAccount(stage, life, accounts[0]!, flows)
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

function drain(life: Life, account: Account, t: number, amount: number, flows: Flow[], length: number): void {
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
    if (rolls) put(t, (value += interest))
    else flows.push({ t, amount: interest, kind: 'interest' })
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
      if (random.chance(0.12)) {
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
  for (const { product, key, share } of account.instruments) {
    const prices = stage.prices[key]!
    // price × 10^6 per unit × 10^4: units = fen / 100 × 10^10 / price
    let units = Math.floor((account.amount * share * 100_000_000) / prices[account.from]!)
    books.holding(account, product.code, account.from, units, prices[account.from]!)
    const plan =
      product.class === 'fund' && life.monthly > 300_000 && random.chance(0.25)
        ? Math.round(life.monthly * 0.0008) * 100
        : 0
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

/** What the current account is drawn towards on day `t`, against its amount at the beginning. */
function level(life: Life, progress: number): number {
  if (life.pattern === 'riser') return 0.35 + 0.8 * progress
  if (life.pattern === 'faller') return 1.1 - 0.8 * progress
  return 1
}

function currentAccount(stage: Stage, life: Life, account: Account, flows: Flow[]): void {
  const { calendar, books } = stage
  const { start, length } = calendar
  const end = lastDay(calendar, account)
  const payDay = life.monthlyKind === 'pension' ? 15 : 8 + random.int(20)
  const busy = life.pattern === 'dormant' ? 0 : life.company ? 0.35 : life.monthly > 0 ? 0.11 : 0.025
  const spend = life.monthly > 0 ? life.monthly / 30.4 / Math.max(busy, 0.01) : account.amount * 0.02
  const overdraws = !life.company && busy > 0 && random.chance(0.006)
  let target = account.amount
  let balance = Math.round(account.amount * level(life, 0) * random.between(0.8, 1.2))
  put(account.from, balance)
  if (account.from > 0 && balance > 0) books.transaction(account, account.from, 0, balance, 'transfer', 'counter')
  const game = gameDays(calendar, life)
  let flowAt = 0
  while (flowAt < flows.length && flows[flowAt]!.t <= account.from) balance = applyEarly(balance, flows[flowAt++]!)
  for (let t = Math.max(start, account.from + 1); t < Math.min(length, end); t++) {
    let ordinal = 0
    let touched = false
    const move = (amount: number, kind: TransactionKind, channel: Channel, other?: string): void => {
      if (amount === 0) return
      balance += amount
      touched = true
      books.transaction(account, t, ordinal++, amount, kind, channel, other)
    }
    for (; flowAt < flows.length && flows[flowAt]!.t <= t; flowAt++)
      move(flows[flowAt]!.amount, flows[flowAt]!.kind, flows[flowAt]!.kind === 'transfer' ? 'online' : 'system')
    if (t < life.died) {
      if (life.monthly > 0 && calendar.dayOfMonth[t] === payDay)
        move(life.monthly, life.monthlyKind, 'system', '江州清算中心,')
      if (busy > 0 && random.chance(busy)) everyday(life, t)
      if (calendar.festival[t] !== 0 && busy > 0 && random.chance(0.2)) {
        const amount = Math.round((target * calendar.festival[t]!) / 100) * 400
        if (balance + amount > 0) move(amount, 'cash', 'atm')
      }
      if (game !== undefined && game.has(t)) move(game.get(t)!, 'transfer', 'mobile', '远方银行,')
    }
    if (t % 91 === 80 && balance > 10_000) move(Math.round(balance * 0.00025), 'interest', 'system')
    if (balance < 0 && !overdraws) move(-balance + Math.round(target * 0.05), 'transfer', 'mobile', '远方银行,')
    if (touched) put(t, balance)

    function everyday(who: Life, day: number): void {
      target = account.amount * level(who, (day - start) / (length - start))
      const middle = target + who.monthly * 0.5
      const pull = (balance - middle) / (middle + 1)
      const size = Math.round(spend * Math.exp(random.normal() * 0.8) * 0.72)
      if (who.company || pull < -0.35) {
        const sign = random.chance(0.5 - 0.45 * Math.max(-1, Math.min(1, pull * 2))) ? 1 : -1
        if (balance + sign * size > 0) return move(sign * size, 'transfer', 'online')
        return
      }
      if (pull > 0.9)
        return move(-Math.round(((balance - middle) * random.between(0.4, 0.9)) / 100) * 100, 'transfer', 'mobile')
      if (balance - size < 0 && !overdraws) return
      move(-size, 'payment', random.chance(0.7) ? 'mobile' : 'pos')
      if (
        balance < 0 &&
        stage.dirt.truth.overdrafts.length < 10_000 &&
        stage.dirt.truth.overdrafts.at(-1) !== account.no
      ) {
        stage.dirt.truth.overdrafts.push(account.no)
      }
    }
  }
  if (end === Number.POSITIVE_INFINITY || end <= account.from) return
  let ordinal = 0
  for (; flowAt < flows.length && flows[flowAt]!.t <= end; flowAt++) {
    balance += flows[flowAt]!.amount
    books.transaction(account, end, ordinal++, flows[flowAt]!.amount, flows[flowAt]!.kind, 'system')
  }
  if (balance !== 0) books.transaction(account, end, ordinal, -balance, 'transfer', 'counter')
  put(end, 0)

  function applyEarly(before: number, flow: Flow): number {
    if (account.from === 0 || flow.t < account.from) return before
    books.transaction(account, account.from, 1 + flowAt, flow.amount, flow.kind, 'system')
    const after = before + flow.amount
    put(account.from, after)
    return after
  }
}

/** A gamer's money arrives one to four days before a quarter's (or month's) end and leaves within the first three days after. */
function gameDays(calendar: Calendar, life: Life): Map<number, number> | undefined {
  if (life.pattern !== 'gamer') return undefined
  const found = new Map<number, number>()
  const amount = Math.round(Math.max(life.assets * random.between(0.5, 2), 15_000_000) / 1_000_000) * 1_000_000
  const quarterly = random.chance(0.4)
  for (let t = Math.max(calendar.start, life.from + 10); t < Math.min(calendar.length, life.to) - 4; t++) {
    if (calendar.isMonthEnd[t] === 0 || (quarterly && Number(calendar.monthOf[t]!.slice(5)) % 3 !== 0)) continue
    found.set(t - 1 - random.int(4), amount)
    found.set(t + 1 + random.int(3), -amount)
  }
  return found
}

/** The currencies that a bank of this kind keeps accounts in, base first. */
export const accountCurrencies: readonly string[] = ['CNY', ...foreignCurrencies]
