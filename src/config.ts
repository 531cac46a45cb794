/**
 * The environment, parsed once. `settings` is the one table of what may be set: the README's table is written from it,
 * a bad value is refused with its name and what is allowed, and so is a STRATA_ variable that does not exist.
 */
import { resolve } from 'node:path'
import { z } from 'zod'
import { type KmsConfig, keySettings, kmsAddress } from './config/keys.ts'
import { type SignInConfig, signInConfig, signInSettings } from './config/sign-in.ts'
import { type ValueStateConfig, valueStateConfig, valueStateSettings } from './config/value-states.ts'
import { type Currency, isCurrency } from './kit/currency.ts'
import { refuse } from './kit/refusal.ts'

export interface Config {
  /** Absolute path of the folder that holds everything this installation writes. */
  home: string
  /** 0 = any free port. */
  port: number
  host: string
  /** The embedded PostgreSQL under `home`: whoever starts it fills in the three addresses, empty until then. */
  embedded: boolean
  /** The application's role: no owner, row-level security holds. */
  databaseUrl: string
  /** Migrations, loads, publishing. */
  databaseOwnerUrl: string
  /** A session without a pooler in between, for LISTEN and jobs. */
  databaseDirectUrl: string
  /** Until the first load decides; see src/db/base-currency.ts. */
  baseCurrency: Currency
  /** Whether somebody set it, rather than leaving it to the first load. */
  baseCurrencyGiven: boolean
  /** Threads of one engine child. */
  threads: number
  /** Memory of one engine child, MiB; above it DuckDB spills to disk. */
  memoryLimitMb: number
  /** Masters by generation, '…' or '1:…,2:…', or undefined = files under `home`. */
  masterKey: string | undefined
  /** The service that keeps master keys; undefined = none. */
  kms: KmsConfig | undefined
  /** Folder of the public data sets that some tests read. */
  publicData: string
  /** Path of Chromium for the browser tests, 'none' = leave them out, undefined = look for one. */
  browser: string | undefined
  demoCustomers: number
  demoDays: number
  demoSeed: number
  /** IANA zone that decides where one calendar day ends. */
  timeZone: string
  logLevel: string
  /** Largest file that the API takes, MiB. */
  uploadMaxMb: number
  /** An export of more rows asks for a second person. */
  exportRowsFree: number
  /** False: a bank with a single administrator changes rights and tree without a checker. */
  fourEyes: boolean
  /** Requests that one address, and one person, may make within a minute. */
  addressRequestsMax: number
  personRequestsMax: number
  signIn: SignInConfig
  valueStates: ValueStateConfig
}

interface Setting {
  name: string
  /** What the README and a refusal say. */
  allowed: string
  /** As the README says it; an empty text = not set. */
  default: string
  zh: string
  en: string
  read: z.ZodType<unknown, string>
}

const whole = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= low && value <= high)
const postgresUrl = z.string().refine((text) => /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? ''))
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Every variable of the environment that means something here, in the order of the README's table. */
export const settings = [
  {
    name: 'STRATA_HOME',
    allowed: 'a folder',
    default: './var',
    zh: '本安装写入的一切所在的文件夹',
    en: 'the folder that holds everything this installation writes',
    read: z.string().min(1),
  },
  {
    name: 'STRATA_PORT',
    allowed: '0 to 65535; 0 = any free port',
    default: '7300',
    zh: '网页与接口的端口',
    en: 'port of the web page and the API',
    read: whole(0, 65_535),
  },
  {
    name: 'STRATA_HOST',
    allowed: 'a host name or an address of this machine',
    default: '127.0.0.1',
    zh: '监听地址；0.0.0.0 表示接受其他机器访问',
    en: 'address to listen on; 0.0.0.0 lets other machines in',
    read: z.string().regex(/^[A-Za-z0-9.:_-]+$/),
  },
  {
    name: 'DATABASE_URL',
    allowed: 'postgres://…; together with DATABASE_OWNER_URL, or neither',
    default: '',
    zh: '应用角色的数据库地址；不设置则使用内置 PostgreSQL',
    en: "address of the database for the application's role; not set = the embedded PostgreSQL",
    read: postgresUrl,
  },
  {
    name: 'DATABASE_OWNER_URL',
    allowed: 'postgres://…; together with DATABASE_URL, or neither',
    default: '',
    zh: '属主角色的地址：迁移、装载、发布',
    en: "the owner's address: migrations, loads, publishing",
    read: postgresUrl,
  },
  {
    name: 'DATABASE_DIRECT_URL',
    allowed: 'postgres://…; only with the other two',
    default: '',
    zh: '不经连接池的地址，用于 LISTEN 与后台任务；缺省同属主地址',
    en: "an address without a pooler in between, for LISTEN and jobs; by default the owner's",
    read: postgresUrl,
  },
  {
    name: 'STRATA_BASE_CURRENCY',
    allowed: 'an ISO 4217 code',
    default: 'CNY',
    zh: '本位币；首次装载后固定，不设置时由首次所用的映射决定',
    en: 'the currency that totals are kept in; the first load settles it, by its mapping when this is not set',
    read: z.string().refine(isCurrency),
  },
  {
    name: 'STRATA_ZONE',
    allowed: 'an IANA time zone',
    default: 'Asia/Shanghai',
    zh: '银行所在时区，决定一天何时结束',
    en: "the bank's time zone: where one day ends",
    read: z.string().refine(isZone),
  },
  {
    name: 'STRATA_THREADS',
    allowed: '1 to 256',
    default: '2',
    zh: '计算引擎的线程数',
    en: 'threads of the engine',
    read: whole(1, 256),
  },
  {
    name: 'STRATA_MEMORY_MB',
    allowed: '128 to 1048576 (MiB)',
    default: '560',
    zh: '计算引擎的内存上限（MiB），超过后使用磁盘',
    en: 'memory of the engine in MiB; above it, it uses the disk',
    read: whole(128, 1_048_576),
  },
  ...keySettings,
  ...signInSettings,
  {
    name: 'STRATA_UPLOAD_MAX_MB',
    allowed: '1 to 1048576 (MiB)',
    default: '2048',
    zh: '接口接收文件的大小上限（MiB）',
    en: 'largest file that the API takes, in MiB',
    read: whole(1, 1_048_576),
  },
  {
    name: 'STRATA_ADDRESS_REQUESTS',
    allowed: '60 to 1000000',
    default: '60000',
    zh: '同一网络地址每分钟的请求上限',
    en: 'requests a minute from one network address',
    read: whole(60, 1_000_000),
  },
  {
    name: 'STRATA_PERSON_REQUESTS',
    allowed: '60 to 1000000',
    default: '6000',
    zh: '同一登录账户（含其密钥）每分钟的请求上限',
    en: 'requests a minute of one sign-in and its keys',
    read: whole(60, 1_000_000),
  },
  {
    name: 'STRATA_DEMO_CUSTOMERS',
    allowed: '100 to 10000000',
    default: '20000',
    zh: '首次启动时演示银行的客户数',
    en: 'customers of the demo bank of the first start',
    read: whole(100, 10_000_000),
  },
  {
    name: 'STRATA_DEMO_DAYS',
    allowed: '1 to 1500',
    default: '520',
    zh: '演示银行的天数',
    en: 'days of history of the demo bank',
    read: whole(1, 1500),
  },
  {
    name: 'STRATA_DEMO_SEED',
    allowed: '0 to 999999999',
    default: '7',
    zh: '演示银行的随机种子：种子相同，文件逐字节相同',
    en: 'seed of the demo bank: same seed, same bytes',
    read: whole(0, 999_999_999),
  },
  {
    name: 'STRATA_LOG_LEVEL',
    allowed: logLevels.join(', '),
    default: 'info',
    zh: '日志级别',
    en: 'how much is logged',
    read: z.enum(logLevels) as z.ZodType<unknown, string>,
  },
  {
    name: 'STRATA_EXPORT_ROWS_FREE',
    allowed: '0 to 5000000',
    default: '5000',
    zh: '导出行数超过此数须经复核',
    en: 'an export of more rows than this asks for a second person',
    read: whole(0, 5_000_000),
  },
  {
    name: 'STRATA_FOUR_EYES',
    allowed: 'on or off; off counts only while the bank has a single administrator',
    default: 'on',
    zh: '角色、岗位、隔离墙与机构的变更须经双人复核；仅有一名管理员时可设为 off',
    en: 'changes of roles, posts, walls and units need two people; off is for a single administrator',
    read: z.enum(['on', 'off']),
  },
  ...valueStateSettings,
  {
    name: 'STRATA_PUBLIC_DATA',
    allowed: 'a folder',
    default: '../shared/data',
    zh: '部分测试读取的公开数据集所在文件夹',
    en: 'folder of the public data sets that some tests read',
    read: z.string().min(1),
  },
  {
    name: 'STRATA_BROWSER',
    allowed: 'path of Chromium, or none',
    default: '',
    zh: '浏览器测试所用的 Chromium；none 表示不跑浏览器测试',
    en: 'Chromium for the browser tests; none = leave them out',
    read: z.string().min(1),
  },
] as const satisfies readonly Setting[]

/** Written by this program for its own children; nobody sets them by hand. */
const ownNames = ['STRATA_ENGINE', 'STRATA_LAUNCHER_PID', 'STRATA_TEST_SERVER']

/**
 * Reads the environment. An empty value counts as not set. Refuses `config_invalid` for a bad value and for a STRATA_
 * variable that is not in the table.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('STRATA_') || ownNames.includes(name) || settings.some((one) => one.name === name)) continue
    refuse('config_invalid', { name, value: env[name] ?? '', expected: nearest(name) })
  }
  const read = (name: (typeof settings)[number]['name']): unknown => {
    const setting: Setting = settings.find((one) => one.name === name)!
    const text = env[name] || setting.default
    if (text === '') return undefined
    const result = setting.read.safeParse(text)
    if (!result.success) refuse('config_invalid', { name, value: shown(name, text), expected: setting.allowed })
    return result.data
  }
  return {
    home: resolve(String(read('STRATA_HOME'))),
    port: Number(read('STRATA_PORT')),
    host: String(read('STRATA_HOST')),
    ...databaseUrls(read),
    baseCurrency: read('STRATA_BASE_CURRENCY') as Currency,
    baseCurrencyGiven: Boolean(env.STRATA_BASE_CURRENCY),
    threads: Number(read('STRATA_THREADS')),
    memoryLimitMb: Number(read('STRATA_MEMORY_MB')),
    masterKey: read('STRATA_MASTER_KEY') as string | undefined,
    kms: kmsAddress(read),
    publicData: resolve(String(read('STRATA_PUBLIC_DATA'))),
    browser: read('STRATA_BROWSER') as string | undefined,
    demoCustomers: Number(read('STRATA_DEMO_CUSTOMERS')),
    demoDays: Number(read('STRATA_DEMO_DAYS')),
    demoSeed: Number(read('STRATA_DEMO_SEED')),
    timeZone: String(read('STRATA_ZONE')),
    logLevel: String(read('STRATA_LOG_LEVEL')),
    uploadMaxMb: Number(read('STRATA_UPLOAD_MAX_MB')),
    exportRowsFree: Number(read('STRATA_EXPORT_ROWS_FREE')),
    fourEyes: read('STRATA_FOUR_EYES') === 'on',
    addressRequestsMax: Number(read('STRATA_ADDRESS_REQUESTS')),
    personRequestsMax: Number(read('STRATA_PERSON_REQUESTS')),
    signIn: signInConfig(read),
    valueStates: valueStateConfig(read),
  }
}

/** The README's table, as Markdown, in one language. */
export function settingsTable(language: 'zh' | 'en'): string {
  const head = language === 'zh' ? ['变量', '可取的值', '缺省', '含义'] : ['variable', 'allowed', 'default', 'meaning']
  const rows = settings.map((one) => [
    `\`${one.name}\``,
    one.allowed,
    one.default && `\`${one.default}\``,
    one[language],
  ])
  return [head, ['---', '---', '---', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

type DatabaseName = 'DATABASE_URL' | 'DATABASE_OWNER_URL' | 'DATABASE_DIRECT_URL'

function databaseUrls(read: (name: DatabaseName) => unknown) {
  const app = read('DATABASE_URL') as string | undefined
  const owner = read('DATABASE_OWNER_URL') as string | undefined
  const direct = read('DATABASE_DIRECT_URL') as string | undefined
  if (!app && !owner && !direct) {
    return { embedded: true, databaseUrl: '', databaseOwnerUrl: '', databaseDirectUrl: '' }
  }
  if (!app || !owner) {
    const name = app ? 'DATABASE_OWNER_URL' : 'DATABASE_URL'
    refuse('config_invalid', { name, value: '', expected: 'postgres://…, as another DATABASE_ address is set' })
  }
  return { embedded: false, databaseUrl: app, databaseOwnerUrl: owner, databaseDirectUrl: direct ?? owner }
}

// A password never stands in a message.
function shown(name: string, text: string): string {
  if (['STRATA_MASTER_KEY', 'STRATA_KMS_TOKEN', 'STRATA_OIDC_CLIENT_SECRET'].includes(name)) return '…'
  return text.replace(/(\/\/[^:/@]*:)[^@]*@/, '$1…@')
}

function nearest(name: string): string {
  const close = settings.map((one) => one.name).filter((known) => distance(known, name) <= 2)
  return close.length > 0
    ? close.join(', ')
    : `no variable of this name; known: ${settings.map((s) => s.name).join(', ')}`
}

// Edit distance, for "did you mean".
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

function isZone(text: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: text }))
  } catch {
    return false
  }
}
