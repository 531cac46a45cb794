/** A customer's contact facts: read with their history, edited, and set back to an old value. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { audit, openEntry, type SealedEntry } from '../../access/audit.ts'
import { type Edit, type Facts, openEdit, sealEdit } from '../../access/edits.ts'
import type { Keys } from '../../access/keys.ts'
import { openFacts, type PersonalFacts, partyKey } from '../../access/seal.ts'
import { mask } from '../../access/show.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { readFacts } from '../../contract/facts.ts'
import { type EditableField, editableFields, type FieldRights, groupOfFact } from '../../contract/permission.ts'
import type { Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { bumpDesk } from '../nights/store.ts'
import { partyByNo } from './page.ts'
import { factsOf, writtenFacts } from './written.ts'

const changesMax = 200

/** Who asks, and why. */
export interface Editor {
  who: string
  loginId: number
  address: string
  reason: string
  version: string
}

interface Customer {
  id: bigint
  customerNo: string
  kind: 'person' | 'company'
  key: Buffer
  personal: PersonalFacts
  facts: Facts
  missing: string[]
  version: string
}

/** The facts, masked, with who changed what when. Refuses not_found. */
export async function readCustomerFacts(
  trx: Trx,
  keys: Keys,
  no: string,
  rights: FieldRights,
): Promise<Output<typeof readFacts>> {
  const customer = await customerOf(trx, keys, no)
  return {
    version: customer.version,
    facts: { ...nothing, ...masked(customer.facts, rights) },
    changes: await changesOf(trx, keys, customer, rights),
    conflicts: await conflictsOf(trx, customer, rights),
  }
}

/**
 * Changes what is given and differs; returns the new version. Refuses not_found (also outside the scope),
 * occupation_of_company, and facts_changed when the version is not the one of now.
 */
export async function editCustomerFacts(
  trx: Trx,
  keys: Keys,
  no: string,
  wanted: Partial<Facts>,
  editor: Editor,
  action: 'editCustomer' | 'restoreCustomer' = 'editCustomer',
): Promise<string> {
  const customer = await customerOf(trx, keys, no, true)
  if (customer.kind === 'company' && wanted.occupation != null) refuse('occupation_of_company')
  if (customer.version !== editor.version) refuse('facts_changed')
  const changed = editableFields.filter(
    (field) => wanted[field] !== undefined && wanted[field] !== customer.facts[field],
  )
  if (changed.length === 0) return customer.version
  const after = { ...customer.facts, ...Object.fromEntries(changed.map((field) => [field, wanted[field]])) } as Facts
  await writeFacts(trx, keys, customer, after)
  for (const field of changed) await keepEdit(trx, customer, field, after[field], editor.loginId)
  await bumpDesk(trx)
  await audit(trx, {
    who: editor.who,
    action,
    noun: 'customer',
    nounId: customer.customerNo,
    partyId: customer.id,
    partyKey: customer.key,
    before: Object.fromEntries(changed.map((field) => [field, customer.facts[field]])),
    after: Object.fromEntries(changed.map((field) => [field, after[field]])),
    reason: editor.reason,
    address: editor.address,
  })
  return (await customerOf(trx, keys, no)).version
}

/** Sets a field back to what it was before a change. Refuses as an edit does, and not_found for another's change. */
export async function restoreCustomerFact(
  trx: Trx,
  keys: Keys,
  no: string,
  back: { entry: string; field: EditableField },
  editor: Editor,
): Promise<string> {
  const customer = await customerOf(trx, keys, no)
  const entries = await entriesOf(trx, keys, customer)
  const before = entries.find(({ id }) => String(id) === back.entry)?.before
  if (!before || !(back.field in before)) {
    refuse('not_found', { what: `change ${back.entry} of ${back.field}`, whatZh: `变更 ${back.entry}` })
  }
  return editCustomerFacts(trx, keys, no, { [back.field]: before[back.field] }, editor, 'restoreCustomer')
}

async function customerOf(trx: Trx, keys: Keys, no: string, lock = false): Promise<Customer> {
  const { id, customerNo } = await partyByNo(trx, no)
  const { rows } = await sql<{
    kind: 'person' | 'company'
    occupation: string | null
    sealed: Buffer | null
    wrapped: Buffer | null
    missing: string[]
  }>`select p.kind, p.occupation, p.sealed, k.wrapped, p.missing from party p left join party_key k on k.party_id = p.id
    where p.id = ${String(id)}::bigint ${lock ? sql`for update of p` : sql``}`.execute(trx)
  const row = rows[0] ?? refuse('not_found', { what: `customer ${no}`, whatZh: `客户 ${no}` })
  const key = partyKey(keys, id, row.wrapped ?? refuse('already_erased', { customer: no }))
  const personal = row.sealed ? openFacts(key, id, row.sealed) : {}
  return {
    id,
    customerNo,
    kind: row.kind,
    key,
    personal,
    facts: factsOf(personal, row.occupation),
    missing: row.missing,
    version: versionOf(row.sealed, row.occupation),
  }
}

/** Changes with every edit and every load that wrote the customer anew. */
function versionOf(sealed: Buffer | null, occupation: string | null): string {
  return createHash('sha256')
    .update(sealed ?? '')
    .update(`\0${occupation ?? ''}`)
    .digest('base64url')
    .slice(0, 22)
}

async function writeFacts(trx: Trx, keys: Keys, customer: Customer, after: Facts): Promise<void> {
  const row = writtenFacts(keys, customer, after)
  await sql`update party set sealed = ${row.sealed}, occupation = ${row.occupation}, phone_last4 = ${row.phoneLast4},
      phone_token = ${row.phoneToken}, missing = ${row.missing}::text[], quality = ${row.quality}, updated_at = now()
    where id = ${String(customer.id)}::bigint`.execute(trx)
}

/** `was` stays what the source said, however often staff edit meanwhile. */
async function keepEdit(
  trx: Trx,
  customer: Customer,
  field: EditableField,
  is: string | null,
  loginId: number,
): Promise<void> {
  const { rows } = await sql<{ sealed: Buffer; conflict_sealed: Buffer | null }>`select sealed, conflict_sealed
    from party_edit where party_id = ${String(customer.id)}::bigint and field = ${field}`.execute(trx)
  const known = rows[0]
  const said =
    known && !known.conflict_sealed
      ? openEdit<Edit>(customer.key, customer.id, field, known.sealed).was
      : customer.facts[field]
  await sql`insert into party_edit (party_id, field, sealed, login_id)
    values (${String(customer.id)}::bigint, ${field}, ${sealEdit(customer.key, customer.id, field, { was: said, is })}, ${loginId})
    on conflict (party_id, field) do update set sealed = excluded.sealed, login_id = excluded.login_id, edited_at = now(),
      conflict_load_id = null, conflict_at = null, conflict_sealed = null`.execute(trx)
}

interface OpenedChange {
  id: bigint
  at: Date
  who: string
  before: Facts | null
  after: Facts | null
  reason: string | null
}

async function entriesOf(trx: Trx, keys: Keys, customer: Customer): Promise<OpenedChange[]> {
  const { rows } = await sql<SealedEntry & { id: bigint; at: Date; who: string }>`
    select e.id, e.at, coalesce(l.display_name, e.who) as who, e.action, e.noun, e.noun_id as "nounId",
      e.party_id as "partyId", e.by_party_key as "byPartyKey", e.before, e.after, e.reason
    from audit_entry e left join login l on e.who = 'login:' || l.id
    where e.party_id = ${String(customer.id)}::bigint and e.action in ('editCustomer', 'restoreCustomer')
    order by e.id desc limit ${changesMax}`.execute(trx)
  return rows.map((row) => {
    const { before, after, reason } = openEntry(keys, row, customer.key)
    return {
      id: row.id,
      at: row.at,
      who: row.who,
      before: before as Facts | null,
      after: after as Facts | null,
      reason,
    }
  })
}

async function changesOf(
  trx: Trx,
  keys: Keys,
  customer: Customer,
  rights: FieldRights,
): Promise<Output<typeof readFacts>['changes']> {
  const entries = await entriesOf(trx, keys, customer)
  return entries.map(({ id, at, who, before, after, reason }) => {
    const [was, is] = [masked(before ?? {}, rights), masked(after ?? {}, rights)]
    const fields = editableFields.filter((field) => field in was || field in is)
    return {
      entry: String(id),
      at: at.toISOString(),
      who,
      reason,
      fields: fields.map((field) => ({ field, before: was[field] ?? null, after: is[field] ?? null })),
    }
  })
}

async function conflictsOf(
  trx: Trx,
  customer: Customer,
  rights: FieldRights,
): Promise<Output<typeof readFacts>['conflicts']> {
  const { rows } = await sql<{
    field: EditableField
    sealed: Buffer
    conflict_sealed: Buffer
    conflict_load_id: number
    conflict_at: Date
  }>`select field, sealed, conflict_sealed, conflict_load_id, conflict_at from party_edit
    where party_id = ${String(customer.id)}::bigint and conflict_sealed is not null order by field limit 10`.execute(
    trx,
  )
  return rows.map((row) => {
    const { is } = openEdit<Edit>(customer.key, customer.id, row.field, row.sealed)
    const brought = openEdit<string | null>(customer.key, customer.id, row.field, row.conflict_sealed)
    return {
      field: row.field,
      edited: masked({ [row.field]: is }, rights)[row.field] ?? null,
      brought: masked({ [row.field]: brought }, rights)[row.field] ?? null,
      loadId: row.conflict_load_id,
      at: row.conflict_at.toISOString(),
    }
  })
}

/** What of it may be read, masked even for whoever reads it whole elsewhere; a hidden field is left out. */
function masked(facts: Partial<Facts>, rights: FieldRights): Partial<Facts> {
  const shown: Partial<Facts> = {}
  for (const field of editableFields) {
    const value = facts[field]
    if (value === undefined || rights[groupOfFact[field]] === 'hidden') continue
    shown[field] = field === 'occupation' ? value : mask(field, value)
  }
  return shown
}

const nothing: Facts = { phone: null, email: null, address: null, occupation: null }
