/** Units of base currency per one unit of the foreign one. */
import { dayType, type Feed, required, text } from './feed.ts'

export const exchangeRates: Feed = {
  name: 'exchange-rates',
  zh: '汇率',
  en: 'Exchange rates',
  meaningZh: '一单位外币折合多少本位币。',
  meaningEn: 'Units of base currency per one unit of the foreign one.',
  home: 'lake',
  key: ['currency', 'day'],
  dayColumn: 'day',
  after: [],
  columns: [
    required('currency', text(3), '币种', 'Currency', 'USD', { check: 'currency' }),
    required('day', dayType, '日期', 'Day', '2026-01-30'),
    required('rate', { kind: 'decimal', places: 8, positive: true }, '汇率', 'Rate', '7.12345678', { summed: true }),
  ],
}
