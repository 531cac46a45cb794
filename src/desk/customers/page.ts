/** One customer's page: identity (masked), household, accounts, cards, tier history, consents, relations. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Keys } from '../../access/keys.ts'
import { showFacts, showLast4 } from '../../access/show.ts'
import { toFenText } from '../../contract/common.ts'
import type { customer } from '../../contract/customers.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import type { NightPointer, TierNames } from '../nights/current.ts'
import { householdOf } from './household.ts'
import { customerOfNight, shownName } from './list.ts'

export type CustomerPage = z.output<typeof customer>

export interface PageContext {
  night: NightPointer | undefined
  scheme: string
  names: TierNames
  keys: Keys
  today: Day
}

interface PartyRow {
  id: bigint
  customer_no: string
  kind: 'person' | 'company'
  name: string
  sex: 'male' | 'female' | null
  birth_on: string | null
  region_code: string | null
  occupation: string | null
  industry: string | null
  annual_income_fen: bigint | null
  unit_code: string
  unit_name: string
  rm_code: string | null
  rm_name: string | null
  opened_on: string | null
  closed_on: string | null
  identity_kind: string | null
  identity_valid: boolean | null
  sealed: Buffer | null
  wrapped: Buffer | null
  missing: string[]
  quality: number
  source: string | null
}

/** The party behind any of its customer numbers, if the scope sees it. Refuses not_found: outside the scope it is none. */
export async function partyByNo(trx: Trx, customerNo: string): Promise<{ id: bigint; customerNo: string }> {
  const { rows } = await sql<{ id: bigint; customer_no: string }>`select p.id, p.customer_no
    from customer c join party p on p.id = c.party_id where c.customer_no = ${customerNo}
    union select id, customer_no from party where customer_no = ${customerNo}`.execute(trx)
  const row = rows[0] ?? refuse('not_found', { what: `customer ${customerNo}`, whatZh: `客户 ${customerNo}` })
  return { id: row.id, customerNo: row.customer_no }
}

/** Everything a page about this customer shows. Refuses not_found. */
export async function readCustomer(trx: Trx, context: PageContext, customerNo: string): Promise<CustomerPage> {
  const party = await readParty(trx, (await partyByNo(trx, customerNo)).id)
  const { id } = party
  const facts = showFacts(context.keys, { partyId: id, sealed: party.sealed, wrapped: party.wrapped }, false)
  const figures = context.night ? await customerOfNight(trx, context.night.id, id, context.names) : undefined
  return {
    customerNo: party.customer_no,
    otherNumbers: await otherNumbers(trx, id, party.customer_no),
    kind: party.kind,
    name: shownName(party.kind, party.name),
    sex: party.sex,
    age: party.birth_on === null ? null : ageOn(party.birth_on, context.today),
    identity: { kind: party.identity_kind, no: facts.identityNo ?? null, valid: party.identity_valid },
    phone: facts.phone ?? null,
    email: facts.email ?? null,
    address: facts.address ?? null,
    regionCode: party.region_code,
    occupation: party.occupation,
    industry: party.industry,
    annualIncomeFen: party.annual_income_fen === null ? null : toFenText(party.annual_income_fen),
    openedOn: party.opened_on,
    closedOn: party.closed_on,
    unit: { code: party.unit_code, name: party.unit_name },
    rm: party.rm_code === null ? null : { code: party.rm_code, name: party.rm_name ?? '' },
    source: party.source,
    quality: party.quality,
    missing: party.missing,
    flags: await partyFlags(trx, id),
    night: context.night ? { id: context.night.id, day: context.night.day } : null,
    figures: figures ?? null,
    household: await householdOf(trx, context, { partyId: id }),
    accounts: await accountsOf(trx, id),
    cards: await cardsOf(trx, id),
    tierChanges: await tierChangesOf(trx, id, context),
    openProposal: await openProposalOf(trx, id, context),
    consents: await consentsOf(trx, id),
    sources: await sourcesOf(trx, id),
    relations: await relationsOf(trx, id, party.kind),
  }
}

async function readParty(trx: Trx, id: bigint): Promise<PartyRow> {
  const { rows } = await sql<PartyRow>`select p.id, p.customer_no, p.kind, p.name, p.sex, p.birth_on, p.region_code,
      p.occupation, p.industry, p.annual_income_fen, u.code as unit_code, u.name as unit_name, s.code as rm_code,
      s.name as rm_name, p.opened_on, p.closed_on, p.identity_kind, p.identity_valid, p.sealed, k.wrapped, p.missing,
      p.quality, p.source
    from party p join unit u on u.id = p.unit_id left join staff s on s.id = p.rm_id
    left join party_key k on k.party_id = p.id where p.id = ${id}`.execute(trx)
  return rows[0] ?? refuse('not_found', { what: 'the customer', whatZh: '该客户' })
}

async function otherNumbers(trx: Trx, id: bigint, primary: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('customer')
    .select('customer_no')
    .where('party_id', '=', id)
    .where('customer_no', '<>', primary)
    .orderBy('customer_no')
    .limit(100)
    .execute()
  return rows.map((row) => row.customer_no)
}

async function partyFlags(trx: Trx, id: bigint): Promise<CustomerPage['flags']> {
  const rows = await trx
    .selectFrom('party_flag')
    .select(['kind', 'from_day as fromDay', 'to_day as toDay'])
    .where('party_id', '=', id)
    .orderBy('from_day', 'desc')
    .limit(100)
    .execute()
  return rows
}

async function accountsOf(trx: Trx, id: bigint): Promise<CustomerPage['accounts']> {
  const { rows } = await sql<{
    id: bigint
    no_last4: string
    code: string
    name: string
    name_en: string | null
    class: string
    currency: string
    unit_code: string
    unit_name: string
    opened_on: string | null
    closed_on: string | null
    matures_on: string | null
    share: number
    owners: bigint
    flags: CustomerPage['accounts'][number]['flags'] | null
  }>`select a.id, a.no_last4, p.code, p.name, p.name_en, p.class, a.currency, u.code as unit_code, u.name as unit_name,
      a.opened_on, a.closed_on, a.matures_on, o.share,
      strata.owners_of(a.id) as owners,
      (select json_agg(json_build_object('kind', f.kind, 'fromDay', f.from_day, 'toDay', f.to_day) order by f.from_day)
        from account_flag f where f.account_id = a.id) as flags
    from (select distinct on (account_id) account_id, share from account_owner where party_id = ${id}
      order by account_id, from_day desc) o
    join account a on a.id = o.account_id join product p on p.id = a.product_id join unit u on u.id = a.unit_id
    order by a.closed_on is not null, p.class, a.opened_on, a.id limit 500`.execute(trx)
  return rows.map((row) => ({
    id: String(row.id),
    accountNo: showLast4(row.no_last4),
    product: { code: row.code, name: row.name, nameEn: row.name_en, class: row.class },
    currency: row.currency,
    unit: { code: row.unit_code, name: row.unit_name },
    openedOn: row.opened_on,
    closedOn: row.closed_on,
    maturesOn: row.matures_on,
    share: row.share,
    owners: Number(row.owners),
    flags: row.flags ?? [],
  }))
}

async function cardsOf(trx: Trx, id: bigint): Promise<CustomerPage['cards']> {
  const rows = await trx
    .selectFrom('card')
    .select(['no_last4', 'face', 'issued_on', 'closed_on'])
    .where('party_id', '=', id)
    .orderBy('issued_on')
    .orderBy('id')
    .limit(100)
    .execute()
  return rows.map((row) => ({
    cardNo: showLast4(row.no_last4),
    face: row.face,
    issuedOn: row.issued_on,
    closedOn: row.closed_on,
  }))
}

async function tierChangesOf(
  trx: Trx,
  id: bigint,
  { names, scheme }: PageContext,
): Promise<CustomerPage['tierChanges']> {
  const { rows } = await sql<{
    id: bigint
    from_tier: number | null
    to_tier: number
    effective_on: string
    made_by: CustomerPage['tierChanges'][number]['madeBy']
    reason: string
    night_id: number | null
    day: string | null
    code: string | null
    name: string | null
    recorded_at: Date
  }>`select t.id, t.from_tier, t.to_tier, t.effective_on, t.made_by, t.reason, t.night_id, n.day, s.code, s.name,
      t.recorded_at
    from tier_change t left join night n on n.id = t.night_id left join staff s on s.id = t.staff_id
    where t.party_id = ${id} and t.scheme = ${scheme} order by t.effective_on desc, t.id desc limit 200`.execute(trx)
  return rows.map((row) => ({
    id: String(row.id),
    fromTier: row.from_tier === null ? null : names(row.from_tier),
    toTier: names(row.to_tier),
    effectiveOn: row.effective_on,
    madeBy: row.made_by,
    reason: row.reason,
    night: row.night_id === null || row.day === null ? null : { id: row.night_id, day: row.day },
    staff: row.code === null ? null : { code: row.code, name: row.name ?? '' },
    recordedAt: row.recorded_at.toISOString(),
  }))
}

async function openProposalOf(trx: Trx, id: bigint, context: PageContext): Promise<CustomerPage['openProposal']> {
  const row = await trx
    .selectFrom('tier_proposal')
    .select(['id', 'from_tier', 'to_tier', 'reason'])
    .where('party_id', '=', id)
    .where('scheme', '=', context.scheme)
    .where('status', '=', 'open')
    .executeTakeFirst()
  if (!row) return null
  return {
    id: String(row.id),
    fromTier: row.from_tier === null ? null : context.names(row.from_tier),
    toTier: context.names(row.to_tier),
    reason: row.reason,
  }
}

async function consentsOf(trx: Trx, id: bigint): Promise<CustomerPage['consents']> {
  const rows = await trx
    .selectFrom('consent')
    .select(['purpose', 'channel', 'basis', 'from_day as fromDay', 'to_day as toDay'])
    .where('party_id', '=', id)
    .orderBy('from_day', 'desc')
    .orderBy('purpose')
    .limit(100)
    .execute()
  return rows
}

async function sourcesOf(trx: Trx, id: bigint): Promise<CustomerPage['sources']> {
  const rows = await trx
    .selectFrom('external_identity')
    .select(['source', 'external_id as externalId'])
    .where('party_id', '=', id)
    .orderBy('source')
    .limit(100)
    .execute()
  return rows
}

// Row-level security leaves out the number of whoever this session may not see; the masked name of a contact stays.
async function relationsOf(trx: Trx, id: bigint, kind: 'person' | 'company'): Promise<CustomerPage['relations']> {
  const { rows } =
    kind === 'company'
      ? await sql<{ customer_no: string | null; name: string; role: string | null; other: 'person' }>`
          select p.customer_no, c.name, c.role, 'person' as other from company_contact c
          left join party p on p.id = c.party_id where c.company_id = ${id} order by c.name limit 100`.execute(trx)
      : await sql<{ customer_no: string | null; name: string; role: string | null; other: 'company' }>`
          select p.customer_no, p.name, c.role, 'company' as other from company_contact c
          join party p on p.id = c.company_id where c.party_id = ${id} order by p.name limit 100`.execute(trx)
  return rows.map((row) => ({ customerNo: row.customer_no, name: shownName(row.other, row.name), role: row.role }))
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
