/** The algebra against plain sets: whatever is combined, a unit is in it exactly when plain reading says so. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allUnits, holds, isAll, isEmpty, minus, noUnits, only, type UnitSet, union } from './unit-set.ts'

const someUnits = fc.uniqueArray(fc.integer({ min: 1, max: 9 }))
const anySet: fc.Arbitrary<UnitSet> = fc.record({ except: fc.boolean(), units: someUnits })

test('union and difference are those of plain sets, for units old and new', () => {
  fc.assert(
    fc.property(anySet, anySet, fc.integer({ min: 1, max: 20 }), (a, b, unit) => {
      expect(holds(union(a, b), unit)).toBe(holds(a, unit) || holds(b, unit))
      expect(holds(minus(a, b), unit)).toBe(holds(a, unit) && !holds(b, unit))
    }),
  )
})

test('all and none know themselves', () => {
  expect([isAll(allUnits), isEmpty(noUnits), isAll(noUnits), isEmpty(allUnits)]).toEqual([true, true, false, false])
  expect(isEmpty(minus(only([1, 2]), allUnits))).toBe(true)
  expect(isAll(union(only([3]), { except: true, units: [3] }))).toBe(true)
  expect(only([2, 1, 2]).units).toEqual([1, 2])
})
