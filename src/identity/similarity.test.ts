/** Published examples, as Winkler gives them and as every text on record linkage repeats them. */
import { expect, test } from 'vitest'
import { editDistanceOf, jaroWinklerOf } from './similarity.ts'

test.each([
  ['MARTHA', 'MARHTA', 0.9611],
  ['DIXON', 'DICKSONX', 0.8133],
  ['DWAYNE', 'DUANE', 0.84],
  ['JONES', 'JOHNSON', 0.8324],
  ['ABROMS', 'ABRAMS', 0.9222],
  ['SAME', 'SAME', 1],
  ['ABC', 'XYZ', 0],
  ['', 'ABC', 0],
])('Jaro–Winkler of %s and %s is %f', (a, b, expected) => {
  expect(jaroWinklerOf(a, b)).toBeCloseTo(expected, 4)
  expect(jaroWinklerOf(b, a)).toBeCloseTo(expected, 4)
})

test.each([
  ['', '', 0],
  ['CA', 'AC', 1],
  // No text is edited twice at one place: 3, where the unrestricted distance would be 2.
  ['CA', 'ABC', 3],
  ['kitten', 'sitting', 3],
  ['19560409', '19560490', 1],
  ['建国', '国建', 1],
  ['abcdef', 'ghijkl', 4],
])('%s and %s are %i edits apart, counted up to 4', (a, b, expected) => {
  expect(editDistanceOf(a, b, 3)).toBe(expected)
})
