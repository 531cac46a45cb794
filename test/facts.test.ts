/** Contact facts: edited within the scope, once per version, with a history that can be gone back to; and later loads. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openKeys } from '../src/access/key-store.ts'
import { shipRoles } from '../src/access/roles.ts'
import { type Rotation, rotateKeys } from '../src/access/rotate.ts'
import { sessionCookie } from '../src/access/session.ts'
import { openSession } from '../src/access/session-span.ts'
import { buildServer } from '../src/api/server.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { feedFiles, type LoadingBank, loadingBank } from './support/loading-bank.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

describe('at the desk', () => {
  let site: TestSite
  let bank: SmallBank
  let manager: Person
  const url = '/api/customers/200000001/facts'

  beforeAll(async () => {
    site = await testSite()
    bank = await smallBank(site.workplace.db, site.workplace.keys)
    manager = await site.person('relationshipManager', bank.units[0]?.id ?? 0, bank.managers[0] ?? null)
  })
  afterAll(() => site.close())

  const read = async () => (await manager.get(url)).json
  const edit = async (facts: object) => {
    const { version } = await read()
    return manager.send('POST', url, { version, reason: '客户来电', ...facts })
  }

  test('an edit is sealed, found by, masked, and counted in the quality', async () => {
    const before = await read()
    expect(before.facts).toEqual({
      phone: '139****0001',
      email: 's***@example.com',
      address: '江州市临江区****',
      occupation: null,
    })
    expect((await edit({ phone: '13711112222', occupation: '教师' })).status).toBe(200)
    const after = await read()
    expect(after.facts).toMatchObject({ phone: '137****2222', email: 's***@example.com', occupation: '教师' })
    expect(after.version).not.toBe(before.version)
    expect((await manager.get('/api/customers?q=13711112222')).json.rows).toMatchObject([{ customerNo: '200000001' }])
    expect((await manager.get('/api/customers?q=13900000001')).json.rows).toEqual([])
    expect((await edit({ phone: null })).status).toBe(200)
    const { rows } = await site.database.db.owner.query('select missing, quality, phone_last4 from party where id = 1')
    expect(rows[0]).toEqual({ missing: ['phone'], quality: 80, phone_last4: null })
    await edit({ phone: '13711112222' })
    const again = await site.database.db.owner.query('select missing, quality from party where id = 1')
    expect(again.rows[0]).toEqual({ missing: [], quality: 100 })
  })

  test('the history says who changed what, masked; any old value can be brought back', async () => {
    const { changes, version } = await read()
    expect(changes.map((one: { fields: unknown }) => one.fields)).toEqual([
      [{ field: 'phone', before: null, after: '137****2222' }],
      [{ field: 'phone', before: '137****2222', after: null }],
      [
        { field: 'phone', before: '139****0001', after: '137****2222' },
        { field: 'occupation', before: null, after: '教师' },
      ],
    ])
    expect(changes[0]).toMatchObject({ who: manager.name, reason: '客户来电' })
    const back = { version, reason: '误改', entry: changes[2].entry, field: 'phone' }
    expect((await manager.send('POST', `${url}/restore`, back)).status).toBe(200)
    expect((await read()).facts.phone).toBe('139****0001')
    expect((await manager.get('/api/customers?q=13900000001')).json.rows).toHaveLength(1)
    const stale = await manager.send('POST', `${url}/restore`, back)
    expect([stale.status, stale.json.code]).toEqual([409, 'facts_changed'])
    const foreign = { ...back, version: (await read()).version, field: 'email' }
    expect((await manager.send('POST', `${url}/restore`, foreign)).json.code).toBe('not_found')
  })

  test('of two at once one is told that somebody was faster', async () => {
    const { version } = await read()
    const answers = await Promise.all(
      ['甲', '乙', '丙'].map((occupation) => manager.send('POST', url, { version, reason: 'x', occupation })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
  })

  test('a role that does not read contact facts neither sees nor edits them', async () => {
    const { owner } = site.database.db
    await owner.query(`update role set fields = '{"contact": "hidden"}' where code = 'outletManager'`)
    const outlet = await site.person('outletManager', bank.units[0]?.id ?? 0)
    const { facts, changes, version } = (await outlet.get(url)).json
    expect(facts).toMatchObject({ phone: null, email: null, address: null, occupation: expect.any(String) })
    expect(JSON.stringify(changes)).not.toContain('phone')
    const edited = await outlet.send('POST', url, { version, reason: 'x', phone: '13711112222' })
    expect([edited.status, edited.json.code]).toEqual([403, 'field_hidden'])
    const back = { version, reason: 'x', entry: '1', field: 'email' }
    expect((await outlet.send('POST', `${url}/restore`, back)).json.code).toBe('field_hidden')
    expect((await outlet.send('POST', url, { version, reason: 'x', occupation: '丁' })).status).toBe(200)
    await owner.query(`update role set fields = '{}' where code = 'outletManager'`)
  })

  test('a company has phone, e-mail and address with their history, but no occupation', async () => {
    const steward = await site.person('dataSteward', bank.units[0]?.id ?? 0)
    const company = bank.customers.find(({ kind }) => kind === 'company')
    const at = `/api/customers/${company?.customerNo}/facts`
    const now = async () => (await steward.get(at)).json
    const send = async (path: string, body: object) =>
      steward.send('POST', path, { version: (await now()).version, reason: '企业变更', ...body })
    const before = (await now()).facts.phone
    expect((await send(at, { phone: '0571-88001234' })).status).toBe(200)
    const { facts, changes } = await now()
    expect(facts.phone).not.toBe(before)
    expect(changes).toMatchObject([{ reason: '企业变更', fields: [{ field: 'phone', before, after: facts.phone }] }])
    const found = (await steward.get('/api/customers?q=1234')).json.rows
    expect(found.map((row: { customerNo: string }) => row.customerNo)).toContain(company?.customerNo)
    expect((await send(`${at}/restore`, { entry: changes[0].entry, field: 'phone' })).status).toBe(200)
    expect((await now()).facts.phone).toBe(before)
    expect((await send(at, { occupation: '工程师' })).json.code).toBe('occupation_of_company')
  })

  test('nobody edits what is not theirs, or without a reason', async () => {
    const others = bank.customers.find(({ rm, kind }) => kind === 'person' && rm !== bank.managers[0])
    const body = { version: 'x', reason: 'x', occupation: 'x' }
    expect((await manager.send('POST', `/api/customers/${others?.customerNo}/facts`, body)).status).toBe(404)
    expect((await edit({ reason: ' ', occupation: 'x' })).status).toBe(400)
    expect((await edit({ phone: '12ab' })).status).toBe(400)
    expect((await edit({ email: 'nobody' })).status).toBe(400)
  })
})

describe('a later load', () => {
  let bank: LoadingBank
  let ask: (method: 'GET' | 'POST', body?: object) => Promise<{ statusCode: number; json: () => unknown }>
  let close: () => Promise<void>

  beforeAll(async () => {
    bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
    const { workplace } = bank
    await loadFolder(workplace, bank.inbox)
    await shipRoles(workplace.db.owner)
    const [made] = await bank.query<{ id: number }>(
      `with made as (insert into login (name, display_name, password_hash) values ('s', 's', 'x') returning id)
       insert into post (login_id, role, unit_id) select made.id, 'dataSteward', unit.id from made, unit
         where parent_id is null returning login_id as id`,
    )
    const { db, clock } = workplace
    const { token } = await openSession(db, clock, {
      loginId: made?.id ?? 0,
      address: '10.0.0.9',
      agent: 'test',
      limits: bank.workplace.config.signIn,
      origin: 'password',
      enteredMillis: clock.millis(),
    })
    const app = await buildServer({ ...workplace, config: { ...workplace.config, logLevel: 'silent' } })
    const headers = { cookie: `${sessionCookie}=${token}` }
    ask = (method, body) =>
      app.inject({ method, url: '/api/customers/1001/facts', headers, ...(body && { payload: body }) }) as never
    close = () => app.close()
  }, 60_000)
  afterAll(async () => {
    await close()
    await bank.close()
  })

  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  const read = async (): Promise<any> => (await ask('GET')).json()
  const edit = async (facts: object) =>
    expect((await ask('POST', { version: (await read()).version, reason: 'x', ...facts })).statusCode).toBe(200)
  let loads = 0
  const load = async (change: (text: string) => string) => {
    const text = change(feedFiles['customers.csv'] ?? '')
    const path = bank.put(`customers-${++loads}.csv`, text)
    const account = await loadFile(bank.workplace, { path, badRowLimit: 1 })
    expect(account.status).toBe('loaded')
    return account.loadId
  }

  test('that still says the old value leaves the edit in force', async () => {
    await edit({ phone: '13711112222' })
    await load((text) => text.replace('望江路 8 号', '望江路 18 号'))
    expect(await read()).toMatchObject({ facts: { phone: '137****2222' }, conflicts: [] })
    const [party] = await bank.query<{ phone_last4: string }>(
      `select phone_last4 from party where customer_no = '1001'`,
    )
    expect(party?.phone_last4).toBe('2222')
  })

  test('that says a third value is newer, and the conflict is to be seen', async () => {
    const loadId = await load((text) => text.replace('13800138000', '13655556666'))
    const { facts, conflicts } = await read()
    expect(facts.phone).toBe('136****6666')
    expect(conflicts).toMatchObject([{ field: 'phone', edited: '137****2222', brought: '136****6666', loadId }])
    await edit({ phone: '13711113333' })
    expect(await read()).toMatchObject({ facts: { phone: '137****3333' }, conflicts: [] })
  })

  test('that says what staff said settles it', async () => {
    await load((text) => text.replace('13800138000', '13711113333'))
    expect(await read()).toMatchObject({ facts: { phone: '137****3333' }, conflicts: [] })
    expect(await bank.query('select 1 from party_edit')).toEqual([])
  })

  test('beside which another process rotates the master key opens keys of either generation', async () => {
    await edit({ email: 'new@example.com' })
    const { db, masters, keys, engine } = bank.workplace
    const others = await openKeys(db.owner, masters)
    let rotation: Promise<Rotation> | undefined
    const rotating = new Proxy(engine, {
      get: (target, name) => {
        if (name !== 'exec') return Reflect.get(target, name)
        return async (text: string) => {
          // After the load has taken hold of the generations that it knows, before it fetches keys.
          if (text.includes('stage_party.json')) {
            rotation = rotateKeys(db.owner, others, masters)
            const old = async () => (await bank.query(`select from party_key where get_byte(wrapped, 2) <> 2`)).length
            await expect.poll(old, { timeout: 20_000 }).toBe(0)
          }
          return target.exec(text)
        }
      },
    })
    const text = (feedFiles['customers.csv'] ?? '').replace('望江路 8 号', '望江路 28 号')
    const path = bank.put(`customers-${++loads}.csv`, text)
    expect(await loadFile({ ...bank.workplace, engine: rotating }, { path, badRowLimit: 1 })).toMatchObject({
      status: 'loaded',
    })
    expect(await rotation).toMatchObject({ generation: 2, retired: [1] })
    expect(keys.generation).toBe(2)
    expect((await read()).facts.email).toBe('n***@example.com')
  })
})
