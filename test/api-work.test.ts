/** What is done over HTTP: decisions, uploads, exports, queued nights, and events on a real port. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csvLine, guarded } from '../src/api/csv.ts'
import { everything } from '../src/db/database.ts'
import { tell } from '../src/jobs/queue.ts'
import { work } from '../src/jobs/work.ts'
import { type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { parseCsv } from './support/csv.ts'
import { listen } from './support/events.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let head: number
let address: string

beforeAll(async () => {
  site = await testSite({ STRATA_UPLOAD_MAX_MB: '1' })
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  head = bank.units[0]?.id ?? 0
  address = await site.app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => site.close())

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
const bodyOf = (reply: Response): Promise<any> => reply.json()
const entriesOf = (action: string) => auditEntries(site.database.db, site.workplace.keys, action)
const rowsOf = async (statement: string) => (await site.database.db.owner.query(statement)).rows

describe('proposals', () => {
  test('an accepted one changes the tier in force from tomorrow on, once, with name and note', async () => {
    const officer = await site.person('riskOfficer', head)
    const before = (await officer.get('/api/proposals')).json
    const id = before.rows[0].id
    const asked = { decision: 'accepted', ids: [id], note: '已核实' }
    expect((await officer.send('POST', '/api/proposals/decide', asked)).json).toEqual({ decided: 1 })
    const page = (await officer.get(`/api/customers/${before.rows[0].customerNo}`)).json
    expect(page.tierChanges[0]).toMatchObject({
      madeBy: 'approval',
      effectiveOn: '2026-11-03',
      toTier: { code: 'gold' },
    })
    expect(page.openProposal).toBeNull()
    const again = await officer.send('POST', '/api/proposals/decide', asked)
    expect([again.status, again.json.code]).toEqual([409, 'proposal_decided'])
    const decided = (await officer.get('/api/proposals?status=accepted')).json
    expect(decided.rows).toMatchObject([{ id, note: '已核实', decidedBy: officer.name }])
    const audited = await entriesOf('decideProposals')
    expect(audited.at(-1)).toMatchObject({
      reason: '已核实',
      before: { decision: 'open', ids: [id] },
      after: { decision: 'accepted', ids: [id], tierChanges: 1 },
    })
  })

  test('one that cannot be decided decides none', async () => {
    const officer = await site.person('riskOfficer', head)
    const open = (await officer.get('/api/proposals')).json
    const ids = [open.rows[0].id, '999999']
    const answer = await officer.send('POST', '/api/proposals/decide', { decision: 'declined', ids })
    expect(answer.status).toBe(404)
    expect((await officer.get('/api/proposals')).json.total).toBe(open.total)
  })

  test('two people at once: one decides, the other is told', async () => {
    const one = await site.person('riskOfficer', head)
    const two = await site.person('branchManager', head)
    const ids = [(await one.get('/api/proposals')).json.rows[0].id]
    const body = { decision: 'declined', ids }
    const answers = await Promise.all([one, two].map((person) => person.send('POST', '/api/proposals/decide', body)))
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409])
  })

  test('says whether the last published night still bears it out', async () => {
    const officer = await site.person('riskOfficer', head)
    const first = async () => (await officer.get('/api/proposals')).json.rows[0]
    const { customerNo, direction, toTier } = await first()
    const now = (tier: number) =>
      site.database.db.owner.query(
        `update night_customer c set qualified_tier = $1 from party p where p.id = c.party_id and p.customer_no = $2`,
        [tier, customerNo],
      )
    await now(toTier.ordinal)
    expect(await first()).toMatchObject({ holds: true, qualifiedNow: toTier })
    await now(direction === 'rise' ? toTier.ordinal - 1 : toTier.ordinal + 1)
    expect((await first()).holds).toBe(false)
  })

  test('nobody decides about customers out of sight', async () => {
    const officer = await site.person('riskOfficer', head)
    const { rows } = (await officer.get('/api/proposals')).json
    const unit = bank.customers.find((customer) => customer.customerNo === rows[0].customerNo)?.unit
    const elsewhere = bank.units.find(
      (one) => one.parent !== null && one.id !== unit && one.code !== 'U1' && one.code !== 'U2',
    )
    const stranger = await site.person('riskOfficer', elsewhere?.id ?? 0)
    const answer = await stranger.send('POST', '/api/proposals/decide', { decision: 'accepted', ids: [rows[0].id] })
    expect(answer.status).toBe(404)
  })
})

describe('differences after a correction', () => {
  test('are listed with counts; an accepted one becomes a change, what was published stands', async () => {
    const [first, second] = bank.customers
    await site.database.db.owner.query(
      `insert into would_have_been (night_id, party_id, published_tier, would_tier, published_average_fen, would_average_fen)
       values ($1, $2, 1, 3, 0, 40000000), ($1, $3, 1, 2, 0, 11000000)`,
      [bank.nights[1], first?.id, second?.id],
    )
    const officer = await site.person('riskOfficer', head)
    const url = `/api/nights/${bank.nights[1]}/would-have-been`
    expect((await officer.get(url)).json).toMatchObject({
      open: 2,
      accepted: 0,
      rows: [{ wouldTier: { code: 'platinum' } }, {}],
    })
    const body = { decision: 'accepted', customerNos: [first?.customerNo] }
    expect((await officer.send('POST', `${url}/decide`, body)).json).toEqual({ decided: 1 })
    expect((await officer.send('POST', `${url}/decide`, body)).json.code).toBe('difference_decided')
    expect((await officer.get(`${url}?decision=open`)).json).toMatchObject({ open: 1, accepted: 1, rows: [{}] })
    const page = (await officer.get(`/api/customers/${first?.customerNo}`)).json
    expect(page.tierChanges[0]).toMatchObject({ toTier: { code: 'platinum' }, effectiveOn: '2026-11-03' })
    expect(page.figures.qualifiedTier.ordinal).toBe(first?.tier)
  })
})

describe('exports', () => {
  test('are the list, with a byte order mark, masked and audited, without what was searched for', async () => {
    const analyst = await site.person('analyst', head)
    const query = `q=${encodeURIComponent('李')}&sort=customerNo&dir=asc`
    const list = (await analyst.get(`/api/customers?${query}&limit=500`)).json.rows
    const answer = await analyst.get(`/api/customers/export?${query}`)
    expect(answer.text.startsWith('\uFEFF')).toBe(true)
    expect(answer.headers['content-disposition']).toBe('attachment; filename="customers-2026-10-31.csv"')
    const rows = parseCsv(answer.text)
    expect(list.length).toBeGreaterThan(0)
    // Every row says who took it and when
    expect(new Set(rows.map((row) => row.导出标记))).toEqual(new Set([`${analyst.name} ${site.clock.now()}`]))
    expect(rows.map((row) => [row.客户号, row.姓名])).toEqual(
      list.map((row: Record<string, string>) => [row.customerNo, row.name]),
    )
    const entry = (await entriesOf('exportCustomers')).at(-1)
    expect(entry?.after).toMatchObject({ rows: list.length, format: 'csv', filter: { q: '…' } })
  })

  test('a workbook holds the same rows', async () => {
    const analyst = await site.person('analyst', head)
    const reply = await fetch(`${address}/api/customers/export?format=xlsx&language=en`, {
      headers: { cookie: analyst.cookie },
    })
    const { readSheet } = await import('read-excel-file/node')
    const rows = await readSheet(Buffer.from(await reply.arrayBuffer()))
    expect(rows).toHaveLength(bank.customers.length + 1)
    expect(rows[0]?.[0]).toBe('Customer number')
  })

  test('a reader who leaves in the middle leaves no transaction behind', async () => {
    const analyst = await site.person('analyst', head)
    const leaving = new AbortController()
    const reply = await fetch(`${address}/api/customers/export`, {
      headers: { cookie: analyst.cookie },
      signal: leaving.signal,
    })
    await reply.body?.getReader().read()
    leaving.abort()
    await expect
      .poll(
        async () =>
          (
            await rowsOf(
              `select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
            )
          ).length,
      )
      .toBe(0)
  })

  test('no cell is a formula', () => {
    for (const text of ['=1+1', '+1-1', '-x', '@sum', '\tx', '\rx']) expect(guarded(text)).toBe(`'${text}`)
    expect(csvLine(['-12.50', 'a,"b"', null, 3, '=x'])).toBe(`-12.50,"a,""b""",,3,'=x\r\n`)
  })
})

describe('uploads', () => {
  const csv = 'code,name,kind,parent_code\nU9,新网点,outlet,U1\n'
  const inbox = () => readdirSync(join(site.workplace.config.home, 'inbox'))

  test('a raw body and a form give the account of rows; the same again is not loaded twice', async () => {
    const steward = await site.person('dataSteward', head)
    const headers = { cookie: steward.cookie, 'content-type': 'text/csv' }
    const raw = await fetch(`${address}/api/feeds/units?file=units-new.csv`, { method: 'POST', headers, body: csv })
    const answer = await bodyOf(raw)
    expect([raw.status, answer.outcome]).toEqual([200, 'loaded'])
    expect(answer.load).toMatchObject({ rowsRead: 1, rowsAccepted: 1, rowsQuarantined: 0, file: 'units-new.csv' })
    expect(answer.load.loadedBy).toMatch(/^login:\d+$/)
    const form = new FormData()
    form.append('file', new Blob([csv]), 'units-new.csv')
    const second = await fetch(`${address}/api/feeds/units`, {
      method: 'POST',
      headers: { cookie: steward.cookie },
      body: form,
    })
    expect(await second.json()).toMatchObject({ outcome: 'alreadyLoaded', load: { id: answer.load.id } })
    expect((await steward.get(`/api/loads/${answer.load.id}`)).json).toMatchObject({ feed: 'units', rules: [] })
    expect((await steward.get('/api/loads?feed=units')).json.rows[0].id).toBe(answer.load.id)
    expect(inbox()).toEqual([])
  })

  test('a file that is refused whole says why in both languages and is on record', async () => {
    const steward = await site.person('dataSteward', head)
    const headers = { cookie: steward.cookie, 'content-type': 'text/csv' }
    const reply = await fetch(`${address}/api/feeds/units?file=units-bad.csv`, {
      method: 'POST',
      headers,
      body: 'nothing\n1\n',
    })
    const problem = await bodyOf(reply)
    expect([reply.status, problem.code]).toEqual([422, 'file_refused'])
    expect(problem.detail).toMatch(/\p{Script=Han}/u)
    expect(problem.detailEn).not.toMatch(/\p{Script=Han}/u)
    expect((await steward.get('/api/loads?status=refused')).json.rows[0].file).toBe('units-bad.csv')
    expect(inbox()).toEqual([])
  })

  test('names with folders, unknown feeds and endless bodies are refused', async () => {
    const steward = await site.person('dataSteward', head)
    const headers = { cookie: steward.cookie, 'content-type': 'text/csv' }
    const post = (path: string, body: string | ReadableStream) =>
      fetch(`${address}${path}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    expect((await post('/api/feeds/units?file=../units.csv', csv)).status).toBe(400)
    expect((await bodyOf(await post('/api/feeds/nothing?file=a.csv', csv))).code).toBe('feed_unknown')
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536))
        if (sent > 64 * 1_048_576) controller.close()
      },
    })
    const outcome = await post('/api/feeds/units?file=units.csv', endless)
      .then((reply) => reply.status)
      .catch(() => 'cut off')
    expect([413, 'cut off']).toContain(outcome)
    expect(sent).toBeLessThan(32 * 1_048_576)
    expect(inbox()).toEqual([])
  })
})

describe('quarantine', () => {
  test('is listed page by page with masked values, and whole only for who may load', async () => {
    const steward = await site.person('dataSteward', head)
    const headers = { cookie: steward.cookie, 'content-type': 'text/csv' }
    const rows = Array.from({ length: 120 }, (_, i) => `X${i},名称${i},${i < 119 ? 'outlet' : 'nothing'},U1`)
    const body = `code,name,kind,parent_code\n${rows.join('\n')}\n`
    const reply = await fetch(`${address}/api/feeds/units?file=units-x.csv`, { method: 'POST', headers, body })
    const { load } = await bodyOf(reply)
    expect(load).toMatchObject({ rowsRead: 120, rowsAccepted: 119, rowsQuarantined: 1 })
    const listed = (await steward.get(`/api/loads/${load.id}/quarantine?limit=1`)).json
    expect(listed.rows).toMatchObject([{ line: '121', column: 'kind', value: 'nothing' }])
    expect(listed.rows[0].expectedZh).toMatch(/\p{Script=Han}/u)
    const masked = parseCsv((await steward.get(`/api/loads/${load.id}/quarantine.csv`)).text)
    expect(masked).toMatchObject([{ line: '121', column: 'kind' }])
    const whole = parseCsv((await steward.get(`/api/loads/${load.id}/quarantine.csv?rows=whole`)).text)
    expect(whole).toMatchObject([{ code: 'X119', kind: 'nothing' }])
    const auditor = await site.person('auditor', head)
    expect((await auditor.get(`/api/loads/${load.id}/quarantine.csv?rows=whole`)).status).toBe(403)
    const dismiss = `/api/loads/${load.id}/quarantine/dismiss`
    expect((await steward.send('POST', dismiss, { lines: ['121'], reason: ' ' })).status).toBe(400)
    expect((await auditor.send('POST', dismiss, { lines: ['121'], reason: '测试' })).status).toBe(403)
    expect((await steward.send('POST', dismiss, { lines: ['121'], reason: '测试' })).json).toEqual({ dismissed: 1 })
    expect((await steward.send('POST', dismiss, { lines: ['121'], reason: '再次' })).json).toMatchObject({
      status: 409,
      code: 'quarantine_row_settled',
    })
    expect((await steward.get(`/api/loads/${load.id}`)).json.quarantine).toEqual({ open: 0, mended: 0, dismissed: 1 })
    const settled = (await steward.get(`/api/loads/${load.id}/quarantine`)).json.rows
    expect(settled).toMatchObject([{ line: '121', dismissed: { reason: '测试' } }])
    expect(await rowsOf(`select 1 from audit_entry where action = 'openQuarantine'`)).toHaveLength(1)
  })
})

describe('nights', () => {
  test('a queued night is done by a worker, and what becomes of it is told', { timeout: 60_000 }, async () => {
    const steward = await site.person('dataSteward', head)
    expect((await steward.send('POST', '/api/nights', { day: '2027-01-01' })).json.code).toBe('night_day_invalid')
    const answer = await steward.send('POST', '/api/nights', { day: '2026-10-31' })
    expect([answer.status, answer.json]).toEqual([202, { queued: true, day: '2026-10-31' }])
    // A worker that was killed had taken it.
    await rowsOf(`update graphile_worker._private_jobs set locked_by = 'gone', locked_at = now() - interval '1 minute'`)
    const worker = await work(site.workplace)
    // This bank has no lake, so the night is refused; the refusal is final and the job is gone.
    await expect
      .poll(
        async () =>
          (await rowsOf(`select payload->>'state' as state from event where topic = 'night' order by id`)).map(
            (row) => row.state,
          ),
        { timeout: 30_000 },
      )
      .toEqual(['published', 'published', 'queued', 'failed'])
    await expect.poll(async () => (await rowsOf('select 1 from graphile_worker.jobs')).length).toBe(0)
    await worker.close()
  })

  test('only tasks of the list get in', async () => {
    const ask = site.workplace.db.withScope(everything, (trx) => tell(trx, 'night', {}))
    await ask
    const { sql } = await import('kysely')
    await expect(
      site.workplace.db.withScope(everything, (trx) => sql`select strata.enqueue('rm -rf', '{}')`.execute(trx)),
    ).rejects.toThrow('no task')
  })
})

describe('events', () => {
  test('reach who may know of them, in order, and what was missed is told', async () => {
    const steward = await listen(address, await site.person('dataSteward', head))
    const teller = await listen(address, await site.person('teller', head))
    const say = (payload: object) => site.workplace.db.withScope(everything, (trx) => tell(trx, 'load', payload))
    for (const file of ['a.csv', 'b.csv', 'c.csv']) await say({ state: 'running', file, feed: 'units' })
    await expect.poll(() => steward.files()).toEqual(['a.csv', 'b.csv', 'c.csv'])
    const last = steward.ids().at(1)
    steward.leave()
    await say({ state: 'loaded', file: 'd.csv' })
    const again = await listen(address, await site.person('dataSteward', head), last)
    await expect.poll(() => again.files()).toEqual(['c.csv', 'd.csv'])
    expect(teller.files()).toEqual([])
    again.leave()
    teller.leave()
  })

  test('one event after another arrives although its transaction began earlier', async () => {
    const steward = await listen(address, await site.person('dataSteward', head))
    await site.workplace.db.withScope(everything, async (early) => {
      await tell(early, 'load', { state: 'running', file: 'early.csv' })
      await site.workplace.db.withScope(everything, (late) =>
        tell(late, 'load', { state: 'running', file: 'late.csv' }),
      )
      await expect
        .poll(() => steward.files().filter((file) => file.startsWith('early') || file.startsWith('late')))
        .toEqual(['late.csv'])
    })
    await expect
      .poll(() => steward.files().filter((file) => file.startsWith('early') || file.startsWith('late')))
      .toEqual(['late.csv', 'early.csv'])
    steward.leave()
  })

  test('listening goes on after the database has cut the line', async () => {
    const steward = await listen(address, await site.person('dataSteward', head))
    await rowsOf(
      `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen strata_event' and datname = current_database()`,
    )
    await site.workplace.db.withScope(everything, (trx) => tell(trx, 'load', { state: 'running', file: 'after.csv' }))
    await expect
      .poll(() => steward.files().filter((file) => file === 'after.csv'), { timeout: 10_000 })
      .toEqual(['after.csv'])
    steward.leave()
  })
})
