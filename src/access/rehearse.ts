/** Who gains and who loses what, when rights, walls or the tree change: two states of a bank compared. Pure. */
import type { rehearseChange } from '../contract/access.ts'
import type { Output } from '../contract/endpoint.ts'
import {
  type CustomerScope,
  type EditableField,
  type FieldRead,
  type FieldRights,
  fieldGroups,
  fieldReads,
  type Permission,
} from '../contract/permission.ts'
import type { UnitSet } from '../kit/unit-set.ts'
import { editsOf, fieldsOf } from './fields.ts'
import { type Place, type Reach, reachOf, type Wall } from './reach.ts'

interface Person {
  login: string
  name: string
  staffId: number | null
  posts: readonly { role: string; unitId: number }[]
}

export interface RoleFacts {
  customers: CustomerScope
  permissions: readonly Permission[]
  fields: FieldRights
  edits: readonly EditableField[]
}

/** Everything that decides about sight on a day. */
export interface RightsState {
  people: readonly Person[]
  roles: ReadonlyMap<string, RoleFacts>
  /** The unit above each unit; null for the head office. */
  parents: ReadonlyMap<number, number | null>
  walls: readonly { aroundId: number; againstId: number }[]
}

/** Customers of one book (or of none) who are at home in one unit, and where they will be. */
export interface Cell {
  unitBefore: number
  unitAfter: number
  staffId: number | null
  customers: number
}

export type Effect = Output<typeof rehearseChange>['people'][number]

/** People with an effect, who loses most first. Customers granted singly count for nothing here. */
export function rehearse(before: RightsState, after: RightsState, cells: readonly Cell[]): Effect[] {
  const [was, willBe] = [sightIn(before), sightIn(after)]
  const later = new Map(after.people.map((person) => [person.login, person]))
  const effects: Effect[] = []
  for (const person of before.people) {
    const effect = effectOn(person, later.get(person.login) ?? { ...person, posts: [] }, was, willBe, cells)
    if (isEffect(effect)) effects.push(effect)
  }
  return effects.sort((a, b) => b.customersLost - a.customersLost || b.customersGained - a.customersGained)
}

function isEffect(effect: Effect): boolean {
  const { permissionsGained, permissionsLost, fieldsGained, fieldsLost, editsGained, editsLost } = effect
  const named = [permissionsGained, permissionsLost, fieldsGained, fieldsLost, editsGained, editsLost]
  return effect.customersGained + effect.customersLost > 0 || named.some((list) => list.length > 0)
}

/** How many customers each person sees by posts, by login. */
export function customersSeen(
  state: RightsState,
  homes: readonly { unitId: number; staffId: number | null; customers: number }[],
): Map<string, number> {
  const sight = sightIn(state)
  return new Map(
    state.people.map((person) => {
      const sees = seeing(sight.reach(person), person.staffId)
      return [
        person.login,
        homes.reduce((sum, home) => sum + (sees(home.unitId, home.staffId) ? home.customers : 0), 0),
      ]
    }),
  )
}

type Sight = ReturnType<typeof sightIn>

function effectOn(was: Person, is: Person, before: Sight, after: Sight, cells: readonly Cell[]): Effect {
  const [saw, sees] = [seeing(before.reach(was), was.staffId), seeing(after.reach(is), is.staffId)]
  const count = { before: 0, after: 0, gained: 0, lost: 0 }
  for (const cell of cells) {
    const [seen, willSee] = [saw(cell.unitBefore, cell.staffId), sees(cell.unitAfter, cell.staffId)]
    if (seen) count.before += cell.customers
    if (willSee) count.after += cell.customers
    if (seen && !willSee) count.lost += cell.customers
    if (!seen && willSee) count.gained += cell.customers
  }
  const [had, has] = [before.permissions(was), after.permissions(is)]
  return {
    login: was.login,
    name: was.name,
    customersBefore: count.before,
    customersAfter: count.after,
    customersGained: count.gained,
    customersLost: count.lost,
    permissionsGained: [...has].filter((one) => !had.has(one)),
    permissionsLost: [...had].filter((one) => !has.has(one)),
    ...fieldEffects(before.held(was), after.held(is)),
  }
}

type FieldEffects = Pick<Effect, 'fieldsGained' | 'fieldsLost' | 'editsGained' | 'editsLost'>

function fieldEffects(before: readonly RoleFacts[], after: readonly RoleFacts[]): FieldEffects {
  const [read, willRead] = [fieldsOf({ posts: before }), fieldsOf({ posts: after })]
  const [edited, willEdit] = [editsOf({ posts: before }), editsOf({ posts: after })]
  const openness = (one: FieldRead) => fieldReads.indexOf(one)
  const effects = fieldGroups.map((field) => ({ field, before: read[field], after: willRead[field] }))
  return {
    fieldsGained: effects.filter((one) => openness(one.after) > openness(one.before)),
    fieldsLost: effects.filter((one) => openness(one.after) < openness(one.before)),
    editsGained: willEdit.filter((field) => !edited.includes(field)),
    editsLost: edited.filter((field) => !willEdit.includes(field)),
  }
}

/** What a state shows, with each unit's subtree worked out once. */
function sightIn({ roles, parents, walls }: RightsState) {
  const below = subtrees(parents)
  const standing: Wall[] = walls.map((wall) => ({
    around: below.get(wall.aroundId) ?? [],
    against: below.get(wall.againstId) ?? [],
  }))
  const heldBy = (person: Person) =>
    person.posts.flatMap((post) => {
      const role = roles.get(post.role)
      return role ? [{ ...role, unitId: post.unitId }] : []
    })
  return {
    reach(person: Person): Reach {
      const reading = heldBy(person).filter((post) => post.permissions.includes('customers.read'))
      const places: Place[] = reading.map((post) => ({
        unitId: post.unitId,
        subtree: parents.get(post.unitId) === null ? null : (below.get(post.unitId) ?? []),
        customers: post.customers,
        crossesWalls: post.permissions.includes('walls.cross'),
      }))
      return reachOf(places, standing)
    },
    held: heldBy,
    permissions: (person: Person): Set<Permission> => new Set(heldBy(person).flatMap((post) => post.permissions)),
  }
}

function subtrees(parents: ReadonlyMap<number, number | null>): Map<number, number[]> {
  const below = new Map<number, number[]>([...parents.keys()].map((unit) => [unit, []]))
  for (const unit of parents.keys()) {
    for (let at: number | null = unit; at !== null; at = parents.get(at) ?? null) below.get(at)?.push(unit)
  }
  return below
}

/** As `reaches`, made fast for many customers. */
function seeing(reach: Reach, staffId: number | null): (unit: number, rm: number | null) => boolean {
  const [units, book] = [member(reach.units), member(reach.book)]
  return (unit, rm) => units(unit) || (staffId !== null && rm === staffId && book(unit))
}

function member(set: UnitSet): (unit: number) => boolean {
  const listed = new Set(set.units)
  return (unit) => listed.has(unit) !== set.except
}
