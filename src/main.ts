/** The `strata` command. A verb is a few lines here; what it does stands where its name says. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { LoginRequest } from './access/set-login.ts'
import type { AuditChoices } from './command/audit.ts'
import type { DemoChoices } from './command/demo.ts'
import type { DiscloseChoices } from './command/disclose.ts'
import type { ExplainChoices } from './command/explain.ts'
import type { LoadChoices } from './command/load.ts'
import type { NightChoices } from './command/night.ts'
import { put, say, text } from './command/print.ts'
import { run, runAt } from './command/run.ts'
import type { SimulateChoices } from './command/simulate.ts'
import type { TiersChoices } from './command/tiers.ts'
import type { VerifyChoices } from './command/verify.ts'
import { type Day, isDay } from './kit/day.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const program = new Command('strata')
  .description(text("A bank's customers, their tiers and the reasons", '银行客户分级：每位客户的等级与理由'))
  .showHelpAfterError(text('(--help shows what is possible)', '（--help 查看用法）'))
  .version(version, '--version', text('say which version this is', '显示版本号'))
  .exitOverride()

function verb(usage: string, en: string, zh: string, examples: string[], parent = program): Command {
  const shown = examples.map((example) => `  $ strata ${example}`).join('\n')
  return parent
    .command(usage)
    .description(text(en, zh))
    .exitOverride()
    .addHelpText('after', `\n${text('Examples', '示例')}:\n${shown}`)
}

verb(
  'start',
  'Run everything on this machine; the first time with a made-up bank',
  '启动全部服务；首次运行会生成演示银行',
  ['start', 'start --demo no'],
)
  .addOption(
    new Option(
      '--demo <when>',
      text('a made-up bank; auto: in an empty embedded record', '演示银行；auto 表示内置数据库为空时'),
    )
      .choices(['auto', 'yes', 'no'])
      .default('auto'),
  )
  .action((options: { demo: 'auto' | 'yes' | 'no' }) =>
    run(async (config) => (await import('./command/start.ts')).start(config, options)),
  )

verb('demo', 'Write a made-up bank as feed files', '生成一家演示银行的数据文件', [
  'demo --customers 20000 --days 400 --seed 7 --out ./bank',
  'demo --customers 1000000 --days 90 --out ./big --end 2026-01-31',
])
  .requiredOption('--out <folder>', text('where the files go', '输出文件夹'))
  .option('--customers <count>', text('people and companies', '客户数'), wholeNumber, 20_000)
  .option('--days <count>', text('days of history', '历史天数'), wholeNumber, 400)
  .option('--seed <number>', text('same seed, same bytes', '种子相同，文件相同'), wholeNumber, 7)
  .option('--end <day>', text('the last day; default: yesterday', '最后一天，缺省为昨天'), calendarDay)
  .option('--json', text('for programs', '供程序读取'))
  .action((options: DemoChoices) => run(async (config) => (await import('./command/demo.ts')).demo(config, options)))

verb('load <folder>', 'Load feed files: a folder of them or one file', '装载数据文件（文件夹或单个文件）', [
  'load ./bank',
  'load ./extracts --mapping berka --dry-run',
  'load ./bank/customers.csv --json',
  'load ./mended.csv --feed customers',
])
  .option('--feed <name>', text('of one file whose name does not say it', '单个文件所属的数据接口（文件名不能表明时）'))
  .option('--mapping <name>', text('describes the layout of a bank’s own files', '描述银行自有文件布局的映射'))
  .option('--dry-run', text('show what would come, change nothing', '只演练，不写入'))
  .option('--bad-rows <percent>', text('refuse a file above this; default 1', '超过该百分比即拒收，缺省 1'), percent)
  .option('--json', text('for programs', '供程序读取'))
  .action((folder: string, options: LoadChoices & { badRows?: number }) =>
    runAt('load', async (workplace) => {
      const { load } = await import('./command/load.ts')
      const badRowLimit = options.badRows === undefined ? {} : { badRowLimit: options.badRows }
      if (!(await load(workplace, folder, { ...options, ...badRowLimit }))) process.exitCode = 1
    }),
  )

verb(
  'quarantine <load>',
  'Write the rows that a load kept out, to mend and load again, or dismiss some for good',
  '导出某次装载隔离的行，改正后可再装载；或决定不予改正',
  ['quarantine 12 --out mended.csv', "quarantine 12 --dismiss 17 254 --reason 'test accounts'"],
)
  .option('--out <file>', text('the file; personal data stands open in it', '输出文件，含明文个人信息'))
  .option('--dismiss <line...>', text('lines whose rows nobody will mend', '不予改正的行号'))
  .option('--reason <text>', text('why they are dismissed', '不予改正的原因'))
  .action((load: string, options: { out?: string; dismiss?: string[]; reason?: string }, command: Command) => {
    const { out, dismiss: lines, reason } = options
    if ((out === undefined) === (lines === undefined))
      command.error(text('error: give --out or --dismiss', 'error: 请给出 --out 或 --dismiss'))
    if (lines && !reason?.trim())
      command.error(text('error: --dismiss needs a --reason', 'error: --dismiss 需要 --reason'))
    const [id = 0, ...dismissed] = [load, ...(lines ?? [])].map((given) => numberOf(command, given))
    return runAt('quarantine', async (workplace) => {
      const { dismiss, quarantine } = await import('./command/quarantine.ts')
      if (out !== undefined) await quarantine(workplace, id, out)
      else await dismiss(workplace, id, dismissed.map(String), reason ?? '')
    })
  })

verb('night', 'Compute the tiers of a day and publish them', '计算并发布某日的客户等级', [
  'night',
  'night --day 2026-01-31',
  'night --replay 12',
])
  .option('--day <day>', text('default: the newest day with balances', '缺省为最新数据日'), calendarDay)
  .option('--scheme <name>', text('which policy', '采用的分级方案'))
  .option(
    '--replay <night>',
    text('compute a night again from its manifest and compare', '按原清单重算并比较'),
    wholeNumber,
  )
  .option('--json', text('for programs', '供程序读取'))
  .action((options: NightChoices) =>
    runAt('night', async (workplace) => {
      const { night } = await import('./command/night.ts')
      if (!(await night(workplace, options))) process.exitCode = 1
    }),
  )

verb('tiers', 'Write the tier of every customer to a file', '导出每位客户的等级', [
  'tiers --format csv --out tiers.csv',
  'tiers --day 2026-01-31 --format parquet --out tiers.parquet',
  'tiers --policy draft.yaml --format json --out draft.json',
])
  .requiredOption('--out <file>', text('the file', '输出文件'))
  .addOption(
    new Option('--format <format>', text('of the file', '格式'))
      .choices(['csv', 'json', 'parquet'])
      .makeOptionMandatory(),
  )
  .option('--day <day>', text('default: that of the published night', '缺省为已发布跑批的日期'), calendarDay)
  .option('--scheme <name>', text('which policy', '采用的分级方案'))
  .option('--policy <file>', text('compute under this policy; nothing is published', '按此政策试算，不发布'))
  .action((options: TiersChoices) =>
    runAt('tiers', async (workplace) => (await import('./command/tiers.ts')).tiers(workplace, options)),
  )

verb(
  'explain <customer>',
  'Say why a customer has a tier, with parts that add up',
  '解释客户等级的由来（各项相加可核对）',
  ['explain 1000000001', 'explain 1000000001 --day 2026-01-31 --json'],
)
  .option('--day <day>', text('default: that of the published night', '缺省为已发布跑批的日期'), calendarDay)
  .option('--scheme <name>', text('which policy', '采用的分级方案'))
  .option('--json', text('for programs', '供程序读取'))
  .action((customer: string, options: ExplainChoices) =>
    runAt('explain', async (workplace) => (await import('./command/explain.ts')).explain(workplace, customer, options)),
  )

verb('simulate <policy>', 'Say who would move under another policy', '试算另一政策下的升降', [
  'simulate draft.yaml',
  'simulate draft.yaml --json',
])
  .option('--scheme <name>', text('which policy it is compared with', '对照的分级方案'))
  .option('--json', text('for programs', '供程序读取'))
  .action((policy: string, options: SimulateChoices) =>
    runAt('simulate', async (workplace) =>
      (await import('./command/simulate.ts')).simulate(workplace, policy, options),
    ),
  )

const policy = verb('policy', 'List, check and put in force tier policies', '查看、检查、启用分级政策', [
  'policy list',
  'policy check draft.yaml',
  'policy put draft.yaml --from 2026-12-01',
])

verb('list', 'List the versions, newest first', '列出各版本，最新在前', ['policy list', 'policy list --json'], policy)
  .option('--json', text('for programs', '供程序读取'))
  .action((options: { json?: boolean }) =>
    runAt('policy', async (workplace) => (await import('./command/policy.ts')).listVersions(workplace, options)),
  )

verb(
  'check <file>',
  'Read a policy file as a night would; nothing is changed',
  '按跑批的要求检查政策文件，不作任何更改',
  ['policy check draft.yaml', 'policy check draft.yaml --json'],
  policy,
)
  .option('--json', text('for programs', '供程序读取'))
  .action((file: string, options: { json?: boolean }) =>
    run(async () => (await import('./command/policy.ts')).checkFile(file, options)),
  )

verb(
  'put <file>',
  'Put a policy file in force for nights from a day on; alone, without a second person, and audited',
  '自某日起的跑批启用政策文件；单人即可，无须复核，留有审计',
  ['policy put draft.yaml --from 2026-12-01'],
  policy,
)
  .requiredOption('--from <day>', text('after the published night', '晚于已发布跑批的日期'), calendarDay)
  .option('--json', text('for programs', '供程序读取'))
  .action((file: string, options: { from: Day; json?: boolean }) =>
    runAt('policy', async (workplace) => (await import('./command/policy.ts')).putFile(workplace, file, options)),
  )

verb('quality', 'Say how good the data is, worst first', '数据质量，最差在前', ['quality', 'quality --json'])
  .option('--json', text('for programs', '供程序读取'))
  .action((options: { json?: boolean }) =>
    runAt('quality', async (workplace) => (await import('./command/quality.ts')).quality(workplace, options)),
  )

verb('login <name>', 'Give somebody a sign-in, or change or end it', '新建、变更或停用登录账户', [
  'login wangfang --role branchManager --unit 0101',
  'login yangwei --role relationshipManager --unit 01010101 --staff S00019',
  'login wangfang --disable',
  'login emergency --break-glass',
])
  .option('--role <role>', text('what it may do: a role of this bank', '角色代码'))
  .option('--unit <code>', text('it sees this unit and those below', '机构代码，可见本机构及下级'))
  .option('--staff <code>', text('whose book it is', '员工代码，即其名下客户'))
  .option('--disable', text('end its sessions and keys', '停用，会话与密钥随即失效'))
  .option('--sso', text('comes by the bank’s own sign-on, without a password here', '通过单点登录，本系统不设密码'))
  .option(
    '--break-glass',
    text('for emergencies: hours of administrator, with an alarm', '应急账户：限时管理员权限，使用即告警'),
  )
  .option('--json', text('for programs', '供程序读取'))
  .action((name: string, options: Omit<LoginRequest, 'name'> & { json?: boolean; breakGlass?: boolean }) =>
    runAt('login', async (workplace) => {
      const { breakGlass, login } = await import('./command/login.ts')
      const { breakGlass: emergency, ...asked } = options
      if (emergency) await breakGlass(workplace, name, options.json === true)
      else await login(workplace, { name, ...asked })
    }),
  )

const keys = verb('keys', 'The master key of personal data: status, rotation', '个人信息主密钥：状态与轮换', [
  'keys status',
  'keys rotate',
])
keys
  .command('status')
  .description(text('what is wrapped under which generation', '各代主密钥所封装的内容'))
  .option('--json', text('for programs', '供程序读取'))
  .action((options: { json?: boolean }) =>
    runAt('keys', async (workplace) => (await import('./command/keys.ts')).status(workplace, options)),
  )
keys
  .command('rotate')
  .description(text('a new generation while everybody goes on working', '在不停机的情况下启用新一代'))
  .action(() => runAt('keys', async (workplace) => (await import('./command/keys.ts')).rotate(workplace)))

verb(
  'subject-access <customer>',
  'Write everything held on a customer, for that customer',
  '导出某客户的全部个人信息，供本人查阅',
  ['subject-access 1000000001 --reason "asked at the counter" --out his-data.html'],
)
  .requiredOption('--out <file>', text('a new file; personal data stands open in it', '新文件，含明文个人信息'))
  .requiredOption('--reason <text>', text('who asked, and how; audited', '申请人与方式；留痕'))
  .option('--json', text('for programs', '供程序读取'))
  .action((customer: string, options: DiscloseChoices) =>
    runAt('subject-access', async (workplace) =>
      (await import('./command/disclose.ts')).subjectAccess(workplace, customer, options),
    ),
  )

verb('retention', 'Let go what has been kept long enough', '删除超过保存期限的内容', [
  'retention --dry-run',
  'retention',
])
  .option('--dry-run', text('say what would go, change nothing', '只演练，不删除'))
  .option('--json', text('for programs', '供程序读取'))
  .action((options: { dryRun?: boolean; json?: boolean }) =>
    runAt('retention', async (workplace) => (await import('./command/retention.ts')).retention(workplace, options)),
  )
verb(
  'audit <part>',
  'Write the audit file, its newest signed head, or the public key',
  '导出审计文件、最新链头签名或公钥',
  [
    'audit export --out audit.jsonl',
    'audit export --out november.jsonl --from 2026-11-01 --to 2026-11-30',
    'audit head --out head.json',
    'audit key --out audit-key.pem',
  ],
)
  .option('--out <file>', text('the file; head and key default to the screen', '输出文件；链头与公钥缺省为屏幕'))
  .option('--from <day>', text('of an export: the first day', '导出的第一天'), calendarDay)
  .option('--to <day>', text('of an export: the last day', '导出的最后一天'), calendarDay)
  .action((part: string, options: AuditChoices) => {
    const known = oneOf(['export', 'head', 'key'] as const, part)
    return runAt('audit', async (workplace) => (await import('./command/audit.ts')).audit(workplace, known, options))
  })

verb(
  'verify <what> <file>',
  'Check an audit file; needs no server and no database',
  '核验审计文件（无需服务与数据库）',
  ['verify audit audit.jsonl', 'verify audit audit.jsonl --key audit-key.pem --head head.json --json'],
)
  .option('--key <file>', text('the public key, kept elsewhere', '另行保存的公钥'))
  .option('--head <file>', text('a signed head, kept elsewhere', '另行保存的链头签名'))
  .option('--json', text('for programs', '供程序读取'))
  .action(async (what: string, file: string, options: VerifyChoices) => {
    oneOf(['audit'] as const, what)
    process.exitCode = await (await import('./command/verify.ts')).verify(file, options)
  })

verb('serve', 'Serve the web page and the API', '提供网页与接口', ['serve']).action(() =>
  run(async (config) => (await import('./command/start.ts')).stay(config, 'serve')),
)

verb('work', 'Do the jobs that people and clocks have asked for', '执行后台任务', ['work']).action(() =>
  run(async (config) => (await import('./command/start.ts')).stay(config, 'work')),
)

verb('doctor', 'Say in plain words what is wrong with this machine', '检查本机是否具备运行条件', [
  'doctor',
  'doctor --json',
])
  .option('--json', text('for programs', '供程序读取'))
  .action((options: { json?: boolean }) =>
    run(async (config) => {
      const { doctor } = await import('./command/doctor.ts')
      if (!(await doctor(config, options.json === true))) process.exitCode = 1
    }),
  )

verb('migrate', 'Bring the database to the newest schema', '升级数据库结构', ['migrate']).action(() =>
  run(async (config) => {
    const { openRecord } = await import('./command/record.ts')
    const { atEnd, listenForEnd } = await import('./command/ending.ts')
    listenForEnd(() => undefined)
    const record = await openRecord(config, { verb: 'migrate', say })
    atEnd(() => record.close(600_000), 640_000)
    put(record.applied.length > 0 ? record.applied.join('\n') : text('nothing to do', '已是最新'))
  }),
)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}

function wholeNumber(given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new InvalidArgumentError(text('a whole number', '应为整数'))
  return Number(given)
}

/** The same of a word whose place in the usage has no parser. */
function numberOf(command: Command, given: string): number {
  try {
    return wholeNumber(given)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return command.error(`error: ${given}: ${error.message}`)
  }
}

function oneOf<Known extends string>(known: readonly Known[], given: string): Known {
  const found = known.find((one) => one === given)
  if (found !== undefined) return found
  say(`error: ${given}: ${known.join(' | ')}`)
  throw new CommanderError(2, 'strata.part', given)
}

function percent(given: string): number {
  if (!/^\d{1,3}(\.\d+)?$/.test(given) || Number(given) > 100) throw new InvalidArgumentError('0 … 100')
  return Number(given) / 100
}

function calendarDay(given: string): Day {
  if (!isDay(given)) throw new InvalidArgumentError(text('a day as 2026-01-31', '日期格式：2026-01-31'))
  return given
}
