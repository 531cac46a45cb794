/** The plans of list, record and search under a branch's scope, and as the owner of the tables. */
import type { CompiledQuery } from 'kysely'
import { usualFields } from '../src/access/fields.ts'
import { type Database, everything, nobodyAs, openDatabase, type Scope, type Trx } from '../src/db/database.ts'
import type { ListContext } from '../src/desk/customers/filters.ts'
import { listCustomers } from '../src/desk/customers/list.ts'
import { readCustomer } from '../src/desk/customers/page.ts'
import { PolicyShelf, recordState } from '../src/desk/nights/current.ts'
import type { Workplace } from '../src/nightly/workplace.ts'

/** Prints them, each run once before and planned for its parameters; a served list is planned once for all of them. `number` is a customer of the branch. */
export async function printPlans(
  { db, keys, clock, config }: Workplace,
  asked: { number: string; name: string },
): Promise<void> {
  const { night } = await db.reading(nobodyAs('bench'), recordState)
  if (!night) throw new Error('no night was published')
  const shelf = new PolicyShelf()
  const policy = await db.reading(everything, (trx) => shelf.policy(trx, night.policyId))
  const names = await db.reading(everything, (trx) => shelf.names(trx, night.policyId))
  const units = await db.owner.query(`select array_agg(u.id order by u.id) as ids from unit u, (select path from unit
    where kind = 'branch' order by id limit 1) top where u.path >= top.path and u.path < top.path || '~'`)
  const scope: Scope = { ...everything, units: { except: false, units: units.rows[0].ids as number[] }, who: 'bench' }
  const context: ListContext = { night, policy, names, keys, scope, fields: usualFields }
  const first = { limit: 50, cursor: undefined, sort: 'name', dir: 'asc' } as const
  const questions: [string, (trx: Trx) => Promise<unknown>][] = [
    ['list by name', (trx) => listCustomers(trx, context, { ...first, filter: {} })],
    ['list, one tier by name', (trx) => listCustomers(trx, context, { ...first, filter: { tier: '4' } })],
    [
      'search, part of a name',
      (trx) =>
        listCustomers(trx, context, { ...first, sort: 'average', dir: 'desc', filter: { q: asked.name.slice(-4) } }),
    ],
    ['record', (trx) => readCustomer(trx, { ...context, scheme: night.scheme, today: clock.today() }, asked.number)],
  ]
  const owner = openDatabase({ appUrl: config.databaseOwnerUrl, ownerUrl: config.databaseOwnerUrl })
  for (const [title, question] of questions) {
    for (const [who, of] of [
      ['a branch', db],
      ['the owner', owner],
    ] as [string, Database][]) {
      console.log(`\n${title}, as ${who}`)
      await of.reading(scope, (trx) => question(explaining(trx)))
    }
  }
  await owner.close()
}

/** The transaction, which prints the plan of each statement before it runs it. */
function explaining(trx: Trx): Trx {
  const executeQuery = async (statement: CompiledQuery) => {
    const explained = { ...statement, sql: `explain (analyze, costs off, buffers off, summary on) ${statement.sql}` }
    for (const counted of [false, true]) {
      const { rows } = await trx.executeQuery<{ 'QUERY PLAN': string }>({
        ...explained,
        planned: false,
      } as CompiledQuery)
      const lines = rows.map((row) => row['QUERY PLAN']).filter((line) => !/never executed|InitPlan \d+$/.test(line))
      if (counted) console.log(lines.map((line) => `  ${line.slice(0, 200)}`).join('\n'))
    }
    return trx.executeQuery(statement)
  }
  return new Proxy(trx, {
    get: (target, key) => {
      const value = key === 'executeQuery' ? executeQuery : Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
