/** The record feeds of one customer: the customer's row, family, accounts, flags, cards, tier, manager, consents. */
import { addDays, type Day, dayOfNumber } from '../src/kit/day.ts'
import type { Account } from './accounts.ts'
import { luhnCheck } from './checkdigits.ts'
import type { Company } from './companies.ts'
import type { Dirt } from './dirt.ts'
import { decimal, type FeedFile, type FeedFolder } from './files.ts'
import type { Person, World } from './people.ts'
import { purpose, Random } from './random.ts'
import { type RecordFeedName, recordFeeds } from './record-feeds.ts'

const bars = [
  ['black', 1_000_000],
  ['platinum', 300_000],
  ['gold', 100_000],
] as const

/** The opening tier that assets (yuan) deserve. */
export function tierOf(assets: number): 'silver' | 'gold' | 'platinum' | 'black' {
  for (const [tier, bar] of bars) if (assets >= bar) return tier
  return 'silver'
}

export class Desk {
  private readonly world: World
  private readonly folder: FeedFolder
  private readonly dirt: Dirt
  private readonly random: Random

  constructor(world: World, folder: FeedFolder, dirt: Dirt) {
    this.world = world
    this.folder = folder
    this.dirt = dirt
    this.random = new Random(world.seed, purpose.desk)
  }

  /** The file of a record feed, opened at first use. */
  file(feed: RecordFeedName): FeedFile {
    const { columns, form } = recordFeeds[feed]
    const file = this.folder.file(`${feed}.csv`, columns, form)
    if (file.rows === 0) this.dirt.watch(file)
    return file
  }

  /** Every record row of a private customer. `tierAssets` is the better of own and household mean, at the start. */
  person(person: Person, accounts: readonly Account[], tierAssets: number): void {
    this.random.reset(this.world.seed, purpose.desk, person.index)
    this.customerRow(person)
    if (person.member) this.memberRow(person)
    for (const account of accounts) this.accountRows(account)
    this.flagRows(person, accounts)
    this.cardRows(person, accounts, tierOf(tierAssets))
    this.orderRows(person, accounts)
    this.relationshipRows(person, tierAssets)
    if (person.twin) this.dirt.truth.duplicates.push([person.twin.no, person.no])
    if (person.pattern === 'gamer') this.dirt.truth.gamers.push(person.no)
  }

  /** Every record row of a company. */
  company(company: Company, accounts: readonly Account[]): void {
    const { outlet } = company
    this.random.reset(this.world.seed, purpose.desk, -1 - company.index)
    const region = outlet.city.districts[outlet.district]!.code
    this.file('customers').cells(
      [
        company.no,
        'company',
        company.name,
        outlet.unit.code,
        'creditCode',
        company.creditCode,
        '',
        '',
        company.phone,
      ].concat([
        company.email,
        company.address,
        region,
        '',
        company.industry,
        '',
        text(company.openedOn),
        '',
        'core',
        '',
      ]),
    )
    for (const contact of company.contacts) {
      const file = this.file('company-contacts')
      file.cells([company.no, contact.name, contact.role, contact.customerNo])
      if (this.dirt.due(file))
        this.spoil(file, ['', contact.name, contact.role, ''], 'company_no', 'company number missing')
    }
    for (const account of accounts) this.accountRows(account)
  }

  private customerRow(person: Person): void {
    const row = this.personCells(person)
    const file = this.file('customers')
    file.cells(row)
    if (person.fault) {
      const [column, reason] = faultNotes[person.fault]
      this.dirt.note(file, column, reason, 'report')
    }
    if (!this.dirt.due(file)) return
    const other = [...row]
    other[0] = `19${person.no.slice(2)}`
    if (this.random.chance(0.2)) {
      this.spoil(file, row, 'customer_no', 'the same row twice')
      return
    }
    const [at, value, column, reason] = this.random.pick([
      [2, '', 'name', 'name missing'],
      [3, '9999', 'unit_code', 'unit unknown'],
      [1, 'human', 'kind', 'neither person nor company'],
      [15, '2023-02-29', 'opened_on', 'a day that does not exist'],
      [14, '十二万', 'annual_income', 'no number'],
    ] as const)
    this.spoil(file, replace(other, at, value), column, reason)
  }

  private personCells(person: Person): string[] {
    const { calendar } = this.world
    const { fault, outlet } = person
    const born = text(person.born)
    const flags = [
      person.age < 18 && 'minor',
      person.died < calendar.length && 'deceased',
      person.pattern === 'dormant' && 'dormant',
      person.staff && 'staff',
      person.staffKin && 'staffKin',
    ].filter(Boolean)
    let identityNo = person.identityNo
    if (fault === 'identityMissing') identityNo = ''
    if (fault === 'identityCheck') identityNo = identityNo.slice(0, 17) + (identityNo[17] === '3' ? '7' : '3')
    if (fault === 'identityShort') identityNo = identityNo.slice(0, 16)
    let birth = born
    if (fault === 'birthContradicts') birth = text(person.born + 366)
    if (fault === 'birthFuture') birth = addDays(dayOfNumber(calendar.first + calendar.length), 400)
    const sex = fault === 'sexContradicts' ? (person.sex === 'male' ? 'female' : 'male') : person.sex
    const phone = fault === 'phoneBad' ? person.phone.slice(0, 9) || '12345' : person.phone
    const region = outlet.city.districts[outlet.district]!.code
    const closed = person.to < calendar.length ? text(calendar.first + person.to) : ''
    return [
      person.no,
      'person',
      person.name,
      outlet.unit.code,
      'residentId',
      identityNo,
      sex,
      birth,
      phone,
      person.email,
      person.address,
      region,
      person.occupation,
      person.industry,
      person.income > 0 ? `${person.income}.00` : '',
      text(person.openedOn),
      closed,
      'core',
      flags.join('|'),
    ]
  }

  private memberRow(person: Person): void {
    const member = person.member!
    const { calendar } = this.world
    const file = this.file('household-members')
    const at = (t: number) => (t < calendar.length ? text(calendar.first + t) : '')
    // Families declared before the history have an older date, one year before its first day.
    const from = member.from === 0 ? text(Math.max(calendar.first - 365, person.openedOn)) : at(member.from)
    const consentFrom = member.consentFrom === 0 ? from : at(member.consentFrom)
    const row = [member.no, person.no, member.role, from, at(member.to), consentFrom, at(member.consentTo)]
    file.cells(row)
    if (this.dirt.due(file))
      this.spoil(
        file,
        replace(replace(row, 1, `19${person.no.slice(2)}`), 2, 'child'),
        'customer_no',
        'customer unknown',
      )
  }

  private accountRows(account: Account): void {
    const { calendar } = this.world
    const file = this.file('accounts')
    const closed = account.closedOn < calendar.first + calendar.length ? text(account.closedOn) : ''
    const matures = account.maturesOn > 0 && closed === '' ? text(account.maturesOn) : ''
    const row = (no: string, share: string, product: string) => [
      account.no,
      no,
      share,
      product,
      account.currency,
      account.unit,
      text(account.openedOn),
      closed,
      matures,
    ]
    for (const owner of account.owners) {
      const share = owner.share === 10_000 ? '' : decimal(owner.share, 4)
      file.cells(row(owner.no, share, account.product.code))
    }
    if (this.dirt.due(file)) this.spoilAccount(file, row(account.owners[0]!.no, '', account.product.code))
  }

  private spoilAccount(file: FeedFile, good: string[]): void {
    const other = replace(good, 0, `8098${good[0]!.slice(4)}`)
    const [at, value, column, reason] = this.random.pick([
      [1, '1999999999', 'customer_no', 'customer unknown'],
      [3, 'DEP-XXX', 'product_code', 'product unknown'],
      [2, '0.6000', 'share', 'shares of the account do not add up to 1'],
      [4, 'RMB', 'currency', 'no ISO 4217 code'],
      [6, '20240231', 'opened_on', 'a day that does not exist'],
      [0, '', 'account_no', 'account missing'],
    ] as const)
    this.spoil(file, replace(other, at, value), column, reason)
  }

  private flagRows(person: Person, accounts: readonly Account[]): void {
    const { calendar } = this.world
    const file = this.file('account-flags')
    for (const account of accounts) {
      if (account.kind === 'loan' || account.kind === 'card') continue
      const kind =
        person.pattern === 'dormant'
          ? 'dormant'
          : this.random.chance(0.002)
            ? 'frozen'
            : account.kind === 'term' && this.random.chance(0.008)
              ? 'pledged'
              : ''
      if (kind === '') continue
      const since = calendar.first + calendar.start - 60 + this.random.int(calendar.length - calendar.start)
      const from = Math.max(account.openedOn, kind === 'dormant' ? calendar.first - this.random.int(900) : since)
      const to = kind !== 'dormant' && this.random.chance(0.4) ? text(from + 30 + this.random.int(200)) : ''
      file.cells([account.no, kind, text(from), to])
    }
  }

  private cardRows(person: Person, accounts: readonly Account[], tier: string): void {
    const file = this.file('cards')
    const compact = (n: number) => text(n).replaceAll('-', '')
    for (const account of accounts) {
      if (account.kind !== 'card' && account !== accounts[0]) continue
      if (account === accounts[0] && person.age < 12) continue
      const credit = account.kind === 'card'
      const body = `${credit ? '628899' : '628877'}${account.no.slice(4, 15)}${credit ? '7' : '1'}`
      const no = body + luhnCheck(body)
      const face = credit ? 'credit' : tier
      const closed =
        account.closedOn < this.world.calendar.first + this.world.calendar.length ? compact(account.closedOn) : ''
      const row = [no, person.no, account.no, face, compact(account.openedOn), closed]
      file.cells(row)
      if (!this.dirt.due(file)) continue
      const wrong = no.slice(0, -1) + ((Number(no.at(-1)) + 1) % 10)
      if (this.random.chance(0.6)) this.spoil(file, replace(row, 0, wrong), 'card_no', 'Luhn check digit wrong')
      else this.spoil(file, row, 'card_no', 'the same row twice')
    }
  }

  /** Rent, insurance and leasing paid from the current account: one adult in five has such an order. */
  private orderRows(person: Person, accounts: readonly Account[]): void {
    const [current] = accounts
    const file = this.file('standing-orders')
    if (current?.currency !== 'CNY' || person.age < 22 || !this.random.chance(0.2)) return
    const { calendar } = this.world
    const last = calendar.text[calendar.length - 1]!
    if (person.to !== Number.POSITIVE_INFINITY) return
    const pays = this.random.pick(['household', 'insurance', 'leasing', 'loan'])
    const amount = decimal(10_000 + this.random.int(60) * 5_000, 2)
    file.cells([`SO${current.no.slice(4, 15)}`, current.no, last, amount, 'CNY', pays, ''])
  }

  private relationshipRows(person: Person, tierAssets: number): void {
    const { calendar } = this.world
    if (person.from === 0) {
      const tier = this.openingTier(tierAssets)
      const since = text(Math.max(person.openedOn, calendar.first - 20 - this.random.int(900)))
      const file = this.file('tiers')
      const row = [person.no, 'personal', tier, since.replaceAll('-0', '-').replaceAll('-', '/')]
      file.cells(row)
      if (this.dirt.due(file))
        this.spoil(
          file,
          replace(replace(row, 0, `19${person.no.slice(2)}`), 2, 'diamond'),
          'customer_no',
          'customer unknown',
        )
    }
    const managers = person.outlet.managers
    if (!person.staff && (tierAssets >= 100_000 || this.random.chance(0.02))) {
      const manager = managers[this.random.int(managers.length)]!
      const from = text(Math.max(person.openedOn, calendar.first - this.random.int(700)))
      this.file('assignments').cells([person.no, manager, from, '', tierAssets >= 100_000 ? '资产达标' : '客户申请'])
    }
    this.consentRows(person)
    const external = this.random.unit()
    if (external < 0.35) this.file('external-identities').cells([person.no, 'cardSystem', `C-${person.no.slice(1)}`])
    if (external > 0.8)
      this.file('external-identities').cells([
        person.no,
        'wealthSystem',
        `W${(person.index * 7 + 13).toString(36).toUpperCase()}`,
      ])
  }

  private openingTier(assets: number): string {
    // Reviews lag behind: some tiers are one step off.
    const draw = this.random.unit()
    if (draw < 0.04) return tierOf(assets * 1.9)
    if (draw < 0.07) return tierOf(assets * 0.5)
    return tierOf(assets)
  }

  private consentRows(person: Person): void {
    if (person.age < 18) return
    const { calendar } = this.world
    const from = text(Math.max(person.openedOn, calendar.first - 20 - this.random.int(800)))
    const file = this.file('consents')
    if (this.random.chance(0.55)) {
      const to = this.random.chance(0.06)
        ? text(calendar.first + calendar.start + this.random.int(calendar.length - calendar.start))
        : ''
      file.cells([
        person.no,
        'marketing',
        this.random.pick(['sms', 'phone', 'wechat', '']),
        'consent',
        from,
        to,
        `P${person.no}`,
      ])
    }
    if (this.random.chance(0.9)) file.cells([person.no, 'service', '', 'contract', from, '', ''])
    if (file.rows > 0 && this.dirt.due(file))
      this.spoil(file, [person.no, '', 'sms', 'consent', from, '', ''], 'purpose', 'purpose missing')
  }

  private spoil(file: FeedFile, row: readonly string[], column: string, reason: string): void {
    file.cells(row)
    this.dirt.note(file, column, reason)
  }
}

const faultNotes = {
  identityMissing: ['identity_no', 'identity number missing'],
  identityCheck: ['identity_no', 'check character wrong'],
  identityShort: ['identity_no', 'neither 15 nor 18 characters'],
  birthContradicts: ['birth_on', 'contradicts the identity number'],
  sexContradicts: ['sex', 'contradicts the identity number'],
  phoneBad: ['phone', 'no mobile number'],
  birthFuture: ['birth_on', 'in the future'],
} as const satisfies Record<NonNullable<Person['fault']>, readonly [string, string]>

function replace(row: readonly string[], at: number, value: string): string[] {
  const copy = [...row]
  copy[at] = value
  return copy
}

function text(dayNumber: number): Day {
  return dayOfNumber(dayNumber)
}
