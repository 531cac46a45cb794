/**
 * A new master key while everybody goes on working: a generation is added, purpose keys and the keys of parties are
 * wrapped anew, and the old generation is retired once nothing needs it. What is sealed stays as it is. A rotation that
 * was killed goes on where it was when it is asked for again.
 */
import type pg from 'pg'
import { ownerTransaction } from '../db/database.ts'
import { freeLock, takeLock } from '../db/lock.ts'
import { refuse } from '../kit/refusal.ts'
import { auditAsOwner } from './audit.ts'
import { addGeneration, generationsOf, lockKeys, rewrapPurposes } from './key-store.ts'
import { generationOf, type Keys } from './keys.ts'
import type { MasterKeys } from './master-keys.ts'
import { partyKey } from './seal.ts'

export interface Rotation {
  /** The generation that everything is wrapped under now. */
  generation: number
  /** Whether it goes on with a rotation that was begun before. */
  resumed: boolean
  /** Keys of parties wrapped anew this time. */
  rewrapped: number
  /** Generations that nobody needs any more; empty while a load that began before still writes. */
  retired: number[]
}

export interface KeyStatus {
  generation: number
  madeAt: Date
  retiredAt: Date | null
  /** 'service': sealed by the key service; 'given': by file or environment. */
  keptBy: 'service' | 'given'
  parties: bigint
  purposes: bigint
}

/** Any number that nothing else here locks by. */
const lockSpace = 7_304_002
const batchRows = 2000
/** How long to wait for a load that still writes under the old generation. */
const retireMs = 10_000

/** Refuses rotation_busy while another runs, master_key_missing where the environment does not give the new master. */
export async function rotateKeys(
  owner: pg.Pool,
  keys: Keys,
  from: MasterKeys,
  report: (done: number, total: number) => void = () => undefined,
): Promise<Rotation> {
  const client = await owner.connect()
  try {
    if (!(await takeLock(client, lockSpace, 'rotation'))) refuse('rotation_busy')
    try {
      const resumed = await begin(owner, keys, from)
      const { generation } = keys
      const rewrapped = await rewrapParties(owner, keys, report)
      const retired = await retire(owner, keys)
      return { generation, resumed, rewrapped, retired }
    } finally {
      await freeLock(client, lockSpace, 'rotation')
    }
  } finally {
    client.release()
  }
}

/** Every generation with what is wrapped under it, oldest first. */
export async function keyStatus(client: pg.Pool | pg.PoolClient): Promise<KeyStatus[]> {
  const found = await client.query<{
    id: number
    wrapped: string | null
    made_at: Date
    retired_at: Date | null
    parties: bigint
    purposes: bigint
  }>(`select g.id, g.wrapped, g.made_at, g.retired_at, coalesce(p.n, 0) as parties, coalesce(u.n, 0) as purposes
    from master_generation g
    left join (select strata.key_generation(wrapped) as id, count(*) as n from party_key group by 1) p on p.id = g.id
    left join (select strata.key_generation(wrapped) as id, count(*) as n from purpose_key group by 1) u on u.id = g.id
    order by g.id`)
  return found.rows.map((row) => ({
    generation: row.id,
    madeAt: row.made_at,
    retiredAt: row.retired_at,
    keptBy: row.wrapped === null ? 'given' : 'service',
    parties: row.parties,
    purposes: row.purposes,
  }))
}

/** The new generation and the purpose keys, at one point; true when an earlier rotation had come that far. */
async function begin(owner: pg.Pool, keys: Keys, from: MasterKeys): Promise<boolean> {
  const resumed = await ownerTransaction(owner, async (client) => {
    await lockKeys(client)
    const generations = await generationsOf(client)
    const newest = generations.at(-1)?.id ?? 0
    if (generations.some(({ id, retired_at }) => id < newest && retired_at === null)) return true
    await addGeneration(client, from, newest + 1)
    await auditAsOwner(client, keys, {
      who: 'strata',
      action: 'rotateKeys',
      noun: 'masterKey',
      nounId: String(newest + 1),
      after: { state: 'begun' },
    })
    return false
  })
  await keys.refresh()
  await ownerTransaction(owner, async (client) => {
    await lockKeys(client)
    await rewrapPurposes(client, keys)
  })
  return resumed
}

// By id, so that a kill costs one batch; a batch locks its rows for milliseconds.
async function rewrapParties(owner: pg.Pool, keys: Keys, report: (done: number, total: number) => void) {
  const total = await outdated(owner, keys)
  let done = 0
  for (let after = 0n; ; ) {
    const batch = await ownerTransaction(owner, (client) => rewrapBatch(client, keys, after))
    if (batch.last === undefined) return done
    after = batch.last
    done += batch.rewrapped
    if (batch.rewrapped > 0) report(done, Math.max(done, total))
  }
}

async function rewrapBatch(client: pg.PoolClient, keys: Keys, after: bigint) {
  const found = await client.query<{ party_id: bigint; wrapped: Buffer }>(
    'select party_id, wrapped from party_key where party_id > $1 order by party_id limit $2 for update',
    [String(after), batchRows],
  )
  const old = found.rows.filter((row) => generationOf(row.wrapped) < keys.generation)
  if (old.length > 0) {
    await client.query(
      `update party_key k set wrapped = v.wrapped from unnest($1::bigint[], $2::bytea[]) as v (party_id, wrapped)
       where k.party_id = v.party_id`,
      [
        old.map((row) => String(row.party_id)),
        old.map((row) => keys.wrap(`party:${row.party_id}`, partyKey(keys, row.party_id, row.wrapped))),
      ],
    )
  }
  return { last: found.rows.at(-1)?.party_id, rewrapped: old.length }
}

async function outdated(client: pg.Pool | pg.PoolClient, keys: Keys): Promise<number> {
  const found = await client.query<{ n: bigint }>(
    'select count(*) as n from party_key where strata.key_generation(wrapped) < $1',
    [keys.generation],
  )
  return Number(found.rows[0]?.n ?? 0n)
}

// A load that began before holds the old generation until it commits, and may bring keys under it.
async function retire(owner: pg.Pool, keys: Keys): Promise<number[]> {
  try {
    return await ownerTransaction(owner, async (client) => {
      await client.query(`set local lock_timeout = '${retireMs}ms'`)
      const old = await client.query<{ id: number }>(
        'select id from master_generation where id < $1 and retired_at is null order by id for update',
        [keys.generation],
      )
      for (let after: bigint | undefined = 0n; after !== undefined; ) {
        after = (await rewrapBatch(client, keys, after)).last
      }
      const ids = old.rows.map(({ id }) => id)
      await client.query('update master_generation set retired_at = now() where id = any($1::int[])', [ids])
      const after = { state: 'done', retired: ids }
      const noun = { noun: 'masterKey', nounId: String(keys.generation) }
      await auditAsOwner(client, keys, { who: 'strata', action: 'rotateKeys', ...noun, after })
      return ids
    })
  } catch (error) {
    if ((error as { code?: string }).code === '55P03') return []
    throw error
  }
}
