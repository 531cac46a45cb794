import { describe, expect, it } from 'vitest'
import { type RefusalCode, Refused, refusals, refusalText, refuse } from './refusal.ts'

// In Chinese a parameter `xZh` stands in for `x`
const names = (text: string) => [...text.matchAll(/\{(\w+?)(Zh)?\}/g)].map((found) => found[1]).sort()

describe('refusals', () => {
  it.each(Object.keys(refusals) as RefusalCode[])('%s says the same in both languages', (code) => {
    expect(names(refusals[code].zh)).toEqual(names(refusals[code].en))
  })

  it('carries its code and reads in both languages', () => {
    const params = { day: '2026-02-30', reason: 'x' }
    expect(() => refuse('night_day_invalid', params)).toThrow(Refused)
    expect(refusalText('night_day_invalid', params, 'zh')).toBe('不能为 2026-02-30 跑批：x')
    expect(refusalText('night_day_invalid', params, 'en')).toBe('No night can run for 2026-02-30: x')
  })
})
