/**
 * Edits of a person's facts by staff, and what a later load may do to them: the newer value wins. A load that still says
 * what the source said before the edit is older than it; one that says something new is newer, and both stand side by side.
 */
import type { EditableField } from '../contract/permission.ts'
import { openBytes, sealBytes } from './seal.ts'

export type Facts = Record<EditableField, string | null>

/** What an edit stores: what the source said, and what staff say. */
export interface Edit {
  was: string | null
  is: string | null
}

/** What becomes of an edited field when a load brings `brought`. */
export type Outcome = 'settled' | 'kept' | 'overtaken'

export function outcomeOf(edit: Edit, brought: string | null): Outcome {
  if (brought === edit.is) return 'settled'
  return brought === edit.was ? 'kept' : 'overtaken'
}

/** Seals a value of an edit under the party's key. */
export function sealEdit(key: Buffer, partyId: bigint, field: EditableField, value: Edit | string | null): Buffer {
  return sealBytes(key, contextOf(partyId, field), JSON.stringify(value))
}

/** The inverse of `sealEdit`. */
export function openEdit<Value extends Edit | string | null>(
  key: Buffer,
  partyId: bigint,
  field: EditableField,
  sealed: Buffer,
): Value {
  return JSON.parse(openBytes(key, contextOf(partyId, field), sealed).toString('utf8')) as Value
}

function contextOf(partyId: bigint, field: EditableField): string {
  return `edit:${partyId}:${field}`
}
