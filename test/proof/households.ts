/**
 * Household proof: random acts on random days, by the same functions that the page uses; after each step every household
 * must be what a plain model says (../support/household-model.ts), and in the end nobody may have been in two on any day.
 * `npm run proof -- households [--cases 2000 --seed 1]`; `npm test` runs it short.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { purpose, Random } from '../../demo/random.ts'
import { sealAuditWith } from '../../src/access/audit.ts'
import { householdRoles } from '../../src/contract/households.ts'
import { type Database, everything, openDatabase, type Trx } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { changeHousehold, type HouseholdChange, openHousehold } from '../../src/desk/households/acts.ts'
import { readRecord } from '../../src/desk/households/record.ts'
import { addDays, type Day, day } from '../../src/kit/day.ts'
import { Refused } from '../../src/kit/refusal.ts'
import { startPostgres } from '../../src/machine/postgres.ts'
import { applyHouseholdChange, type HouseholdModel, householdOf } from '../support/household-model.ts'
import { testKeys } from '../support/keys.ts'
import { removePostgresHome } from '../support/postgres-home.ts'

export interface HouseholdResult {
  cases: number
  acts: number
  refused: number
  /** Households × steps that were compared. */
  compared: number
  faults: string[]
}

const people = Array.from({ length: 8 }, (_, i) => `P${i + 1}`)
const companies = ['C1']
const firstDay = day('2026-11-02')
const undone = new Error('undone')

/** Runs the cases one after the other, each in a transaction that is rolled back. */
export async function proveHouseholds(
  db: Database,
  options: { cases: number; seed: number; say?: (line: string) => void },
): Promise<HouseholdResult> {
  sealAuditWith(db, testKeys(options.seed))
  const result: HouseholdResult = { cases: 0, acts: 0, refused: 0, compared: 0, faults: [] }
  for (let i = 0; i < options.cases && result.faults.length < 10; i++) {
    const random = new Random(options.seed, purpose.desk, i)
    await db
      .withScope(everything, async (trx) => {
        await oneCase(trx, random, result, `case ${i} of seed ${options.seed}`)
        throw undone
      })
      .catch((error: unknown) => {
        if (error !== undone) result.faults.push(`case ${i}: ${error instanceof Error ? error.stack : String(error)}`)
      })
    result.cases++
    if (result.cases % 200 === 0)
      options.say?.(`${result.cases} cases, ${result.acts} acts, ${result.faults.length} faults`)
  }
  return result
}

async function oneCase(trx: Trx, random: Random, result: HouseholdResult, name: string): Promise<void> {
  const loginId = await insertBank(trx)
  const model: HouseholdModel = { companies: new Set(companies), households: new Map() }
  /** Who was in which at the end of each day. */
  const days = new Map<Day, string>()
  let today = firstDay
  for (let step = 0; step < 30; step++) {
    if (random.chance(0.3)) today = addDays(today, random.chance(0.15) ? 31 : 1)
    const builder = { who: 'test', loginId, address: '', today, now: `${today}T02:00:00.000Z` }
    const fault = await oneStep(trx, random, model, builder, result)
    if (fault) return void result.faults.push(`${name}, step ${step}: ${fault}`)
    for (const [no] of model.households) {
      const [stored, wanted] = [await storedHousehold(trx, no, today), modelHousehold(model, no, today)]
      if (stored !== wanted) return void result.faults.push(`${name}, step ${step}: ${stored} instead of ${wanted}`)
      result.compared++
    }
    days.set(today, membersOf(model))
  }
  for (const [on, wanted] of days) {
    const stored = await storedMembers(trx, on)
    if (stored !== wanted) result.faults.push(`${name}: on ${on} ${stored} instead of ${wanted}`)
  }
}

type Builder = Parameters<typeof changeHousehold>[3]

/** What is wrong with it, if anything is. */
async function oneStep(
  trx: Trx,
  random: Random,
  model: HouseholdModel,
  builder: Builder,
  result: HouseholdResult,
): Promise<string | undefined> {
  const numbers = [...model.households.keys()]
  if (numbers.length === 0 || random.chance(0.15)) {
    const head = random.pick([...people, ...companies])
    const refusals = [
      ...(model.companies.has(head) ? ['household_person_only'] : []),
      ...(householdOf(model, head) === undefined ? [] : ['household_member_taken']),
    ]
    const done = await attempt(trx, () => openHousehold(trx, { head, proof: 'p' }, builder))
    if ('no' in done)
      model.households.set(done.no, {
        head,
        members: new Map([[head, { role: 'head', consents: true }]]),
        invited: new Map(),
      })
    return judge(result, done, refusals, `open ${head}`)
  }
  const no = random.pick(numbers)
  const change = drawChange(random, model, no)
  const { refusals, apply } = applyHouseholdChange(model, no, change, builder.today)
  const version = await versionOf(trx, no)
  const done = await attempt(trx, () => changeHousehold(trx, no, { version, change }, builder))
  if ('no' in done && refusals.length === 0) apply(await newest(trx))
  return judge(result, done, refusals, `${no} ${JSON.stringify(change)}`)
}

function judge(
  result: HouseholdResult,
  done: { no: string } | { refused: string },
  refusals: string[],
  what: string,
): string | undefined {
  result['no' in done ? 'acts' : 'refused']++
  if ('no' in done) return refusals.length > 0 ? `${what} was done, against ${refusals}` : undefined
  return refusals.includes(done.refused) ? undefined : `${what} was refused as ${done.refused}, not ${refusals}`
}

async function attempt(trx: Trx, act: () => Promise<string>): Promise<{ no: string } | { refused: string }> {
  await sql`savepoint act`.execute(trx)
  try {
    return { no: await act() }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    await sql`rollback to savepoint act`.execute(trx)
    return { refused: error.code }
  }
}

function drawChange(random: Random, model: HouseholdModel, no: string): HouseholdChange {
  const household = model.households.get(no)
  const inside = [...(household?.members.keys() ?? [])]
  const invited = [...(household?.invited.keys() ?? [])]
  // Mostly what can be, at times anybody
  const one = (of: readonly string[]) =>
    random.pick(of.length > 0 && random.chance(0.85) ? of : [...people, ...companies])
  const [proof, reason] = ['p', 'r']
  const role = random.pick(householdRoles.filter((one) => one !== 'head'))
  switch (random.int(12)) {
    case 0:
    case 1:
    case 2:
      return { kind: 'invite', customerNo: one(people.filter((who) => householdOf(model, who) === undefined)), role }
    case 3:
    case 4:
    case 5:
      return { kind: 'join', customerNo: one(invited), proof }
    case 6:
      return { kind: random.pick(['decline', 'withdraw'] as const), customerNo: one(invited), reason }
    case 7:
      return random.chance(0.5)
        ? { kind: 'consent', customerNo: one(inside), proof }
        : { kind: 'withdrawConsent', customerNo: one(inside), reason }
    case 8:
      return random.chance(0.5)
        ? { kind: 'role', customerNo: one(inside), role }
        : { kind: 'head', customerNo: one(inside), reason }
    case 9:
      return { kind: 'leave', customerNo: one(inside), reason }
    case 10: {
      const members = inside.filter(() => random.chance(0.4))
      return { kind: 'split', members: members.length > 0 ? members : [one(inside)], head: one(inside), reason }
    }
    default:
      return { kind: 'merge', into: random.pick([...model.households.keys()]), reason }
  }
}

// The record ---------------------------------------------------------------------------------------------------------

async function insertBank(trx: Trx): Promise<number> {
  await sql`insert into unit (code, name, kind, path) values ('H0', 'H0', 'headOffice', '/0/')`.execute(trx)
  for (const customerNo of [...people, ...companies])
    await sql`insert into party (kind, customer_no, name, unit_id)
      values (${customerNo.startsWith('C') ? 'company' : 'person'}, ${customerNo}, ${customerNo}, (select id from unit where code = 'H0'))`.execute(
      trx,
    )
  const { rows } = await sql<{ id: number }>`insert into login (name, display_name, password_hash)
    values ('builder', 'builder', 'none') returning id`.execute(trx)
  return rows[0]?.id ?? 0
}

async function versionOf(trx: Trx, no: string): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from household where household_no = ${no}`.execute(trx)
  return rows[0]?.version ?? 0
}

async function newest(trx: Trx): Promise<string> {
  const { rows } = await sql<{ no: string }>`select household_no as no from household order by id desc limit 1`.execute(
    trx,
  )
  return rows[0]?.no ?? ''
}

async function storedHousehold(trx: Trx, no: string, today: Day): Promise<string> {
  const fields = { name: 'clear', money: 'clear' } as never
  const record = await readRecord(trx, { today, fields, edits: true }, no)
  return told(
    no,
    record.members.map(({ customerNo, role, isHead, consentFrom }) => [customerNo, role, isHead, consentFrom !== null]),
    record.invitations.map(({ customerNo, role, until }) => [customerNo, role, until]),
  )
}

function modelHousehold({ households }: HouseholdModel, no: string, today: Day): string {
  const { members, invited, head } = households.get(no) ?? { members: new Map(), invited: new Map(), head: null }
  return told(
    no,
    [...members].map(([one, { role, consents }]) => [one, role, one === head, consents]),
    [...invited].filter(([, { until }]) => until >= today).map(([one, { role, until }]) => [one, role, until]),
  )
}

const told = (no: string, members: unknown[][], invited: unknown[][]) =>
  [no, ...members.map(String).sort(), ...invited.map(String).sort()].join('; ')

const membersOf = ({ households }: HouseholdModel) =>
  [...households]
    .flatMap(([no, { members }]) => [...members.keys()].map((one) => `${one}<${no}`))
    .sort()
    .join(' ')

async function storedMembers(trx: Trx, on: Day): Promise<string> {
  const { rows } = await sql<{ pair: string }>`select p.customer_no || '<' || h.household_no as pair
    from household_member m join party p on p.id = m.party_id join household h on h.id = m.household_id
    where m.from_day <= ${on} and m.to_day > ${on}`.execute(trx)
  return rows
    .map(({ pair }) => pair)
    .sort()
    .join(' ')
}

if (import.meta.main) {
  const at = (name: string, fallback: number) => {
    const i = process.argv.indexOf(`--${name}`)
    return i < 0 ? fallback : Number(process.argv[i + 1])
  }
  const home = mkdtempSync(join(tmpdir(), 'strata-households-'))
  const server = await startPostgres({ home, say: () => undefined, careless: true })
  const db = openDatabase({ appUrl: server.databaseUrl, ownerUrl: server.databaseOwnerUrl })
  await migrate(db.owner, 'strata_app')
  const result = await proveHouseholds(db, {
    cases: at('cases', 2_000),
    seed: at('seed', 1),
    say: (line) => console.log(line),
  })
  await db.close()
  await server.stop()
  removePostgresHome(home)
  for (const fault of result.faults) console.log(fault)
  console.log(
    `${result.cases} cases, ${result.acts} acts and ${result.refused} refused, ${result.compared} households compared, ${result.faults.length} faults`,
  )
  process.exit(result.faults.length === 0 ? 0 : 1)
}
