/** Uploads that nobody waits for: the line drops, the server stops, another load is under way. */
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildServer } from '../src/api/server.ts'
import { withSession } from '../src/nightly/load/session.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { type Listener, listen } from './support/events.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let address: string
let steward: Person
let events: Listener

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  address = await site.app.listen({ port: 0, host: '127.0.0.1' })
  steward = await site.person('dataSteward', bank.units[0]?.id ?? 0)
  events = await listen(address, steward)
})
afterAll(async () => {
  events.leave()
  await site.close()
})

const csv = (code: string, count = 1) =>
  `code,name,kind,parent_code\n${Array.from({ length: count }, (_, i) => `${code}${i},新网点${i},outlet,U1\n`).join('')}`

const loadsOf = async (file: string) =>
  (await steward.get('/api/loads?feed=units')).json.rows.filter((load: { file: string }) => load.file === file)

const folder = () => join(site.workplace.config.home, 'inbox')
const inbox = () => (existsSync(folder()) ? readdirSync(folder()) : [])
const statesOf = (file: string) => [...new Set(events.payloads(file).map((payload) => payload.state))]

async function upload(file: string, body: string, query = '') {
  const headers = { cookie: steward.cookie, 'content-type': 'text/csv' }
  const reply = await fetch(`${address}/api/feeds/units?file=${file}${query}`, { method: 'POST', headers, body })
  return { status: reply.status, json: (await reply.json()) as { outcome: string; load: { id: number } | null } }
}

/** Sends the whole request by hand and cuts the line after its last byte, without reading the answer. */
async function uploadAndDrop(file: string, body: string, bytes = Buffer.byteLength(body)): Promise<void> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  const head = [
    `POST /api/feeds/units?file=${file} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    `Cookie: ${steward.cookie}`,
    'Content-Type: text/csv',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ].join('\r\n')
  await new Promise<void>((resolve) => {
    socket.write(`${head}\r\n\r\n`)
    socket.write(Buffer.from(body).subarray(0, bytes), () => resolve())
  })
  socket.destroy()
}

test('a line that drops after the last byte: the file is loaded, its progress told, and asked again it says the same', {
  timeout: 60_000,
}, async () => {
  const body = csv('D', 200)
  await uploadAndDrop('units-dropped.csv', body)
  await expect.poll(() => loadsOf('units-dropped.csv'), { timeout: 20_000 }).toHaveLength(1)
  const [load] = await loadsOf('units-dropped.csv')
  expect(load).toMatchObject({ status: 'loaded', rowsRead: 200, rowsAccepted: 200, rowsQuarantined: 0 })
  await expect.poll(() => statesOf('units-dropped.csv')).toEqual(['queued', 'running', 'loaded'])
  const last = events.payloads('units-dropped.csv').at(-1)
  expect(last).toMatchObject({ state: 'loaded', feed: 'units', loadId: load.id, rowsRead: 200 })
  const again = await upload('units-dropped.csv', body)
  expect([again.status, again.json]).toMatchObject([200, { outcome: 'alreadyLoaded', load }])
  expect(inbox()).toEqual([])
})

test('a line that drops before the last byte leaves nothing', async () => {
  const body = csv('H', 200)
  await uploadAndDrop('units-half.csv', body, 500)
  await expect.poll(inbox, { timeout: 10_000 }).toEqual([])
  expect(await loadsOf('units-half.csv')).toEqual([])
  expect(statesOf('units-half.csv')).toEqual([])
})

test('who does not want to wait is told that it is under way, also while another load holds the lock', async () => {
  let early: Awaited<ReturnType<typeof upload>> | undefined
  await withSession(site.workplace, { by: 'test' }, async () => {
    early = await upload('units-early.csv', csv('E'), '&wait=0')
    await expect.poll(() => statesOf('units-early.csv')).toEqual(['queued'])
    expect(await loadsOf('units-early.csv')).toEqual([])
  })
  expect([early?.status, early?.json]).toMatchObject([
    200,
    { outcome: 'underWay', file: 'units-early.csv', load: null },
  ])
  await expect.poll(() => loadsOf('units-early.csv'), { timeout: 20_000 }).toHaveLength(1)
  expect((await upload('units-early.csv', csv('E'))).json).toMatchObject({ outcome: 'alreadyLoaded' })
})

test('a file that a stopped server had received is loaded by the next one', async () => {
  const path = join(folder(), 'ab12-units-left.csv')
  writeFileSync(path, csv('L'))
  const ticket = { path, feed: 'units', name: 'units-left.csv', by: 'login:1', attempts: 1 }
  writeFileSync(`${path}.ticket.json`, JSON.stringify(ticket))
  const next = await buildServer(site.workplace)
  await expect.poll(() => loadsOf('units-left.csv'), { timeout: 20_000 }).toHaveLength(1)
  expect((await loadsOf('units-left.csv'))[0]).toMatchObject({ status: 'loaded', loadedBy: 'login:1' })
  await next.close()
  expect(existsSync(path)).toBe(false)
})

test('a file that always fails is not tried for ever, and not thrown away', async () => {
  const path = join(folder(), 'ab13-units-fails.csv')
  writeFileSync(path, csv('F'))
  writeFileSync(
    `${path}.ticket.json`,
    JSON.stringify({ path, feed: 'units', name: 'f.csv', by: 'login:1', attempts: 3 }),
  )
  const told = once(process, 'warning')
  await (await buildServer(site.workplace)).close()
  expect(String((await told)[0])).toContain(path)
  expect(inbox().sort()).toEqual(['ab13-units-fails.csv', 'ab13-units-fails.csv.failed.json'])
  expect(await loadsOf('f.csv')).toEqual([])
  for (const name of inbox()) rmSync(join(folder(), name))
})
