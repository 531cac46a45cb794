/**
 * The rules of who sees whom read plainly, for the access proof: by code, with no path, no id and no set of units. Nothing
 * of src/access is used here.
 */
import type { UnitChange } from '../../src/contract/changes.ts'

export interface ModelUnit {
  code: string
  parent: string | null
  closed: boolean
}

export interface ModelPerson {
  id: number
  name: string
  /** Staff code, when the person has a book. */
  staff: string | null
  posts: { role: Role; unit: string }[]
  granted: Set<string>
}

export type Role = 'sees' | 'book' | 'crosses' | 'blind'

/** The bank as the rules speak of it: by code, with no path, no id and no set of units. */
export interface Model {
  units: Map<string, ModelUnit>
  staff: Map<string, string>
  people: ModelPerson[]
  walls: { around: string; against: string }[]
  customers: Map<string, { unit: string; rm: string | null }>
}

/** A post shows a customer at home at or below it, or in the book, unless a wall stands between; a grant shows any. */
export function visibleTo(model: Model, person: ModelPerson, no: string): boolean {
  const customer = model.customers.get(no)!
  const reading = person.posts.filter((post) => post.role !== 'blind')
  if (reading.length > 0 && person.granted.has(no)) return true
  return reading.some((post) => {
    const isNear =
      post.role === 'book'
        ? person.staff !== null && customer.rm === person.staff
        : isAtOrBelow(model, customer.unit, post.unit)
    return isNear && (post.role === 'crosses' || !isWalledOff(model, post.unit, customer.unit))
  })
}

function isWalledOff(model: Model, from: string, home: string): boolean {
  return model.walls.some(
    (wall) =>
      isAtOrBelow(model, home, wall.around) &&
      isAtOrBelow(model, from, wall.against) &&
      !isAtOrBelow(model, from, wall.around),
  )
}

function isAtOrBelow(model: Model, unit: string, top: string): boolean {
  for (let at: string | null = unit; at !== null; at = model.units.get(at)!.parent) if (at === top) return true
  return false
}

/** Makes the change in the model; false when it cannot be. */
export function applyToModel(model: Model, change: UnitChange): boolean {
  const unit = model.units.get(change.code)
  if (change.action === 'open') {
    const parent = model.units.get(change.parent)
    if (unit || !parent || parent.closed) return false
    model.units.set(change.code, { code: change.code, parent: change.parent, closed: false })
    return true
  }
  if (!unit || unit.closed) return false
  if (change.action === 'rename') return true
  if (unit.parent === null) return false
  if (change.action === 'split') {
    if (change.units.some((code) => model.units.get(code)?.parent !== unit.code || model.units.get(code)?.closed))
      return false
    if (change.staff.some((code) => model.staff.get(code) !== unit.code)) return false
    splitModel(model, unit, change)
    return true
  }
  const to = change.action === 'move' ? change.parent : change.successor
  if (model.units.get(to)!.closed || isAtOrBelow(model, to, unit.code)) return false
  if (change.action === 'move') {
    if (unit.parent === to) return false
    unit.parent = to
    return true
  }
  closeModel(model, unit, to)
  return true
}

function splitModel(model: Model, unit: ModelUnit, change: Extract<UnitChange, { action: 'split' }>): void {
  const into = change.into.code
  model.units.set(into, { code: into, parent: unit.parent, closed: false })
  for (const code of change.units) model.units.get(code)!.parent = into
  for (const code of change.staff) model.staff.set(code, into)
  for (const customer of model.customers.values())
    if (customer.unit === unit.code && customer.rm !== null && change.staff.includes(customer.rm)) customer.unit = into
  for (const person of model.people)
    if (person.staff !== null && change.staff.includes(person.staff)) repost(person, unit.code, into)
  model.walls.push(...wallsFor(model, unit.code, into))
}

function closeModel(model: Model, unit: ModelUnit, to: string): void {
  for (const child of model.units.values()) if (child.parent === unit.code && !child.closed) child.parent = to
  for (const [code, at] of model.staff) if (at === unit.code) model.staff.set(code, to)
  for (const customer of model.customers.values()) if (customer.unit === unit.code) customer.unit = to
  for (const person of model.people) repost(person, unit.code, to)
  const copies = wallsFor(model, unit.code, to)
  model.walls = model.walls.filter((wall) => wall.around !== unit.code && wall.against !== unit.code)
  model.walls.push(...copies)
  unit.closed = true
}

function repost(person: ModelPerson, from: string, to: string): void {
  for (const post of person.posts) if (post.unit === from) post.unit = to
}

function wallsFor(model: Model, from: string, to: string): Model['walls'] {
  const swap = (unit: string) => (unit === from ? to : unit)
  return model.walls
    .filter((wall) => wall.around === from || wall.against === from)
    .map((wall) => ({ around: swap(wall.around), against: swap(wall.against) }))
    .filter((wall) => !isAtOrBelow(model, wall.against, wall.around))
}

/** Each open unit with the one above it. */
export function treeOf(model: Model): string {
  const open = [...model.units.values()].filter((unit) => !unit.closed)
  return open
    .map((unit) => `${unit.code}<${unit.parent ?? ''}`)
    .sort()
    .join(' ')
}
