/**
 * A connection that carries a scope. What row-level security reads, the begin of the transaction and the first statement
 * leave in one flush and are answered in one: a read takes one round trip instead of four. They are one pipeline up to
 * one Sync, so the server skips the statement when the scope could not be set.
 */
import { type CompiledQuery, type DatabaseConnection, type QueryResult, type RawBuilder, sql } from 'kysely'
import pg from 'pg'
import { assert } from '../kit/assert.ts'
import type { UnitSet } from '../kit/unit-set.ts'
import type { Scope, Trx } from './database.ts'
import { typesAsText } from './types.ts'

/** Statements that a connection keeps planned. Each holds some 50 KB of the server's memory; the rest are planned anew. */
const plannedMax = 100
/** A connection is retired after this long, and with it the plans of nights that nobody reads any more. */
export const connectionSecondsMax = 3600

// The row it would give is filtered out, so that only the statement behind it is answered.
const scopeStatement = {
  name: 'strata_scope',
  text: `select 1 where num_nulls(set_config('strata.units', $1, true), set_config('strata.book', $2, true),
    set_config('strata.book_without', $3, true), set_config('strata.granted', $4, true),
    set_config('strata.walled', $5, true), set_config('strata.who', $6, true),
    set_config('transaction_read_only', $7, true), set_config('plan_cache_mode', $8, true)) > 0`,
}
const beginStatement = { name: 'strata_begin', text: 'begin' }

/** Prepares what goes before every statement. Called once per connection, before it is used. */
export async function prepareConnection(client: pg.ClientBase): Promise<void> {
  await client.query(beginStatement)
  await client.query({ ...scopeStatement, values: ['', '', '', '', '', '', 'off', 'auto'] })
  await client.query('rollback')
}

/** How a statement is run, beside what it says. */
interface Manner {
  /**
   * Planned once per connection. Only where the best plan does not depend on the parameters: what a plan turns on (a
   * night, a tier) must stand in the text.
   */
  planned?: boolean
  /** int8 arrives as decimal text instead of bigint, for what only hands amounts on. */
  int8AsText?: boolean
}

/** Runs a statement in a manner of its own. */
export async function runIn<Row>(trx: Trx, manner: Manner, statement: RawBuilder<Row>): Promise<Row[]> {
  const compiled = { ...statement.compile(trx), ...manner } as CompiledQuery<Row>
  return (await trx.executeQuery<Row>(compiled)).rows
}

/** Runs a statement that is planned once per connection. */
export function runPlanned<Row>(trx: Trx, statement: RawBuilder<Row>): Promise<Row[]> {
  return runIn(trx, { planned: true }, statement)
}

/** From here to its end the transaction sees what `scope` allows: for an act that first counts over everything. */
export async function goOnUnder(trx: Trx, scope: Scope): Promise<void> {
  const [units, book, without, granted, walled, who] = settingsOf(scope)
  await sql`select set_config('strata.units', ${units}, true), set_config('strata.book', ${book}, true),
    set_config('strata.book_without', ${without}, true), set_config('strata.granted', ${granted}, true),
    set_config('strata.walled', ${walled}, true), set_config('strata.who', ${who}, true)`.execute(trx)
}

const writes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** How far the scope reaches: one transaction of several statements, or a transaction of its own for every statement. */
type Reach = 'transaction' | 'statement'

/** One client of the pool under one scope, as Kysely sees it. */
export class ScopedConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient
  readonly #reach: Reach
  readonly #settings: readonly string[]
  #begun = false

  constructor(client: pg.PoolClient, reach: Reach, scope: Scope) {
    this.#client = client
    this.#reach = reach
    this.#settings = [...settingsOf(scope), reach === 'statement' ? 'on' : 'off']
  }

  async executeQuery<Row>(statement: CompiledQuery & Manner): Promise<QueryResult<Row>> {
    const found = await this.#send(statement)
    return { rows: found.rows, ...(writes.has(found.command) && { numAffectedRows: BigInt(found.rowCount ?? 0) }) }
  }

  /** Ends the transaction, if a statement has begun one. Throws when a statement of it had failed. */
  async commit(): Promise<void> {
    if (!this.#begun) return
    this.#begun = false
    const { command } = await this.#client.query('commit')
    assert(command === 'COMMIT', 'a transaction without a failed statement')
  }

  /** Undoes the transaction, if a statement has begun one. Throws when the connection is of no use any more. */
  async rollback(): Promise<void> {
    if (!this.#begun) return
    this.#begun = false
    await this.#client.query('rollback')
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for it; nothing here streams
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('statements are not streamed under a scope')
  }

  #send(statement: CompiledQuery & Manner): Promise<pg.QueryResult> {
    const name = statement.planned ? nameOf(this.#client, statement.sql) : undefined
    const query: ExtendedQuery = {
      text: statement.sql,
      values: [...statement.parameters],
      ...(name !== undefined && { name }),
      ...(statement.int8AsText && { types: typesAsText }),
      queryMode: 'extended',
    }
    this.#flushOnce()
    if (this.#begun) return this.#client.query(query)
    const begins = this.#reach === 'transaction'
    // A planned statement is planned at once; left to itself the server would plan its first five calls anew.
    const settings = [...this.#settings, name !== undefined && !begins ? 'force_generic_plan' : 'auto']
    this.#begun = begins
    return new Promise((resolve, reject) => {
      const asked = new pg.Query(query, (error, result) =>
        error ? reject(error) : resolve(result as unknown as pg.QueryResult),
      )
      this.#client.query(behindScope(asked as ScopedQuery, begins, settings))
    })
  }

  // What is asked in one turn leaves in one write: each write wakes the database, which costs more than most statements.
  #flushOnce(): void {
    const { stream } = this.#client.connection
    stream.cork()
    process.nextTick(() => stream.uncork())
  }
}

/** The scope as sql/0006_access.sql reads it, in the order of `scopeStatement`. */
export function settingsOf({ units, book, granted, walled, who }: Scope): string[] {
  const own = [String(book?.staffId ?? ''), book?.without.join(',') ?? '']
  return [unitsSetting(units), ...own, granted.join(','), walled.join(','), who]
}

/** '', '1,4', 'all' or 'all but 1,4'. */
export function unitsSetting({ except, units }: UnitSet): string {
  if (!except) return units.join(',')
  return units.length === 0 ? 'all' : `all but ${units.join(',')}`
}

/** Statements with and without values go over the extended protocol, which is the one that can be put into a pipeline. */
interface ExtendedQuery extends pg.QueryConfig {
  queryMode: 'extended'
}

/** What the client calls of a query; the second is not in its types. */
interface ScopedQuery extends pg.Query {
  handleCommandComplete(message: unknown, connection: pg.Connection): void
}

/** The query with the scope, and where it is asked for the begin of a transaction, before it in the same flush. */
function behindScope(query: ScopedQuery, begins: boolean, settings: readonly string[]): pg.Query {
  const submit = query.submit.bind(query)
  const complete = query.handleCommandComplete.bind(query)
  let before = begins ? 2 : 1
  query.submit = (connection) => {
    if (begins) put(connection, beginStatement.name, [])
    put(connection, scopeStatement.name, settings)
    return submit(connection)
  }
  query.handleCommandComplete = (message, connection) => {
    if (before === 0) complete(message, connection)
    else before--
  }
  return query
}

function put(connection: pg.Connection, statement: string, values: readonly string[]): void {
  connection.bind({ statement, values: [...values] }, true)
  connection.execute({}, true)
}

const names = new WeakMap<pg.ClientBase, Map<string, string>>()

/** The name under which this client keeps the statement; undefined when it keeps enough of them. */
function nameOf(client: pg.ClientBase, text: string): string | undefined {
  const known = names.get(client) ?? new Map<string, string>()
  names.set(client, known)
  const name = known.get(text)
  if (name !== undefined || known.size >= plannedMax) return name
  const made = `strata_${known.size + 1}`
  known.set(text, made)
  return made
}
