/** A customer's contact facts: edited by staff, with a history of each field and the way back to an old value. */
import { z } from 'zod'
import { freeText, instant, reasonLengthMin } from './common.ts'
import { endpoint } from './endpoint.ts'
import { editableFields } from './permission.ts'

export const field = z.enum(editableFields)
const shown = z.string().nullable().describe('telling parts masked')
const params = z.object({ no: z.string().max(32) })
const version = z.string().max(40).describe('of readFacts; another one means that somebody was faster')
const reason = freeText(reasonLengthMin)
/** A text, or null to take the fact away. */
const fact = (pattern: RegExp, max: number) => z.string().trim().max(max).regex(pattern).nullable().optional()

const facts = z.object({ phone: shown, email: shown, address: shown, occupation: z.string().nullable() })

export const readFacts = endpoint({
  name: 'readFacts',
  tag: 'customers',
  method: 'GET',
  path: '/api/customers/:no/facts',
  label: { zh: '联系资料与变更记录', en: 'Contact facts and their history' },
  permission: 'customers.read',
  params,
  output: z.object({
    version: z.string(),
    facts,
    /** Newest first. */
    changes: z
      .array(
        z.object({
          entry: z.string(),
          at: instant,
          who: z.string(),
          reason: z.string().nullable(),
          fields: z.array(z.object({ field, before: shown, after: shown })),
        }),
      )
      .max(200),
    /** Fields that staff edited and a later load has overtaken. */
    conflicts: z.array(z.object({ field, edited: shown, brought: shown, loadId: z.int(), at: instant })),
  }),
  refusals: ['not_found', 'already_erased'],
})

export const editFacts = endpoint({
  name: 'editFacts',
  tag: 'customers',
  method: 'POST',
  path: '/api/customers/:no/facts',
  label: { zh: '修改联系资料', en: 'Edit contact facts' },
  permission: 'customers.edit',
  params,
  body: z.object({
    version,
    reason,
    phone: fact(/^\+?[\d-]{7,20}$/, 20),
    email: fact(/^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/, 120),
    address: fact(/\S/, 200),
    occupation: fact(/\S/, 60),
  }),
  output: z.object({ version: z.string() }),
  refusals: [
    'not_found',
    'already_erased',
    'facts_changed',
    'occupation_of_company',
    'field_hidden',
    'field_not_editable',
    'origin_refused',
  ],
})

export const restoreFact = endpoint({
  name: 'restoreFact',
  tag: 'customers',
  method: 'POST',
  path: '/api/customers/:no/facts/restore',
  label: { zh: '恢复旧值', en: 'Restore an old value' },
  permission: 'customers.edit',
  params,
  /** The value that the field had before that change; it is never shown on the way. */
  body: z.object({ version, reason, entry: z.string().regex(/^\d{1,18}$/), field }),
  output: z.object({ version: z.string() }),
  refusals: ['not_found', 'already_erased', 'facts_changed', 'field_hidden', 'field_not_editable', 'origin_refused'],
})
