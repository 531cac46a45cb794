/** Master keys: where they come from, what they wrap, and a new generation while others read and write. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { holdGenerations, openKeys } from '../src/access/key-store.ts'
import { GenerationUnknown, generationOf, type Keys, purposes, withNewestKeys } from '../src/access/keys.ts'
import { masterKeys } from '../src/access/master-keys.ts'
import { keyStatus, rotateKeys } from '../src/access/rotate.ts'
import { newPartyKey, openFacts, partyKey, sealFacts } from '../src/access/seal.ts'
import { testSite } from './support/api.ts'
import { testDatabase } from './support/database.ts'
import { testHome } from './support/home.ts'
import { smallBank } from './support/small-bank.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function fresh() {
  const home = testHome()
  const database = await testDatabase()
  cleanups.push(
    () => home.remove(),
    () => database.drop(),
  )
  return { home: home.home, owner: database.db.owner, db: database.db }
}

const base64 = (byte: number) => Buffer.alloc(32, byte).toString('base64')

describe('masters', () => {
  test('a file is made once, readable by its owner only, and found again', async () => {
    const { home, owner } = await fresh()
    const first = await openKeys(owner, masterKeys({ home }))
    const path = join(home, 'keys', 'master.key')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await openKeys(owner, masterKeys({ home }))).accountSecret).toBe(first.accountSecret)
    const given = masterKeys({ home: '/nowhere', masterKey: readFileSync(path, 'utf8').trim() })
    expect((await openKeys(owner, given)).accountSecret).toBe(first.accountSecret)
    expect(() => masterKeys({ home, masterKey: 'c2hvcnQ=' })).toThrow(/STRATA_MASTER_KEY/)
    const other = openKeys(owner, masterKeys({ home, masterKey: base64(9) }))
    await expect(other).rejects.toMatchObject({ code: 'master_key_wrong' })
    const none = openKeys(owner, masterKeys({ home: '/nowhere' }))
    await expect(none).rejects.toMatchObject({ code: 'master_key_missing', params: { generation: 1 } })
  })

  test('the environment has to hold the new generation before it is asked for', async () => {
    const { home, owner } = await fresh()
    const one = masterKeys({ home, masterKey: base64(1) })
    const keys = await openKeys(owner, one)
    await expect(rotateKeys(owner, keys, one)).rejects.toMatchObject({ code: 'master_key_missing' })
    const both = masterKeys({ home, masterKey: `1:${base64(1)},2:${base64(2)}` })
    const newer = await openKeys(owner, both)
    expect(await rotateKeys(owner, newer, both)).toMatchObject({ generation: 2, retired: [1] })
    const left = await openKeys(owner, masterKeys({ home, masterKey: `2:${base64(2)}` }))
    expect(left.accountSecret).toBe(keys.accountSecret)
    expect(existsSync(join(home, 'keys'))).toBe(false)
  })

  test('an installation from before there were generations keeps its keys', async () => {
    const { home, owner } = await fresh()
    const master = Buffer.alloc(32, 5)
    const derived = (use: string) => Buffer.from(hkdfSync('sha256', master, 'strata', use, 32))
    const check = createHmac('sha256', derived('blindIndex:account')).update('installation').digest().subarray(0, 16)
    await owner.query(`insert into setting (name, value) values ('keyCheck', $1)`, [check.toString('hex')])
    const wrong = openKeys(owner, masterKeys({ home, masterKey: base64(6) }))
    await expect(wrong).rejects.toMatchObject({ code: 'master_key_wrong' })
    const keys = await openKeys(owner, masterKeys({ home, masterKey: base64(5) }))
    expect(keys.of('numberSeal')).toEqual(derived('numberSeal'))
    const old = sealedAsBefore(derived('partyWrap'), 'party:7', Buffer.alloc(32, 3))
    expect(partyKey(keys, 7n, old)).toEqual(Buffer.alloc(32, 3))
    expect(generationOf(old)).toBe(1)
  })
})

describe('a key service', () => {
  test('keeps the master sealed, and is asked once per start', async () => {
    const { home, owner } = await fresh()
    const kms = await transit()
    const config = { home, kms: { url: kms.url, key: 'bank', token: 'a token' } }
    const keys = await openKeys(owner, masterKeys(config))
    expect(existsSync(join(home, 'keys'))).toBe(false)
    expect((await openKeys(owner, masterKeys(config))).accountSecret).toBe(keys.accountSecret)
    expect(kms.asked).toEqual(['encrypt bank', 'decrypt bank', 'decrypt bank'])
    expect(await rotateKeys(owner, keys, masterKeys(config))).toMatchObject({ generation: 2, retired: [1] })
    expect((await keyStatus(owner)).map((one) => one.keptBy)).toEqual(['service', 'service'])

    const stranger = masterKeys({ home, kms: { ...config.kms, token: 'another' } })
    await expect(openKeys(owner, stranger)).rejects.toMatchObject({ code: 'kms_failed' })
    await kms.close()
    await expect(openKeys(owner, masterKeys(config))).rejects.toMatchObject({ code: 'kms_failed' })
  })

  test('takes over from a file', async () => {
    const { home, owner } = await fresh()
    await openKeys(owner, masterKeys({ home }))
    const kms = await transit()
    const both = masterKeys({ home, kms: { url: kms.url, key: 'bank', token: 'a token' } })
    await rotateKeys(owner, await openKeys(owner, both), both)
    expect((await keyStatus(owner)).map((one) => [one.keptBy, one.purposes])).toEqual([
      ['given', 0n],
      ['service', BigInt(purposes.length)],
    ])
  })
})

describe('a rotation', () => {
  test('wraps everything anew; what is sealed stays, and a server that runs learns of it', async () => {
    const site = await testSite()
    cleanups.push(() => site.close())
    const { db, keys, masters } = site.workplace
    const bank = await smallBank(db, keys, { customers: 8 })
    const analyst = await site.person('analyst', bank.units[0]!.id)
    const before = await stored(db.owner)
    // Another process: its keys are its own.
    const others = await openKeys(db.owner, masters)
    expect(await rotateKeys(db.owner, others, masters)).toMatchObject({ generation: 2, rewrapped: 8, resumed: false })
    const after = await stored(db.owner)
    expect(after.map((row) => generationOf(row.wrapped))).toEqual(Array(8).fill(2))
    expect(after.map((row) => row.sealed)).toEqual(before.map((row) => row.sealed))
    expect(keys.generation).toBe(1)
    const page = await analyst.get(`/api/customers/${bank.customers[0]!.customerNo}`)
    expect([page.status, page.json.phone]).toEqual([200, '139****0001'])
    expect(keys.generation).toBe(2)
    const audited = await db.owner.query(`select noun_id from audit_entry where action = 'rotateKeys'`)
    expect(audited.rows).toEqual([{ noun_id: '2' }, { noun_id: '2' }])
  })

  test('goes on where it was cut off, and never skips a generation', async () => {
    const { keys, owner, masters, rows } = await withParties(3)
    await owner.query(`create function stop() returns trigger language plpgsql as
      $$ begin if new.party_id = 2 then raise exception 'cut off'; end if; return new; end $$`)
    await owner.query('create trigger stop before update on party_key for each row execute function stop()')
    await expect(rotateKeys(owner, keys, masters)).rejects.toThrow('cut off')
    await owner.query('drop trigger stop on party_key')
    expect(await rotateKeys(owner, keys, masters)).toMatchObject({ generation: 2, resumed: true, retired: [1] })
    expect(await opened(owner, keys)).toEqual(rows)
  })

  test('does not retire a generation under which a load still writes', async () => {
    const { keys, owner, masters, db } = await withParties(2)
    const loader = await openKeys(owner, masters)
    const client = await db.owner.connect()
    await client.query('begin')
    await holdGenerations(client, loader)
    const rotation = rotateKeys(owner, keys, masters)
    await expect.poll(async () => (await keyStatus(owner)).at(-1)?.parties).toBe(2n)
    // Long enough for a rotation that would not wait.
    await sleep(500)
    await addParty(client, loader, 3)
    await client.query('commit')
    client.release()
    expect(await rotation).toMatchObject({ generation: 2, retired: [1] })
    expect((await keyStatus(owner)).map((one) => one.parties)).toEqual([0n, 3n])
    expect(Object.keys(await opened(owner, keys))).toHaveLength(3)
  })

  test('only one runs at a time', { timeout: 30_000 }, async () => {
    const { keys, owner, masters } = await withParties(1)
    const client = await owner.connect()
    await client.query('begin')
    await client.query('select from party_key for update')
    const first = rotateKeys(owner, keys, masters)
    await expect.poll(async () => (await keyStatus(owner)).length).toBe(2)
    await expect(rotateKeys(owner, keys, masters)).rejects.toMatchObject({ code: 'rotation_busy' })
    await client.query('commit')
    client.release()
    expect(await first).toMatchObject({ generation: 2 })
  })

  test('a key of a generation that nobody knows here is told apart from a broken one', async () => {
    const { keys, owner, masters } = await withParties(1)
    const others = await openKeys(owner, masters)
    await rotateKeys(owner, keys, masters)
    const wrapped = (await stored(owner))[0]!.wrapped
    expect(() => partyKey(others, 1n, wrapped)).toThrow(GenerationUnknown)
    await withNewestKeys(others, async () => partyKey(others, 1n, wrapped))
    const bent = Buffer.from(wrapped)
    bent[bent.length - 1]! ^= 1
    expect(() => partyKey(others, 1n, bent)).toThrow(/authenticate/)
  })
})

async function withParties(count: number) {
  const { home, owner, db } = await fresh()
  const masters = masterKeys({ home })
  const keys = await openKeys(owner, masters)
  await owner.query(`insert into unit (code, name, kind, path) values ('01', '总行', 'headOffice', '/1/')`)
  for (let id = 1; id <= count; id++) await addParty(owner, keys, id)
  return { owner, db, masters, keys, rows: await opened(owner, keys) }
}

async function addParty(client: Pick<Awaited<ReturnType<typeof fresh>>['owner'], 'query'>, keys: Keys, id: number) {
  const { key, wrapped } = newPartyKey(keys, BigInt(id))
  await client.query(
    `insert into party (id, kind, customer_no, name, unit_id, sealed) overriding system value
     values ($1, 'person', $2, '某人', (select id from unit limit 1), $3)`,
    [id, String(id), sealFacts(key, BigInt(id), { phone: `1390000${id}` })],
  )
  await client.query('insert into party_key (party_id, wrapped) values ($1, $2)', [id, wrapped])
}

type Owner = Awaited<ReturnType<typeof fresh>>['owner']

async function stored(owner: Owner) {
  const found = await owner.query<{ party_id: bigint; wrapped: Buffer; sealed: Buffer }>(
    'select party_id, wrapped, sealed from party_key join party on id = party_id order by party_id',
  )
  return found.rows
}

async function opened(owner: Owner, keys: Keys): Promise<Record<string, string | undefined>> {
  const rows = await stored(owner)
  return Object.fromEntries(
    rows.map((row) => [
      row.party_id,
      openFacts(partyKey(keys, row.party_id, row.wrapped), row.party_id, row.sealed).phone,
    ]),
  )
}

function sealedAsBefore(key: Buffer, context: string, plain: Buffer): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([Buffer.from([1]), nonce, cipher.getAuthTag(), body])
}

/** A key service with the transit interface of Vault: seals under a key of its own and knows one token. */
async function transit() {
  const own = randomBytes(32)
  const asked: string[] = []
  const server = createServer(async (request, reply) => {
    let text = ''
    for await (const part of request) text += part
    const [, act, key] = /^\/v1\/transit\/(encrypt|decrypt)\/(\w+)$/.exec(request.url ?? '') ?? []
    if (request.headers['x-vault-token'] !== 'a token' || !act) return reply.writeHead(403).end('{"errors":[]}')
    asked.push(`${act} ${key}`)
    const body = JSON.parse(text) as { plaintext: string; ciphertext: string }
    const data = act === 'encrypt' ? { ciphertext: seal(body.plaintext) } : { plaintext: open(body.ciphertext) }
    reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }))
  })
  const seal = (text: string) => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', own, nonce)
    return `vault:v1:${Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64')}`
  }
  const open = (text: string) => {
    const bytes = Buffer.from(text.slice('vault:v1:'.length), 'base64')
    const decipher = createDecipheriv('aes-256-gcm', own, bytes.subarray(0, 12))
    decipher.setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections())
  cleanups.push(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/transit`, asked, close }
}
