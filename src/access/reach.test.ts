/**
 * Reach against a naive model that is written from the words of the rules: for random trees, posts, walls and customers,
 * each customer is asked for one by one.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { customerScopes } from '../contract/permission.ts'
import { reaches, reachOf } from './reach.ts'

const unitsMax = 8

const worlds = fc.record({
  /** Parent of unit i + 1 by index; unit 0 is the head office. */
  parents: fc
    .integer({ min: 1, max: unitsMax - 1 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => fc.nat(i)))),
  posts: fc.array(
    fc.record({ unit: fc.nat(unitsMax - 1), customers: fc.constantFrom(...customerScopes), crosses: fc.boolean() }),
    { maxLength: 3 },
  ),
  walls: fc.array(fc.record({ around: fc.nat(unitsMax - 1), against: fc.nat(unitsMax - 1) }), { maxLength: 3 }),
})

/** Whether `unit` is `top` or hangs below it, step by step upwards. */
function isAtOrBelow(parents: readonly number[], unit: number, top: number): boolean {
  if (unit === top) return true
  return unit === 0 ? false : isAtOrBelow(parents, parents[unit - 1] ?? 0, top)
}

test('each customer is visible exactly when a plain reading of the rules says so', () => {
  fc.assert(
    fc.property(worlds, ({ parents, posts: anyPosts, walls: anyWalls }) => {
      const count = parents.length + 1
      const below = (unit: number, top: number) => isAtOrBelow(parents, unit, top)
      const subtree = (top: number) =>
        Array.from({ length: count }, (_, unit) => unit).filter((unit) => below(unit, top))
      const posts = anyPosts.map((post) => ({ ...post, unit: post.unit % count }))
      const walls = anyWalls.map(({ around, against }) => ({ around: around % count, against: against % count }))
      const reach = reachOf(
        posts.map((post) => ({
          unitId: post.unit,
          subtree: post.unit === 0 ? null : subtree(post.unit),
          customers: post.customers,
          crossesWalls: post.crosses,
        })),
        walls.map((wall) => ({ around: subtree(wall.around), against: subtree(wall.against) })),
      )
      for (let home = 0; home < count; home++) {
        for (const isOwn of [true, false]) {
          const visible = posts.some((post) => {
            const hidden =
              !post.crosses &&
              walls.some(
                (wall) => below(home, wall.around) && below(post.unit, wall.against) && !below(post.unit, wall.around),
              )
            if (hidden || post.customers === 'none') return false
            return post.customers === 'book' ? isOwn : below(home, post.unit)
          })
          expect(reaches(reach, { unitId: home, isOwn })).toBe(visible)
        }
      }
    }),
    { numRuns: 2000 },
  )
})
