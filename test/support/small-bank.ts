/**
 * A bank of a few dozen customers straight in the record, with two published nights: for tests of what is read and who
 * may read it. What it says is made up, but sealed, tokenised and published like a real one's.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { Keys } from '../../src/access/keys.ts'
import { newPartyKey, sealFacts, sealNumber } from '../../src/access/seal.ts'
import type { Database } from '../../src/db/database.ts'
import { valueStatesOfNight } from '../../src/desk/value-states/night.ts'
import { day } from '../../src/kit/day.ts'
import { nightCustomerColumns } from '../../src/publish/columns.ts'
import { publishNight } from '../../src/publish/publish.ts'

/** As the settings have them unless somebody set them. */
export const usualLimits = { dormantDays: 180, dormantBelowFen: 100_000n, gonePercent: 20 }

export interface SmallUnit {
  id: number
  code: string
  parent: number | null
}

export interface SmallCustomer {
  id: number
  customerNo: string
  name: string
  kind: 'person' | 'company'
  unit: number
  rm: number | null
  identityNo: string
  phone: string
  email: string
  address: string
  accountNo: string
  tier: number
  averageFen: bigint
  toNextFen: bigint | null
}

export interface SmallBank {
  units: SmallUnit[]
  /** Staff ids of relationship managers. */
  managers: number[]
  customers: SmallCustomer[]
  nights: [before: number, current: number]
}

export interface SmallBankShape {
  /** Parent of each unit by index; the first is the root. Default: head office, two branches, two outlets each. */
  parents?: readonly (number | null)[]
  customers?: number
  managers?: number
  /** Of each customer: index of the unit, index of the manager or null. Default: in turn. */
  place?: (index: number) => { unit: number; manager: number | null }
}

const surnames = ['王', '李', '欧阳', '张', '刘', '陈']
const givenNames = ['志远', '晓梅', '薇', '建国', '梓涵']

export async function smallBank(db: Database, keys: Keys, shape: SmallBankShape = {}): Promise<SmallBank> {
  const parents = shape.parents ?? [null, 0, 0, 1, 1, 2, 2]
  const units = await insertUnits(db, parents)
  const managers = await insertManagers(db, units, shape.managers ?? 4)
  const customers = Array.from({ length: shape.customers ?? 48 }, (_, i) => customerAt(i, units, managers, shape.place))
  for (const customer of customers) await insertCustomer(db, keys, customer)
  await insertHousehold(db, customers)
  const policyId = await insertPolicy(db)
  const before = await publish(db, keys, policyId, '2026-09-30', customers, (customer) =>
    Math.max(1, customer.tier - (customer.id % 3 === 0 ? 1 : 0)),
  )
  const current = await publish(db, keys, policyId, '2026-10-31', customers, (customer) => customer.tier)
  return { units, managers, customers, nights: [before, current] }
}

async function insertUnits(db: Database, parents: readonly (number | null)[]): Promise<SmallUnit[]> {
  const units: (SmallUnit & { path: string })[] = []
  for (const [index, parent] of parents.entries()) {
    const above = parent === null ? undefined : units[parent]
    const code = `U${index}`
    const kind = above === undefined ? 'headOffice' : above.parent === null ? 'branch' : 'outlet'
    const made = await db.owner.query<{ id: number }>(
      `insert into unit (code, name, name_en, kind, parent_id, path) values ($1, $2, $3, $4, $5, '') returning id`,
      [code, `机构${index}`, `Unit ${index}`, kind, above?.id ?? null],
    )
    const id = made.rows[0]?.id ?? 0
    const path = `${above?.path ?? '/'}${id}/`
    await db.owner.query('update unit set path = $2 where id = $1', [id, path])
    units.push({ id, code, parent: above?.id ?? null, path })
  }
  return units
}

async function insertManagers(db: Database, units: SmallUnit[], count: number): Promise<number[]> {
  const ids: number[] = []
  for (let i = 0; i < count; i++) {
    const made = await db.owner.query<{ id: number }>(
      `insert into staff (code, name, unit_id, role) values ($1, $2, $3, 'relationshipManager') returning id`,
      [`S${i}`, `经理${i}`, units[i % units.length]?.id],
    )
    ids.push(made.rows[0]?.id ?? 0)
  }
  return ids
}

function customerAt(
  i: number,
  units: SmallUnit[],
  managers: number[],
  place: SmallBankShape['place'] = (index) => ({
    unit: index % units.length,
    manager: index % 5 === 4 ? null : index % managers.length,
  }),
): SmallCustomer {
  const { unit, manager } = place(i)
  const kind = i % 11 === 10 ? 'company' : 'person'
  const serial = String(i + 1).padStart(4, '0')
  // Several share an average, so that pages have ties to get right.
  const averageFen = BigInt((i % 9) * 4_000_000)
  return {
    id: i + 1,
    customerNo: `20000${serial}`,
    name: kind === 'company' ? `江州第${i}实业有限公司` : `${surnames[i % 6]}${givenNames[i % 5]}`,
    kind,
    unit: units[unit]?.id ?? 0,
    rm: manager === null ? null : (managers[manager] ?? null),
    identityNo: `1101011949123${serial}X`,
    phone: `1390000${serial}`,
    email: `somebody${serial}@example.com`,
    address: `江州市临江区望江路 ${serial} 号`,
    accountNo: `62220202001${serial}678`,
    tier: kind === 'company' ? 0 : averageFen >= 30_000_000n ? 3 : averageFen >= 10_000_000n ? 2 : 1,
    averageFen,
    toNextFen: i % 4 === 3 ? null : BigInt(i * 1000),
  }
}

async function insertCustomer(db: Database, keys: Keys, c: SmallCustomer): Promise<void> {
  const { key, wrapped } = newPartyKey(keys, BigInt(c.id))
  const sealed = sealFacts(key, BigInt(c.id), {
    identityNo: c.identityNo,
    phone: c.phone,
    email: c.email,
    address: c.address,
  })
  await db.owner.query(
    `insert into party (id, kind, customer_no, name, name_pinyin, name_initials, unit_id, rm_id, identity_kind,
       identity_valid, phone_last4, sealed, identity_token, phone_token, birth_on)
     overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8, 'residentId', true, $9, $10, $11, $12, '1949-12-31')`,
    [
      c.id,
      c.kind,
      c.customerNo,
      c.name,
      `pinyin${c.id % 6}`,
      `py${'abcdef'[c.id % 6]}`,
      c.unit,
      c.rm,
      c.phone.slice(-4),
      sealed,
      keys.blindIndex('identityNo', c.identityNo),
      keys.blindIndex('phone', c.phone),
    ],
  )
  await db.owner.query('insert into party_key (party_id, wrapped) values ($1, $2)', [c.id, wrapped])
  await db.owner.query('insert into customer (customer_no, party_id) values ($1, $2)', [c.customerNo, c.id])
  await db.owner.query(
    `insert into product (code, name, name_en, class) values ('DEP', '活期存款', 'Current deposit', 'deposit')
     on conflict (code) do nothing`,
  )
  const token = createHash('sha256').update(c.accountNo).digest().subarray(0, 16)
  await db.owner.query(
    `with made as (insert into account (no_token, no_sealed, no_last4, product_id, currency, unit_id, opened_on)
       values ($1, $2, $3, (select id from product where code = 'DEP'), 'CNY', $4, '2020-01-01') returning id)
     insert into account_owner (account_id, party_id, share) select id, $5, 10000 from made`,
    [token, sealNumber(keys, 'account', c.accountNo), c.accountNo.slice(-4), c.unit, c.id],
  )
  await db.owner.query(
    `insert into card (no_token, no_sealed, no_last4, party_id, face) values ($1, $2, $3, $4, 'gold')`,
    [token, sealNumber(keys, 'card', c.accountNo), c.accountNo.slice(-4), c.id],
  )
  await db.owner.query(
    `insert into tier_change (party_id, scheme, to_tier, effective_on, made_by, reason)
     values ($1, 'personal', $2, '2026-01-01', 'opening', 'opening')`,
    [c.id, Math.max(1, c.tier)],
  )
}

/** The first two customers, who are at home in different units and have different managers. */
async function insertHousehold(db: Database, customers: SmallCustomer[]): Promise<void> {
  const [head, other] = customers
  if (!head || !other) return
  await db.owner.query(
    `with made as (insert into household (household_no, unit_id, head_id) values ('H1', $1, $2) returning id)
     insert into household_member (household_id, party_id, role, from_day, consent_from)
     select id, party, role, '2020-01-01'::date, '2020-01-01'::date from made,
       (values ($2::bigint, 'head'), ($3::bigint, 'spouse')) as member (party, role)`,
    [head.unit, head.id, other.id],
  )
}

async function insertPolicy(db: Database): Promise<number> {
  const source = readFileSync(new URL('../../src/tiers/policies/personal.yaml', import.meta.url), 'utf8')
  const made = await db.owner.query<{ id: number }>(
    `insert into policy (scheme, version, name, source, sha256, status, in_force_from, recorded_by)
     values ('personal', 1, '个人客户分级', $1, 'x', 'inForce', '1900-01-01', 'test') returning id`,
    [source],
  )
  return made.rows[0]?.id ?? 0
}

async function publish(
  db: Database,
  keys: Keys,
  policyId: number,
  on: string,
  customers: readonly SmallCustomer[],
  tierOf: (customer: SmallCustomer) => number,
): Promise<number> {
  const made = await db.owner.query<{ id: number }>(
    `insert into night (day, scheme, policy_id, status) values ($1, 'personal', $2, 'running') returning id`,
    [on, policyId],
  )
  const nightId = made.rows[0]?.id ?? 0
  const rows = customers.map((customer) => nightRow(nightId, customer, tierOf(customer)))
  await publishNight(db.owner, {
    nightId,
    day: day(on),
    scheme: 'personal',
    appliesTo: 'person',
    digest: 'digest',
    keys,
    customers: () => Readable.from([`${rows.join('\n')}\n`]),
    households: () => Readable.from([`${nightId},1,H1,${customers[0]?.unit},2,2,800,400,2\n`]),
    moves: () => Readable.from(customers.slice(0, 6).map((c) => `${c.id},1,,,2,difference,2026-11-01\n`)),
    followedBy: (client, night) => valueStatesOfNight(client, night, usualLimits),
  })
  return nightId
}

function nightRow(nightId: number, c: SmallCustomer, tier: number): string {
  const known: Record<string, unknown> = {
    night_id: nightId,
    party_id: c.id,
    customer_no: c.customerNo,
    kind: c.kind,
    name: c.name,
    unit_id: c.unit,
    rm_id: c.rm ?? '',
    qualified_tier: tier,
    tier_in_force: Math.max(1, tier),
    path: tier === 0 ? 'none' : 'individual',
    average_fen: c.averageFen,
    sum_fen: c.averageFen * 90n,
    sum_scaled: c.averageFen * 90n * 10n ** 19n,
    days: 90,
    household_id: c.id <= 2 ? 1 : '',
    to_next_fen: c.toNextFen ?? '',
    aum_fen: c.averageFen + BigInt(c.id),
    gaps: '{}',
    confidence: c.id % 7 === 0 ? 60 : 100,
    notice_count: c.id % 13 === 0 ? 1 : 0,
  }
  const empty = new Set([
    'household_average_fen',
    'household_members',
    'to_keep_fen',
    'recency_days',
    'r_score',
    'f_score',
  ])
  const blank = (column: string) => empty.has(column) || column === 'm_score' || column.endsWith('_on')
  return nightCustomerColumns.map((column) => String(known[column] ?? (blank(column) ? '' : 0))).join(',')
}
