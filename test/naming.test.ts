/** Roles and units in words: where their codes stand, and which names a reply carries for them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../src/access/audit.ts'
import { demoLogins } from '../src/access/demo-logins.ts'
import { subjectZh } from '../src/contract/approvals.ts'
import { codesIn, nameText, renameField, renameSubject, renameValue } from '../src/contract/naming.ts'
import { everything } from '../src/db/database.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

const rename = (noun: string, code: string) => `<${noun} ${code}>`

describe('where codes stand', () => {
  test.each([
    ['role teller', 'role <role teller>', '角色 <role teller>'],
    ['unit 01', 'unit <unit 01>', '机构 <unit 01>'],
    ['wall around 01 against 02', 'wall around <unit 01> against <unit 02>', '隔离墙 <unit 01> ⟂ <unit 02>'],
    ['posts of li', 'posts of li', 'li 的岗位'],
    ['wall 3', 'wall 3', '隔离墙 3'],
    ['policy personal', 'policy personal', '分级方案 personal'],
  ])('in the subject %s', (subject, en, zh) => {
    expect(renameSubject(subject, rename)).toBe(en)
    expect(subjectZh(renameSubject(subject, rename))).toBe(zh)
  })

  test.each([
    ['teller @ 01', '<role teller> · <unit 01>'],
    ['teller @ A 1.2 #17', '<role teller> · <unit A 1.2>'],
    ['parent', 'parent'],
    ['bars.gold', 'bars.gold'],
  ])('in the field %s', (field, expected) => expect(renameField(field, rename)).toBe(expected))

  test.each([
    ['parent', '01', '<unit 01>'],
    ['splitInto.units', ['01', '02'], ['<unit 01>', '<unit 02>']],
    ['role', 'teller', '<role teller>'],
    ['name', '01', '01'],
    ['parent', null, null],
    ['posts', [{ role: 'teller', unit: '01' }], [{ role: '<role teller>', unit: '<unit 01>' }]],
    ['after', { subject: 'unit 01', after: { 'teller @ 01 #1': 'x' } }, undefined],
  ])('in the value of %s', (field, value, expected) => {
    const nested = { subject: 'unit <unit 01>', after: { '<role teller> · <unit 01>': 'x' } }
    expect(renameValue(value, rename, field)).toEqual(expected === undefined ? nested : expected)
  })

  test('they are found there', () => {
    expect(codesIn([{ subject: 'role teller' }, { 'teller @ 01': null }, { successor: ['02', null] }])).toEqual([
      { noun: 'role', code: 'teller' },
      { noun: 'role', code: 'teller' },
      { noun: 'unit', code: '01' },
      { noun: 'unit', code: '02' },
    ])
  })

  test('a name stands with its code only where it does not tell by itself', () => {
    const known = { zh: '海滨支行', en: 'Seaside', needsCode: false }
    expect([nameText(known, '01', 'zh'), nameText(known, '01', 'en')]).toEqual(['海滨支行', 'Seaside'])
    const shared = { ...known, needsCode: true }
    expect([nameText(shared, '01', 'zh'), nameText(shared, '01', 'en')]).toEqual(['海滨支行（01）', 'Seaside (01)'])
    expect(nameText(undefined, '01', 'zh')).toBe('01')
  })
})

describe('the replies', () => {
  let site: TestSite
  let bank: SmallBank
  let admin: Person
  let auditor: Person
  const top = () => bank.units[0]?.id ?? 0
  const run = (text: string, values: unknown[] = []) => site.database.db.owner.query(text, values)

  beforeAll(async () => {
    site = await testSite()
    bank = await smallBank(site.workplace.db, site.workplace.keys)
    admin = await site.person('administrator', top())
    auditor = await site.person('auditor', top())
    // A closed unit that bears the name of another; one without an English name; a role of the bank's own
    await run(`update unit set name = '机构6', name_en = null, closed_on = '2026-10-01' where code = 'U5'`)
    await run(`update unit set name_en = null where code = 'U4'`)
    await run(`insert into role (code, name_zh, name_en, customers, permissions)
      values ('vault', '金库管理', 'Vault keeper', 'none', '{}')`)
  })
  afterAll(() => site.close())

  const reason = '年度调整'
  const unit = (code: string, needsCode = false) => {
    const place = code.slice(1)
    return { noun: 'unit', code, zh: `机构${place}`, en: `Unit ${place}`, needsCode }
  }
  const vault = { zh: '金库管理', en: 'Vault keeper', needsCode: false }

  const proposed = async (path: string, change: object) => {
    const { json } = await admin.send('POST', path, { change, reason })
    const all = (await admin.get('/api/approvals?view=mine&limit=50')).json.rows
    const listed = all.find((one: { id: string }) => one.id === json.id)
    expect((await admin.get(`/api/approvals/${json.id}`)).json.names).toEqual(listed.names)
    return listed
  }

  test('an approval names the unit it is about, and those it comes from and goes to', async () => {
    const change = { kind: 'unit', action: 'move', code: 'U3', parent: 'U2' }
    const { names, differences } = await proposed('/api/units', change)
    expect(differences).toEqual([{ field: 'parent', before: 'U1', after: 'U2' }])
    expect(names).toEqual([unit('U3'), unit('U1'), unit('U2')])
  })

  test('it names both sides of a wall, and the role and the unit of a post', async () => {
    const wall = { kind: 'wall', action: 'draw', name: '私行', around: 'U1', against: 'U2', from: '2027-01-01' }
    expect((await proposed('/api/walls', wall)).names).toEqual([unit('U1'), unit('U2')])
    const given = { login: auditor.name, role: 'vault', unit: 'U4', from: '2027-01-01' }
    expect((await proposed('/api/posts', { kind: 'post', action: 'give', ...given })).names).toEqual([
      { noun: 'role', code: 'vault', ...vault },
      { ...unit('U4'), en: '机构4' },
    ])
  })

  test('a role that is not there yet keeps its code, one that is there has its name', async () => {
    const role = { kind: 'role', zh: '金库', en: 'Vault', customers: 'none', permissions: [] }
    expect((await proposed('/api/roles', { ...role, code: 'strongroom' })).names).toEqual([])
    expect((await proposed('/api/roles', { ...role, code: 'vault' })).names).toEqual([
      { noun: 'role', code: 'vault', ...vault },
    ])
  })

  test('the audit names the role that an entry is about, and the roles and units inside it', async () => {
    const posts = ['U4', 'U5', 'U6', 'gone'].map((code) => ({ role: 'vault', unit: code }))
    await site.workplace.db.withScope(everything, async (trx) => {
      await audit(trx, { who: 'strata', action: 'setRoleFactor', noun: 'role', nounId: 'vault', after: { a: 1 } })
      await audit(trx, { who: 'strata', action: 'setRoleFactor', noun: 'role', nounId: 'gone' })
      await audit(trx, { who: 'strata', action: 'followGroups', noun: 'login', nounId: '1', after: { posts } })
    })
    const listed = async (action: string) => (await auditor.get(`/api/audit?action=${action}`)).json.rows
    expect((await listed('setRoleFactor')).map((row: { nounName: unknown }) => row.nounName)).toEqual([null, vault])
    const [{ id }] = await listed('followGroups')
    expect((await auditor.get(`/api/audit/entries/${id}`)).json.names).toEqual([
      { noun: 'role', code: 'vault', ...vault },
      { ...unit('U4'), en: '机构4' },
      { ...unit('U6', true), code: 'U5', en: '机构6' },
      unit('U6', true),
    ])
    for (const [language, name] of Object.entries({ zh: '金库管理', en: 'Vault keeper' })) {
      const file = await auditor.get(`/api/audit/list.csv?action=setRoleFactor&language=${language}`)
      expect(file.text).toContain(`,${name},vault,`)
    }
  })

  test('a session, and a sign-in of the demo bank, name their own unit in both languages', async () => {
    const teller = await site.person('teller', bank.units[3]?.id ?? 0)
    const { posts } = (await teller.get('/api/session')).json
    expect(posts).toMatchObject([{ unit: { code: 'U3', name: '机构3', nameEn: 'Unit 3' } }])
    await run(`update login set demo_password = 'kept readable' where name = $1`, [teller.name])
    expect(await demoLogins(site.workplace.db)).toMatchObject([{ unit: { code: 'U3', nameEn: 'Unit 3' } }])
  })
})
