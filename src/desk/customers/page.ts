/** One customer's page: identity (masked), household, accounts, cards, tier history, relations. */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { Keys } from '../../access/keys.ts'
import { showFactsBy, showLast4, showNumber } from '../../access/show.ts'
import type { FenText } from '../../contract/common.ts'
import type { customer } from '../../contract/customers.ts'
import type { FieldRights } from '../../contract/permission.ts'
import { runIn } from '../../db/connection.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import type { NightPointer, TierNames } from '../nights/current.ts'
import { asCustomerRow, figuresOf, type StoredRow, shownName } from './figures.ts'
import { asHousehold, householdJson, householdOfParty, type StoredHousehold } from './household.ts'

export type CustomerPage = z.output<typeof customer>

export interface PageContext {
  night: NightPointer | undefined
  scheme: string
  names: TierNames
  keys: Keys
  today: Day
  fields: FieldRights
}

/** The party behind any of its customer numbers, if the scope sees it. Refuses not_found: outside the scope it is none. */
export async function partyByNo(trx: Trx, customerNo: string): Promise<{ id: bigint; customerNo: string }> {
  const { rows } = await sql<{ id: bigint; customer_no: string }>`select p.id, p.customer_no
    from customer c join party p on p.id = c.party_id where c.customer_no = ${customerNo}
    union select id, customer_no from party where customer_no = ${customerNo}`.execute(trx)
  const row = rows[0] ?? refuse('not_found', { what: `customer ${customerNo}`, whatZh: `客户 ${customerNo}` })
  return { id: row.id, customerNo: row.customer_no }
}

/**
 * Everything a page about this customer shows, in one statement. Refuses not_found: outside the scope there is none. An
 * amount inside JSON is text there already, because a JSON number is a float.
 */
export async function readCustomer(trx: Trx, context: PageContext, customerNo: string): Promise<CustomerPage> {
  const { night, names, fields } = context
  const manner = { planned: true, int8AsText: true }
  const [row] = await runIn(trx, manner, pageStatement(context, customerNo))
  if (!row) refuse('not_found', { what: `customer ${customerNo}`, whatZh: `客户 ${customerNo}` })
  const { party, relations, tierChanges, accounts, cards, openProposal } = row.page
  const facts = showFactsBy(context.keys, { partyId: BigInt(row.id), sealed: row.sealed, wrapped: row.wrapped }, fields)
  const numberOf = (noun: 'account' | 'card', { last4, sealed }: StoredNumber) =>
    sealed ? showNumber(context.keys, noun, Buffer.from(sealed, 'hex'), true) : showLast4(last4)
  const { identityKind, identityValid, birthOn, ...shown } = party
  return {
    ...shown,
    otherNumbers: row.page.otherNumbers,
    name: shownName(party.kind, party.name, fields.name),
    age: birthOn === null || fields.profile === 'hidden' ? null : ageOn(birthOn, context.today),
    ...(fields.profile === 'hidden' && hiddenProfile),
    ...(fields.money === 'hidden' && { annualIncomeFen: null }),
    identity: { kind: identityKind, no: facts.identityNo ?? null, valid: identityValid },
    phone: facts.phone ?? null,
    email: facts.email ?? null,
    address: facts.address ?? null,
    flags: row.page.flags,
    night: night ? { id: night.id, day: night.day } : null,
    figures: isKnown(row) ? asCustomerRow(row, names, fields) : null,
    household: row.page.household && asHousehold(row.page.household, names, fields),
    accounts: accounts.map(({ last4, sealed, ...account }) => ({
      ...account,
      accountNo: numberOf('account', { last4, sealed }),
    })),
    cards: cards.map(({ last4, sealed, ...card }) => ({ ...card, cardNo: numberOf('card', { last4, sealed }) })),
    tierChanges: tierChanges.map(({ from, to, ...change }) => ({
      ...change,
      fromTier: from === null ? null : names(from),
      toTier: names(to),
    })),
    openProposal: openProposal && {
      id: openProposal.id,
      fromTier: openProposal.from === null ? null : names(openProposal.from),
      toTier: names(openProposal.to),
      reason: openProposal.reason,
    },
    sources: row.page.sources,
    relations: relations.map(({ kind, ...other }) => ({ ...other, name: shownName(kind, other.name, fields.name) })),
  }
}

/** What the statement gives: the figures of the night, null throughout when it does not know the party, and the page. */
type StoredPage = (StoredRow | Record<keyof StoredRow, null>) & {
  id: string
  sealed: Buffer | null
  wrapped: Buffer | null
  page: Pick<CustomerPage, 'otherNumbers' | 'flags' | 'sources'> & {
    party: PartyFacts
    household: StoredHousehold | null
    accounts: (Omit<CustomerPage['accounts'][number], 'accountNo'> & StoredNumber)[]
    cards: (Omit<CustomerPage['cards'][number], 'cardNo'> & StoredNumber)[]
    tierChanges: (Omit<CustomerPage['tierChanges'][number], 'fromTier' | 'toTier'> & StoredMove)[]
    openProposal: ({ id: string; reason: string } & StoredMove) | null
    relations: (CustomerPage['relations'][number] & { kind: 'person' | 'company' })[]
  }
}

/** Of an account or card; `sealed` as hex only for whoever reads numbers in clear, `last4` empty where they are hidden. */
interface StoredNumber {
  last4: string
  sealed: string | null
}

const hiddenProfile = { sex: null, regionCode: null, occupation: null, industry: null, annualIncomeFen: null }

interface StoredMove {
  from: number | null
  to: number
}

interface PartyFacts {
  customerNo: string
  kind: 'person' | 'company'
  name: string
  sex: 'male' | 'female' | null
  birthOn: string | null
  identityKind: string | null
  identityValid: boolean | null
  regionCode: string | null
  occupation: string | null
  industry: string | null
  annualIncomeFen: FenText | null
  openedOn: string | null
  closedOn: string | null
  erasedAt: string | null
  unit: { code: string; name: string }
  rm: { code: string; name: string } | null
  source: string | null
  quality: number
  missing: string[]
}

function isKnown(row: StoredRow | Record<keyof StoredRow, null>): row is StoredRow {
  return row.party_id !== null
}

/** Rows as a JSON array, empty when there are none. */
const all = (rows: RawBuilder<unknown>) => sql`coalesce((select json_agg(x) from (${rows}) x), '[]')`
/** One row as a JSON object, null when there is none. */
const one = (rows: RawBuilder<unknown>) => sql`(select row_to_json(x) from (${rows} limit 1) x)`

function pageStatement(context: PageContext, customerNo: string): RawBuilder<StoredPage> {
  const { night, scheme, today, fields } = context
  const household = householdJson(night, today, householdOfParty(sql`p.id`, today))
  return sql<StoredPage>`select p.id, p.sealed, k.wrapped, f.*, json_build_object('party', ${one(partyRows)},
      'otherNumbers', ${otherNumbers}, 'flags', ${all(flagRows)}, 'household', ${household},
      'accounts', ${all(accountRows(fields))}, 'cards', ${all(cardRows(fields))}, 'tierChanges', ${all(tierChangeRows(scheme))},
      'openProposal', ${one(proposalRows(scheme))}, 'sources', ${all(sourceRows)},
      'relations', case p.kind when 'company' then ${all(contactRows)} else ${all(companyRows)} end) as page
    from (select party_id as id from customer where customer_no = ${customerNo}
      union select id from party where customer_no = ${customerNo} limit 1) found
    join party p on p.id = found.id left join party_key k on k.party_id = p.id
    left join lateral (${figuresOf(night?.id ?? 0, sql`p.id`)}) f on true`
}

const partyRows = sql`select p.customer_no as "customerNo", p.kind, p.name, p.sex, p.birth_on as "birthOn",
  p.identity_kind as "identityKind", p.identity_valid as "identityValid", p.region_code as "regionCode", p.occupation,
  p.industry, p.annual_income_fen::text as "annualIncomeFen", p.opened_on as "openedOn", p.closed_on as "closedOn",
  to_char(p.erased_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "erasedAt",
  json_build_object('code', u.code, 'name', u.name) as unit,
  case when s.id is not null then json_build_object('code', s.code, 'name', s.name) end as rm,
  p.source, p.quality, p.missing
  from unit u left join staff s on s.id = p.rm_id where u.id = p.unit_id`

const otherNumbers = sql`coalesce((select json_agg(x.customer_no) from (select customer_no from customer
  where party_id = p.id and customer_no <> p.customer_no order by customer_no limit 100) x), '[]')`

const flagRows = sql`select kind, from_day as "fromDay", to_day as "toDay" from party_flag
  where party_id = p.id order by from_day desc limit 100`

const accountRows = (fields: FieldRights) => sql`select a.id::text, ${numberColumns(fields, 'a')},
  json_build_object('code', d.code, 'name', d.name, 'nameEn', d.name_en, 'class', d.class) as product, a.currency,
  json_build_object('code', u.code, 'name', u.name) as unit, a.opened_on as "openedOn", a.closed_on as "closedOn",
  a.matures_on as "maturesOn", o.share,
  strata.owners_of(a.id) as owners,
  ${all(sql`select kind, from_day as "fromDay", to_day as "toDay" from account_flag f
    where f.account_id = a.id order by f.from_day`)} as flags
  from (select distinct on (account_id) account_id, share from account_owner where party_id = p.id
    order by account_id, from_day desc) o
  join account a on a.id = o.account_id join product d on d.id = a.product_id join unit u on u.id = a.unit_id
  order by a.closed_on is not null, d.class, a.opened_on, a.id limit 500`

const cardRows = (
  fields: FieldRights,
) => sql`select ${numberColumns(fields, 'card')}, face, issued_on as "issuedOn", closed_on as "closedOn" from card
  where party_id = p.id order by issued_on, id limit 100`

const tierChangeRows = (scheme: string) => sql`select t.id::text, t.from_tier as "from", t.to_tier as "to",
  t.effective_on as "effectiveOn", t.made_by as "madeBy", t.reason,
  case when n.id is not null then json_build_object('id', n.id, 'day', n.day) end as night,
  case when s.id is not null then json_build_object('code', s.code, 'name', s.name) end as staff,
  to_char(t.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "recordedAt"
  from tier_change t left join night n on n.id = t.night_id left join staff s on s.id = t.staff_id
  where t.party_id = p.id and t.scheme = ${scheme} order by t.effective_on desc, t.id desc limit 200`

const proposalRows = (scheme: string) => sql`select id::text, from_tier as "from", to_tier as "to", reason
  from tier_proposal where party_id = p.id and scheme = ${scheme} and status = 'open'`

const sourceRows = sql`select source, external_id as "externalId" from external_identity
  where party_id = p.id order by source limit 100`

// Row-level security leaves out the number of whoever this session may not see; the masked name of a contact stays.
const contactRows = sql`select o.customer_no as "customerNo", c.name, c.role, 'person' as kind from company_contact c
  left join party o on o.id = c.party_id where c.company_id = p.id order by c.name limit 100`
const companyRows = sql`select o.customer_no as "customerNo", o.name, c.role, 'company' as kind from company_contact c
  join party o on o.id = c.company_id where c.party_id = p.id order by o.name limit 100`

function numberColumns({ numbers }: FieldRights, table: 'a' | 'card'): RawBuilder<unknown> {
  if (numbers === 'hidden') return sql`'' as last4, null as sealed`
  const sealed = numbers === 'clear' ? sql`encode(${sql.ref(`${table}.no_sealed`)}, 'hex')` : sql`null`
  return sql`${sql.ref(`${table}.no_last4`)} as last4, ${sealed} as sealed`
}

function ageOn(birthOn: string, today: Day): number {
  const years = Number(today.slice(0, 4)) - Number(birthOn.slice(0, 4))
  return today.slice(5) < birthOn.slice(5) ? years - 1 : years
}

/** Those of the customer numbers that the scope sees. */
export async function visibleNumbers(trx: Trx, numbers: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ customer_no: string }>`select customer_no from party
    where customer_no = any(${[...numbers]}::text[])`.execute(trx)
  return new Set(rows.map((row) => row.customer_no))
}
