/**
 * Access proof: random trees, posts, walls, books and grants, then random moves, splits, closures and openings, each
 * through the same acts that the page uses; after every step whom each person sees, by row-level security in PostgreSQL,
 * must be what a plain reading of the rules says (../support/access-model.ts, written apart from src/access). The tree of every day that
 * was must stay what it was. `npm run proof -- access [--cases 10000 --seed 1]`; `npm test` runs it short.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { rightsOf, scopeOf } from '../../src/access/session.ts'
import { kindOf } from '../../src/acts/approval-kinds.ts'
import type { UnitChange } from '../../src/contract/changes.ts'
import { settingsOf } from '../../src/db/connection.ts'
import { type Database, everything, openDatabase, type Scope, type Trx } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { fixedClock } from '../../src/kit/clock.ts'
import { addDays, type Day, day } from '../../src/kit/day.ts'
import { Refused } from '../../src/kit/refusal.ts'
import { startPostgres } from '../../src/machine/postgres.ts'
import {
  applyToModel,
  type Model,
  type ModelPerson,
  type ModelUnit,
  type Role,
  treeOf,
  visibleTo,
} from '../support/access-model.ts'
import { removePostgresHome } from '../support/postgres-home.ts'

export interface AccessResult {
  cases: number
  /** Changes of the tree that were made, and those that were refused as they cannot be. */
  changes: number
  refused: number
  /** Persons × steps whose sight was compared. */
  compared: number
  faults: string[]
}

const roles: Record<Role, { customers: string; permissions: string[] }> = {
  sees: { customers: 'subtree', permissions: ['customers.read'] },
  book: { customers: 'book', permissions: ['customers.read'] },
  crosses: { customers: 'subtree', permissions: ['customers.read', 'walls.cross'] },
  blind: { customers: 'subtree', permissions: ['pyramid.read'] },
}

const firstDay = day('2026-11-02')

/** Runs the cases one after the other, each in a transaction that is rolled back. */
export async function proveAccess(
  db: Database,
  options: { cases: number; seed: number; say?: (line: string) => void },
): Promise<AccessResult> {
  const result: AccessResult = { cases: 0, changes: 0, refused: 0, compared: 0, faults: [] }
  for (let i = 0; i < options.cases && result.faults.length < 10; i++) {
    const random = randomOf(options.seed * 1_000_003 + i)
    const undone = new Error('undone')
    await db
      .withScope(everything, async (trx) => {
        await oneCase(trx, random, result, `case ${i} of seed ${options.seed}`)
        throw undone
      })
      .catch((error: unknown) => {
        if (error !== undone) result.faults.push(`case ${i}: ${error instanceof Error ? error.message : String(error)}`)
      })
    result.cases++
    if (result.cases % 500 === 0)
      options.say?.(`${result.cases} cases, ${result.compared} sights, ${result.faults.length} faults`)
  }
  return result
}

async function oneCase(trx: Trx, random: Random, result: AccessResult, name: string): Promise<void> {
  const model = makeModel(random)
  await insertModel(trx, model)
  const clock = fixedClock(`${firstDay}T02:00:00.000Z`)
  const trees = new Map<Day, string>()
  let today = firstDay
  const steps = 2 + random.below(4)
  for (let step = 0; step <= steps; step++) {
    if (step > 0) {
      today = addDays(today, random.below(3))
      clock.set(`${today}T02:00:00.000Z`)
      const change = drawChange(random, model, step)
      const isPossible = applyToModel(model, change)
      const isDone = await makeChange(trx, clock, change)
      result[isDone ? 'changes' : 'refused']++
      if (isDone !== isPossible) {
        result.faults.push(`${name}: ${JSON.stringify(change)} was ${isDone ? 'done' : 'refused'}`)
        return
      }
    }
    trees.set(today, treeOf(model))
    await compareSights(trx, clock, model, result, name)
  }
  for (const [on, tree] of trees) {
    const stored = await storedTree(trx, on)
    if (stored !== tree) result.faults.push(`${name}: the tree of ${on} is ${stored} instead of ${tree}`)
  }
}

async function makeChange(trx: Trx, clock: ReturnType<typeof fixedClock>, change: UnitChange): Promise<boolean> {
  const kind = kindOf(change)
  const proposer = { who: 'test', loginId: 0, byKey: false, name: 'test', displayName: 'test', staffId: null }
  const sitting = { sessionId: null, kind: 'person' as const, origin: null, awaits: null, enteredMillis: null }
  const factors = { hasSecondFactor: false, needsSecondFactor: false }
  const context = { trx, clock, proposer: { ...proposer, ...sitting, ...factors, posts: [], walls: [], granted: [] } }
  try {
    await kind.prepare(context, change)
  } catch (error) {
    if (error instanceof Refused) return false
    throw error
  }
  await kind.apply(context, change)
  // What is kept at the end of a transaction is kept now, as each step is a transaction of its own in a bank.
  await sql`set constraints all immediate`.execute(trx)
  await sql`set constraints all deferred`.execute(trx)
  return true
}

/** Another scope from here on, in the same transaction: a case is rolled back whole. */
async function setScope(trx: Trx, scope: Scope): Promise<void> {
  const names = ['units', 'book', 'book_without', 'granted', 'walled', 'who']
  for (const [i, value] of settingsOf(scope).entries())
    await sql`select set_config(${`strata.${names[i]}`}, ${value}, true)`.execute(trx)
}

async function compareSights(
  trx: Trx,
  clock: ReturnType<typeof fixedClock>,
  model: Model,
  result: AccessResult,
  name: string,
): Promise<void> {
  for (const person of model.people) {
    await setScope(trx, everything)
    const rights = await rightsOf(trx, clock, person.id)
    if (!rights) throw new Error(`${person.name} has no rights`)
    await setScope(trx, scopeOf(rights, 'customers.read'))
    const { rows } = await sql<{ no: string }>`select customer_no as no from party order by customer_no`.execute(trx)
    const seen = rows.map((row) => row.no).join(' ')
    const wanted = [...model.customers.keys()]
      .filter((no) => visibleTo(model, person, no))
      .sort()
      .join(' ')
    result.compared++
    if (seen !== wanted) result.faults.push(`${name}: ${person.name} sees [${seen}] instead of [${wanted}]`)
  }
  await setScope(trx, everything)
}

// Drawing -------------------------------------------------------------------------------------------------------------

type Random = ReturnType<typeof randomOf>

/** mulberry32. */
function randomOf(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (count: number) => Math.floor(next() * count)
  return {
    below,
    chance: (part: number) => next() < part,
    pick: <T>(from: readonly T[]): T => from[below(from.length)]!,
  }
}

function makeModel(random: Random): Model {
  const units = new Map<string, ModelUnit>()
  const codes = Array.from({ length: 4 + random.below(5) }, (_, i) => `U${i}`)
  for (const [i, code] of codes.entries())
    units.set(code, { code, parent: i === 0 ? null : `U${random.below(i)}`, closed: false })
  const staff = new Map(Array.from({ length: 3 }, (_, i) => [`S${i}`, random.pick(codes)]))
  const people = Array.from(
    { length: 4 },
    (_, i): ModelPerson => ({
      id: 0,
      name: `person${i}`,
      staff: i < 3 && random.chance(0.8) ? `S${i}` : null,
      posts: Array.from({ length: random.chance(0.1) ? 0 : 1 + random.below(2) }, () => ({
        role: random.pick(['sees', 'sees', 'book', 'book', 'crosses', 'blind'] as const),
        unit: random.pick(codes),
      })),
      granted: new Set(),
    }),
  )
  const customers = new Map(
    Array.from({ length: 4 + random.below(6) }, (_, i) => [
      `C${i}`,
      { unit: random.pick(codes), rm: random.chance(0.7) ? random.pick(['S0', 'S1', 'S2']) : null },
    ]),
  )
  for (const person of people) if (random.chance(0.3)) person.granted.add(random.pick([...customers.keys()]))
  const walls = Array.from({ length: random.below(3) }, () => ({
    around: random.pick(codes),
    against: random.pick(codes),
  }))
  return { units, staff, people, walls, customers }
}

function drawChange(random: Random, model: Model, step: number): UnitChange {
  const codes = [...model.units.keys()]
  // A unit with others below it more often than not, as that is where a change goes deep
  const parents = codes.filter((one) => one !== 'U0' && codes.some((below) => model.units.get(below)?.parent === one))
  const code = parents.length > 0 && random.chance(0.6) ? random.pick(parents) : random.pick(codes)
  switch (random.below(8)) {
    case 0:
      return {
        kind: 'unit',
        action: 'open',
        code: `N${step}`,
        name: '新',
        unitKind: 'outlet',
        parent: random.pick(codes),
      }
    case 1:
      return { kind: 'unit', action: 'rename', code, name: `名${step}` }
    case 2:
    case 3: {
      const staff = [...model.staff].filter(([, at]) => at === code || random.chance(0.05)).map(([one]) => one)
      const units = codes.filter((one) => model.units.get(one)?.parent === code && random.chance(0.5))
      return { kind: 'unit', action: 'split', code, into: { code: `V${step}`, name: '分' }, staff, units }
    }
    case 4:
    case 5:
      return { kind: 'unit', action: 'close', code, successor: random.pick(codes) }
    default:
      return { kind: 'unit', action: 'move', code, parent: random.pick(codes) }
  }
}

// Into the record -----------------------------------------------------------------------------------------------------

async function insertModel(trx: Trx, model: Model): Promise<void> {
  await sql`delete from unit`.execute(trx)
  for (const [code, role] of Object.entries(roles))
    await sql`insert into role (code, name_zh, name_en, customers, permissions)
      values (${code}, ${code}, ${code}, ${role.customers}, ${role.permissions}::text[]) on conflict do nothing`.execute(
      trx,
    )
  const idOf = (code: string | null) => sql`(select id from unit where code = ${code})`
  for (const { code, parent } of model.units.values()) {
    await sql`insert into unit (code, name, kind, parent_id, path) values (${code}, ${code}, 'outlet', ${idOf(parent)}, '')`.execute(
      trx,
    )
    await sql`update unit set path = coalesce((select path from unit p where p.id = unit.parent_id), '/') || id || '/'
      where code = ${code}`.execute(trx)
  }
  for (const [code, unit] of model.staff)
    await sql`insert into staff (code, name, unit_id, role) values (${code}, ${code}, ${idOf(unit)}, 'rm')`.execute(trx)
  for (const [no, { unit, rm }] of model.customers)
    await sql`insert into party (kind, customer_no, name, unit_id, rm_id)
      values ('person', ${no}, ${no}, ${idOf(unit)}, (select id from staff where code = ${rm}))`.execute(trx)
  for (const { around, against } of model.walls)
    await sql`insert into wall (name, around_id, against_id) values ('w', ${idOf(around)}, ${idOf(against)})`.execute(
      trx,
    )
  const granter = await insertLogin(trx, 'granter', null)
  for (const person of model.people) {
    person.id = await insertLogin(trx, person.name, person.staff)
    for (const { role, unit } of person.posts)
      await sql`insert into post (login_id, role, unit_id) values (${person.id}, ${role}, ${idOf(unit)})`.execute(trx)
    for (const no of person.granted)
      await sql`insert into access_grant (login_id, party_id, from_at, to_at, granted_by, reason)
        select ${person.id}, id, '2026-01-01', '2027-01-01', ${granter}, 'r' from party where customer_no = ${no}`.execute(
        trx,
      )
  }
  await sql`set constraints all immediate`.execute(trx)
  await sql`set constraints all deferred`.execute(trx)
}

async function insertLogin(trx: Trx, name: string, staff: string | null): Promise<number> {
  const { rows } = await sql<{ id: number }>`insert into login (name, display_name, password_hash, staff_id)
    values (${name}, ${name}, 'none', (select id from staff where code = ${staff})) returning id`.execute(trx)
  return rows[0]!.id
}

async function storedTree(trx: Trx, on: Day): Promise<string> {
  const { rows } = await sql<{ pair: string }>`select u.code || '<' || coalesce(p.code, '') as pair
    from unit_history h join unit u on u.id = h.unit_id left join unit p on p.id = h.parent_id
    where h.from_day <= ${on} and h.to_day > ${on}`.execute(trx)
  return rows
    .map((row) => row.pair)
    .sort()
    .join(' ')
}

if (import.meta.main) {
  const at = (name: string, fallback: number) => {
    const i = process.argv.indexOf(`--${name}`)
    return i < 0 ? fallback : Number(process.argv[i + 1])
  }
  const home = mkdtempSync(join(tmpdir(), 'strata-access-'))
  const server = await startPostgres({ home, say: () => undefined, careless: true })
  const db = openDatabase({ appUrl: server.databaseUrl, ownerUrl: server.databaseOwnerUrl })
  await migrate(db.owner, 'strata_app')
  const result = await proveAccess(db, {
    cases: at('cases', 10_000),
    seed: at('seed', 1),
    say: (line) => console.log(line),
  })
  await db.close()
  await server.stop()
  removePostgresHome(home)
  for (const fault of result.faults) console.log(fault)
  console.log(
    `${result.cases} cases, ${result.changes} changes of the tree and ${result.refused} refused, ${result.compared} sights compared, ${result.faults.length} faults`,
  )
  process.exit(result.faults.length === 0 ? 0 : 1)
}
