/** Which file corrects which: by name, and under a name without a day by the days as well. */
import { expect, test } from 'vitest'
import { day } from '../../kit/day.ts'
import { corrected, type EarlierLoad } from './corrects.ts'

const load = (id: number, first: string | null, last = first): EarlierLoad => ({
  id,
  firstDay: first === null ? null : day(first),
  lastDay: last === null ? null : day(last),
})
const file = (name: string, first?: string, last = first) => ({
  name,
  firstDay: first === undefined ? undefined : day(first),
  lastDay: last === undefined ? undefined : day(last),
})
const ids = (loads: EarlierLoad[]) => loads.map(({ id }) => id)
const daily = { dayColumn: 'day' }
const earlier = [load(3, '2026-01-31'), load(2, '2026-01-30'), load(1, null)]

test('a daily delivery under one name stands beside the days before', () => {
  expect(corrected(daily, file('in-transit.csv', '2026-02-01'), earlier)).toEqual([])
})

test('a file about a day that came before corrects that day only', () => {
  expect(ids(corrected(daily, file('in-transit.csv', '2026-01-30'), earlier))).toEqual([2])
})

test('days that touch at one end overlap, in either direction', () => {
  const month = [load(4, '2026-01-01', '2026-01-31')]
  expect(ids(corrected(daily, file('fees.csv', '2026-01-31', '2026-02-28'), month))).toEqual([4])
  expect(ids(corrected(daily, file('fees.csv', '2025-12-01', '2026-01-01'), month))).toEqual([4])
  expect(corrected(daily, file('fees.csv', '2026-02-01', '2026-02-28'), month)).toEqual([])
  expect(ids(corrected(daily, file('fees.csv', '2026-01-30', '2026-02-01'), earlier))).toEqual([3, 2])
})

test('an empty day corrects nothing', () => {
  expect(corrected(daily, file('in-transit.csv'), earlier)).toEqual([])
})

test('a name with a day in it is corrected whatever the rows say', () => {
  expect(ids(corrected(daily, file('fees-2026-01-31.csv', '2026-01-30'), [load(3, '2026-01-31')]))).toEqual([3])
  expect(ids(corrected(daily, file('fees-2026-01-31.csv'), [load(3, '2026-01-31')]))).toEqual([3])
})

test('a feed without a day is how things are: the same name corrects', () => {
  expect(ids(corrected({}, file('units.csv'), [load(3, null)]))).toEqual([3])
})
