/**
 * PostgreSQL. Rows are read and written only inside `withScope` (the application's role, row-level security on) or by
 * the owner's pool (migrations, loads, publishing). int8 comes back as bigint, date as 'YYYY-MM-DD', numeric as text.
 */
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import type { DB } from './schema.ts'

export type Trx = Transaction<DB>

/** What a session may see. Made by access/, never from a request. */
export interface Scope {
  /** Unit ids whose parties are visible, or all. */
  units: readonly number[] | 'all'
  /** A relationship manager sees only the own book: that staff id; null for no such restriction. */
  book: number | null
  /** For audit entries: 'login:17', 'key:3', 'strata' for the program itself. */
  who: string
}

/** The program itself, for batch work that answers to no session. */
export const everything: Scope = { units: 'all', book: null, who: 'strata' }

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
  return {
    owner,
    ownerUrl: urls.ownerUrl,
    withScope: (scope, work) =>
      app.transaction().execute(async (trx) => {
        await sql`select set_config('strata.units', ${scope.units === 'all' ? 'all' : scope.units.join(',')}, true),
                         set_config('strata.book', ${scope.book === null ? '' : String(scope.book)}, true),
                         set_config('strata.who', ${scope.who}, true)`.execute(trx)
        return work(trx)
      }),
    close: async () => {
      await Promise.all([app.destroy(), owner.end()])
    },
  }
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
