/** A change of the organisation tree, which takes effect on the day it is approved. */
import { sql } from 'kysely'
import { stayGoverned } from '../../access/governed.ts'
import type { UnitChange } from '../../contract/changes.ts'
import type { Trx } from '../../db/database.ts'
import { present } from '../../kit/assert.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Kind, Prepared } from '../kind.ts'
import { changeTree, moveCustomers } from '../organisation.ts'
import { openUnit, type UnitRow } from '../units.ts'

type Of<Action extends UnitChange['action']> = Extract<UnitChange, { action: Action }>

export const unitKind: Kind<UnitChange> = {
  prepare: ({ trx }, change) => {
    switch (change.action) {
      case 'open':
        return prepareOpen(trx, change)
      case 'rename':
        return prepareRename(trx, change)
      case 'move':
        return prepareMove(trx, change)
      case 'split':
        return prepareSplit(trx, change)
      case 'close':
        return prepareClose(trx, change)
    }
  },
  apply: async ({ trx, clock }, change) => {
    await stayGoverned(trx, clock.today(), () => changeTree(trx, clock, change))
    await moveCustomers(trx, clock, change)
  },
}

async function prepareOpen(trx: Trx, change: Of<'open'>): Promise<Prepared> {
  const parent = await openUnit(trx, change.parent)
  await mustBeNew(trx, change.code)
  const { name, nameEn, unitKind: kind } = change
  return about(change.code, {}, { name, nameEn: nameEn ?? null, kind, parent: parent.code }, parent.id)
}

async function prepareRename(trx: Trx, change: Of<'rename'>): Promise<Prepared> {
  const unit = await openUnit(trx, change.code)
  const before = await factsOf(trx, unit)
  return about(change.code, before, { ...before, name: change.name, nameEn: change.nameEn ?? before.nameEn }, unit.id)
}

async function prepareMove(trx: Trx, change: Of<'move'>): Promise<Prepared> {
  const unit = await openUnit(trx, change.code)
  const parent = await openUnit(trx, change.parent)
  mustHaveParent(unit, parent.code)
  if (parent.id === unit.parent_id) misplaced(unit, parent.code, 'it is there already', '已在其下')
  mustBeOutside(unit, parent)
  const before = await factsOf(trx, unit)
  return about(change.code, before, { ...before, parent: parent.code }, sharedUnit(unit, parent))
}

async function prepareSplit(trx: Trx, change: Of<'split'>): Promise<Prepared> {
  const unit = await openUnit(trx, change.code)
  const { into, staff, units } = change
  mustHaveParent(unit, into.code)
  await mustBeNew(trx, into.code)
  const { rows } = await sql<{ code: string }>`select code from staff where unit_id = ${unit.id}`.execute(trx)
  const stranger = staff.find((code) => !rows.some((row) => row.code === code))
  if (stranger !== undefined) refuse('not_found', { what: `staff ${stranger}`, whatZh: `员工 ${stranger}` })
  for (const code of units) {
    const child = await openUnit(trx, code)
    if (child.parent_id !== unit.id)
      misplaced(child, into.code, `it is not right below ${unit.code}`, `不是 ${unit.code} 的直接下级`)
  }
  const before = await factsOf(trx, unit)
  const after = {
    ...before,
    splitInto: { code: into.code, name: into.name, nameEn: into.nameEn ?? null, staff, units },
  }
  return about(change.code, before, after, present(unit.parent_id, 'a unit above it'))
}

async function prepareClose(trx: Trx, change: Of<'close'>): Promise<Prepared> {
  const unit = await openUnit(trx, change.code)
  const successor = await openUnit(trx, change.successor)
  mustHaveParent(unit, successor.code)
  mustBeOutside(unit, successor)
  const before = await factsOf(trx, unit)
  return about(change.code, before, { ...before, closed: true, successor: successor.code }, sharedUnit(unit, successor))
}

function about(code: string, before: object, after: object, unitId: number): Prepared {
  return { subject: `unit ${code}`, before, after, unitId, concernsId: null }
}

async function factsOf(trx: Trx, unit: UnitRow) {
  const parent = await sql<{ code: string }>`select code from unit where id = ${unit.parent_id}`.execute(trx)
  return { name: unit.name, nameEn: unit.name_en, kind: unit.kind, parent: parent.rows[0]?.code ?? null }
}

async function mustBeNew(trx: Trx, code: string): Promise<void> {
  const known = await trx.selectFrom('unit').select('id').where('code', '=', code).executeTakeFirst()
  if (known) refuse('unit_known', { unit: code })
}

/** The head office stays where it is. */
function mustHaveParent(unit: UnitRow, to: string): void {
  if (unit.parent_id === null) misplaced(unit, to, 'it is the head office', '它是总行')
}

function mustBeOutside(unit: UnitRow, other: UnitRow): void {
  if (other.path.startsWith(unit.path)) misplaced(unit, other.code, 'that is itself or below it', '后者是其自身或下级')
}

function misplaced(unit: UnitRow, parent: string, reason: string, reasonZh: string): never {
  refuse('unit_misplaced', { unit: unit.code, parent, reason, reasonZh })
}

/** The lowest unit above both: whoever decides answers for both places. */
function sharedUnit(a: UnitRow, b: UnitRow): number {
  const ids = a.path.split('/').filter(Boolean)
  const others = b.path.split('/').filter(Boolean)
  const shared = ids.filter((id, at) => others[at] === id)
  return Number(present(shared.at(-1), 'a unit above both'))
}
