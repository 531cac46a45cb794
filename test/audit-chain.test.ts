/**
 * The audit chain: written by the application, sealed by the sealer, exported, and checked without a database. Every way
 * of tampering with a file or with the record is tried and must be found.
 */
import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit, auditAsOwner } from '../src/access/audit.ts'
import { type ChainedEntry, type Head, linkHash, publicPem, signHead } from '../src/access/audit-chain.ts'
import { auditFile, newestHead } from '../src/access/audit-file.ts'
import { sealAudit } from '../src/access/audit-sealer.ts'
import { type AuditSigner, openAuditSigner } from '../src/access/audit-signer.ts'
import { type AuditVerdict, type TrustedParts, verifyAudit } from '../src/access/audit-verify.ts'
import { audit as auditVerb } from '../src/command/audit.ts'
import { verify } from '../src/command/verify.ts'
import { everything } from '../src/db/database.ts'
import { work } from '../src/jobs/work.ts'
import { day } from '../src/kit/day.ts'
import { type TestSite, testSite } from './support/api.ts'

let site: TestSite
let signer: AuditSigner
let lines: string[]
let firstHead: Head
let lastHead: Head

/** In four batches, so that the file holds several heads; the second entry of each is committed after a later one. */
beforeAll(async () => {
  site = await testSite()
  const { db, config, clock } = site.workplace
  signer = openAuditSigner(config.home)
  for (let batch = 0; batch < 4; batch++) {
    await db.withScope(everything, async (trx) => {
      for (let i = 0; i < 6; i++) await audit(trx, entryOf(batch * 6 + i))
    })
    await sealAudit(db.owner, signer, clock)
    if (batch === 1) firstHead = (await db.withScope(everything, newestHead)) as Head
  }
  lastHead = (await db.withScope(everything, newestHead)) as Head
  lines = await exported()
})
afterAll(() => site.close())

const entryOf = (i: number) => ({
  who: `login:${i % 3}`,
  action: i % 2 === 0 ? 'decideProposals' : 'exportCustomers',
  noun: 'customers',
  nounId: i % 4 === 0 ? null : String(i),
  before: { decision: 'open', i },
  after: { decision: 'accepted', i, money: 12n },
  reason: i % 5 === 0 ? '客户来电' : null,
  address: '10.0.0.1',
})

async function exported(): Promise<string[]> {
  const { db, clock } = site.workplace
  const parts = await db.withScope(everything, (trx) => Array.fromAsync(auditFile(trx, clock.now())))
  return parts.join('').trimEnd().split('\n')
}

const check = async (file: readonly string[], trusted: TrustedParts = {}): Promise<AuditVerdict> => {
  const verdict = await verifyAudit(file, trusted)
  if (!verdict) throw new Error('no audit file')
  return verdict
}
const faultsOf = async (file: readonly string[], trusted?: TrustedParts) =>
  (await check(file, trusted)).findings.map((one) => one.fault)

interface Line {
  seq?: number | null
  hash?: string | null
  entry?: ChainedEntry
  head?: Head
  end?: { entries: number; unsealed: number }
}
const read = (text: string): Line => JSON.parse(text) as Line
const isEntry = (text: string) => read(text).entry !== undefined
const entryLines = () => lines.flatMap((text, at) => (isEntry(text) ? [at] : []))

/** What somebody does who may write the file and knows the format, but not the signing key. */
function relinked(file: readonly string[], signWith?: KeyObject): string[] {
  const header = JSON.parse(file[0] ?? '') as { hashBefore: string; lastSeq: number; keys: object[] }
  let hash: Buffer = Buffer.from(header.hashBefore, 'hex')
  let seq = 0
  const body = file.slice(1).map((text) => {
    const line = read(text)
    if (line.entry) {
      seq += 1
      hash = linkHash(hash, seq, line.entry)
      return JSON.stringify({ seq, hash: hash.toString('hex'), entry: line.entry })
    }
    if (line.head && signWith)
      return JSON.stringify({ head: signHead(signWith, { seq, hash, sealedAt: line.head.sealedAt }) })
    if (line.end) return JSON.stringify({ end: { entries: seq, unsealed: 0 } })
    return text
  })
  header.lastSeq = seq
  if (signWith) {
    const signed = read(body.find((text) => read(text).head) ?? '{}').head
    header.keys = [{ keyId: signed?.keyId, publicKey: publicPem(createPublicKey(signWith)) }]
  }
  return [JSON.stringify(header), ...body]
}

describe('a file that nobody touched', () => {
  test('holds, with every entry in the chain and nothing readable that is sealed', async () => {
    const verdict = await check(lines, { publicKey: signer.publicKey, head: firstHead })
    expect(verdict).toMatchObject({
      holds: true,
      entries: 24,
      unsealed: 0,
      firstSeq: 1,
      lastSeq: 24,
      headCompared: true,
    })
    expect(verdict.head).toEqual(lastHead)
    expect(lines.join('')).not.toMatch(/accepted|来电/)
  })

  test('what is not sealed yet is told as such, and sealed without a hole the next time', async () => {
    const { db, clock } = site.workplace
    await db.withScope(everything, (trx) => audit(trx, entryOf(99)))
    expect(await check(await exported())).toMatchObject({ holds: true, entries: 24, unsealed: 1 })
    await sealAudit(db.owner, signer, clock)
    expect(await check(await exported())).toMatchObject({ holds: true, entries: 25, unsealed: 0 })
  })

  test('an entry that is committed after a later one gets the next place', async () => {
    const { db, clock } = site.workplace
    const late = await db.owner.connect()
    await late.query('begin')
    await auditAsOwner(late, site.workplace.keys, { ...entryOf(1), action: 'late' })
    await db.withScope(everything, (trx) => audit(trx, { ...entryOf(2), action: 'early' }))
    expect(await sealAudit(db.owner, signer, clock)).toBe(1)
    await late.query('commit')
    late.release()
    expect(await sealAudit(db.owner, signer, clock)).toBe(1)
    const { rows } = await db.owner.query(
      'select e.action from audit_seal s join audit_entry e on e.id = s.entry_id order by s.seq desc limit 2',
    )
    expect(rows.map((row) => row.action)).toEqual(['late', 'early'])
    expect(await check(await exported())).toMatchObject({ holds: true, entries: 27 })
  })

  test('many sealers at once make one chain', async () => {
    const { db, clock } = site.workplace
    await db.withScope(everything, async (trx) => {
      for (let i = 0; i < 30; i++) await audit(trx, entryOf(i))
    })
    const sealed = await Promise.all(Array.from({ length: 5 }, () => sealAudit(db.owner, signer, clock)))
    expect(sealed.reduce((sum, one) => sum + one, 0)).toBe(30)
    expect(await check(await exported())).toMatchObject({ holds: true, entries: 57 })
  })

  test('a span takes a stretch of the chain that still ends in a signed head', async () => {
    const { db, clock } = site.workplace
    const { rows } = await db.owner.query(
      `select to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from audit_seal s
         join audit_entry e on e.id = s.entry_id where s.seq in (8, 15) order by s.seq`,
    )
    const span = { from: rows[0].at as string, to: rows[1].at as string }
    const parts = await db.withScope(everything, (trx) => Array.fromAsync(auditFile(trx, clock.now(), span)))
    const verdict = await check(parts.join('').trimEnd().split('\n'), { publicKey: signer.publicKey })
    expect(verdict).toMatchObject({ holds: true, firstSeq: 8, lastSeq: 18 })
  })
})

describe('tampering with the file', () => {
  test.each([
    ['a field', (entry: ChainedEntry) => ({ ...entry, who: 'login:7' })],
    ['what is sealed', (entry: ChainedEntry) => ({ ...entry, after: entry.before })],
    [
      'the time by a microsecond',
      (entry: ChainedEntry) => ({ ...entry, at: entry.at.replace(/\dZ$/, (d) => `${(Number(d[0]) + 1) % 10}Z`) }),
    ],
    ['nothing into something', (entry: ChainedEntry) => ({ ...entry, nounId: 'x' })],
  ])('changing %s', async (_what, change) => {
    const at = entryLines()[8] ?? 0
    const line = read(lines[at] ?? '')
    const file = lines.with(at, JSON.stringify({ ...line, entry: change(line.entry as ChainedEntry) }))
    expect((await check(file)).findings).toEqual([expect.objectContaining({ fault: 'changed', seq: 9, line: at + 1 })])
    // With every later hash made anew, the signature is what tells.
    expect(await faultsOf(relinked(file))).toContain('headDiffers')
  })

  test('deleting an entry', async () => {
    const file = lines.toSpliced(entryLines()[5] ?? 0, 1)
    expect(await faultsOf(file)).toEqual(expect.arrayContaining(['missing', 'cut']))
    expect((await check(relinked(file))).holds).toBe(false)
  })

  test('swapping two entries', async () => {
    const [a, b] = [entryLines()[2] ?? 0, entryLines()[3] ?? 0]
    const file = lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '')
    expect(await faultsOf(file)).toEqual(expect.arrayContaining(['missing', 'misplaced']))
    expect(await faultsOf(relinked(file))).toContain('headDiffers')
  })

  test('putting an entry in', async () => {
    const at = entryLines()[4] ?? 0
    const file = lines.toSpliced(at, 0, lines[at] ?? '')
    expect(await faultsOf(file)).toContain('misplaced')
    expect(await faultsOf(relinked(file))).toContain('headDiffers')
  })

  test('cutting the tail, plainly and so that the file looks whole', async () => {
    expect(await faultsOf(lines.slice(0, -9))).toContain('cut')
    const upTo = lines.findIndex((text) => read(text).head?.seq === firstHead.seq)
    const shorter = relinked([...lines.slice(0, upTo + 1), lines.at(-1) ?? ''])
    expect((await check(shorter, { publicKey: signer.publicKey })).holds).toBe(true)
    expect(await faultsOf(shorter, { head: lastHead })).toEqual(['cut'])
  })

  test('leaving out the last head', async () => {
    const at = lines.findLastIndex((text) => read(text).head !== undefined)
    expect(await faultsOf(lines.toSpliced(at, 1))).toContain('unsigned')
  })

  test('signing all anew with another key', async () => {
    const other = generateKeyPairSync('ed25519').privateKey
    const at = entryLines()[0] ?? 0
    const line = read(lines[at] ?? '')
    const changed = lines.with(at, JSON.stringify({ ...line, entry: { ...line.entry, who: 'login:7' } }))
    const file = relinked(changed, other)
    // Of one piece in itself: only what was kept elsewhere can tell.
    expect((await check(file)).holds).toBe(true)
    expect(await faultsOf(file, { publicKey: signer.publicKey })).toContain('unknownKey')
    expect(await faultsOf(file, { head: firstHead })).toEqual(expect.arrayContaining(['headDiffers', 'badSignature']))
  })

  test('calling another key by the name of ours', async () => {
    const pem = publicPem(generateKeyPairSync('ed25519').publicKey)
    const header = JSON.parse(lines[0] ?? '') as { keys: { keyId: string; publicKey: string }[] }
    const keys = header.keys.map((key) => ({ ...key, publicKey: pem }))
    expect(await faultsOf(lines.with(0, JSON.stringify({ ...header, keys })))).toContain('unknownKey')
  })

  test('an old entry outside the chain', async () => {
    const line = read(lines[entryLines()[0] ?? 0] ?? '')
    const old = { seq: null, hash: null, entry: { ...line.entry, at: '2020-01-01T00:00:00.000000Z' } }
    expect(await faultsOf(lines.toSpliced(-1, 0, JSON.stringify(old)))).toContain('leftOut')
  })

  test('is found whatever is done, by anybody without the key', async () => {
    const trusted = { publicKey: signer.publicKey, head: lastHead }
    const entries = entryLines()
    // In the first half, so that it is still there after a cut.
    const place = fc.integer({ min: 0, max: 11 }).map((i) => entries[i] ?? 0)
    const field = fc.constantFrom(
      'id',
      'at',
      'who',
      'action',
      'noun',
      'nounId',
      'partyId',
      'before',
      'after',
      'reason',
      'address',
    )
    const tampering = fc.oneof(
      fc.tuple(place, field, fc.string({ minLength: 1, maxLength: 12 })).map(([at, name, text]) => (file: string[]) => {
        const line = read(file[at] ?? '')
        return file.with(at, JSON.stringify({ ...line, entry: { ...line.entry, [name]: `${text}!` } }))
      }),
      place.map((at) => (file: string[]) => file.toSpliced(at, 1)),
      fc.tuple(place, place).map(
        ([a, b]) =>
          (file: string[]) =>
            file.with(a, file[b] ?? '').with(b, file[a] ?? ''),
      ),
      fc.tuple(place, place).map(
        ([a, b]) =>
          (file: string[]) =>
            file.toSpliced(a, 0, file[b] ?? ''),
      ),
      fc.integer({ min: 1, max: 4 }).map((count) => (file: string[]) => file.slice(0, -count)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(tampering, { minLength: 1, maxLength: 4 }), fc.boolean(), async (acts, clever) => {
        const done = acts.reduce((file, act) => (file.length < lines.length / 2 ? file : act(file)), lines)
        const same = done.length === lines.length && done.every((text, at) => text === lines[at])
        const file = clever && done.length > 1 ? relinked(done) : done
        const verdict = await verifyAudit(file, trusted)
        expect(verdict?.holds ?? false).toBe(same)
      }),
      { numRuns: 300, seed: 11 },
    )
  })
})

describe('tampering with the record', () => {
  test.each(['audit_entry', 'audit_seal', 'audit_head', 'audit_signer', 'tier_change'])(
    '%s is only added to',
    async (table) => {
      const { db } = site.workplace
      const column = {
        audit_entry: 'who',
        audit_seal: 'hash',
        audit_head: 'hash',
        audit_signer: 'public_key',
        tier_change: 'reason',
      }[table]
      for (const statement of [
        `update ${table} set ${column} = ${column}`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ]) {
        await expect(db.owner.query(statement)).rejects.toThrow(/only ever added to/)
      }
      for (const statement of [`update ${table} set ${column} = ${column}`, `delete from ${table}`]) {
        await expect(db.withScope(everything, (trx) => sql.raw(statement).execute(trx))).rejects.toThrow(
          /permission denied|only ever added/,
        )
      }
    },
  )

  test('an owner who switches that off is found out', async () => {
    const { db } = site.workplace
    await db.owner.query('alter table audit_entry disable trigger only_added')
    await db.owner.query(
      `update audit_entry set who = 'login:1' where id = (select entry_id from audit_seal where seq = 4)`,
    )
    expect((await check(await exported())).findings).toEqual([expect.objectContaining({ fault: 'changed', seq: 4 })])
    await db.owner.query(
      `update audit_entry set who = 'login:0' where id = (select entry_id from audit_seal where seq = 4)`,
    )
    await db.owner.query('alter table audit_entry enable trigger only_added')
    expect((await check(await exported())).holds).toBe(true)
  })
})

describe('the command', () => {
  const at = (name: string) => join(site.workplace.config.home, name)

  test('writes file, head and key; the file is checked without a database', async () => {
    const { workplace } = site
    await auditVerb(workplace, 'export', { out: at('audit.jsonl') })
    await auditVerb(workplace, 'head', { out: at('head.json') })
    await auditVerb(workplace, 'key', { out: at('key.pem') })
    expect(statSync(at('keys/audit.key')).mode & 0o777).toBe(0o600)
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
    const env = { PATH: process.env.PATH, LANG: 'C', DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
    const args = ['verify', 'audit', at('audit.jsonl'), '--key', at('key.pem'), '--json']
    const said = execFileSync(process.execPath, [main, ...args], { encoding: 'utf8', env })
    expect(JSON.parse(said)).toMatchObject({ holds: true, findings: [], keyGiven: true })
    // The export itself was sealed after it, with the head.
    expect(await verify(at('audit.jsonl'), { head: at('head.json') })).toBe(1)
    await auditVerb(workplace, 'export', { out: at('later.jsonl'), from: day('2020-01-01'), to: day('2099-12-31') })
    expect(await verify(at('later.jsonl'), { head: at('head.json'), key: at('key.pem') })).toBe(0)
  })

  test('ends with 1 for a file that does not hold and 2 for what is none', async () => {
    const text = readFileSync(at('audit.jsonl'), 'utf8')
    writeFileSync(at('changed.jsonl'), text.replace('"who":"login:1"', '"who":"login:2"'))
    expect(await verify(at('changed.jsonl'), { json: true })).toBe(1)
    writeFileSync(at('other.jsonl'), '{"strata":"something"}\n')
    expect(await verify(at('other.jsonl'), {})).toBe(2)
    expect(await verify(at('absent.jsonl'), {})).toBe(2)
    expect(await verify(at('audit.jsonl'), { key: at('other.jsonl') })).toBe(2)
    expect(await verify(at('audit.jsonl'), { head: at('other.jsonl') })).toBe(2)
  })
})

test('the worker seals within ten seconds', async () => {
  const { workplace } = site
  const worker = await work(workplace)
  try {
    await workplace.db.withScope(everything, (trx) => audit(trx, { ...entryOf(1), action: 'waits' }))
    const began = performance.now()
    await expect
      .poll(
        async () =>
          (await workplace.db.owner.query('select count(*)::int as n from audit_pending')).rows[0].n as number,
        { timeout: 10_000, interval: 200 },
      )
      .toBe(0)
    expect(performance.now() - began).toBeLessThan(10_000)
  } finally {
    await worker.close()
  }
})
