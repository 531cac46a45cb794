/** The `strata` command. A verb is a few lines here; what it does stands where its name says. */
import { Command, CommanderError } from 'commander'
import { put, say, text } from './command/print.ts'
import { run } from './command/run.ts'

const program = new Command('strata')
  .description(text("A bank's customers, their tiers and the reasons", '银行客户分级：每位客户的等级与理由'))
  .showHelpAfterError(text('(--help shows what is possible)', '（--help 查看用法）'))
  .exitOverride()

function verb(usage: string, en: string, zh: string, examples: string[]): Command {
  const shown = examples.map((example) => `  $ strata ${example}`).join('\n')
  return program
    .command(usage)
    .description(text(en, zh))
    .exitOverride()
    .addHelpText('after', `\n${text('Examples', '示例')}:\n${shown}`)
}

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
    atEnd(() => record.close(600_000))
    put(record.applied.length > 0 ? record.applied.join('\n') : text('nothing to do', '已是最新'))
  }),
)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
