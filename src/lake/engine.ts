/**
 * The one door to DuckDB. Queries run in a child process (threads, memory limit and temp directory set, niced), because
 * a long query in-process stalls the event loop and a native crash would take the desk down. A child that dies is
 * reported as an error of the query that ran in it and is started again for the next one.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { refuse } from '../kit/refusal.ts'

export interface EngineOptions {
  /** DuckDB worker threads. */
  threads: number
  /** Above this DuckDB spills to `tempDir`. */
  memoryLimitMb: number
  tempDir: string
  /** Queries waiting at once before `engine_busy`; default 64. */
  queueMax?: number
  /** Default bound on one query; 0 = none. */
  timeoutSeconds?: number
}

export type Row = Record<string, string | number | bigint | boolean | null>

export interface Engine {
  /** Runs statements in order on the same connection; returns nothing. */
  exec(sql: string, options?: { timeoutSeconds?: number }): Promise<void>
  /**
   * The rows of one query. BIGINT and HUGEINT come as bigint; DATE, DECIMAL and TIMESTAMP come as text; lists and
   * structs are refused: cast them to JSON text in SQL. Rows travel in memory: at most 200,000.
   */
  rows<T = Row>(sql: string, options?: { timeoutSeconds?: number }): Promise<T[]>
  /** Resident and proportional memory is read from this process by the benchmarks. */
  pid(): number | undefined
  /** Stops the running query; it is rejected as `engine_timeout`. */
  interrupt(): void
  close(): Promise<void>
}

export type Request = { id: number; kind: 'exec' | 'rows'; sql: string }
export type Reply = { id: number; rows?: Row[]; error?: string }
export const rowsMax = 200_000

interface Waiting {
  request: Request
  timeoutSeconds: number
  done(reply: Reply): void
}

/** Starts an engine. The child is forked at the first query and ends with `close` or with this process. */
export function openEngine(options: EngineOptions): Engine {
  mkdirSync(options.tempDir, { recursive: true })
  const queue: Waiting[] = []
  let child: ChildProcess | undefined
  let running: Waiting | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let nextId = 1
  let interrupted = false

  function start(): ChildProcess {
    const started = fork(new URL('./engine-child.ts', import.meta.url), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, STRATA_ENGINE: JSON.stringify(options) },
    })
    started.on('message', (reply: Reply) => settle(reply))
    started.on('exit', (code, signal) => {
      if (child === started) child = undefined
      if (running && !closed) {
        settle({ id: running.request.id, error: interrupted ? 'INTERRUPT' : `the engine died (${signal ?? code})` })
      }
    })
    return started
  }

  function settle(reply: Reply): void {
    if (!running || running.request.id !== reply.id) return
    const finished = running
    running = undefined
    clearTimeout(timer)
    finished.done(reply)
    interrupted = false
    next()
  }

  function next(): void {
    if (running || closed) return
    running = queue.shift()
    if (!running) return
    child ??= start()
    if (running.timeoutSeconds > 0) timer = setTimeout(stop, running.timeoutSeconds * 1000)
    child.send(running.request)
  }

  // DuckDB's own interrupt needs the event loop of the child, which a native query leaves free; a child that does not
  // answer within two seconds is killed, and the next query gets a new one.
  function stop(): void {
    const victim = child
    if (!running || !victim) return
    interrupted = true
    victim.send({ interrupt: true })
    const id = running.request.id
    setTimeout(() => running?.request.id === id && victim.kill('SIGKILL'), 2000).unref()
  }

  function submit(kind: Request['kind'], sql: string, timeoutSeconds: number): Promise<Reply> {
    if (closed) throw new Error('the engine is closed')
    if (queue.length >= (options.queueMax ?? 64)) refuse('engine_busy')
    return new Promise((resolve, reject) => {
      queue.push({
        request: { id: nextId++, kind, sql },
        timeoutSeconds,
        done: (reply) => {
          if (reply.error === undefined) resolve(reply)
          else if (interrupted) reject(timeoutRefusal(timeoutSeconds))
          else reject(new Error(`${reply.error}\n${sql.length > 2000 ? `${sql.slice(0, 2000)} …` : sql}`))
        },
      })
      next()
    })
  }

  const limit = (own?: { timeoutSeconds?: number }) => own?.timeoutSeconds ?? options.timeoutSeconds ?? 0
  return {
    exec: async (sql, own) => void (await submit('exec', sql, limit(own))),
    rows: async <T>(sql: string, own?: { timeoutSeconds?: number }) =>
      (await submit('rows', sql, limit(own))).rows as T[],
    pid: () => child?.pid,
    interrupt: stop,
    close: async () => {
      closed = true
      clearTimeout(timer)
      const ending = child
      if (!ending || ending.exitCode !== null) return
      await new Promise<void>((resolve) => {
        ending.once('exit', () => resolve())
        ending.kill('SIGKILL')
      })
    },
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A list of paths as the argument of `read_parquet` and its siblings. */
export function fileList(paths: readonly string[]): string {
  return `[${paths.map(literal).join(', ')}]`
}

function timeoutRefusal(seconds: number): unknown {
  try {
    refuse('engine_timeout', { seconds })
  } catch (refused) {
    return refused
  }
}
