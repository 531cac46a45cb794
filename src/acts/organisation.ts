/**
 * Editing the organisation: a unit opened, renamed, moved, split or closed takes its customers, staff, posts, walls and
 * the units below it along. Nights that were published keep their figures on the tree of their day (unit_history).
 */
import { type RawBuilder, sql } from 'kysely'
import type { UnitChange } from '../contract/changes.ts'
import type { Trx } from '../db/database.ts'
import { bumpDesk } from '../desk/nights/store.ts'
import { present } from '../kit/assert.ts'
import type { Clock } from '../kit/clock.ts'
import type { Day } from '../kit/day.ts'
import { openUnit, type UnitRow } from './units.ts'

type Of<Action extends UnitChange['action']> = Extract<UnitChange, { action: Action }>

/**
 * Changes the tree with its posts, walls and staff as of today; customers follow by `moveCustomers`. What cannot be was
 * refused when it was prepared.
 */
export async function changeTree(trx: Trx, clock: Clock, change: UnitChange): Promise<void> {
  const today = clock.today()
  // The history of units is kept by the bank's day.
  await sql`select set_config('strata.today', ${today}, true)`.execute(trx)
  switch (change.action) {
    case 'open':
      await open(trx, clock, { ...change, parent: await openUnit(trx, change.parent) })
      break
    case 'rename':
      await sql`update unit set name = ${change.name}, name_en = coalesce(${change.nameEn ?? null}, name_en),
        edited_at = ${clock.now()} where code = ${change.code}`.execute(trx)
      break
    case 'move':
      await moveBelow(trx, clock, await openUnit(trx, change.code), await openUnit(trx, change.parent))
      break
    case 'split':
      await split(trx, clock, today, change)
      break
    case 'close':
      await close(trx, clock, today, change)
  }
}

/** Where a customer of that unit and book is at home after the change. */
export function unitAfter(change: UnitChange, home: { unit: string; rm: string | null }): string {
  if (change.action === 'close') return home.unit === change.code ? change.successor : home.unit
  if (change.action === 'split' && home.unit === change.code && home.rm !== null && change.staff.includes(home.rm))
    return change.into.code
  return home.unit
}

/**
 * Customers, their households and accounts go where `unitAfter` says; an account with several owners goes with the first. The published nights' rows follow too, as they
 * decide who finds the customer in a list; the nights' figures per unit stay.
 */
export async function moveCustomers(trx: Trx, clock: Clock, change: UnitChange): Promise<void> {
  if (change.action === 'split') {
    const which = sql`rm_id in (select id from staff where code = any(${[...change.staff]}::text[]))`
    await moveRows(trx, ['party', 'night_customer'], change.code, change.into.code, which)
    const heads = sql`head_id in (select p.id from party p join unit u on u.id = p.unit_id
      where u.code = ${change.into.code})`
    await moveRows(trx, ['household'], change.code, change.into.code, heads)
    await moveRows(trx, ['account'], change.code, change.into.code, firstOwnerAt(change.into.code, clock.today()))
  }
  if (change.action === 'close') {
    const tables = ['party', 'night_customer', 'household', 'account'] as const
    await moveRows(trx, tables, change.code, change.successor, sql`true`)
  }
  await bumpDesk(trx)
}

/** Accounts whose first owner on the day is at home at the unit. */
function firstOwnerAt(unit: string, today: Day): RawBuilder<unknown> {
  return sql`(select p.unit_id from account_owner o join party p on p.id = o.party_id
      where o.account_id = account.id and o.from_day <= ${today} and o.to_day > ${today}
      order by o.ordinal, o.party_id limit 1) = (select id from unit where code = ${unit})`
}

async function moveRows(
  trx: Trx,
  tables: readonly ('party' | 'night_customer' | 'household' | 'account')[],
  from: string,
  to: string,
  which: RawBuilder<unknown>,
): Promise<void> {
  const idOf = (code: string) => sql`(select id from unit where code = ${code})`
  for (const table of tables)
    await sql`update ${sql.table(table)} set unit_id = ${idOf(to)} where unit_id = ${idOf(from)} and ${which}`.execute(
      trx,
    )
}

async function open(
  trx: Trx,
  clock: Clock,
  given: { code: string; name: string; nameEn?: string | undefined; unitKind: string; parent: UnitRow },
): Promise<UnitRow> {
  const { rows } = await sql<{ id: number }>`insert into unit
      (code, name, name_en, kind, parent_id, opened_on, path, edited_at)
    values (${given.code}, ${given.name}, ${given.nameEn ?? null}, ${given.unitKind}, ${given.parent.id},
      ${clock.today()}, '', ${clock.now()}) returning id`.execute(trx)
  const { id } = present(rows[0], 'the unit just written')
  await sql`update unit set path = ${`${given.parent.path}${id}/`} where id = ${id}`.execute(trx)
  return openUnit(trx, given.code)
}

/** The unit and everything below it, in one statement. */
async function moveBelow(trx: Trx, clock: Clock, unit: UnitRow, parent: UnitRow): Promise<void> {
  const above = unit.path.slice(0, -`${unit.id}/`.length)
  await sql`update unit set path = ${parent.path} || substr(path, ${above.length + 1}),
      parent_id = case when id = ${unit.id} then ${parent.id} else parent_id end,
      edited_at = case when id = ${unit.id} then ${clock.now()}::timestamptz else edited_at end
    where path >= ${unit.path} and path < ${unit.path} || '~'`.execute(trx)
}

async function split(trx: Trx, clock: Clock, today: Day, change: Of<'split'>): Promise<void> {
  const unit = await openUnit(trx, change.code)
  const parent = await sql<{ code: string }>`select code from unit where id = ${unit.parent_id}`.execute(trx)
  const above = await openUnit(trx, present(parent.rows[0], 'a unit above it').code)
  const into = await open(trx, clock, { ...change.into, unitKind: unit.kind, parent: above })
  for (const code of change.units) await moveBelow(trx, clock, await openUnit(trx, code), into)
  const staff = await sql<{ id: number }>`update staff set unit_id = ${into.id}
    where unit_id = ${unit.id} and code = any(${[...change.staff]}::text[]) returning id`.execute(trx)
  const ids = staff.rows.map((row) => row.id)
  await movePosts(trx, today, unit, into, sql`login_id in (select id from login where staff_id = any(${ids}::int[]))`)
  // Both parts stand behind the walls of the whole.
  await copyWalls(trx, today, unit, into)
}

async function close(trx: Trx, clock: Clock, today: Day, change: Of<'close'>): Promise<void> {
  const unit = await openUnit(trx, change.code)
  const successor = await openUnit(trx, change.successor)
  await moveChildren(trx, clock, unit, successor)
  await sql`update staff set unit_id = ${successor.id} where unit_id = ${unit.id}`.execute(trx)
  await movePosts(trx, today, unit, successor, sql`true`)
  await copyWalls(trx, today, unit, successor)
  const onIt = sql`(around_id = ${unit.id} or against_id = ${unit.id})`
  await sql`delete from wall where ${onIt} and from_day >= ${today}`.execute(trx)
  await sql`update wall set to_day = ${today} where ${onIt} and to_day > ${today}`.execute(trx)
  await sql`update unit set closed_on = ${today}, successor_id = ${successor.id}, edited_at = ${clock.now()}
    where id = ${unit.id}`.execute(trx)
}

/** The open units right below go to the successor with everything below them. */
async function moveChildren(trx: Trx, clock: Clock, unit: UnitRow, successor: UnitRow): Promise<void> {
  const { rows } = await sql<{ code: string }>`select code from unit
    where parent_id = ${unit.id} and closed_on is null order by id`.execute(trx)
  for (const { code } of rows) await moveBelow(trx, clock, await openUnit(trx, code), successor)
}

/** Ended at the one, given at the other for the rest of their time, unless held there already. */
async function movePosts(trx: Trx, today: Day, from: UnitRow, to: UnitRow, which: RawBuilder<unknown>): Promise<void> {
  const there = sql`unit_id = ${from.id} and to_day > ${today} and ${which}`
  await sql`insert into post (login_id, role, unit_id, from_day, to_day)
    select login_id, role, ${to.id}, greatest(from_day, ${today}::date), to_day from post p where ${there}
      and not exists (select from post held where held.login_id = p.login_id and held.role = p.role
        and held.unit_id = ${to.id} and held.from_day <= greatest(p.from_day, ${today}::date)
        and held.to_day >= p.to_day) order by id`.execute(trx)
  await sql`delete from post where ${there} and from_day >= ${today}`.execute(trx)
  await sql`update post set to_day = ${today} where ${there}`.execute(trx)
}

/** Walls that name the one stand from today for the other as well; one that would stand inside itself is left out. */
async function copyWalls(trx: Trx, today: Day, from: UnitRow, to: UnitRow): Promise<void> {
  await sql`insert into wall (name, around_id, against_id, from_day, to_day)
    select w.name, a.id, g.id, greatest(w.from_day, ${today}::date), w.to_day
    from wall w
    join unit a on a.id = case when w.around_id = ${from.id} then ${to.id} else w.around_id end
    join unit g on g.id = case when w.against_id = ${from.id} then ${to.id} else w.against_id end
    where (w.around_id = ${from.id} or w.against_id = ${from.id}) and w.to_day > ${today}
      and not (g.path >= a.path and g.path < a.path || '~')
    order by w.id`.execute(trx)
}
