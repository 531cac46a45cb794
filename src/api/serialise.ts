/**
 * Answers as JSON text, by the schema of their endpoint: exactly its fields leave, each of its type. Compiled once per
 * schema into one function per node, because checking an answer by parsing it and writing the copy cost more than reading
 * it from the database.
 */
import type { FastifySerializerCompiler } from 'fastify/types/schema.js'
import { z } from 'zod'

/** An answer that is not what its schema says: a bug of ours, never the caller's. */
export class AnswerFault extends Error {
  constructor(path: string, expected: string) {
    super(`the answer is not what the contract says: ${path || 'all of it'} should be ${expected}`)
    this.name = 'AnswerFault'
  }
}

type Write = (value: unknown, path: string) => string

/** The writer of a schema: JSON text of what the schema names; anything else is left out. Throws AnswerFault. */
export function writerOf(schema: z.ZodType): (value: unknown) => string {
  const write = compile(schema)
  return (value) => write(value, '')
}

/** The same for Fastify. */
export const serializerCompiler: FastifySerializerCompiler<z.ZodType> = ({ schema }) => writerOf(schema)

function compile(schema: z.ZodType): Write {
  if (schema instanceof z.ZodObject) return objectWriter(schema)
  if (schema instanceof z.ZodArray) return arrayWriter(compile(schema.element as z.ZodType))
  if (schema instanceof z.ZodNullable) {
    const write = compile(schema.unwrap() as z.ZodType)
    return (value, path) => (value === null ? 'null' : write(value, path))
  }
  if (schema instanceof z.ZodEnum) {
    const texts = new Map(schema.options.map((option) => [option as unknown, JSON.stringify(option)]))
    return (value, path) => texts.get(value) ?? fail(path, schema.options.join(' or '))
  }
  if (schema instanceof z.ZodBoolean) return writeBoolean
  return leafWriter(schema)
}

/** Texts and whole numbers, with the limits and patterns that answers use; what else there is, by the schema itself. */
function leafWriter(schema: z.ZodType): Write {
  const checks = ((schema._zod.def as z.core.$ZodTypeDef).checks ?? []).map(({ _zod }) => _zod.def as LeafCheck)
  const write = schema instanceof z.ZodString ? writeString : isInt(schema) ? writeInt : undefined
  if (write === undefined || !checks.every(({ check }) => check in leafChecks)) return writeChecked(schema)
  if (checks.length === 0) return write
  return (value, path) => {
    const text = write(value, path)
    for (const check of checks) if (!leafChecks[check.check](value as never, check as never)) fail(path, check.check)
    return text
  }
}

function isInt(schema: z.ZodType): boolean {
  return schema instanceof z.ZodNumber && schema.format === 'safeint'
}

type LeafCheck =
  | { check: 'string_format'; pattern: RegExp }
  | { check: 'greater_than' | 'less_than'; value: number; inclusive: boolean }

const leafChecks = {
  string_format: (value: string, { pattern }: { pattern: RegExp }) => pattern.test(value),
  greater_than: (value: number, limit: { value: number; inclusive: boolean }) =>
    limit.inclusive ? value >= limit.value : value > limit.value,
  less_than: (value: number, limit: { value: number; inclusive: boolean }) =>
    limit.inclusive ? value <= limit.value : value < limit.value,
}

function objectWriter(schema: z.ZodObject): Write {
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const optional = field instanceof z.ZodOptional
    return {
      name,
      key: `${JSON.stringify(name)}:`,
      optional,
      write: compile((optional ? field.unwrap() : field) as z.ZodType),
    }
  })
  return (value, path) => {
    if (typeof value !== 'object' || value === null) fail(path, 'an object')
    let text = ''
    for (const { name, key, optional, write } of fields) {
      const one = (value as Record<string, unknown>)[name]
      if (one === undefined && optional) continue
      text += (text === '' ? key : `,${key}`) + write(one, name)
    }
    return `{${text}}`
  }
}

function arrayWriter(write: Write): Write {
  return (value, path) => {
    if (!Array.isArray(value)) fail(path, 'a list')
    let text = ''
    for (const one of value) text += (text === '' ? '' : ',') + write(one, path)
    return `[${text}]`
  }
}

function writeString(value: unknown, path: string): string {
  return typeof value === 'string' ? quoted(value) : fail(path, 'a text')
}

function writeInt(value: unknown, path: string): string {
  return Number.isSafeInteger(value) ? String(value) : fail(path, 'a whole number')
}

function writeBoolean(value: unknown, path: string): string {
  return typeof value === 'boolean' ? String(value) : fail(path, 'true or false')
}

function writeChecked(schema: z.ZodType): Write {
  return (value, path) => {
    const found = z.safeEncode(schema, value as never)
    if (!found.success) fail(path, z.prettifyError(found.error))
    return JSON.stringify(found.data)
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON has to escape
const escaped = /["\\\u0000-\u001f\ud800-\udfff]/

function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`
}

function fail(path: string, expected: string): never {
  throw new AnswerFault(path, expected)
}
