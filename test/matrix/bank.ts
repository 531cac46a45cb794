/**
 * The bank of the permission matrix, loaded and run like a real one: one customer for each way in which a customer can
 * stand to a person with a post at the outlet 010101.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ShippedRoleCode } from '../../src/access/roles.ts'
import { day } from '../../src/kit/day.ts'
import { loadFolder } from '../../src/nightly/load/folder.ts'
import { runNight } from '../../src/nightly/night.ts'
import { type Person, type TestSite, testSite } from '../support/api.ts'

/** How a customer stands to the person who asks; the letter is that of the table. */
export const relations = {
  o: { customerNo: '1001', unit: '010101', staff: 'S1', means: 'own: in the book and at home in the outlet' },
  s: { customerNo: '1002', unit: '010101', staff: 'S2', means: 'of a colleague in the same outlet' },
  b: { customerNo: '1003', unit: '010102', staff: 'S3', means: 'of another outlet of the branch' },
  x: { customerNo: '1004', unit: '010201', staff: 'S4', means: 'of another branch' },
  w: { customerNo: '1005', unit: '01010101', staff: 'S1', means: 'in the book and in the outlet, but behind a wall' },
  g: { customerNo: '1006', unit: '010201', staff: 'S4', means: 'of another branch, granted' },
  e: { customerNo: '1007', unit: '010201', staff: 'S4', means: 'of another branch, granted until a minute ago' },
} as const
export type Relation = keyof typeof relations
export const relationLetters = Object.keys(relations) as Relation[]

export const phoneOf = (relation: Relation) => `1390000${relations[relation].customerNo}`
/** With a surname of two readings, and a Latin word that only this customer has. */
export const nameOf = (relation: Relation) =>
  `曾测试${'甲乙丙丁戊己庚'[relationLetters.indexOf(relation)]}${latinOf(relation)}`
export const latinOf = (relation: Relation) => `Planted${relation.repeat(2)}`
export const readingOf = (relation: Relation) =>
  `cengceshi${['jia', 'yi', 'bing', 'ding', 'wu', 'ji', 'geng'][relationLetters.indexOf(relation)]}p`
export const accountOf = (relation: Relation) => `622202020000000${relations[relation].customerNo}`
export const cardOf = (relation: Relation) => withLuhn(`62284804025600${relations[relation].customerNo}`)
export const identityOf = (relation: Relation) => `E0000${relations[relation].customerNo}`
export const householdOf = (relation: Relation) => `H${relations[relation].customerNo}`

export interface MatrixBank {
  site: TestSite
  /** With a post at the outlet, or at the head office. */
  person(role: ShippedRoleCode, at: 'outlet' | 'top'): Promise<Person>
  query<T>(text: string, values?: unknown[]): Promise<T[]>
  /** Of the server on a real port, for what streams. */
  address: string
  nights: { before: number; current: number }
  /** A load with a quarantined row. */
  dirtyLoad: number
  close(): Promise<void>
}

const days = ['2026-10-30', '2026-10-31'] as const

export async function matrixBank(): Promise<MatrixBank> {
  const site = await testSite()
  const { workplace } = site
  const query = async <T>(text: string, values: unknown[] = []) =>
    (await site.database.db.owner.query(text, values)).rows as T[]
  const inbox = join(workplace.config.home, 'matrix')
  mkdirSync(inbox, { recursive: true })
  for (const [name, text] of Object.entries(feedFiles())) writeFileSync(join(inbox, name), text)
  const account = await loadFolder(workplace, inbox, { badRowLimit: 1 })
  const refused = account.files.find((file) => file.status === 'refused')
  if (refused) throw new Error(`${refused.file} was refused`)
  for (const on of days) await runNight(workplace, { day: day(on) })
  const nights = await query<{ id: number }>('select id from night order by day')
  const [unit] = await query<{ outlet: number; top: number; walled: number }>(
    `select (select id from unit where code = '010101') as outlet, (select id from unit where code = '01') as top,
      (select id from unit where code = '01010101') as walled`,
  )
  const [dirty] = await query<{ load_id: number }>('select load_id from quarantine limit 1')
  const [manager] = await query<{ id: number }>(`select id from staff where code = 'S1'`)
  if (!unit || !dirty || !manager)
    throw new Error('the bank of the matrix lacks a unit, a quarantined row or a manager')
  await query(`insert into wall (name, around_id, against_id) values ('机构业务隔离墙', $1, $2)`, [
    unit.walled,
    unit.top,
  ])
  const granted = new Set<string>()
  const address = await site.app.listen({ port: 0, host: '127.0.0.1' })
  return {
    address,
    site,
    query,
    nights: { before: nights[0]?.id ?? 0, current: nights[1]?.id ?? 0 },
    dirtyLoad: dirty.load_id,
    person: async (role, at) => {
      const staff = role === 'relationshipManager' ? manager.id : null
      const person = await site.person(role, unit[at === 'top' ? 'top' : 'outlet'], staff)
      if (!granted.has(person.name)) await grant(query, person.name, site.clock.millis())
      granted.add(person.name)
      return person
    },
    close: () => site.close(),
  }
}

/** By somebody else, as nobody grants to oneself: one that holds, one that ended a minute ago. */
async function grant(query: MatrixBank['query'], login: string, now: number): Promise<void> {
  const at = (minutes: number) => Temporal.Instant.fromEpochMilliseconds(now + minutes * 60_000).toString()
  await query(
    `insert into login (name, display_name, password_hash) values ('granter', 'granter', 'none') on conflict do nothing`,
  )
  for (const [relation, until] of [
    ['g', 60],
    ['e', -1],
  ] as const) {
    await query(
      `insert into access_grant (login_id, party_id, from_at, to_at, granted_by, reason)
       select l.id, p.id, $3, $4, g.id, '来访' from login l, party p, login g
       where l.name = $1 and p.customer_no = $2 and g.name = 'granter'`,
      [login, relations[relation].customerNo, at(-60), at(until)],
    )
  }
}

function feedFiles(): Record<string, string> {
  const each = (row: (relation: Relation) => string) => relationLetters.map((relation) => `${row(relation)}\n`).join('')
  const balances = (on: string, amount: number) =>
    `account_no,day,balance,currency\n${each((relation) => `${accountOf(relation)},${on},${amount}.00,CNY`)}`
  return {
    'units.csv': `code,name,kind,parent_code
01,临江银行,headOffice,
0101,江州分行,branch,01
0102,海州分行,branch,01
010101,望江支行,outlet,0101
010102,临江支行,outlet,0101
010201,海滨支行,outlet,0102
01010101,机构业务部,department,010101
`,
    'staff.csv': `code,name,unit_code,role
S1,林晓梅,010101,relationshipManager
S2,周敏,010101,relationshipManager
S3,王芳,010102,relationshipManager
S4,李强,010201,relationshipManager
`,
    'products.csv': 'code,name,class,weight,currency\nDEP,活期存款,deposit,1,CNY\n',
    'customers.csv': `customer_no,kind,name,unit_code,identity_kind,identity_no,birth_on,phone,email,address
${each((relation) => {
  const { customerNo, unit } = relations[relation]
  return `${customerNo},person,${nameOf(relation)},${unit},passport,${identityOf(relation)},1980-01-01,${phoneOf(relation)},m${customerNo}@example.com,江州市望江路 ${customerNo} 号`
})}1008,nobody,坏行,010101,passport,E00001008,1980-01-01,13900001008,,
`,
    'assignments.csv': `customer_no,staff_code,from_day\n${each((relation) => `${relations[relation].customerNo},${relations[relation].staff},2025-01-01`)}`,
    'accounts.csv': `account_no,customer_no,share,product_code,currency,unit_code,opened_on
${each((relation) => `${accountOf(relation)},${relations[relation].customerNo},,DEP,CNY,${relations[relation].unit},2020-01-01`)}`,
    'household-members.csv': `household_no,customer_no,role,from_day,consent_from
${each((relation) => `${householdOf(relation)},${relations[relation].customerNo},head,2024-06-01,2024-06-01`)}`,
    'cards.csv': `card_no,customer_no,account_no,face
${each((relation) => `${cardOf(relation)},${relations[relation].customerNo},${accountOf(relation)},gold`)}`,
    'consents.csv': `customer_no,purpose,channel,basis,from_day
${each((relation) => `${relations[relation].customerNo},marketing,phone,consent,2025-01-01`)}`,
    'external-identities.csv': `source,external_id,customer_no
${each((relation) => `loans,L${relations[relation].customerNo},${relations[relation].customerNo}`)}`,
    'tiers.csv': `customer_no,tier,since\n${each((relation) => `${relations[relation].customerNo},silver,2025-01-01`)}`,
    'balances-2026-10-29.csv': balances('2026-10-29', 50_000),
    'balances-2026-10-31.csv': balances('2026-10-31', 500_000),
  }
}

/** The number with its check digit. */
function withLuhn(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const twice = Number(digit) * (i % 2 === 0 ? 2 : 1)
    return total + (twice > 9 ? twice - 9 : twice)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}
