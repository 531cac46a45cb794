/** Every answer of the contract leaves as its schema says: compared with the schema's own way of writing it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AnswerFault, writerOf } from '../src/api/serialise.ts'
import { contract } from '../src/contract/index.ts'

const answers = Object.values(contract).filter((endpoint) => endpoint.answers === 'json')

/** Values of a schema, with fields that it does not know. */
function valuesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([name, field]) => [name, valuesOf(field as z.ZodType)] as const)
    return fc.record(Object.fromEntries([...fields, ['unlistedSecret', fc.constant('secret')]]))
  }
  if (schema instanceof z.ZodArray) return fc.array(valuesOf(schema.element as z.ZodType), { maxLength: 3 })
  if (schema instanceof z.ZodNullable) return fc.option(valuesOf(schema.unwrap() as z.ZodType))
  if (schema instanceof z.ZodOptional) return fc.option(valuesOf(schema.unwrap() as z.ZodType), { nil: undefined })
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodRecord) return fc.dictionary(fc.string(), valuesOf(schema.valueType as z.ZodType))
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((one) => valuesOf(one as z.ZodType)))
  if (schema instanceof z.ZodNumber) {
    const { minValue, maxValue } = schema
    return fc.integer({ min: Math.max(minValue ?? 0, -1e9), max: Math.min(maxValue ?? 1e9, 1e9) })
  }
  if (schema instanceof z.ZodString) {
    const { minLength, maxLength } = schema
    const checks = (schema._zod.def.checks ?? []).map(({ _zod }) => _zod.def as { check: string; pattern?: RegExp })
    const pattern = checks.find(({ check }) => check === 'string_format')?.pattern
    if (pattern) return fc.stringMatching(pattern).filter((text) => schema.safeParse(text).success)
    if (minLength === null && maxLength === null) return fc.string({ unit: 'binary' })
    const length = { minLength: minLength ?? 0, maxLength: maxLength ?? 100, size: 'max' as const }
    return fc.string({ unit: fc.constantFrom('a', '客', '"', '\\'), ...length })
  }
  if (schema instanceof z.ZodUnknown) return fc.jsonValue()
  throw new Error(`no values for ${schema.constructor.name}`)
}

test.each(answers.map((endpoint) => [endpoint.name, endpoint.output] as const))('%s', (_name, output) => {
  const write = writerOf(output)
  fc.assert(
    fc.property(valuesOf(output), (value) => {
      const text = write(value)
      const expected = z.safeEncode(output, value as never)
      expect(expected.error).toBeUndefined()
      expect(text).toBe(JSON.stringify(expected.data))
      expect(text).not.toContain('unlistedSecret')
    }),
    { numRuns: 30, seed: 7 },
  )
})

describe('what is not of the schema does not leave', () => {
  const row = z.object({
    no: z.string(),
    fen: z.string().regex(/^-?\d+$/),
    tier: z.int().min(0),
    kind: z.enum(['person', 'company']),
    open: z.boolean(),
    tags: z.array(z.string()),
    to: z.object({ code: z.string() }).nullable(),
    hint: z.string().optional(),
  })
  const right = { no: '1', fen: '-5', tier: 0, kind: 'person', open: true, tags: ['a"b'], to: null }
  const write = writerOf(row)

  test('as it is', () => {
    expect(write(right)).toBe('{"no":"1","fen":"-5","tier":0,"kind":"person","open":true,"tags":["a\\"b"],"to":null}')
    expect(write({ ...right, hint: '\ud800', to: { code: 'x', secret: 's' } })).toBe(
      '{"no":"1","fen":"-5","tier":0,"kind":"person","open":true,"tags":["a\\"b"],"to":{"code":"x"},"hint":"\\ud800"}',
    )
  })

  test.each([
    ['no', 1],
    ['no', undefined],
    ['no', null],
    ['fen', '1.5'],
    ['fen', 5n],
    ['tier', -1],
    ['tier', 1.5],
    ['tier', '1'],
    ['kind', 'robot'],
    ['open', 'true'],
    ['tags', 'a'],
    ['tags', [1]],
    ['to', {}],
    ['to', 'x'],
    ['hint', 5],
  ])('%s as %s', (field, value) => {
    expect(() => write({ ...right, [field]: value })).toThrow(AnswerFault)
  })
})
