import { describe, expect, test } from 'vitest'
import { hideNumbers } from './free-text.ts'

describe('is hidden', () => {
  test.each([
    ['13800138000', '****8000'],
    ['来电13800138000，已核实', '来电****8000，已核实'],
    ['138 0013 8000', '****8000'],
    ['138-0013-8000', '****8000'],
    ['１３８００１３８０００', '****8000'],
    ['+86 13800138000', '****8000'],
    ['11010519491231002X 本人', '****002X 本人'],
    ['11010519491231002x', '****002X'],
    ['6222 0202 0000 0000 001', '****0001'],
    ['卡 6228480402564890018。', '卡 ****0018。'],
    ['发到 lin@example.com', '发到 l***@example.com'],
    ['ｌｉｎ＠example．com', 'ｌ***＠example．com'],
  ])('%s', (text, shown) => {
    expect(hideNumbers(text)).toBe(shown)
  })
})

describe('stays', () => {
  test.each([
    '年度调整',
    '客户号 2000000001',
    '2026-10-31 2026-11-02',
    '1,000,000,000.00 元',
    '20261031001',
    '工单 0011',
    'see ticket 4711 @ desk',
  ])('%s', (text) => {
    expect(hideNumbers(text)).toBe(text)
  })
})
