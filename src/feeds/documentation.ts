/** The page that documents every feed, written from the feeds themselves in either language. */
import type { Column, ColumnType, Feed } from './feed.ts'
import { feeds } from './index.ts'

export type PageLanguage = 'zh' | 'en'

/** The whole page as Markdown. */
export function feedsPage(language: PageLanguage): string {
  const words = language === 'zh' ? zh : en
  const list = feeds.map((feed) => `| [${feed.name}](#${feed.name}) | ${feed[language]} | ${meaning(feed, language)} |`)
  const table = [`| ${words.feed} | ${words.name} | ${words.row} |`, '|---|---|---|', ...list].join('\n')
  return `${[words.intro, table, ...feeds.map((feed) => section(feed, language))].join('\n\n')}\n`
}

function meaning(feed: Feed, language: PageLanguage): string {
  return language === 'zh' ? feed.meaningZh : feed.meaningEn
}

function section(feed: Feed, language: PageLanguage): string {
  const words = language === 'zh' ? zh : en
  const facts = [
    `${words.key}: ${feed.key.map((name) => `\`${name}\``).join(' + ')}`,
    ...(feed.dayColumn ? [`${words.day}: \`${feed.dayColumn}\``] : []),
    ...(feed.after.length > 0 ? [`${words.after}: ${feed.after.map((name) => `\`${name}\``).join(', ')}`] : []),
    `${words.home}: ${feed.home === 'lake' ? words.lake : words.record}`,
  ]
  const rows = feed.columns.map((column) => {
    const need = column.required ? words.required : column.wanted ? words.wanted : ''
    return `| \`${column.name}\` | ${column[language]} | ${typeText(column.type, language)} | ${need} | ${notes(column, language)} | ${column.example ? `\`${column.example}\`` : ''} |`
  })
  const names = feed.columns.map((column) => column.name)
  const example = feed.columns.map((column) => (/[",]/.test(column.example) ? `"${column.example}"` : column.example))
  return [
    `## ${feed.name}`,
    `**${feed[language]}.** ${meaning(feed, language)}`,
    facts.map((fact) => `- ${fact}`).join('\n'),
    [words.columns, '|---|---|---|---|---|---|', ...rows].join('\n'),
    `\`\`\`csv\n${names.join(',')}\n${example.join(',')}\n\`\`\``,
  ].join('\n\n')
}

function typeText(type: ColumnType, language: PageLanguage): string {
  const chinese = language === 'zh'
  switch (type.kind) {
    case 'text':
      return chinese ? `文本，最多 ${type.lengthMax} 字` : `text, at most ${type.lengthMax}`
    case 'day':
      return chinese ? '日期' : 'day'
    case 'amount':
      if (type.currencyColumn)
        return chinese ? `金额，位数随 \`${type.currencyColumn}\`` : `amount, places of \`${type.currencyColumn}\``
      return chinese ? '金额，本位币' : 'amount, base currency'
    case 'integer':
      return `${chinese ? '整数' : 'integer'}${type.min === undefined ? '' : ` ≥ ${type.min}`}${type.max === undefined ? '' : ` ≤ ${type.max}`}`
    case 'decimal':
      return chinese
        ? `小数，最多 ${type.places} 位${type.positive ? '，大于零' : ''}`
        : `decimal, at most ${type.places} places${type.positive ? ', positive' : ''}`
    case 'boolean':
      return chinese ? '是否：Y/N、true/false、1/0、是/否' : 'Y/N, true/false, 1/0'
    case 'choice':
      return type.values.map((value) => `\`${value}\``).join(' ')
  }
}

const checks: Record<NonNullable<Column['check']>, { zh: string; en: string }> = {
  identityNo: { zh: '证件号码校验（GB 11643、GB 32100）', en: 'identity number (GB 11643, GB 32100)' },
  creditCode: { zh: '统一社会信用代码（GB 32100）', en: 'credit code (GB 32100)' },
  mobile: { zh: '手机号码', en: 'mobile number' },
  cardNo: { zh: 'Luhn 校验', en: 'Luhn' },
  email: { zh: '电子邮箱', en: 'e-mail address' },
  currency: { zh: 'ISO 4217', en: 'ISO 4217' },
  notFuture: { zh: '不晚于今天', en: 'not in the future' },
}

function notes(column: Column, language: PageLanguage): string {
  const chinese = language === 'zh'
  const parts: string[] = []
  if (column.references) parts.push(chinese ? `须已有的 ${column.references}` : `a known ${column.references}`)
  if (column.check) parts.push(checks[column.check][language])
  if (column.onFailure === 'report') parts.push(chinese ? '不合格时仍接受并计入质量' : 'let in and counted when wrong')
  if (column.personal) parts.push(chinese ? '个人信息，加密保存' : 'personal, sealed')
  if (column.summed) parts.push(chinese ? '计入控制总数' : 'in the control totals')
  return parts.join(chinese ? '；' : '; ')
}

const en = {
  feed: 'Feed',
  name: 'Name',
  row: 'A row',
  key: 'Key, once per file',
  day: 'Business day',
  after: 'Loaded after',
  home: 'Kept in',
  lake: 'the lake',
  record: 'the record',
  required: 'required',
  wanted: 'wanted',
  columns: '| Column | Meaning | Type | Needed | Checks | Example |',
  intro: `# Feeds

<!-- Written by scripts/feeds-page.ts from src/feeds; change it there. -->

What a bank hands over: one file per feed, or per feed and day. A file's name begins with the feed's name:
\`balances.csv\`, \`balances-2026-01-31.csv.gz\`. A day in the name is checked against the rows.

**Formats.** CSV with a header line; columns in any order, unknown ones are reported and not read; UTF-8 (with or without
byte order mark) or GB18030, one encoding per file; separated by \`,\` \`;\` \`|\` tab \`~\` or ^A; quoted or not; lines ended
by LF, CRLF or CR; as it is or in gzip or zstd. Parquet (money as integers of whole units, DECIMAL or text, never floating
point). Workbooks (.xlsx) of at most 200,000 rows, on the first sheet.

**Cleaning.** Blanks at the ends go, runs of blanks become one, full-width letters and digits half-width. Days are
\`2026-01-31\`, \`20260131\` or \`2026/1/31\`. Amounts are plain decimals in whole units, without separators of thousands and
with no more places than the currency has. Nothing is rounded or guessed.

**Control totals.** Beside the file in \`<file>.ctl\` (lines \`rows=2\`, \`sum.balance=107.50\`, \`day=2026-01-31\`,
\`sha256=…\`; YAML or JSON with the same keys), or as its last line: \`#total,rows=2,sum.balance=107.50\`. They are compared
with the rows read; a difference refuses the file.

**Every row is accounted for**: read = accepted + quarantined. A row that does not fit goes to quarantine with line, column,
rule, what was expected and what to do. Rows that say the same under one key: the first is taken. Rows that contradict each
other under one key: none is. More bad rows than the limit (1 %) refuse the file; a single bad row of a small file is
quarantined all the same, unless it is the only row.

**Deliveries and corrections.** The same content again changes nothing. A file of a feed and a name that came before is a
correction: what the earlier file brought goes out of force, and nothing is deleted. Where rows have a business day and the
name has none (\`in-transit.csv\` every evening), it corrects only the earlier files some of whose days it speaks of
itself; otherwise it is the next delivery. A file whose days overlap those of the day before without being meant as a
correction (the last thirty days, every day) carries its day in the name: then both stay in force and the newer value of
each day counts.

**A bank's own layout** is described by a [mapping](mapping.md) (\`strata load DIR --mapping FILE --dry-run\`); \`berka\` is a worked example.`,
} as const

const zh: Record<keyof typeof en, string> = {
  feed: '数据接口',
  name: '名称',
  row: '一行的含义',
  key: '主键（文件内唯一）',
  day: '业务日期',
  after: '先装载',
  home: '存放',
  lake: '数据湖',
  record: '业务库',
  required: '必填',
  wanted: '应有',
  columns: '| 列 | 含义 | 类型 | 要求 | 校验 | 示例 |',
  intro: `# 数据接口

<!-- 由 scripts/feeds-page.ts 根据 src/feeds 生成，请勿直接修改。 -->

银行按接口提供文件，每个接口一个文件，或每个接口每日一个文件。文件名以接口名开头：\`balances.csv\`、
\`balances-2026-01-31.csv.gz\`。文件名中的日期须与数据一致。

**格式。** 带表头的 CSV：列的顺序不限，未知的列只报告不读取；UTF-8（可带 BOM）或 GB18030，全文一种编码；分隔符为
\`,\` \`;\` \`|\` 制表符 \`~\` 或 ^A；可加引号；换行为 LF、CRLF 或 CR；可用 gzip 或 zstd 压缩。Parquet（金额用整数元、
DECIMAL 或文本，不得用浮点数）。不超过 20 万行的 .xlsx，取第一个工作表。

**清洗。** 去首尾空格，连续空格并为一个，全角字母数字转半角。日期写作 \`2026-01-31\`、\`20260131\` 或 \`2026/1/31\`。
金额为纯小数，无千分位，小数位不超过币种的最小单位。不四舍五入，不猜测。

**控制总数。** 同目录的 \`<文件名>.ctl\`（每行 \`rows=2\`、\`sum.balance=107.50\`、\`day=2026-01-31\`、\`sha256=…\`，
或同样内容的 YAML、JSON），或文件的最后一行 \`#total,rows=2,sum.balance=107.50\`。与读到的行比较，不符则整个文件拒收。

**每一行都有交代**：读取 = 接受 + 隔离。不合格的行进入隔离区，注明行号、列、规则、应有的内容和处理办法。同一主键内容相同的
行取第一行；互相矛盾的都不采用。不合格的行超过上限（1 %）时整个文件拒收；小文件中仅有一行不合格时只隔离
该行，除非文件只有这一行。

**新的一批与更正。** 内容相同的文件重复装载不产生变化。同一接口、同一文件名的文件是更正：前一个文件带来的数据不再生效，
但不删除。行有业务日期而文件名不含日期的（如每晚的 \`in-transit.csv\`），只更正与其日期有重叠的旧文件，否则作为新的一批。
若每日提供的数据日期互相重叠而并非更正（如每日提供最近三十天），请在文件名中写明日期：各批同时有效，同一天以最新的为准。

**银行自有的文件布局**用[映射](mapping.zh-CN.md)描述（\`strata load DIR --mapping FILE --dry-run\`），\`berka\` 是完整的示例。`,
}
