/**
 * PostgreSQL. Rows are read and written only inside `withScope` (the application's role, row-level security on) or by
 * the owner's pool (migrations, loads, publishing). int8 comes back as bigint, date as 'YYYY-MM-DD', numeric as text.
 */
import {
  type Dialect,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  SingleConnectionProvider,
  sql,
  Transaction,
} from 'kysely'
import pg from 'pg'
import { present } from '../kit/assert.ts'
import { allUnits, isAll, noUnits, type UnitSet } from '../kit/unit-set.ts'
import { connectionSecondsMax, prepareConnection, ScopedConnection } from './connection.ts'
import type { DB } from './schema.ts'
import { types } from './types.ts'

/** A connection under a scope, for statements in SQL or in Kysely's words. */
export type Trx = Transaction<DB>

/** What a session may see. Made by access/, never from a request. */
export interface Scope {
  /** Units whose parties are visible. */
  units: UnitSet
  /** Parties assigned to that member of staff are visible too, but those at home in a unit of `without`. */
  book: { staffId: number; without: readonly number[] } | null
  /** Single parties that are visible too. */
  granted: readonly bigint[]
  /** Units whose customers do not even exist for whoever asks. */
  walled: readonly number[]
  /** For audit entries: 'login:17', 'key:3', 'strata' for the program itself. */
  who: string
}

/** The program itself, for batch work that answers to no session. */
export const everything: Scope = { units: allUnits, book: null, granted: [], walled: [], who: 'strata' }

/** No party is visible: for what has no person in it, in the name of `who`. */
export function nobodyAs(who: string): Scope {
  return { units: noUnits, book: null, granted: [], walled: [], who }
}

export interface Database {
  /** Owner: no row-level security; loads, nights and migrations only. */
  owner: pg.Pool
  ownerUrl: string
  /** Runs `work` in one transaction that sees what `scope` allows. */
  withScope<T>(scope: Scope, work: (trx: Trx) => Promise<T>): Promise<T>
  /**
   * As `withScope`, for reading alone and in a fraction of the time: each statement is a transaction of its own and one
   * round trip, and what it would write is refused by the database.
   */
  reading<T>(scope: Scope, work: (trx: Trx) => Promise<T>): Promise<T>
  /** Lends a database whose readings share one connection: those that begin in one turn take one round trip together. */
  together<T>(work: (db: Database) => Promise<T>): Promise<T>
  /** As `together`, for every connection there may be: opens those that are missing. Nobody else gets one meanwhile. */
  onEvery(work: (db: Database) => Promise<void>): Promise<void>
  close(): Promise<void>
}

const idleMsMax = 600_000
const connectionsMax = 10

/** Opens the two pools. Connecting happens at the first query. */
export function openDatabase(urls: { appUrl: string; ownerUrl: string }): Database {
  const app = pool({
    connectionString: urls.appUrl,
    max: connectionsMax,
    // A connection that is let go takes its plans and the server's warm caches with it.
    idleTimeoutMillis: idleMsMax,
    // Statements may follow one another without waiting for the answers; nothing is copied over these connections.
    pipeline: true,
    maxLifetimeSeconds: connectionSecondsMax,
    onConnect: prepareConnection,
  })
  const owner = pool({ connectionString: urls.ownerUrl, max: 6 })
  const database: Database = {
    owner,
    ownerUrl: urls.ownerUrl,
    withScope: (scope, work) =>
      onClient(app, (client) =>
        inTransaction(client, scope, (trx) => {
          opened.set(trx, database)
          return work(trx)
        }),
      ),
    reading: (scope, work) => onClient(app, (client) => readingOn(client, scope, work)),
    together: (work) =>
      onClient(app, (client) => work({ ...database, reading: (scope, one) => readingOn(client, scope, one) })),
    onEvery: async (work) => {
      // Lent until all are there, so that each call gets another one
      let missing = connectionsMax
      const { promise: complete, resolve, reject } = Promise.withResolvers<void>()
      const one = (db: Database) => {
        missing -= 1
        if (missing === 0) resolve()
        return Promise.all([complete, work(db)])
      }
      const lent = Array.from({ length: connectionsMax }, () => database.together(one))
      for (const each of lent) each.catch(reject)
      await Promise.all(lent)
    },
    close: async () => {
      await Promise.all([app.end(), owner.end()])
    },
  }
  return database
}

const opened = new WeakMap<Trx, Database>()

/** The database of a transaction that `withScope` opened. */
export function databaseOf(trx: Trx): Database {
  return present(opened.get(trx), 'a transaction of withScope')
}

function readingOn<T>(client: pg.PoolClient, scope: Scope, work: (trx: Trx) => Promise<T>): Promise<T> {
  return work(kyselyOver(new ScopedConnection(client, 'statement', scope)))
}

/** Lends a client; one that the work has left in an unknown state is not used again. */
async function onClient<T>(clients: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await clients.connect()
  try {
    return await work(client)
  } finally {
    client.release(client.getTransactionStatus() !== 'I')
  }
}

async function inTransaction<T>(client: pg.PoolClient, scope: Scope, work: (trx: Trx) => Promise<T>): Promise<T> {
  const connection = new ScopedConnection(client, 'transaction', scope)
  try {
    const result = await work(kyselyOver(connection))
    await connection.commit()
    return result
  } catch (error) {
    await connection.rollback().catch(() => undefined)
    throw error
  }
}

// Kysely composes statements; who sends them, and within what, is decided per piece of work.
const dialect: Dialect = {
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
}
const composing = new Kysely<DB>({ dialect }).getExecutor()

function kyselyOver(connection: ScopedConnection): Trx {
  return new Transaction<DB>({
    config: { dialect },
    dialect,
    driver: new DummyDriver(),
    executor: composing.withConnectionProvider(new SingleConnectionProvider(connection)),
  })
}

/** The condition that a column's unit is in the set. */
export function inUnits(set: UnitSet, column = 'unit_id'): RawBuilder<boolean> {
  if (isAll(set)) return sql<boolean>`true`
  const listed = sql`${[...set.units]}::int[]`
  return set.except
    ? sql<boolean>`${sql.ref(column)} <> all(${listed})`
    : sql<boolean>`${sql.ref(column)} = any(${listed})`
}

/** Runs `work` on one owner connection inside a transaction; rolls back when it throws. */
export async function ownerTransaction<T>(owner: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await owner.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

// Stopping the server kills Node with an unhandled error unless both the pool and each client listen.
function pool(config: pg.PoolConfig): pg.Pool {
  const made = new pg.Pool({ ...config, types })
  made.on('error', () => undefined)
  made.on('connect', (client) => client.on('error', () => undefined))
  return made
}
