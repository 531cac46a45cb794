/** Tags: the bank's shared words for customers, put on and off one customer or all of a filtered list. */
import { z } from 'zod'
import { freeText, id, instant, reasonLengthMin } from './common.ts'
import { customerFilter } from './customer-filter.ts'
import { endpoint } from './endpoint.ts'

/** Colours of the theme, in which any text is legible. */
export const tagColours = ['plain', 'accent', 'good', 'warn', 'bad'] as const
/** Of one act on a filtered list. */
export const bulkTagMax = 100_000

const name = z.string().trim().min(1).max(24)
const words = {
  zh: name,
  en: name.nullable(),
  colour: z.enum(tagColours),
  /** Codes of roles whose holders put it on and off; none for everybody who may use tags. */
  roles: z.array(z.string().max(64)).max(50),
}
export const tag = z
  .object({
    id: z.int(),
    ...words,
    edition: z.int(),
    /** Put on nobody any more; whoever has it keeps it until it is taken off. */
    retired: z.boolean(),
    /** The caller may put it on and off. */
    may: z.boolean(),
    /** Who has it, of the customers whom the caller sees; counted for whoever manages tags. */
    customers: z.int().nullable(),
  })
  .meta({ id: 'Tag' })

export const listTags = endpoint({
  name: 'listTags',
  tag: 'tags',
  method: 'GET',
  path: '/api/tags',
  label: { zh: '标签', en: 'Tags of the bank' },
  permission: 'customers.read',
  /** By name, those in use first. */
  output: z.object({ rows: z.array(tag).max(500) }),
})

export const makeTag = endpoint({
  name: 'makeTag',
  tag: 'tags',
  method: 'POST',
  path: '/api/tags',
  label: { zh: '新建标签', en: 'Make a tag' },
  permission: 'tags.manage',
  body: z.object(words),
  output: z.object({ id: z.int() }),
  status: 201,
  refusals: ['tag_known', 'tags_many', 'origin_refused'],
})

export const editTag = endpoint({
  name: 'editTag',
  tag: 'tags',
  method: 'POST',
  path: '/api/tags/:id',
  label: { zh: '修改标签', en: 'Edit a tag, retire it or bring it back' },
  permission: 'tags.manage',
  params: z.object({ id }),
  /** `edition`: as it was read. */
  body: z.object({ ...words, edition: z.int().min(1), retired: z.boolean() }),
  output: z.object({ id: z.int() }),
  refusals: ['not_found', 'tag_known', 'tag_changed', 'origin_refused'],
})

const customerNo = z.object({ no: z.string().min(1).max(64) })

export const readCustomerTags = endpoint({
  name: 'readCustomerTags',
  tag: 'tags',
  method: 'GET',
  path: '/api/customers/:no/tags',
  label: { zh: '客户的标签', en: 'Tags of a customer' },
  permission: 'customers.read',
  params: customerNo,
  output: z.object({ tags: z.array(z.object({ id: z.int(), by: z.string(), putAt: instant })) }),
  refusals: ['not_found'],
})

const tagIds = z.array(z.int().min(1)).max(50).default([])

export const tagCustomer = endpoint({
  name: 'tagCustomer',
  tag: 'tags',
  method: 'POST',
  path: '/api/customers/:no/tags',
  label: { zh: '贴上或摘下标签', en: 'Put tags on a customer and take them off' },
  permission: 'tags.use',
  params: customerNo,
  body: z.object({ put: tagIds, take: tagIds }),
  /** How many were put on or taken off: one that was there already, or was not, counts for nothing. */
  output: z.object({ changed: z.int() }),
  refusals: ['not_found', 'already_erased', 'tag_not_yours', 'tag_retired', 'origin_refused'],
})

const bulk = { filter: customerFilter, act: z.enum(['put', 'take']) }

export const previewTagging = endpoint({
  name: 'previewTagging',
  tag: 'tags',
  method: 'GET',
  path: '/api/tags/:id/preview',
  label: { zh: '批量标签预览', en: 'What tagging a filtered list would change' },
  permission: 'tags.use',
  params: z.object({ id }),
  query: customerFilter.extend({ act: bulk.act }),
  /** Customers under the filter, and those of them who would change. */
  output: z.object({ customers: z.int(), changes: z.int() }),
  refusals: ['not_found', 'night_missing', 'field_hidden', 'tag_not_yours', 'tag_retired', 'bulk_too_large'],
})

export const tagCustomers = endpoint({
  name: 'tagCustomers',
  tag: 'tags',
  method: 'POST',
  path: '/api/tags/:id/customers',
  label: { zh: '批量贴上或摘下标签', en: 'Put a tag on a filtered list, or take it off' },
  permission: 'tags.use',
  params: z.object({ id }),
  /** `changes`: as the preview said; another number means that the list has changed since. */
  body: z.object({ ...bulk, changes: z.int().min(0), reason: freeText(reasonLengthMin) }),
  output: z.object({ changed: z.int() }),
  refusals: [
    'not_found',
    'night_missing',
    'field_hidden',
    'tag_not_yours',
    'tag_retired',
    'bulk_too_large',
    'bulk_changed',
    'origin_refused',
  ],
})
