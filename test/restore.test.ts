/** The backup of docs/operations.md for the embedded PostgreSQL: end, copy the whole home, start the copy elsewhere. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Output } from '../src/contract/endpoint.ts'
import type { readPyramid } from '../src/contract/nights.ts'
import { leftOver, processesOf } from './support/running.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

describe.runIf(process.platform === 'linux')('a home that was copied', () => {
  let folder: string
  let first: string
  let copy: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'strata-restore-'))
    // As root PostgreSQL runs as somebody else, who has to get there
    chmodSync(folder, 0o755)
    first = join(folder, 'first')
    copy = join(folder, 'elsewhere', 'copy')
  })
  afterAll(() => {
    for (const one of processesOf(folder)) process.kill(one.pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const env = (home: string) => ({ ...process.env, LC_ALL: 'C', STRATA_HOME: home, STRATA_PORT: '0' })
  const strata = (home: string, words: string) => {
    const ended = spawnSync(process.execPath, [main, ...words.split(' ')], { env: env(home), encoding: 'utf8' })
    expect([words, ended.status, ended.status === 0 ? '' : ended.stderr]).toEqual([words, 0, ''])
    return ended.stdout
  }

  test('serves the same night from another place, while the first is gone', { timeout: 180_000 }, async () => {
    strata(first, `demo --customers 150 --days 100 --end 2026-06-30 --out ${folder}/bank`)
    strata(first, `load ${folder}/bank`)
    const night = JSON.parse(strata(first, 'night --json'))
    const login = JSON.parse(strata(first, 'login wang --role analyst --unit 01 --json'))
    strata(first, `tiers --format csv --out ${folder}/before.csv`)
    expect(await leftOver(first, 10_000)).toEqual([])

    spawnSync('mkdir', ['-p', join(folder, 'elsewhere')])
    expect(spawnSync('cp', ['-a', first, copy]).status).toBe(0)
    renameSync(first, `${first}.gone`)

    strata(copy, 'migrate')
    const replay = JSON.parse(strata(copy, `night --replay ${night.nightId} --json`))
    expect([replay.digest, replay.differs]).toEqual([night.digest, []])
    strata(copy, `tiers --format csv --out ${folder}/after.csv`)
    expect(readFileSync(join(folder, 'after.csv'))).toEqual(readFileSync(join(folder, 'before.csv')))

    const server = spawn(process.execPath, [main, 'serve'], { env: env(copy) })
    const address = await new Promise<string>((resolve, reject) => {
      let said = ''
      server.stdout.on('data', (part) => {
        said += part
        const [, found] = /Strata is at (http:\S+)/.exec(said) ?? []
        if (found) resolve(found)
      })
      server.once('exit', () => reject(new Error('the server ended')))
    })
    const signedIn = await fetch(`${address}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: login.name, password: login.password }),
    })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const answer = await fetch(`${address}/api/nights/current/pyramid`, { headers: { cookie } })
    const pyramid = (await answer.json()) as Output<typeof readPyramid>
    expect(pyramid.night).toEqual({ id: night.nightId, day: '2026-06-30' })
    const [head = '', ...rows] = readFileSync(join(folder, 'before.csv'), 'utf8').trim().split('\n')
    const at = head.split(',').indexOf('qualified_tier')
    for (const { tier, customers } of pyramid.tiers.filter(
      (one: { tier: { ordinal: number } }) => one.tier.ordinal > 0,
    )) {
      expect(rows.filter((row) => row.split(',')[at] === tier.code)).toHaveLength(customers)
    }
    server.kill('SIGTERM')
    await new Promise((resolve) => server.once('exit', resolve))
    expect(await leftOver(copy, 10_000)).toEqual([])
  })
})
