/**
 * The feeds of facts: takes what happens on an account, day by day, and writes it to the file of its feed and period,
 * spoiling a row now and then. The balances of the last days are written as complete snapshots, the rest as changes.
 */
import type { Account } from './accounts.ts'
import type { Dirt } from './dirt.ts'
import { decimal, type FeedFile, type FeedFolder, type FileForm, money } from './files.ts'
import type { Calendar } from './market.ts'

export type TransactionKind =
  | 'cash'
  | 'transfer'
  | 'salary'
  | 'pension'
  | 'payment'
  | 'interest'
  | 'fee'
  | 'investment'
  | 'loan'
  | 'card'
  | 'other'
export type Channel = 'counter' | 'atm' | 'online' | 'mobile' | 'phone' | 'pos' | 'system'

const factColumns = {
  balances: ['account_no', 'day', 'balance', 'currency'],
  'balance-changes': ['account_no', 'day', 'balance', 'currency'],
  holdings: ['account_no', 'product_code', 'day', 'units', 'price', 'currency'],
  'in-transit': ['account_no', 'product_code', 'day', 'amount', 'currency'],
  transactions: [
    'transaction_no',
    'account_no',
    'day',
    'amount',
    'currency',
    'kind',
    'channel',
    'counterparty_bank',
    'counterparty_account',
  ],
  loans: ['account_no', 'day', 'balance', 'currency', 'overdue_days'],
  fees: ['fee_no', 'account_no', 'day', 'service', 'amount', 'currency'],
  profits: ['account_no', 'month_end', 'profit'],
} as const
type FactFeed = keyof typeof factColumns

const forms: Record<FactFeed, FileForm> = {
  balances: { control: [] },
  'balance-changes': { compression: 'gz', control: [] },
  holdings: { compression: 'zst' },
  'in-transit': {},
  transactions: { compression: 'gz', control: [] },
  loans: { parquet: { overdue_days: 'integer' } },
  fees: { crlf: true },
  profits: { compression: 'gz', control: ['profit'] },
}
const byQuarter: ReadonlySet<FactFeed> = new Set(['holdings', 'profits', 'fees'])
const snapshotCount = 3

/** One row that may be spoiled: account, day, amount and currency, and how to put them into a line. */
interface Cells {
  no: string
  day: string
  amount: string
  currency: string
  /** Appended to the number of the row, where it has one, so that an added row is not also a second use of it. */
  suffix: string
}

export class Books {
  /** The first calendar index whose balances come as a snapshot; the length of the calendar when none does. */
  readonly snapshotFrom: number
  private readonly folder: FeedFolder
  private readonly calendar: Calendar
  private readonly dirt: Dirt
  private readonly periodic = new Map<FactFeed, (FeedFile | undefined)[]>()
  private readonly monthIndex: Uint16Array
  private readonly months: string[] = []

  constructor(folder: FeedFolder, calendar: Calendar, dirt: Dirt) {
    this.folder = folder
    this.calendar = calendar
    this.dirt = dirt
    this.snapshotFrom = calendar.length - calendar.start >= 20 ? calendar.length - snapshotCount : calendar.length
    this.monthIndex = new Uint16Array(calendar.length)
    for (let t = 0; t < calendar.length; t++) {
      const month = calendar.monthOf[t]!
      if (this.months.at(-1) !== month) this.months.push(month)
      this.monthIndex[t] = this.months.length - 1
    }
  }

  /** The end-of-day balance of an account from day `t` on, as a change. */
  change(account: Account, t: number, value: number): void {
    const file = this.file('balance-changes', t)
    const amount = account.places === 2 ? money(value) : decimal(value, account.places)
    if (file.rows >= file.dirtyAt && this.dirt.due(file)) this.spoil(file, 'balance', account, t, amount, balanceLine)
    else file.line(`${account.no},${this.calendar.text[t]},${amount},${account.currency}`)
  }

  /** The balance of an account in the snapshot of day `t`; now and then an account is left out. */
  snapshot(account: Account, t: number, value: number): void {
    const day = this.calendar.text[t]!
    const name = `balances-${day}.csv`
    const file = this.folder.file(name, factColumns.balances, forms.balances)
    if (file.rows === 0) this.dirt.watch(file)
    if (file.rows >= file.dirtyAt && this.dirt.due(file)) {
      if (this.dirt.random.chance(0.4)) {
        if (this.dirt.truth.absent.length < 10_000) this.dirt.truth.absent.push([account.no, day])
        return
      }
      this.spoil(file, 'balance', account, t, decimal(value, account.places), balanceLine)
      return
    }
    file.line(
      `${account.no},${day},${account.places === 2 ? money(value) : decimal(value, account.places)},${account.currency}`,
    )
  }

  /** `units` × 10^4 at `price` × 10^6 of a product, from day `t` on. */
  holding(account: Account, productCode: string, t: number, units: number, price: number): void {
    const file = this.file('holdings', t)
    const rest = `${decimal(price, 6)}`
    const amount = decimal(units, 4)
    if (file.rows >= file.dirtyAt && this.dirt.due(file)) {
      this.spoil(
        file,
        'units',
        account,
        t,
        amount,
        (c) => `${c.no},${productCode},${c.day},${c.amount},${rest},${c.currency}`,
      )
      return
    }
    file.line(`${account.no},${productCode},${this.calendar.text[t]},${amount},${rest},${account.currency}`)
  }

  /** An amount under way out of a product of the account, from day `t` on; 0 when it has arrived. */
  transit(account: Account, productCode: string, t: number, value: number): void {
    const file = this.whole('in-transit')
    const amount = decimal(value, account.places)
    if (file.rows >= file.dirtyAt && this.dirt.due(file)) {
      this.spoil(file, 'amount', account, t, amount, (c) => `${c.no},${productCode},${c.day},${c.amount},${c.currency}`)
      return
    }
    file.line(`${account.no},${productCode},${this.calendar.text[t]},${amount},${account.currency}`)
  }

  /** A movement on an account; `ordinal` tells movements of one day apart. */
  transaction(
    account: Account,
    t: number,
    ordinal: number,
    value: number,
    kind: TransactionKind,
    channel: Channel,
    other = ',',
  ): void {
    const file = this.file('transactions', t)
    const day = this.calendar.text[t]!
    const number = `T${day.slice(0, 4)}${day.slice(5, 7)}${day.slice(8)}${account.no.slice(2, 15)}${ordinal}`
    const amount = account.places === 2 ? money(value) : decimal(value, account.places)
    if (file.rows >= file.dirtyAt && this.dirt.due(file)) {
      const tail = `${kind},${channel},${other}`
      this.spoil(
        file,
        'amount',
        account,
        t,
        amount,
        (c) => `${number}${c.suffix},${c.no},${c.day},${c.amount},${c.currency},${tail}`,
      )
      return
    }
    file.line(`${number},${account.no},${day},${amount},${account.currency},${kind},${channel},${other}`)
  }

  /** The balance of a loan from day `t` on. */
  loan(account: Account, t: number, value: number, overdueDays: number): void {
    const file = this.whole('loans')
    if (file.rows >= file.dirtyAt && this.dirt.due(file)) {
      this.spoil(
        file,
        'balance',
        account,
        t,
        money(value),
        (c) => `${c.no},${c.day},${c.amount},${c.currency},${overdueDays}`,
      )
      return
    }
    file.line(`${account.no},${this.calendar.text[t]},${money(value)},${account.currency},${overdueDays}`)
  }

  fee(account: Pick<Account, 'no' | 'currency'>, t: number, service: string, value: number): void {
    const file = this.file('fees', t)
    const day = this.calendar.text[t]!
    const number = `F${day.replaceAll('-', '')}${account.no.slice(2, 15)}`
    if (file.rows >= file.dirtyAt && this.dirt.due(file)) {
      this.spoil(
        file,
        'amount',
        account,
        t,
        money(value),
        (c) => `${number}${c.suffix},${c.no},${c.day},${service},${c.amount},${c.currency}`,
      )
      return
    }
    file.line(`${number},${account.no},${day},${service},${money(value)},${account.currency}`)
  }

  /** What the account earned the bank in the month that ends on `t`, base currency. */
  profit(account: Account, t: number, value: number): void {
    const file = this.file('profits', t)
    file.add(0, value)
    file.line(`${account.no},${this.calendar.text[t]},${money(value)}`)
  }

  /** The file of a feed for day `t`: a month's where there are many rows, else a quarter's. */
  private file(feed: FactFeed, t: number): FeedFile {
    let files = this.periodic.get(feed)
    if (!files) {
      files = []
      this.periodic.set(feed, files)
    }
    const month = this.monthIndex[t]!
    let file = files[month]
    if (!file) {
      const period = byQuarter.has(feed) ? quarterOf(this.months[month]!) : this.months[month]!
      file = this.folder.file(`${feed}-${period}.csv`, factColumns[feed], forms[feed])
      if (file.rows === 0) this.dirt.watch(file)
      files[month] = file
    }
    return file
  }

  private whole(feed: FactFeed): FeedFile {
    const file = this.folder.file(`${feed}.csv`, factColumns[feed], forms[feed])
    if (file.rows === 0) this.dirt.watch(file)
    return file
  }

  private spoil(
    file: FeedFile,
    column: string,
    account: Pick<Account, 'no' | 'currency'>,
    t: number,
    amount: string,
    line: (cells: Cells) => string,
  ): void {
    const good: Cells = { no: account.no, day: this.calendar.text[t]!, amount, currency: account.currency, suffix: '' }
    const write = (cells: Partial<Cells>, bad?: [column: string, reason: string]): void => {
      file.line(line({ ...good, ...cells }))
      if (bad) this.dirt.note(file, bad[0], bad[1])
    }
    const kind = this.dirt.random.int(9)
    // The first three add a bad row to the good one, the others spoil it.
    if (kind < 3) write({})
    // Of two rows that contradict each other neither can be trusted.
    if (kind === 2) this.dirt.note(file, column, 'contradicted by the next row')
    const bad = badCells(kind, good, column)
    write(bad.cells, [bad.column, bad.reason])
  }
}

function badCells(
  kind: number,
  good: Cells,
  column: string,
): { cells: Partial<Cells>; column: string; reason: string } {
  const { no, day, amount } = good
  switch (kind) {
    case 0:
      return { cells: { no: `8099${no.slice(4)}`, suffix: 'X' }, column: 'account_no', reason: 'account unknown' }
    case 1:
      return { cells: {}, column, reason: 'the same row twice' }
    case 2:
      return {
        cells: { amount: amount === '1.00' ? '2.00' : '1.00' },
        column,
        reason: 'the same key with another amount',
      }
    case 3:
      return { cells: { day: `${day.slice(0, 5)}02-30` }, column: 'day', reason: 'a day that does not exist' }
    case 4:
      return { cells: { day: '' }, column: 'day', reason: 'day missing' }
    case 5: {
      const places = `${amount.includes('.') ? amount : `${amount}.00`}12345`
      return { cells: { amount: places }, column, reason: 'more decimal places than allowed' }
    }
    case 6:
      return { cells: { amount: 'N/A' }, column, reason: 'no number' }
    case 7:
      return { cells: { currency: 'RMB' }, column: 'currency', reason: 'no ISO 4217 code' }
    default:
      return { cells: { no: '' }, column: 'account_no', reason: 'account missing' }
  }
}

function balanceLine(cells: Cells): string {
  return `${cells.no},${cells.day},${cells.amount},${cells.currency}`
}

/** '2026-05' → '2026-Q2'. */
function quarterOf(month: string): string {
  return `${month.slice(0, 4)}-Q${Math.ceil(Number(month.slice(5)) / 3)}`
}
