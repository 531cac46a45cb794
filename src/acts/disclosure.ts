/**
 * Everything the bank holds on a person, in clear, for the person (查阅、复制权, PIPL art. 45): read within the scope of
 * whoever asks, and audited there. Nothing of anybody else: of a household and a joint account only the own part.
 */
import { sql } from 'kysely'
import { type Edit, openEdit } from '../access/edits.ts'
import type { Keys } from '../access/keys.ts'
import { partyKey } from '../access/seal.ts'
import { showFacts, showNumber, showPaperNumber } from '../access/show.ts'
import type { EditableField } from '../contract/permission.ts'
import type { Trx } from '../db/database.ts'
import { openNote } from '../desk/notes/text.ts'
import { present } from '../kit/assert.ts'

export type Facts = Record<string, string | number | boolean | null>

/** Sections in the order of reading; a row's keys are words of acts/disclosure-words.ts. */
export interface Disclosure {
  madeAt: string
  customerNo: string
  person: Facts
  /** Facts that staff changed and the source has not confirmed yet. */
  edits: Facts[]
  accounts: Facts[]
  cards: Facts[]
  household: Facts[]
  householdActs: Facts[]
  relations: Facts[]
  flags: Facts[]
  tiers: Facts[]
  /** Value states and stages, and how winning back ended. */
  valueStates: Facts[]
  winBacks: Facts[]
  /** What staff wrote, earlier texts too. */
  notes: Facts[]
  /** Words that staff put on the person. */
  tags: Facts[]
  /** What was handed in; who opened it stands under `looked`. */
  papers: Facts[]
  /** Why the tier is what it is, in both languages; empty before the first night. */
  why: { zh: string[]; en: string[] }
  nights: Facts[]
  consents: Facts[]
  /** Numbers in other systems. */
  elsewhere: Facts[]
  /** The files that brought what stands here. */
  sources: Facts[]
  /** Who looked, changed, exported or was refused, newest first. */
  looked: Facts[]
}

export interface DisclosureAsked {
  keys: Keys
  partyId: bigint
  madeAt: string
  why: { zh: string[]; en: string[] }
}

const rowsMax = 5000

/** Gathers it. Money is in minor units of the base currency. */
export async function discloseParty(trx: Trx, asked: DisclosureAsked): Promise<Disclosure> {
  const { keys, partyId, madeAt, why } = asked
  const person = await personOf(trx, keys, partyId)
  const list = async (query: ReturnType<typeof sql<Facts>>) => (await query.execute(trx)).rows.map(plain)
  return {
    madeAt,
    customerNo: String(person.customerNo),
    person,
    edits: await editsOf(trx, keys, partyId),
    accounts: await accountsOf(trx, keys, partyId),
    cards: await cardsOf(trx, keys, partyId),
    household: await list(sql<Facts>`select h.household_no as "householdNo", m.role, m.from_day as "fromDay",
        m.to_day as "toDay", m.consent_from as "consentFrom", m.consent_to as "consentTo"
      from household_member m join household h on h.id = m.household_id where m.party_id = ${partyId} order by m.from_day`),
    householdActs:
      await list(sql<Facts>`select h.household_no as "householdNo", a.act as "householdAct", a.role, a.note, a.day,
        l.display_name as "by", a.recorded_at as "recordedAt"
      from household_act a join household h on h.id = a.household_id join login l on l.id = a.login_id
      where a.party_id = ${partyId} order by a.id limit ${rowsMax}`),
    relations: await list(sql<Facts>`select p.name as company, c.role from company_contact c
      join party p on p.id = c.company_id where c.party_id = ${partyId} order by 1 limit ${rowsMax}`),
    flags: await list(sql<Facts>`select kind as flag, from_day as "fromDay", to_day as "toDay" from party_flag
      where party_id = ${partyId} order by from_day`),
    tiers:
      await list(sql<Facts>`select t.effective_on as day, t.scheme, t.from_tier as "fromTier", t.to_tier as "toTier",
        t.made_by as "madeBy", t.reason, t.recorded_at as "recordedAt"
      from tier_change t where t.party_id = ${partyId} order by t.id limit ${rowsMax}`),
    valueStates: await list(sql<Facts>`select v.from_day as day, v.state, v.stage, v.source as "madeBy",
        v.reason as "lossReason", v.note, l.display_name as "by", v.recorded_at as "recordedAt"
      from value_state v left join login l on v.made_by = 'login:' || l.id where v.party_id = ${partyId}
      order by v.id limit ${rowsMax}`),
    winBacks: await list(sql<Facts>`select w.opened_on as "fromDay", w.closed_on as "toDay", w.reason as "lossReason",
        w.outcome, w.note
      from win_back w where w.party_id = ${partyId} order by w.id limit ${rowsMax}`),
    notes: await notesFor(trx, keys, partyId),
    tags: await list(sql<Facts>`select t.name_zh as tag, p.put_at as "recordedAt", l.display_name as "by"
      from party_tag p join tag t on t.id = p.tag_id join login l on l.id = p.login_id
      where p.party_id = ${partyId} order by p.put_at, t.id limit ${rowsMax}`),
    papers: await papersOf(trx, keys, partyId),
    why,
    nights:
      await list(sql<Facts>`select n.day, n.scheme, c.qualified_tier as "toTier", c.path, c.average_fen as "averageFen",
        c.aum_fen as "aumFen", c.confidence
      from night_customer c join night n on n.id = c.night_id where c.party_id = ${partyId} order by n.day desc`),
    consents: await list(sql<Facts>`select c.recorded_at as "recordedAt", c.kind, c.purpose, c.channel, c.basis,
        c.from_day as "fromDay", c.to_day as "toDay", c.proof, c.reason, coalesce(l.display_name, 'consents') as "by"
      from consent c left join login l on c.recorded_by = 'login:' || l.id where c.party_id = ${partyId}
      order by c.id limit ${rowsMax}`),
    elsewhere: await list(sql<Facts>`select source, external_id as "externalId" from external_identity
      where party_id = ${partyId} order by 1, 2 limit ${rowsMax}`),
    sources: await list(sourcesOf(partyId)),
    looked: await list(sql<Facts>`select a.at as "recordedAt", coalesce(l.display_name, a.who) as "by", a.action
      from audit_entry a left join login l on a.who = 'login:' || l.id
      where a.party_id = ${partyId}
        or (a.noun = 'customer' and a.noun_id in (select customer_no from customer where party_id = ${partyId}))
      order by a.id desc limit ${rowsMax}`),
  }
}

interface PartyRow extends Record<string, unknown> {
  sealed: Buffer | null
  wrapped: Buffer | null
}

async function personOf(trx: Trx, keys: Keys, partyId: bigint): Promise<Facts> {
  const { rows } = await sql<PartyRow>`select p.customer_no as "customerNo",
      (select string_agg(customer_no, ', ' order by customer_no) from customer c
        where c.party_id = p.id and c.customer_no <> p.customer_no) as "otherNumbers",
      p.kind, p.name, p.sex, p.birth_on as "birthOn", p.identity_kind as "identityKind",
      p.identity_valid as "identityValid", p.region_code as "regionCode", p.occupation, p.industry,
      p.annual_income_fen as "annualIncomeFen", u.name as unit, s.name as manager, p.opened_on as "openedOn",
      p.closed_on as "closedOn", p.source, p.quality, p.updated_at as "recordedAt", p.sealed, k.wrapped
    from party p join unit u on u.id = p.unit_id left join staff s on s.id = p.rm_id
    left join party_key k on k.party_id = p.id where p.id = ${partyId}`.execute(trx)
  const { sealed, wrapped, ...open } = present(rows[0], 'the customer')
  return { ...plain(open), ...showFacts(keys, { partyId, sealed, wrapped }, true) }
}

async function editsOf(trx: Trx, keys: Keys, partyId: bigint): Promise<Facts[]> {
  const { rows } = await sql<{
    field: EditableField
    sealed: Buffer
    conflict_sealed: Buffer | null
    wrapped: Buffer
    edited_at: Date
    by: string | null
  }>`select e.field, e.sealed, e.conflict_sealed, k.wrapped, e.edited_at, l.display_name as "by"
    from party_edit e join party_key k on k.party_id = e.party_id left join login l on l.id = e.login_id
    where e.party_id = ${partyId} order by e.field`.execute(trx)
  return rows.map(({ field, sealed, conflict_sealed, wrapped, edited_at, by }) => {
    const key = partyKey(keys, partyId, wrapped)
    const { was, is } = openEdit<Edit>(key, partyId, field, sealed)
    const brought = conflict_sealed && openEdit<string | null>(key, partyId, field, conflict_sealed)
    return { recordedAt: edited_at.toISOString(), field, was, is, brought, by }
  })
}

/** Each text that there is or was, oldest first. */
async function notesFor(trx: Trx, keys: Keys, partyId: bigint): Promise<Facts[]> {
  const { rows } = await sql<{
    note_id: bigint
    edition: number
    channel: string
    sealed: Buffer
    at: Date
    by: string
    withdrawn_at: Date | null
    wrapped: Buffer
  }>`select n.id as note_id, e.edition, e.channel, e.sealed, n.written_at as at, coalesce(n.author, l.display_name) as "by",
      n.withdrawn_at, k.wrapped
    from note n join party_key k on k.party_id = n.party_id left join login l on l.id = n.login_id
    cross join lateral (select n.edition, n.channel, n.sealed
      union all select o.edition, o.channel, o.sealed from note_edition o where o.note_id = n.id) e
    where n.party_id = ${partyId} order by n.written_at, n.id, e.edition limit ${rowsMax}`.execute(trx)
  return rows.map(({ note_id, edition, channel, sealed, at, by, withdrawn_at, wrapped }) => ({
    writtenAt: at.toISOString(),
    noteChannel: channel,
    note: openNote(partyKey(keys, partyId, wrapped), { noteId: note_id, edition }, sealed),
    edition,
    by,
    withdrawnAt: withdrawn_at?.toISOString() ?? null,
  }))
}

async function accountsOf(trx: Trx, keys: Keys, partyId: bigint): Promise<Facts[]> {
  const { rows } = await sql<Record<string, unknown> & { no_sealed: Buffer }>`select a.no_sealed, pr.name as product,
      a.currency, u.name as unit, o.share, o.from_day as "fromDay", o.to_day as "toDay", a.opened_on as "openedOn",
      a.closed_on as "closedOn", a.matures_on as "maturesOn"
    from account_owner o join account a on a.id = o.account_id join product pr on pr.id = a.product_id
    join unit u on u.id = a.unit_id where o.party_id = ${partyId} order by a.id, o.from_day limit ${rowsMax}`.execute(
    trx,
  )
  return rows.map(({ no_sealed, ...row }) => ({
    accountNo: showNumber(keys, 'account', no_sealed, true),
    ...plain(row),
  }))
}

async function cardsOf(trx: Trx, keys: Keys, partyId: bigint): Promise<Facts[]> {
  const { rows } = await sql<Record<string, unknown> & { no_sealed: Buffer }>`select no_sealed, face,
      issued_on as "issuedOn", closed_on as "closedOn" from card where party_id = ${partyId} order by id
      limit ${rowsMax}`.execute(trx)
  return rows.map(({ no_sealed, ...row }) => ({ cardNo: showNumber(keys, 'card', no_sealed, true), ...plain(row) }))
}

/** With their numbers whole, whoever holds them: the file itself is handed over at the unit that has it. */
async function papersOf(trx: Trx, keys: Keys, partyId: bigint): Promise<Facts[]> {
  await sql`select set_config('strata.places', 'all', true)`.execute(trx)
  const { rows } = await sql<
    Record<string, unknown> & { digest: Buffer; sealed: Buffer | null; wrapped: Buffer | null }
  >`select k.name_zh || ' / ' || k.name_en as "paperKind", p.digest, c.number_sealed as sealed, y.wrapped,
      p.valid_from as "fromDay", p.valid_until as "toDay", u.name as unit, p.purpose as "paperPurpose", p.basis,
      t.display_name as "by", p.taken_at as "recordedAt", p.withdrawn_at as "withdrawnAt", p.withdrawn_reason as reason
    from paper p join paper_kind k on k.code = p.kind join unit u on u.id = p.unit_id join login t on t.id = p.taken_by
    left join paper_content c on c.paper_id = p.id left join party_key y on y.party_id = p.party_id
    where p.party_id = ${partyId} order by p.id limit ${rowsMax}`.execute(trx)
  return rows.map(({ paperKind, digest, sealed, wrapped, ...row }) => ({
    paperKind: String(paperKind),
    paperNo: showPaperNumber(keys, { partyId, digest, sealed, wrapped }, 'clear'),
    ...plain(row),
  }))
}

const sourcesOf = (partyId: bigint) => sql<Facts>`select l.feed, l.file, l.recorded_at as "recordedAt" from load l
  where l.id in (
    select load_id from party where id = ${partyId}
    union select load_id from customer where party_id = ${partyId}
    union select load_id from account_owner where party_id = ${partyId}
    union select load_id from card where party_id = ${partyId}
    union select load_id from household_member where party_id = ${partyId}
    union select load_id from assignment where party_id = ${partyId}
    union select load_id from consent where party_id = ${partyId}
    union select load_id from external_identity where party_id = ${partyId}
    union select load_id from tier_change where party_id = ${partyId})
  order by l.id limit ${rowsMax}`

function plain(row: Record<string, unknown>): Facts {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Date) return [name, value.toISOString()]
      if (typeof value === 'bigint') return [name, String(value)]
      return [name, value as Facts[string]]
    }),
  )
}
