/**
 * The current account, where everything else passes through: pay and pensions, spending, transfers, festivals, interest,
 * what other accounts bring and take, and the money of those who only show it on the day that counts.
 */
import type { Account } from './accounts.ts'
import type { Life, Stage } from './balances.ts'
import type { Channel, TransactionKind } from './books.ts'
import type { Calendar } from './market.ts'
import type { Random } from './random.ts'

/** Money that another account sends (positive) or takes. */
export interface Flow {
  t: number
  amount: number
  kind: TransactionKind
}

const otherBank = '远方银行,'
const payer = '江州清算中心,'

/** Writes the movements of the account and tells `put` every day's new balance. `flows` must be in order of days. */
export function currentAccount(
  stage: Stage,
  life: Life,
  account: Account,
  flows: readonly Flow[],
  random: Random,
  put: (t: number, value: number) => void,
): void {
  const { calendar } = stage
  const purse = new Purse(stage, life, account, random)
  const end = account.to <= calendar.length ? account.to - 1 : calendar.length
  let next = 0
  // What happened before this account existed is not its business.
  while (next < flows.length && flows[next]!.t < Math.max(account.from, calendar.start)) next++
  put(account.from, purse.open(account.from))
  for (let t = account.from === 0 ? calendar.start : account.from; t < end; t++) {
    const before = purse.balance
    purse.day(t, account.from < t || account.from === 0)
    for (; next < flows.length && flows[next]!.t === t; next++) purse.flow(flows[next]!)
    purse.settle()
    if (purse.balance !== before || t === account.from) put(t, purse.balance)
  }
  if (end === calendar.length || end <= account.from) return
  purse.day(end, false)
  for (; next < flows.length && flows[next]!.t <= end; next++) purse.flow(flows[next]!)
  purse.move(-purse.balance, 'transfer', 'counter')
  put(end, 0)
}

class Purse {
  balance = 0
  private t = 0
  private ordinal = 0
  private target: number
  private rent = 0
  private readonly stage: Stage
  private readonly life: Life
  private readonly account: Account
  private readonly random: Random
  private readonly payDay: number
  /** Chance of an everyday movement on a day. */
  private readonly busy: number
  /** Fen of an ordinary movement. */
  private readonly size: number
  private readonly overdraws: boolean
  private readonly game: Map<number, number> | undefined

  constructor(stage: Stage, life: Life, account: Account, random: Random) {
    this.stage = stage
    this.life = life
    this.account = account
    this.random = random
    this.target = account.amount * level(life, 0)
    this.payDay = life.monthlyKind === 'pension' ? 15 : 8 + random.int(20)
    this.busy = life.pattern === 'dormant' ? 0 : life.company ? 0.35 : life.monthly > 0 ? 0.11 : 0.025
    // Whoever keeps less than a month's pay spends the difference at once, as rent and the like.
    this.rent = Math.max(0, life.monthly - Math.round(account.amount))
    const spent = life.monthly > 0 ? life.monthly - this.rent : account.amount * 0.3
    this.size = spent / 30.4 / Math.max(this.busy, 0.01)
    this.overdraws = !life.company && this.busy > 0 && random.chance(0.006)
    this.game = gameDays(stage.calendar, life, random)
  }

  /** The balance of the first day: brought in cash by a newcomer, simply there for the others. */
  open(t: number): number {
    this.t = t
    const amount = Math.round(this.target * this.random.between(0.85, 1.15))
    if (t === 0) this.balance = amount
    else this.move(amount, 'transfer', 'counter')
    return this.balance
  }

  /** What happens by itself on day `t`; nothing does on the first and the last one. */
  day(t: number, lively: boolean): void {
    if (t !== this.t) this.ordinal = 0
    this.t = t
    if (!lively || t >= this.life.died) return
    const { calendar } = this.stage
    const dayOfMonth = calendar.dayOfMonth[t]!
    if (this.life.monthly > 0) {
      if (dayOfMonth === this.payDay) this.move(this.life.monthly, this.life.monthlyKind, 'system', payer)
      if (dayOfMonth === this.payDay + 1) this.move(-Math.min(this.rent, this.balance), 'payment', 'mobile')
    }
    if (this.busy > 0) {
      if (this.random.chance(this.busy)) this.everyday()
      if (calendar.festival[t] !== 0 && this.random.chance(0.2)) {
        const amount = Math.round((this.target * calendar.festival[t]!) / 100) * 400
        if (this.balance + amount > 0) this.move(amount, 'cash', 'atm')
      }
    }
    const gamed = this.game?.get(t)
    if (gamed !== undefined) this.move(gamed, 'transfer', 'mobile', otherBank)
    if (dayOfMonth === 21 && Number(calendar.monthOf[t]!.slice(5)) % 3 === 0 && this.balance > 0) {
      this.move(Math.round(this.balance * 0.00025), 'interest', 'system')
    }
  }

  flow(flow: Flow): void {
    this.move(flow.amount, flow.kind, flow.kind === 'transfer' ? 'online' : 'system')
  }

  /** Nobody stays below zero but those who overdraw: the difference comes from another bank. */
  settle(): void {
    if (this.balance >= 0) return
    const { overdrafts } = this.stage.dirt.truth
    if (this.overdraws && this.balance > -this.target - 100_000) {
      if (overdrafts.length < 10_000 && overdrafts.at(-1) !== this.account.no) overdrafts.push(this.account.no)
    } else this.move(Math.round(this.target * 0.05) - this.balance, 'transfer', 'mobile', otherBank)
  }

  move(amount: number, kind: TransactionKind, channel: Channel, other?: string): void {
    if (amount === 0) return
    this.balance += amount
    this.stage.books.transaction(this.account, this.t, this.ordinal++, amount, kind, channel, other)
  }

  private everyday(): void {
    const { random, stage, life } = this
    const { start, length } = stage.calendar
    this.target = this.account.amount * level(life, (this.t - start) / (length - start))
    const pull = (this.balance - this.target) / (this.target + 1)
    const size = Math.round(this.size * Math.exp(random.normal() * 0.8) * 0.72)
    if (life.company) this.trade(size, pull)
    else if (pull > 0.8) {
      this.move(-wholeYuan((this.balance - this.target) * random.between(0.4, 0.9)), 'transfer', 'mobile')
    } else if (pull < -0.5 && !this.overdraws) {
      this.move(wholeYuan((this.target - this.balance) * random.between(0.3, 0.9)), 'transfer', 'mobile', otherBank)
    } else if (this.balance > size || this.overdraws) {
      this.move(-size, 'payment', random.chance(0.7) ? 'mobile' : 'pos')
    }
  }

  /** Companies are paid and pay; the chance leans towards what they usually keep. */
  private trade(size: number, pull: number): void {
    const sign = this.random.chance(0.5 - 0.45 * Math.max(-1, Math.min(1, pull * 2))) ? 1 : -1
    if (this.balance + sign * size > 0) this.move(sign * size, 'transfer', 'online')
  }
}

/** What the account is drawn towards when `progress` of the history has passed, against its amount. */
function level(life: Life, progress: number): number {
  if (life.pattern === 'riser') return 0.35 + 0.8 * progress
  if (life.pattern === 'faller') return 1.1 - 0.8 * progress
  return 1
}

/** Days on which a gamer's money comes (1–4 days before the end of a month or quarter) and goes (1–3 days after). */
function gameDays(calendar: Calendar, life: Life, random: Random): Map<number, number> | undefined {
  if (life.pattern !== 'gamer') return undefined
  const found = new Map<number, number>()
  const amount = Math.round(Math.max(life.assets * random.between(0.5, 2), 15_000_000) / 1_000_000) * 1_000_000
  const quarterly = random.chance(0.4)
  for (let t = calendar.start + 10; t < calendar.length - 4; t++) {
    if (calendar.isMonthEnd[t] === 0 || (quarterly && Number(calendar.monthOf[t]!.slice(5)) % 3 !== 0)) continue
    found.set(t - 1 - random.int(4), amount)
    found.set(t + 1 + random.int(3), -amount)
  }
  return found
}

function wholeYuan(amount: number): number {
  return Math.round(amount / 100) * 100
}
