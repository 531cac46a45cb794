/** A home with the feed files of a very small bank in its inbox, and ways to look at what loading made of them. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { literal } from '../../src/lake/engine.ts'
import type { Workplace } from '../../src/nightly/workplace.ts'
import { emptyBank } from './lake-bank.ts'

export interface LoadingBank {
  workplace: Workplace
  home: string
  inbox: string
  query<T>(text: string, values?: unknown[]): Promise<T[]>
  /** Writes a file into the inbox; its path. */
  put(name: string, content: string | Buffer): string
  /** Live facts of a noun, in order of all columns. */
  facts(noun: string, columns: string): Promise<{ day?: string; value?: bigint | null }[]>
  /** What a failed or repeated load must leave as it was, as one text. */
  state(): Promise<string>
  lakeNames(): string[]
  close(): Promise<void>
}

export async function loadingBank(options: { now: string }): Promise<LoadingBank> {
  const { workplace, database, home, close } = await emptyBank({ ...options, units: false })
  const inbox = join(home.home, 'inbox')
  mkdirSync(inbox, { recursive: true })
  for (const [name, text] of Object.entries(feedFiles)) writeFileSync(join(inbox, name), text)
  const query = async <T>(text: string, values: unknown[] = []) =>
    (await database.db.owner.query(text, values)).rows as T[]
  const lakeNames = () =>
    readdirSync(workplace.lakeDir, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(parquet|sealed)$/.test(name) && !name.startsWith('orphans'))
      .sort()
  return {
    workplace,
    home: home.home,
    inbox,
    query,
    put: (name, content) => {
      const path = join(inbox, name)
      writeFileSync(path, content)
      return path
    },
    facts: async (noun, columns) => {
      const found = await query<{ path: string }>(
        `select path from lake_file where kind = 'fact' and noun = $1 and superseded_at is null order by id`,
        [noun],
      )
      const paths = found.map((row) => literal(join(workplace.lakeDir, row.path)))
      return workplace.engine.rows(`select ${columns} from read_parquet([${paths.join(', ')}]) order by all`)
    },
    state: async () => {
      const counts = tables.map((table) => `select '${table} ' || count(*) as line from ${table}`)
      const lines = await query<{ line: string }>(`${counts.join(' union all ')} order by line`)
      return [...lines.map((row) => row.line), ...lakeNames()].join('\n')
    },
    lakeNames,
    close,
  }
}

const tables = [
  'account',
  'account_owner',
  'customer',
  'household_member',
  'lake_file',
  'party',
  'party_flag',
  'position',
  'quality_score',
  'quarantine',
  'tier_change',
]

export const feedFiles: Record<string, string> = {
  'units.csv': `code,name,kind,parent_code
0101,江州分行,branch,01
01,临江银行,headOffice,
010101,望江支行,outlet,0101
`,
  'staff.csv': `code,name,unit_code,role,joined_on,left_on,customer_no
S1,林晓梅,010101,relationshipManager,2015-07-01,,1002
S2,周敏,010101,relationshipManager,2016-07-01,,
`,
  'customers.csv': `customer_no,kind,name,unit_code,identity_kind,identity_no,birth_on,phone,email,address,opened_on,flags
1001,person,欧阳志远,010101,residentId,11010519491231002X,1949-12-31,13800138000,lin@example.com,江州市临江区望江路 8 号,2012-03-05,
1002,person,林晓梅,010101,residentId,,1990-05-05,13800138001,,江州市临江区望江路 9 号,2012-03-05,staffKin
1003,person,小明,010101,residentId,110105194912310021,2015-05-05,1380013,,,2022-03-05,
2001,company,临江贸易有限公司,010101,creditCode,91350100M000100Y43,,,,江州市临江区望江路 10 号,2012-03-05,
`,
  'products.csv': `code,name,class,weight,currency
DEP,活期存款,deposit,1,
FUND,某基金,fund,0.8,CNY
`,
  'accounts.csv': `account_no,customer_no,share,product_code,currency,unit_code,opened_on,closed_on
6222020200000000001,1001,,DEP,CNY,010101,2012-03-05,
6222020200000000002,1001,0.6,DEP,CNY,010101,2012-03-05,
6222020200000000002,1002,0.4,DEP,CNY,010101,2012-03-05,
6222020200000000003,1003,,FUND,CNY,010101,2022-03-05,
6222020200000000004,2001,,DEP,USD,010101,2012-03-05,
6222020200000000005,2001,,DEP,CNY,010101,2012-03-05,2026-01-31
`,
  'exchange-rates.csv': `currency,day,rate
USD,2026-01-29,7.1
USD,2026-01-30,7.12345678
`,
  'balances-2026-01-30.csv': `account_no,day,balance,currency
6222020200000000001,2026-01-30,100.00,CNY
6222020200000000002,2026-01-30,-20.55,CNY
6222020200000000004,2026-01-30,5.5,USD
6222020200000000005,2026-01-30,0,CNY
`,
  'balances-2026-01-31.csv': `account_no,day,balance,currency
6222020200000000001,2026-01-31,110.00,CNY
6222020200000000004,2026-01-31,5.5,USD
`,
  'holdings.csv': `account_no,product_code,day,units,price,currency
6222020200000000003,FUND,2026-01-30,1000.5,1.234565,CNY
6222020200000000003,FUND,2026-01-31,-1000.5,1.234565,CNY
`,
  'household-members.csv': `household_no,customer_no,role,from_day,to_day,consent_from
H1,1001,head,2024-06-01,,2024-06-01
H1,1003,child,2024-06-01,,
`,
  'tiers.csv': `customer_no,tier,since
1001,gold,2025-01-01
1002,silver,2025-01-01
`,
  'assignments.csv': `customer_no,staff_code,from_day
1001,S1,2025-01-01
1001,S2,2026-01-01
`,
  'cards.csv': `card_no,customer_no,account_no,face
6228480402564890018,1001,6222020200000000001,gold
`,
  'readme.txt': 'not a feed',
}
