/**
 * Sets of organisation units by id: some units, or all units but some. "All but" stays true when a unit is opened
 * tomorrow, which no list of ids does.
 */
export interface UnitSet {
  /** True: every unit except `units`; false: `units` and no other. */
  readonly except: boolean
  readonly units: readonly number[]
}

export const noUnits: UnitSet = { except: false, units: [] }
export const allUnits: UnitSet = { except: true, units: [] }

/** These units and no other. */
export function only(units: Iterable<number>): UnitSet {
  return { except: false, units: ordered(units) }
}

export function holds(set: UnitSet, unit: number): boolean {
  return set.units.includes(unit) !== set.except
}

export function isEmpty(set: UnitSet): boolean {
  return !set.except && set.units.length === 0
}

export function isAll(set: UnitSet): boolean {
  return set.except && set.units.length === 0
}

export function union(a: UnitSet, b: UnitSet): UnitSet {
  if (!a.except && !b.except) return only([...a.units, ...b.units])
  // Left out of the union is what both leave out.
  if (a.except && b.except) return allBut(a.units.filter((unit) => b.units.includes(unit)))
  const [most, some] = a.except ? [a, b] : [b, a]
  return allBut(most.units.filter((unit) => !some.units.includes(unit)))
}

/** What is in `a` and not in `b`. */
export function minus(a: UnitSet, b: UnitSet): UnitSet {
  if (!a.except) return only(a.units.filter((unit) => !holds(b, unit)))
  if (!b.except) return allBut([...a.units, ...b.units])
  return only(b.units.filter((unit) => holds(a, unit)))
}

function allBut(units: Iterable<number>): UnitSet {
  return { except: true, units: ordered(units) }
}

function ordered(units: Iterable<number>): number[] {
  return [...new Set(units)].sort((a, b) => a - b)
}
