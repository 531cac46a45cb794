/**
 * PostgreSQL. Rows are read and written only inside `withScope` (the application's role, row-level security on) or by
 * the owner's pool (migrations, loads, publishing). int8 comes back as bigint, date as 'YYYY-MM-DD', numeric as text.
 */
import { Kysely, PostgresDialect, type RawBuilder, sql, type Transaction } from 'kysely'
import pg from 'pg'
import { present } from '../kit/assert.ts'
import { allUnits, isAll, noUnits, type UnitSet } from '../kit/unit-set.ts'
import type { DB } from './schema.ts'

export type Trx = Transaction<DB>

/** What a session may see. Made by access/, never from a request. */
export interface Scope {
  /** Units whose parties are visible. */
  units: UnitSet
  /** Parties assigned to that member of staff are visible too, but those at home in a unit of `without`. */
  book: { staffId: number; without: readonly number[] } | null
  /** Single parties that are visible too. */
  granted: readonly bigint[]
  /** For audit entries: 'login:17', 'key:3', 'strata' for the program itself. */
  who: string
}

/** The program itself, for batch work that answers to no session. */
export const everything: Scope = { units: allUnits, book: null, granted: [], who: 'strata' }

/** No party is visible: for what has no person in it, in the name of `who`. */
export function nobodyAs(who: string): Scope {
  return { units: noUnits, book: null, granted: [], who }
}

export interface Database {
  /** Owner: no row-level security; loads, nights and migrations only. */
  owner: pg.Pool
  ownerUrl: string
  /** Runs `work` in one transaction that sees what `scope` allows. */
  withScope<T>(scope: Scope, work: (trx: Trx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === pg.types.builtins.INT8) return BigInt
      if (oid === pg.types.builtins.DATE || oid === pg.types.builtins.NUMERIC) return (text: string) => text
    }
    return pg.types.getTypeParser(oid, format)
  }) as typeof pg.types.getTypeParser,
}

/** Opens the two pools. Connecting happens at the first query. */
export function openDatabase(urls: { appUrl: string; ownerUrl: string }): Database {
  const appPool = pool(urls.appUrl, 10)
  const owner = pool(urls.ownerUrl, 6)
  const app = new Kysely<DB>({ dialect: new PostgresDialect({ pool: appPool }) })
  const db: Database = {
    owner,
    ownerUrl: urls.ownerUrl,
    withScope: (scope, work) =>
      app.transaction().execute(async (trx) => {
        await sql`select set_config('strata.units', ${unitsSetting(scope.units)}, true),
                         set_config('strata.book', ${String(scope.book?.staffId ?? '')}, true),
                         set_config('strata.book_without', ${scope.book?.without.join(',') ?? ''}, true),
                         set_config('strata.granted', ${scope.granted.join(',')}, true),
                         set_config('strata.who', ${scope.who}, true)`.execute(trx)
        opened.set(trx, db)
        return work(trx)
      }),
    close: async () => {
      await Promise.all([app.destroy(), owner.end()])
    },
  }
  return db
}

const opened = new WeakMap<Trx, Database>()

/** The database of a transaction that `withScope` opened. */
export function databaseOf(trx: Trx): Database {
  return present(opened.get(trx), 'a transaction of withScope')
}

/** As sql/0006_access.sql reads it: '', '1,4', 'all' or 'all but 1,4'. */
function unitsSetting({ except, units }: UnitSet): string {
  if (!except) return units.join(',')
  return units.length === 0 ? 'all' : `all but ${units.join(',')}`
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
function pool(connectionString: string, max: number): pg.Pool {
  const made = new pg.Pool({ connectionString, max, types })
  made.on('error', () => undefined)
  made.on('connect', (client) => client.on('error', () => undefined))
  return made
}
