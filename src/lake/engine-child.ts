/** The engine's child process: one DuckDB connection, one query at a time. See engine.ts, its only caller. */
import { constants, setPriority } from 'node:os'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { type EngineOptions, type Reply, type Request, type Row, rowsMax } from './engine.ts'

const options = JSON.parse(process.env['STRATA_ENGINE'] ?? '{}') as EngineOptions
delete process.env['STRATA_ENGINE']

// The desk comes first: a night must not slow down the people at their screens.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const connection = open()

async function open(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${options.memoryLimitMb}MB`,
    temp_directory: options.tempDir,
    // nothing is kept in memory to be recovered: a checkpoint would only copy tables (a tenth of a night)
    checkpoint_threshold: '1TB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const opened = await instance.connect()
  await opened.run("set TimeZone = 'UTC'")
  return opened
}

async function answer(request: Request): Promise<Reply> {
  const duck = await connection
  if (request.kind === 'exec') {
    const statements = await duck.extractStatements(request.sql)
    for (let i = 0; i < statements.count; i++) {
      const prepared = await statements.prepare(i)
      await prepared.run()
    }
    return { id: request.id }
  }
  const reader = await duck.runAndReadUntil(request.sql, rowsMax + 1)
  if (reader.currentRowCount > rowsMax) throw new Error(`more than ${rowsMax} rows: page the query or write a file`)
  const names = reader.columnNames()
  const rows = reader.getRows().map((values) => {
    const row: Row = {}
    for (const [i, name] of names.entries()) row[name] = plain(values[i] ?? null, name)
    return row
  })
  return { id: request.id, rows }
}

function plain(value: DuckDBValue, column: string): Row[string] {
  if (value === null || typeof value !== 'object') return value as Row[string]
  const kind = value.constructor.name
  if (/^DuckDB(Date|Decimal|Timestamp|Time|UUID|Interval)/.test(kind)) return value.toString()
  throw new Error(`column ${column} is a ${kind}: cast it to text in SQL`)
}

process.on('message', async (request: Request | { interrupt: true }) => {
  if ('interrupt' in request) {
    ;(await connection).interrupt()
    return
  }
  let reply: Reply
  try {
    reply = await answer(request)
  } catch (error) {
    reply = { id: request.id, error: error instanceof Error ? error.message : String(error) }
  }
  process.send?.(reply)
})
process.on('disconnect', () => process.exit(0))
