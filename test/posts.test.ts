/** Who holds which post, and whom one can be given to: read page by page, looked for by the server. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, type Person, type TestSite, testSite } from './support/api.ts'
import { smallBank } from './support/small-bank.ts'

let site: TestSite
let admin: Person
let compliance: Person
let outlet: number

beforeAll(async () => {
  site = await testSite()
  const { units } = await smallBank(site.workplace.db, site.workplace.keys, { customers: 2 })
  outlet = units[3]?.id ?? 0
  admin = await site.person('administrator', units[0]?.id ?? 0)
  compliance = await site.person('complianceOfficer', units[0]?.id ?? 0)
})
afterAll(() => site.close())

const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows

test('posts are read page by page and looked for by name, role and unit', async () => {
  await query(
    `with made as (insert into login (name, display_name, password_hash)
      select 'many' || n, '多人' || n % 2, 'none' from generate_series(1, 5) n returning id)
    insert into post (login_id, role, unit_id) select id, 'teller', $1 from made`,
    [outlet],
  )
  const ids: number[] = []
  let next: string | null = null
  do {
    const page: Answer = await admin.get(
      `/api/posts?q=${encodeURIComponent('多人')}&limit=2${next ? `&cursor=${next}` : ''}`,
    )
    expect([page.json.total, page.json.rows.length <= 2]).toEqual([5, true])
    ids.push(...page.json.rows.map((row: { id: number }) => row.id))
    next = page.json.next
  } while (next !== null)
  expect([ids.length, new Set(ids).size]).toEqual([5, 5])
  expect((await admin.get('/api/posts?cursor=x')).json.code).toBe('cursor_invalid')
  const found = async (q: string) => (await admin.get(`/api/posts?q=${encodeURIComponent(q)}`)).json.rows
  for (const q of ['MANY3', '柜员', 'Teller']) expect((await found(q)).length, q).toBeGreaterThan(0)
  for (const q of ['%', '_any']) expect(await found(q), q).toEqual([])
})

test('whom a post can be given to is looked for by a part of a name, a few at a time', async () => {
  const found = async (query: string) =>
    (await admin.get(`/api/logins?${query}`)).json.rows.map((row: { login: string }) => row.login)
  expect(await found('q=MANY')).toHaveLength(5)
  expect(await found(`q=${encodeURIComponent('多人1')}`)).toEqual(['many1', 'many3', 'many5'])
  expect(await found('limit=2')).toHaveLength(2)
  await query(`update login set disabled_at = now() where name = 'many1'`)
  expect(await found('q=many1')).toEqual([])
  expect((await compliance.get('/api/logins')).json.code).toBe('permission_missing')
})
