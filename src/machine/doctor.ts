/** What a machine must have, looked at one by one and said in plain words. `strata doctor` prints it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { freemem, totalmem } from 'node:os'
import { join } from 'node:path'
import days from 'chinese-days'
import pg from 'pg'
import { Refused } from '../kit/refusal.ts'
import { holderOf, makeHome } from './home.ts'
import { findPlace, nativeFolder, runs, whoRuns } from './place.ts'

export interface Finding {
  /** 'wrong' means that Strata cannot run; 'look' that something will be missing or slow. */
  state: 'good' | 'look' | 'wrong'
  what: { zh: string; en: string }
  /** What was seen, and what to do when it is not good. */
  detail: { zh: string; en: string }
}

export interface Questions {
  home: string
  port: number
  host: string
  embedded: boolean
  /** Of the bank's own PostgreSQL; empty with the embedded one. */
  databaseUrl: string
  databaseOwnerUrl: string
  timeZone: string
  /** Today in the bank's zone, 'YYYY-MM-DD'. */
  today: string
  browser: string | undefined
}

type Answer = Omit<Finding, 'what'>

const mib = 1024 * 1024
const connectMs = 5000
/** Of a PostgreSQL that the bank runs. */
const versionMin = 16

/** Everything about this machine, in the order in which it is needed. */
export async function examine(asked: Questions): Promise<Finding[]> {
  const findings: Finding[] = []
  const look = async (zh: string, en: string, check: () => Answer | Promise<Answer>) => {
    findings.push({ what: { zh, en }, ...(await answered(check)) })
  }
  await look('Node', 'Node', node)
  await look('内存', 'memory', memory)
  await look('数据目录', 'home', () => home(asked.home))
  await look('磁盘', 'disk', () => disk(asked.home))
  if (asked.embedded) {
    await look('内置 PostgreSQL', 'embedded PostgreSQL', binaries)
    await look('PostgreSQL 的运行用户', 'user of PostgreSQL', () => place(asked.home))
  } else {
    await look('PostgreSQL（DATABASE_URL）', 'PostgreSQL (DATABASE_URL)', () => server(asked.databaseUrl))
    await look('PostgreSQL（DATABASE_OWNER_URL）', 'PostgreSQL (DATABASE_OWNER_URL)', () =>
      server(asked.databaseOwnerUrl),
    )
  }
  await look('计算引擎 DuckDB', 'engine DuckDB', duckdb)
  await look('端口', 'port', () => port(asked))
  await look('时钟与时区', 'clock and zone', () => clock(asked.timeZone))
  await look('节假日表', 'holiday table', () => holidays(asked.today))
  await look('浏览器（仅测试）', 'browser (tests only)', () => browser(asked.browser))
  return findings
}

// A check that throws has found something wrong, and its message says what.
async function answered(check: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await check()
  } catch (error) {
    const said = error instanceof Refused ? String(error.params.reason ?? error.message) : String(error)
    return wrong(said, said)
  }
}

function node(): Answer {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= 26) return good(`${process.versions.node} ${process.platform} ${process.arch}`)
  return wrong(
    `正在使用 ${process.versions.node}，需要 26；请用 bin/strata.js 启动`,
    `this is ${process.versions.node}, 26 is needed: start it through bin/strata.js`,
  )
}

function memory(): Answer {
  const limit = process.constrainedMemory()
  const total = limit > 0 && limit < totalmem() ? limit : totalmem()
  const free = Math.min(process.availableMemory(), total)
  const zh = `共 ${Math.round(total / mib)} MiB，可用 ${Math.round(free / mib)} MiB`
  const en = `${Math.round(total / mib)} MiB, ${Math.round((free || freemem()) / mib)} free`
  if (total < 1500 * mib) return wrong(`${zh}；至少需要 1500 MiB`, `${en}; at least 1500 MiB are needed`)
  if (free < 1000 * mib) return worry(`${zh}；请关闭一些程序`, `${en}; close something, or it will be slow`)
  return good(zh, en)
}

function home(folder: string): Answer {
  makeHome(folder)
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  const holder = holderOf(folder)
  if (!holder) return good(folder)
  const where = holder.address ? ` ${holder.address}` : ''
  return good(
    `${folder}，正由进程 ${holder.pid}（${holder.verb}）使用${where}`,
    `${folder}, in use by process ${holder.pid} (${holder.verb})${where}`,
  )
}

function disk(folder: string): Answer {
  const space = statfsSync(folder)
  const free = Math.round((space.bavail * space.bsize) / mib)
  if (free < 500) return wrong(`剩余 ${free} MiB；至少需要 500`, `${free} MiB free; at least 500 are needed`)
  if (free < 3000) return worry(`剩余 ${free} MiB，不宽裕`, `${free} MiB free, which is tight`)
  return good(`剩余 ${free} MiB`, `${free} MiB free`)
}

function binaries(): Answer {
  const native = nativeFolder()
  if (!runs(null, native)) {
    const said = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' })
    const reason = (said.stderr || said.error?.message || '').trim()
    return wrong(`无法运行：${reason}`, `does not run: ${reason}. Set DATABASE_URL to use another server`)
  }
  return good(execFileSync(join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' }).trim())
}

async function server(address: string): Promise<Answer> {
  const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: connectMs })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query(`select current_setting('server_version') as version, current_user as name,
      current_setting('server_version_num')::int >= ${versionMin * 10_000} as known`)
    const { version, name, known } = rows[0] as { version: string; name: string; known: boolean }
    if (known) return good(`${version}, ${name}`)
    return wrong(`${version}：需要 ${versionMin} 或以上版本`, `${version}: version ${versionMin} or later is needed`)
  } catch (error) {
    const said = error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error)
    return wrong(`连接不上：${said}`, `cannot be reached: ${said}`)
  } finally {
    await client.end().catch(() => undefined)
  }
}

function place(folder: string): Answer {
  const runAs = whoRuns()
  const found = findPlace(folder, () => undefined)
  if (runAs === null) return good(`当前用户；数据在 ${found.folder}`, `this user; its data in ${found.folder}`)
  const where = found.moved
    ? ['；该用户进不了数据目录，故放在别处', '; that user cannot reach the home, so it is kept elsewhere']
    : ['', '']
  return good(
    `${runAs.name}；数据在 ${found.folder}${where[0]}`,
    `${runAs.name}; its data in ${found.folder}${where[1]}`,
  )
}

// In a process of its own: a library that does not fit this machine may crash whoever loads it.
function duckdb(): Answer {
  const script = `const { DuckDBInstance } = await import('@duckdb/node-api')
    const c = await (await DuckDBInstance.create(':memory:')).connect()
    console.log(String((await c.runAndReadAll('select version()')).getRows()[0][0]))`
  const cwd = new URL('../../', import.meta.url)
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd, encoding: 'utf8' })
  if (ran.status === 0) return good(ran.stdout.trim())
  const reason = (ran.stderr || String(ran.signal)).trim().split('\n')[0] ?? ''
  return wrong(`无法加载：${reason}`, `does not load: ${reason}`)
}

async function port(asked: Questions): Promise<Answer> {
  if (asked.port === 0) return good('任意空闲端口', 'any free one')
  if (holderOf(asked.home)?.address)
    return good(`${asked.port}，由本程序使用`, `${asked.port}, in use by Strata itself`)
  const failure = await new Promise<string>((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(asked.port, asked.host, () => server.close(() => resolve('')))
  })
  if (failure === '') return good(`${asked.host}:${asked.port}`)
  return wrong(
    `${asked.host}:${asked.port} 不可用（${failure}）；请设置 STRATA_PORT`,
    `${asked.host}:${asked.port} cannot be used (${failure}): set STRATA_PORT`,
  )
}

function clock(zone: string): Answer {
  const now = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
    Date.now(),
  )
  if (Date.now() < Date.UTC(2026, 0, 1)) return wrong(`现在是 ${now}：时钟慢了`, `it says ${now}: the clock is behind`)
  return good(`${now}（${zone}）`, `${now} (${zone})`)
}

// Past its last year the table would call every holiday a working day.
function holidays(today: string): Answer {
  const year = Number(today.slice(0, 4))
  const known = (one: number) => days.getHolidaysInRange(`${one}-01-01`, `${one}-12-31`, false).length > 0
  if (!known(year)) {
    return worry(`没有 ${year} 年：不能计算工作时间`, `nothing about ${year}: working time cannot be computed`)
  }
  if (!known(year + 1) && today.slice(5) >= '10-01') {
    return worry(`只到 ${year} 年底；请准备下一年的安排`, `ends with ${year}: next year's will be needed soon`)
  }
  return good(`有 ${year} 年`, `covers ${year}`)
}

function browser(wanted: string | undefined): Answer {
  if (wanted === 'none') return good('按设置不用', 'not wanted (STRATA_BROWSER=none)')
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']
  const found = wanted ? [wanted].find((path) => existsSync(path)) : usual.find((path) => existsSync(path))
  if (found) return good(found)
  return worry(
    '没有找到 Chromium：浏览器测试不能运行',
    'no Chromium: the browser tests cannot run (npm start needs none)',
  )
}

function good(zh: string, en = zh): Answer {
  return { state: 'good', detail: { zh, en } }
}

function worry(zh: string, en: string): Answer {
  return { state: 'look', detail: { zh, en } }
}

function wrong(zh: string, en: string): Answer {
  return { state: 'wrong', detail: { zh, en } }
}
