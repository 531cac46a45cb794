/**
 * Search everywhere: what a person types, and whom it finds by what, in which order, in list and panel alike; and that
 * it tells nobody more than they may read.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identityCheck, luhnCheck } from '../demo/checkdigits.ts'
import { day } from '../src/kit/day.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { runNight } from '../src/nightly/night.ts'
import { fillReadings } from '../src/nightly/readings.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'

const identityNo = `11010519491231${'002'}`
const identity = `${identityNo}${identityCheck(identityNo)}`
const card = `622848040256489001${luhnCheck('622848040256489001')}`
const account = '6222020200000004001'

/** Number, kind, name, and thousands of yuan in the account. */
const people = [
  ['4001', 'person', '单雄信', 500],
  ['4002', 'person', '曾国藩', 400],
  ['4003', 'person', '仇英', 300],
  ['4004', 'person', '解晓东', 200],
  ['4005', 'person', '欧阳志远', 100],
  ['4006', 'person', '志远', 10],
  ['4007', 'person', '志远航', 20],
  ['4008', 'person', 'Mary Johnson', 90],
  ['4009', 'person', 'Peter Johnston', 80],
  ['4010', 'person', '王伟', 50],
  ['4011', 'person', '汪薇', 60],
  ['5001', 'company', '北京华信科技有限公司', 900],
  ['5002', 'company', '重庆长江实业（集团）股份有限公司', 800],
  ['5003', 'company', '华信科技园管理有限公司', 700],
] as const

let site: TestSite
let analyst: Person

beforeAll(async () => {
  site = await testSite()
  const inbox = join(site.workplace.config.home, 'search')
  mkdirSync(inbox, { recursive: true })
  for (const [name, text] of Object.entries(feedFiles())) writeFileSync(join(inbox, name), text)
  const report = await loadFolder(site.workplace, inbox)
  expect(report.files.filter((file) => file.status === 'refused' || file.read !== file.accepted)).toEqual([])
  await runNight(site.workplace, { day: day('2026-10-31') })
  analyst = await site.person('analyst', await unit('01'))
}, 120_000)
afterAll(() => site.close())

interface Hit {
  customerNo: string
  foundBy: string
}

const query = async <T>(text: string, values: unknown[] = []) =>
  (await site.database.db.owner.query(text, values)).rows as T[]
const unit = async (code: string) => (await query<{ id: number }>('select id from unit where code = $1', [code]))[0]!.id
const hits = async (typed: string, as = analyst): Promise<Hit[]> =>
  (await as.get(`/api/search?q=${encodeURIComponent(typed)}`)).json.customers
const found = async (typed: string, as = analyst) => (await hits(typed, as)).map((hit) => [hit.customerNo, hit.foundBy])
const listed = async (typed: string, as = analyst): Promise<string[]> =>
  (await as.get(`/api/customers?sort=customerNo&dir=asc&q=${encodeURIComponent(typed)}`)).json.rows.map(
    (row: Hit) => row.customerNo,
  )

describe('whom it finds, by what', () => {
  test.each([
    ['a customer number', '4005', '4005', 'customerNo'],
    ['the beginning of a customer number', '500', '5001', 'customerNoBeginning'],
    ['a whole name', '单雄信', '4001', 'name'],
    ['the beginning of a name', '欧阳', '4005', 'nameBeginning'],
    ['two characters in a name', '国藩', '4002', 'namePart'],
    ['pinyin as a surname', 'shanxiongxin', '4001', 'pinyin'],
    ['another reading of the surname', 'danxiong', '4001', 'pinyin'],
    ['曾 as zeng', 'zengguofan', '4002', 'pinyin'],
    ['曾 as ceng', 'cengguofan', '4002', 'pinyin'],
    ['仇 as qiu', 'qiuying', '4003', 'pinyin'],
    ['仇 as chou', 'chouying', '4003', 'pinyin'],
    ['解 as xie', 'xiexiaodong', '4004', 'pinyin'],
    ['解 as jie', 'jiexiaodong', '4004', 'pinyin'],
    ['pinyin with blanks and capitals', 'Ouyang Zhiyuan', '4005', 'pinyin'],
    ['pinyin with apostrophes', "ou'yang", '4005', 'pinyin'],
    ['initials', 'oyzy', '4005', 'initials'],
    ['initials of another reading', 'dxx', '4001', 'initials'],
    ['full-width letters', 'ｏｕｙａｎｇ', '4005', 'pinyin'],
    ['full-width digits', '４００５', '4005', 'customerNo'],
    ['重庆 as chongqing', 'chongqingchangjiang', '5002', 'pinyin'],
    ['a short name', '华信科技', '5001', 'shortName'],
    ['a shorter one', '华信', '5001', 'nameBeginning'],
    ['pinyin of a short name', 'huaxinkeji', '5001', 'pinyin'],
    ['initials of a short name', 'hxkj', '5001', 'initials'],
    ['a short name around a part in brackets', '长江实业', '5002', 'shortName'],
    ['an account number', account, '4001', 'account'],
    ['an account number with blanks', '6222 0202 0000 0004 001', '4001', 'account'],
    ['a card number with blanks', card.replace(/(\d{4})/g, '$1 '), '4002', 'card'],
    ['a phone number', '139-0000-4003', '4003', 'phone'],
    ['the end of a phone number', '4003', '4003', 'customerNo'],
    ['a name and the end of a phone number', '欧阳 4005', '4005', 'phoneEnd'],
    ['pinyin and the end of another reading’s phone', 'dan 4001', '4001', 'phoneEnd'],
    ['an identity number', identity.toLowerCase(), '4001', 'identityNo'],
    ['a Latin name', 'johnson', '4008', 'namePart'],
    ['a letter too few', 'Jonson', '4008', 'similar'],
    ['a letter too many', 'Johnsson', '4008', 'similar'],
    ['a wrong letter', 'Johnsen', '4008', 'similar'],
    ['two letters the wrong way round', 'Jonhson', '4008', 'similar'],
    ['a wrong letter beside another word', 'Mary Johnsen', '4008', 'similar'],
  ])('%s', async (_what, typed, customerNo, by) => {
    expect(await found(typed)).toContainEqual([customerNo, by])
    expect(await listed(typed)).toContain(customerNo)
  })

  test.each([
    ['two errors', 'Jonsen'],
    ['an error in a short word', 'Mory'],
    ['another first name', 'Peter Johnsen'],
    ['a part of an account number', account.slice(0, -1)],
    ['a part of an identity number', identity.slice(0, 12)],
    ['a part of a phone number', '1390000400'],
  ])('nobody by %s', async (_what, typed) => {
    expect(await found(typed)).toEqual([])
    expect(await listed(typed)).toEqual([])
  })

  test('a household by its number, with a member to open it by', async () => {
    const { json } = await analyst.get('/api/search?q=H400')
    expect(json.households).toEqual([{ householdNo: 'H4001', customerNo: '4001' }])
  })
})

describe('in which order', () => {
  test('whole name, its beginning, inside; then the richer', async () => {
    expect(await found('志远')).toEqual([
      ['4006', 'name'],
      ['4007', 'nameBeginning'],
      ['4005', 'namePart'],
    ])
    expect((await found('华信')).map(([no]) => no)).toEqual(['5001', '5003'])
    expect((await found('wangwei')).map(([no]) => no)).toEqual(['4011', '4010'])
  })

  test('an exact number before everything else', async () => {
    expect((await found('4005'))[0]).toEqual(['4005', 'customerNo'])
  })
})

describe('tells nobody more than they may read', () => {
  const role = (fields: Record<string, string>) =>
    query(`update role set fields = fields || $1::jsonb, edited_at = now() where code = 'teller'`, [
      JSON.stringify(fields),
    ])

  test('the scope is that of whoever asks', async () => {
    const other = await site.person('teller', await unit('0102'))
    for (const typed of ['单雄信', 'danxiong', 'dxx', account, card, identity, 'Jonson', '13900004003', '单 4001']) {
      expect([typed, await found(typed, other)]).toEqual([typed, []])
    }
    expect((await other.get('/api/search?q=H4001')).json.households).toEqual([])
  })

  test('what is hidden finds nobody', async () => {
    const teller = await site.person('teller', await unit('0101'))
    const by = { identity: [identity], contact: ['13900004003', '单 4001'], numbers: [account, card] }
    for (const [group, all] of Object.entries(by)) {
      for (const typed of all) expect([typed, await found(typed, teller)]).not.toEqual([typed, []])
      await role({ [group]: 'hidden' })
      for (const typed of all) expect([typed, await found(typed, teller)]).toEqual([typed, []])
      await role({ [group]: 'masked' })
    }
  })

  test('a hidden name is found by no part of it, a company’s is not hidden', async () => {
    const teller = await site.person('teller', await unit('0101'))
    await role({ name: 'hidden' })
    for (const typed of ['单雄信', '雄信', 'danxiong', 'dxx', 'Jonson', '单 4001']) {
      expect([typed, await found(typed, teller)]).toEqual([typed, []])
      expect([typed, await listed(typed, teller)]).toEqual([typed, []])
    }
    expect((await found('hxkj', teller)).map(([no]) => no)).toContain('5001')
    await role({ name: 'masked' })
  })

  test('whose money is hidden gets no order by it, nor an amount', async () => {
    const teller = await site.person('teller', await unit('0101'))
    await role({ money: 'hidden' })
    expect((await found('wangwei', teller)).map(([no]) => no)).toEqual(['4010', '4011'])
    const { json } = await teller.get('/api/search?q=wangwei')
    expect(json.customers.map((hit: { averageFen: string | null }) => hit.averageFen)).toEqual([null, null])
    await role({ money: 'clear' })
  })

  test('names come masked', async () => {
    const { text } = await analyst.get(`/api/search?q=${encodeURIComponent('单雄信')}`)
    expect(text).not.toContain('单雄信')
  })
})

describe('readings of names', () => {
  const readings = () => query('select party_id, kind, reading from party_reading order by 1, 2, 3')

  test('are filled where a customer was loaded before there were any, as a load writes them', async () => {
    const written = await readings()
    expect(written.length).toBeGreaterThan(20)
    await query('delete from party_reading')
    await query('update party set spelled = false')
    expect(await found('danxiong')).toEqual([])
    expect(await fillReadings(site.workplace, 5)).toBe(people.length)
    expect(await readings()).toEqual(written)
    expect(await fillReadings(site.workplace, 5)).toBe(0)
  })

  test('follow the name when another is loaded', async () => {
    const path = join(site.workplace.config.home, 'customers-renamed.csv')
    writeFileSync(path, `${customerHead}${customerLine(['4003', 'person', '单英', 300])}`)
    await loadFile(site.workplace, { path })
    const [of] = await query<{ id: bigint }>(`select id from party where customer_no = '4003'`)
    const now = (await readings()).filter((row) => (row as { party_id: bigint }).party_id === of?.id)
    expect(now).toEqual(
      ['chan', 'dan']
        .flatMap((reading) => [{ party_id: of?.id, kind: 'pinyin', reading: `${reading}ying` }])
        .concat(['cy', 'dy'].map((reading) => ({ party_id: of?.id, kind: 'initials', reading })))
        .toSorted((a, b) => (`${a.kind} ${a.reading}` < `${b.kind} ${b.reading}` ? -1 : 1)),
    )
  })
})

const customerHead = 'customer_no,kind,name,unit_code,identity_kind,identity_no,birth_on,phone,email,address\n'

function customerLine([no, kind, name]: (typeof people)[number] | readonly [string, string, string, number]): string {
  const document = no === '4001' ? `residentId,${identity}` : `passport,E0000${no}`
  return `${no},${kind},${name},0101,${document},1949-12-31,1390000${no},m${no}@example.com,望江路 ${no} 号\n`
}

function feedFiles(): Record<string, string> {
  const each = (row: (one: (typeof people)[number]) => string) => people.map((one) => `${row(one)}\n`).join('')
  const accountOf = (no: string) => `622202020000000${no}`
  return {
    'units.csv':
      'code,name,kind,parent_code\n01,临江银行,headOffice,\n0101,江州分行,branch,01\n0102,海州分行,branch,01\n',
    'products.csv': 'code,name,class,weight,currency\nDEP,活期存款,deposit,1,CNY\n',
    'customers.csv': `${customerHead}${people.map(customerLine).join('')}`,
    'accounts.csv': `account_no,customer_no,share,product_code,currency,unit_code,opened_on
${each(([no]) => `${accountOf(no)},${no},,DEP,CNY,0101,2020-01-01`)}`,
    'cards.csv': `card_no,customer_no,account_no,face\n${card},4002,${accountOf('4002')},gold\n`,
    'household-members.csv': `household_no,customer_no,role,from_day,consent_from
H4001,4001,head,2024-06-01,2024-06-01\nH4001,4002,other,2024-06-01,2024-06-01\n`,
    'balances-2026-10-31.csv': `account_no,day,balance,currency
${each(([no, , , thousands]) => `${accountOf(no)},2026-10-31,${thousands}000.00,CNY`)}`,
  }
}
