/**
 * Whom a person sees: from the posts held on a day, the walls that stand, and single grants. Pure; the tree of units
 * comes in as each post's and wall's subtree.
 */
import type { CustomerScope } from '../contract/permission.ts'
import { allUnits, holds, minus, noUnits, only, type UnitSet, union } from '../kit/unit-set.ts'

/** What of a post decides about sight. */
export interface Place {
  unitId: number
  /** Ids of the unit and everything below it; null for the whole bank. */
  subtree: readonly number[] | null
  customers: CustomerScope
  /** Looks over every wall. */
  crossesWalls: boolean
}

export interface Wall {
  /** Ids of the units whose customers are hidden: a unit and everything below it. */
  around: readonly number[]
  /** Ids of the units that they are hidden from, unless those are among `around` themselves. */
  against: readonly number[]
}

/** Whose customers are visible. */
export interface Reach {
  units: UnitSet
  /** Customers assigned to oneself are visible in these units too. */
  book: UnitSet
  /** Units that every post is walled off from: not even that a customer of theirs exists is told. */
  walled: UnitSet
}

/** What the posts together show; walls bind each post by where it is held. */
export function reachOf(places: readonly Place[], walls: readonly Wall[]): Reach {
  let units = noUnits
  let book = noUnits
  let walled: UnitSet | null = null
  for (const place of places) {
    const hidden = hiddenFrom(place, walls)
    walled = walled === null ? hidden : common(walled, hidden)
    if (place.customers === 'subtree') units = union(units, minus(unitsOf(place), hidden))
    // A book goes across units: an assigned customer may be at home in another outlet.
    if (place.customers === 'book') book = union(book, minus(allUnits, hidden))
  }
  return { units, book, walled: walled ?? noUnits }
}

/** The units whose figures (counts and sums, nobody in them) a post shows; walls do not hide sums. */
export function unitsOf(place: Pick<Place, 'subtree'>): UnitSet {
  return place.subtree === null ? allUnits : only(place.subtree)
}

function hiddenFrom(place: Place, walls: readonly Wall[]): UnitSet {
  if (place.crossesWalls) return noUnits
  return walls
    .filter((wall) => binds(wall, place.unitId))
    .reduce((hidden, wall) => union(hidden, only(wall.around)), noUnits)
}

/** Whether the wall hides its customers from a post at that unit. */
export function binds({ around, against }: Wall, unitId: number): boolean {
  return against.includes(unitId) && !around.includes(unitId)
}

function common(a: UnitSet, b: UnitSet): UnitSet {
  return minus(a, minus(allUnits, b))
}

/** Whether a customer at home in `unitId` is visible; `isOwn`: assigned to the person who asks. */
export function reaches(reach: Reach, customer: { unitId: number; isOwn: boolean }): boolean {
  return holds(reach.units, customer.unitId) || (customer.isOwn && holds(reach.book, customer.unitId))
}
