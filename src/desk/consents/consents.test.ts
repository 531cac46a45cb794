/** Whom one may contact: a table per rule, with the days at each edge. */
import { expect, test } from 'vitest'
import { day } from '../../kit/day.ts'
import { allowedOn, type ConsentEntry, mayContact } from './consents.ts'

const entry = (id: number, change: Partial<ConsentEntry> = {}): ConsentEntry => ({
  id: BigInt(id),
  kind: 'given',
  purpose: 'marketing',
  channel: 'sms',
  basis: 'consent',
  fromDay: day('2026-01-10'),
  toDay: day('2026-02-10'),
  ...change,
})
const forever = { toDay: day('2299-12-31') }
const withdrawn = (id: number, from: string, channel = 'any') =>
  entry(id, { kind: 'withdrawn', channel, fromDay: day(from), ...forever })

test.each([
  ['2026-01-09', false],
  ['2026-01-10', true],
  ['2026-02-09', true],
  ['2026-02-10', false],
])('on %s within a half-open period: %s', (on, allowed) => {
  expect(mayContact([entry(1)], 'marketing', 'sms', day(on)).allowed).toBe(allowed)
})

test.each<[string, ConsentEntry[], string, string, boolean]>([
  ['nothing said', [], 'marketing', 'sms', false],
  ['another purpose', [entry(1)], 'profiling', 'sms', false],
  ['another channel', [entry(1)], 'marketing', 'phone', false],
  ['any channel', [entry(1, { channel: 'any' })], 'marketing', 'phone', true],
  ['withdrawn on a later day', [entry(1), withdrawn(2, '2026-01-20')], 'marketing', 'sms', false],
  ['withdrawn from tomorrow', [entry(1), withdrawn(2, '2026-01-26')], 'marketing', 'sms', true],
  ['withdrawn from today', [entry(1), withdrawn(2, '2026-01-25')], 'marketing', 'sms', false],
  ['withdrawn for another channel', [entry(1), withdrawn(2, '2026-01-20', 'phone')], 'marketing', 'sms', true],
  ['withdrawn on the day it was given', [entry(1), withdrawn(2, '2026-01-10')], 'marketing', 'sms', false],
  ['given again that day', [withdrawn(1, '2026-01-10'), entry(2)], 'marketing', 'sms', true],
  [
    'given again later',
    [entry(1), withdrawn(2, '2026-01-15'), entry(3, { fromDay: day('2026-01-20') })],
    'marketing',
    'sms',
    true,
  ],
  [
    'an old consent that a feed brings after a withdrawal',
    [withdrawn(1, '2026-01-15'), entry(2, forever)],
    'marketing',
    'sms',
    false,
  ],
  [
    'the contract, whatever is withdrawn',
    [entry(1, { basis: 'contract' }), withdrawn(2, '2026-01-20')],
    'marketing',
    'sms',
    true,
  ],
  ['the law', [entry(1, { basis: 'law' }), withdrawn(2, '2026-01-20')], 'marketing', 'sms', true],
  [
    'the same consent corrected to an earlier end',
    [entry(1, forever), entry(2, { toDay: day('2026-01-20') })],
    'marketing',
    'sms',
    false,
  ],
])('%s', (_name, ledger, purpose, channel, allowed) => {
  expect(mayContact(ledger, purpose, channel, day('2026-01-25')).allowed).toBe(allowed)
})

test('the order of the rows is no matter, and the answer names its entry', () => {
  const ledger = [entry(1), withdrawn(2, '2026-01-20'), entry(3, { channel: 'phone' })]
  const answers = allowedOn(ledger, day('2026-01-25'))
  expect(allowedOn(ledger.toReversed(), day('2026-01-25'))).toEqual(answers)
  expect(answers).toEqual([
    { purpose: 'marketing', channel: 'any', allowed: false, because: 2n },
    { purpose: 'marketing', channel: 'phone', allowed: false, because: 2n },
    { purpose: 'marketing', channel: 'sms', allowed: false, because: 2n },
  ])
})
