/** The audit after a rotation of the master key, and after somebody whom it speaks of was erased. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenedEntry, openEntry, type SealedEntry } from '../src/access/audit.ts'
import { auditFile } from '../src/access/audit-file.ts'
import { sealAudit } from '../src/access/audit-sealer.ts'
import { openAuditSigner } from '../src/access/audit-signer.ts'
import { verifyAudit } from '../src/access/audit-verify.ts'
import { openKeys } from '../src/access/key-store.ts'
import type { Keys } from '../src/access/keys.ts'
import { masterKeys } from '../src/access/master-keys.ts'
import { rotateKeys } from '../src/access/rotate.ts'
import { partyKey } from '../src/access/seal.ts'
import { everything } from '../src/db/database.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { eraseNow } from './support/erasing.ts'
import { smallBank } from './support/small-bank.ts'

let site: TestSite
let manager: Person
let auditor: Person

const facts = (no: string) => `/api/customers/${no}/facts`
const edit = async (no: string, changed: object) => {
  const { version } = (await manager.get(facts(no))).json
  return manager.send('POST', facts(no), { version, reason: '客户来电', ...changed })
}

beforeAll(async () => {
  site = await testSite()
  const { db, keys } = site.workplace
  const bank = await smallBank(db, keys, { place: () => ({ unit: 0, manager: 0 }) })
  manager = await site.person('relationshipManager', bank.units[0]!.id, bank.managers[0] ?? null)
  auditor = await site.person('auditor', bank.units[0]!.id)
  expect((await edit('200000001', { phone: '13711112222', occupation: '教师' })).status).toBe(200)
  expect((await edit('200000002', { phone: '13733334444' })).status).toBe(200)
})
afterAll(() => site.close())

async function opened(keys: Keys): Promise<(OpenedEntry & { nounId: string | null })[]> {
  const { rows } = await site.workplace.db.owner.query<SealedEntry & { wrapped: Buffer | null }>(
    `select e.action, e.noun, e.noun_id as "nounId", e.party_id as "partyId", e.by_party_key as "byPartyKey", e.before,
       e.after, e.reason, k.wrapped
     from audit_entry e left join party_key k on k.party_id = e.party_id order by e.id`,
  )
  return rows.map((row) => ({
    nounId: row.nounId,
    ...openEntry(keys, row, row.wrapped && row.partyId !== null ? partyKey(keys, row.partyId, row.wrapped) : null),
  }))
}

const verdict = async () => {
  const { db, clock, config } = site.workplace
  await sealAudit(db.owner, openAuditSigner(config.home), clock)
  const parts = await db.withScope(everything, (trx) => Array.fromAsync(auditFile(trx, clock.now())))
  return verifyAudit(parts.join('').trimEnd().split('\n'), {})
}

/** What an auditor's page tells of the edits, newest first. */
const editsShown = async () => {
  const { rows } = (await auditor.get('/api/audit?action=editCustomer')).json
  const entries = rows.map(async ({ id }: { id: string }) => (await auditor.get(`/api/audit/entries/${id}`)).json)
  return (await Promise.all(entries)).map(({ nounId, after, erased }) => ({ nounId, told: after !== null, erased }))
}

test('after a rotation every entry opens under the new master alone, on the page too, and the chain holds', async () => {
  const { db, masters, keys, config } = site.workplace
  const before = await opened(keys)
  expect(before.map(({ after }) => after)).toContainEqual({ phone: '13711112222', occupation: '教师' })
  expect(await verdict()).toMatchObject({ holds: true, unsealed: 0 })
  const others = await openKeys(db.owner, masters)
  expect(await rotateKeys(db.owner, others, masters)).toMatchObject({ generation: 2, retired: [1] })
  expect(keys.generation).toBe(1)
  expect(await editsShown()).toEqual([
    { nounId: '200000002', told: true, erased: false },
    { nounId: '200000001', told: true, erased: false },
  ])
  expect(keys.generation).toBe(2)
  const folder = join(config.home, 'keys')
  for (const name of readdirSync(folder).filter((one) => one === 'master.key')) rmSync(join(folder, name))
  const after = await opened(await openKeys(db.owner, masterKeys({ home: config.home })))
  expect(after.slice(0, before.length)).toEqual(before)
  expect((await verdict())?.holds).toBe(true)
})

describe('after an erasure', () => {
  test('what entries said of the person is closed for good, the rest opens, and the chain holds', async () => {
    const { db, keys, clock, config } = site.workplace
    const entries = async () => (await db.owner.query('select * from audit_entry order by id')).rows
    const before = await entries()
    const place = { owner: db.owner, keys, clock, home: config.home }
    await eraseNow(place, { customerNo: '200000001', reason: '客户书面申请' })
    expect((await entries()).slice(0, before.length)).toEqual(before)
    const after = await opened(keys)
    const closed = after.filter(({ erased }) => erased)
    expect(closed.map(({ nounId, before: was, after: is, reason }) => [nounId, was, is, reason])).toEqual([
      ['200000001', null, null, '客户来电'],
    ])
    expect(after.at(-1)).toMatchObject({ nounId: '200000001', erased: false, reason: '客户书面申请' })
    expect(await editsShown()).toEqual([
      { nounId: '200000002', told: true, erased: false },
      { nounId: '200000001', told: false, erased: true },
    ])
    expect(await verdict()).toMatchObject({ holds: true, unsealed: 0 })
    expect((await db.owner.query('select party_id from party_edit')).rows).toEqual([{ party_id: 2n }])
  })

  test('contact facts are neither read nor edited any more, nor by an edit that was waiting', async () => {
    expect((await manager.get(facts('200000001'))).json.code).toBe('already_erased')
    const late = await manager.send('POST', facts('200000001'), { version: 'x', reason: 'x', phone: '13711112222' })
    expect(late.json.code).toBe('already_erased')

    const { owner } = site.workplace.db
    const eraser = await owner.connect()
    const { version } = (await manager.get(facts('200000002'))).json
    await eraser.query('begin')
    await eraser.query('select from party where id = 2 for update')
    const waiting = manager.send('POST', facts('200000002'), { version, reason: 'x', phone: '13755556666' })
    await expect
      .poll(
        async () =>
          (await owner.query(`select from pg_locks where locktype = 'transactionid' and not granted`)).rowCount,
        { timeout: 20_000 },
      )
      .toBe(1)
    // What an erasure does between its lock and its commit.
    await eraser.query('delete from party_key where party_id = 2')
    await eraser.query('update party set sealed = null, phone_token = null, erased_at = now() where id = 2')
    await eraser.query('commit')
    eraser.release()
    expect((await waiting).status).toBe(409)
    expect((await owner.query('select sealed, phone_token from party where id = 2')).rows).toEqual([
      { sealed: null, phone_token: null },
    ])
  })
})
