/**
 * Keys in the record: which generations of the master there are, and the purpose keys wrapped under them. Opened once
 * per process, before anything is sealed or opened.
 */
import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { ownerTransaction } from '../db/database.ts'
import { present } from '../kit/assert.ts'
import { refuse } from '../kit/refusal.ts'
import { checkValue, derive, type Keys, keysOf, type Purpose, purposes, wrapperOf } from './keys.ts'
import type { MasterKeys } from './master-keys.ts'
import { keyLength } from './seal.ts'

export interface Generation {
  id: number
  wrapped: string | null
  check_value: Buffer
  made_at: Date
  retired_at: Date | null
}

/** Any number that nothing else here locks by. Held while generations or purpose keys are read together or changed. */
const keysLock = 7_304_001

/**
 * The keys of the installation whose record `owner` reaches; made on first use. Refuses master_key_wrong when a master
 * is not the one that the record was made with, master_key_missing when there is none, kms_failed.
 */
export async function openKeys(owner: pg.Pool, from: MasterKeys): Promise<Keys> {
  const masters = new Map<number, Buffer>()
  const purposeKeys = new Map<Purpose, Buffer>()
  await ownerTransaction(owner, async (client) => {
    await lockKeys(client)
    if ((await generationsOf(client)).length === 0) await firstGeneration(client, from)
    await learn(client, from, masters)
    await openPurposes(client, masters, purposeKeys)
  })
  return keysOf(masters, purposeKeys, () => ownerTransaction(owner, (client) => learn(client, from, masters)))
}

/** Until the transaction ends nobody else opens keys or begins a rotation. */
export async function lockKeys(client: pg.PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [keysLock])
}

/** Generations, oldest first. */
export async function generationsOf(client: pg.PoolClient | pg.Pool): Promise<Generation[]> {
  const found = await client.query<Generation>(
    'select id, wrapped, check_value, made_at, retired_at from master_generation order by id',
  )
  return found.rows
}

/** Adds a generation to the record. From its commit on, keys are wrapped under it. */
export async function addGeneration(client: pg.PoolClient, from: MasterKeys, id: number): Promise<void> {
  const { secret, wrapped } = await from.make(id)
  await client.query('insert into master_generation (id, wrapped, check_value) values ($1, $2, $3)', [
    id,
    wrapped,
    checkValue(secret, id),
  ])
}

/**
 * Until the transaction ends, no generation that is in use now is retired: whoever writes wrapped keys holds them first.
 * Refreshes the keys when there is a generation that they do not know.
 */
export async function holdGenerations(client: pg.PoolClient, keys: Keys): Promise<void> {
  const held = await client.query<{ id: number }>(
    'select id from master_generation where retired_at is null order by id for share',
  )
  if (!held.rows.some(({ id }) => id === keys.generation) || (held.rows.at(-1)?.id ?? 0) > keys.generation) {
    await keys.refresh()
  }
}

async function learn(client: pg.PoolClient, from: MasterKeys, masters: Map<number, Buffer>): Promise<void> {
  for (const generation of await generationsOf(client)) {
    if (generation.retired_at !== null || masters.has(generation.id)) continue
    const secret = await from.secretOf(generation)
    if (!checkValue(secret, generation.id).equals(generation.check_value)) refuse('master_key_wrong')
    masters.set(generation.id, secret)
  }
}

async function openPurposes(
  client: pg.PoolClient,
  masters: ReadonlyMap<number, Buffer>,
  opened: Map<Purpose, Buffer>,
): Promise<void> {
  const wrapper = wrapperOf(masters)
  const found = await client.query<{ purpose: string; wrapped: Buffer }>('select purpose, wrapped from purpose_key')
  const stored = new Map(found.rows.map((row) => [row.purpose, row.wrapped]))
  for (const purpose of purposes) {
    const wrapped = stored.get(purpose)
    const key = wrapped ? wrapper.unwrap(contextOf(purpose), wrapped) : randomBytes(keyLength)
    if (!wrapped) await keepPurpose(client, purpose, wrapper.wrap(contextOf(purpose), key))
    opened.set(purpose, key)
  }
}

/** Wraps every purpose key anew under the newest generation. Part of a rotation. */
export async function rewrapPurposes(client: pg.PoolClient, keys: Keys): Promise<void> {
  const found = await client.query<{ purpose: string; wrapped: Buffer }>(
    'select purpose, wrapped from purpose_key order by purpose for update',
  )
  for (const { purpose, wrapped } of found.rows) {
    await keepPurpose(client, purpose, keys.wrap(contextOf(purpose), keys.unwrap(contextOf(purpose), wrapped)))
  }
}

async function keepPurpose(client: pg.PoolClient, purpose: string, wrapped: Buffer): Promise<void> {
  await client.query(
    `insert into purpose_key (purpose, wrapped) values ($1, $2)
     on conflict (purpose) do update set wrapped = excluded.wrapped`,
    [purpose, wrapped],
  )
}

const contextOf = (purpose: string) => `purpose:${purpose}`

/**
 * Purposes whose keys were derived from the one master before keys were stored; those of audit and sign-in too, where
 * they came first. An unused one costs nothing, a used one left out would make what it sealed unreadable.
 */
const derivedOnce: readonly Purpose[] = [
  'accountToken',
  'blindIndex:identityNo',
  'blindIndex:phone',
  'blindIndex:email',
  'blindIndex:account',
  'blindIndex:card',
  'numberSeal',
  'fileSeal',
  'rowSeal',
  'auditSeal',
  'secondFactor',
  'recoveryCode',
  'singleSignOn',
]

// An installation from before there were generations keeps the keys it has: they are stored as they were derived.
async function firstGeneration(client: pg.PoolClient, from: MasterKeys): Promise<void> {
  const old = await client.query<{ value: string }>(`delete from setting where name = 'keyCheck' returning value`)
  if (!old.rows[0]) return addGeneration(client, from, 1)
  const secret = await from.secretOf({ id: 1, wrapped: null })
  const derived = new Map(derivedOnce.map((purpose) => [purpose, derive(secret, purpose)]))
  const masters = new Map([[1, secret]])
  const check = keysOf(masters, derived).blindIndex('account', 'installation').toString('hex')
  if (check !== old.rows[0].value) refuse('master_key_wrong')
  await client.query('insert into master_generation (id, check_value) values (1, $1)', [checkValue(secret, 1)])
  const { wrap } = wrapperOf(masters)
  for (const purpose of derivedOnce) {
    const key = present(derived.get(purpose), 'a derived key')
    await keepPurpose(client, purpose, wrap(contextOf(purpose), key))
  }
}
