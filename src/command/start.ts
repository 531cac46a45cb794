/** `strata start`, `serve` and `work`: everything on one machine, or each part for itself. They stay until told to end. */
import { join } from 'node:path'
import { ensureDemoLogins } from '../access/demo-logins.ts'
import { serve } from '../api/server.ts'
import type { Config } from '../config.ts'
import { work } from '../jobs/work.ts'
import { auditMigrations } from '../nightly/installation.ts'
import { schemeDefault } from '../nightly/policies.ts'
import { openWorkplace, type Workplace } from '../nightly/workplace.ts'
import { webAssets } from './assets.ts'
import { atEnd, listenForEnd } from './ending.ts'
import { firstRun, wantsDemo } from './first-run.ts'
import { put, say, table, text } from './print.ts'
import { pyramidTable } from './pyramid.ts'
import { openRecord } from './record.ts'
import { stopMs } from './run.ts'
import { openSteps, type Steps } from './steps.ts'

export interface StartOptions {
  /** 'auto': on an embedded PostgreSQL that is empty. */
  demo: 'auto' | 'yes' | 'no'
}

/** PostgreSQL, schema, demo bank, page, jobs, server: then prints where it is and never returns. */
export async function start(config: Config, options: StartOptions): Promise<void> {
  const steps = openSteps()
  listenForEnd(sayGoodbye)
  const { workplace, announce } = await open(config, 'start', steps)
  // Both need half a minute of one core the first time.
  const page = webAssets(config.home)
  page.catch(() => undefined)
  const demo = options.demo === 'yes' || (options.demo === 'auto' && config.embedded && (await wantsDemo(workplace.db)))
  if (demo) await firstRun(workplace, steps)
  const logins = demo ? await ensureDemoLogins(workplace.db) : []
  const webDir = await steps.step(text('the web page', '网页'), () => page)
  const logFile = join(config.home, 'strata.log')
  const address = await begin(workplace, { webDir, logFile }, true)
  announce(address)
  const pyramid = await pyramidTable(workplace.db, schemeDefault, config.baseCurrency)
  if (pyramid) put(`\n${pyramid}\n`)
  if (logins.length > 0) {
    const columns = [text('role', '角色'), text('name', '用户名'), text('password', '密码')].map((head) => ({ head }))
    put(
      `${table(
        columns,
        logins.map((login) => [text(login.role.en, login.role.zh), login.name, login.password]),
      )}\n`,
    )
  }
  put(text(`Requests are logged in ${logFile}`, `请求日志：${logFile}`))
  put(text(`Strata is at ${address} (Ctrl-C ends it)`, `Strata 已就绪：${address} （Ctrl-C 结束）`))
  await forever()
}

/** The server alone, or the jobs alone, for production. */
export async function stay(config: Config, part: 'serve' | 'work'): Promise<void> {
  listenForEnd(sayGoodbye)
  const steps = openSteps()
  const { workplace, announce } = await open(config, part, steps)
  if (part === 'work') {
    const worker = await work(workplace)
    atEnd(() => worker.close())
    say(text('jobs are being done (Ctrl-C ends it)', '后台任务运行中（Ctrl-C 结束）'))
  } else {
    const address = await begin(workplace, { webDir: await webAssets(config.home) }, false)
    announce(address)
    put(text(`Strata is at ${address} (Ctrl-C ends it)`, `Strata 已就绪：${address} （Ctrl-C 结束）`))
  }
  await forever()
}

async function open(config: Config, verb: string, steps: Steps) {
  const record = await steps.step(text('the record', '数据库'), () =>
    openRecord(config, { verb, say, alone: verb === 'start' }),
  )
  atEnd(() => record.close(0), stopMs)
  record.onEnd((reason) => {
    say(text(`PostgreSQL ended: ${reason}`, `PostgreSQL 已退出：${reason}`))
    process.exit(1)
  })
  const workplace = await openWorkplace(record.config, { report: steps.report })
  atEnd(() => workplace.close())
  await auditMigrations(workplace)
  return { workplace, announce: record.announce }
}

async function begin(
  workplace: Workplace,
  options: { webDir: string; logFile?: string },
  jobs: boolean,
): Promise<string> {
  const { port, host } = workplace.config
  if (jobs) {
    const worker = await work(workplace)
    atEnd(() => worker.close())
  }
  const server = await serve(workplace, { port, host, ...options })
  atEnd(() => server.close())
  return server.address
}

function sayGoodbye(reason: string): void {
  say(text(`\nending (${reason}) …`, `\n正在结束（${reason}）……`))
}

function forever(): Promise<never> {
  return new Promise(() => undefined)
}
