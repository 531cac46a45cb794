import { expect, test } from 'vitest'
import { openEntry } from './entry.ts'
import type { PartyRecord } from './record.ts'
import { resolveParties } from './resolve.ts'

// Strangers, so that there is something to be rare among, and the one that is asked for.
const surnames = '王李张刘陈杨赵黄周吴'
const givens = '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平'
const strangers = Array.from(
  { length: 400 },
  (_, i): PartyRecord => ({
    kind: 'person',
    name: surnames[i % 10]! + givens[i % 19]! + givens[(i * 7) % 20]!,
    birthOn: `${1950 + (i % 50)}-0${1 + (i % 9)}-1${i % 10}`,
    phone: `138${String(10_000_000 + i * 7919)}`,
    address: `江州市望江区人民路${i + 1}号阳光花园${1 + (i % 20)}幢1单元${100 + i}室`,
  }),
)
const asked: PartyRecord = {
  kind: 'person',
  name: '欧阳建国',
  birthOn: '1961-05-06',
  identityNo: '11010519491231002X',
  phone: '13912345678',
  address: '江州市东湖区中山路8号翠湖家园3幢2单元502室',
}
const { matched } = await resolveParties([...strangers, asked])
const check = openEntry(matched)

test.each<[string, Partial<PartyRecord>]>([
  ['as it stands', {}],
  ['in letters, without a number', { name: 'Ouyang Jianguo', identityNo: '' }],
  ['in traditional characters, with a spaced phone', { name: '歐陽建國', identityNo: '', phone: '+86 139 1234 5678' }],
  ['with another phone and a slip in the birthday', { phone: '13700000000', birthOn: '1961-05-09', identityNo: '' }],
])('the party is found %s', (_, changed) => {
  const [first, ...others] = check({ ...asked, ...changed })
  expect(first).toMatchObject({ place: strangers.length })
  expect(first!.verdict).not.toBe('possible')
  expect(others.filter(({ verdict }) => verdict !== 'possible')).toEqual([])
})

test('the same verified number is certain, another one is never the same party', () => {
  expect(check({ ...asked, address: '', phone: '' })[0]).toMatchObject({ verdict: 'certain' })
  expect(check({ ...asked, identityNo: '110105195006123213' }).map(({ place }) => place)).toContain(strangers.length)
  expect(check({ ...asked, identityNo: '440524188001010014' })).toEqual([])
})

test('a stranger and a kind that is not there give nothing', () => {
  const stranger = { kind: 'person', name: '司马相如', phone: '13000000000', address: '石桥市安平路99号' } as const
  expect(check(stranger).filter(({ verdict }) => verdict !== 'possible')).toEqual([])
  expect(check({ kind: 'company', name: '恒信商贸有限公司' })).toEqual([])
})

test('a check leaves nothing behind: the next one answers the same', () => {
  const before = check(asked)
  for (let i = 0; i < 50; i++) check({ ...asked, name: `欧阳新${givens[i % 20]}`, email: `new${i}@example.com` })
  expect(check(asked)).toEqual(before)
})
