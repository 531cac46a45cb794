/** Cursors: where a page ended, opaque to whoever gives them back. They grant nothing: the scope decides what is read. */
import type { Keys } from '../access/keys.ts'
import { openBytes, sealBytes } from '../access/seal.ts'
import { refuse } from '../kit/refusal.ts'

const lengthMax = 600

/** As base64url text for a URL. */
export function encodeCursor(position: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** The inverse. Refuses cursor_invalid for anything that no page ever gave. */
export function decodeCursor(cursor: string): unknown[] {
  return positionIn(() => bytesOf(cursor))
}

/** A cursor that is one rising or falling id. */
export function idOfCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null
  const [id, ...rest] = decodeCursor(cursor)
  return rest.length === 0 && typeof id === 'string' && /^\d{1,18}$/.test(id) ? id : refuse('cursor_invalid')
}

/** A cursor that is a sorted value and the id that follows it. Refuses cursor_invalid. */
export function pairOfCursor(cursor: string | undefined): { value: string; id: number } | null {
  if (cursor === undefined) return null
  const [value, id, ...rest] = decodeCursor(cursor)
  const isPair = rest.length === 0 && typeof value === 'string' && typeof id === 'number' && Number.isInteger(id)
  return isPair ? { value, id } : refuse('cursor_invalid')
}

/** For positions that hold personal data, as a place in the order of names does: nobody reads it on its way. */
export function sealCursor(keys: Keys, position: readonly (string | number | null)[]): string {
  return sealBytes(keys.of('rowSeal'), 'cursor', JSON.stringify(position)).toString('base64url')
}

/** The inverse of `sealCursor`. Refuses cursor_invalid. */
export function openCursor(keys: Keys, cursor: string): unknown[] {
  return positionIn(() => openBytes(keys.of('rowSeal'), 'cursor', bytesOf(cursor)))
}

function bytesOf(cursor: string): Buffer {
  const bytes = Buffer.from(cursor, 'base64url')
  // Decoding skips what it does not know, so what it gives must be what came.
  if (cursor.length > lengthMax || bytes.toString('base64url') !== cursor) refuse('cursor_invalid')
  return bytes
}

function positionIn(open: () => Buffer): unknown[] {
  try {
    const position: unknown = JSON.parse(open().toString('utf8'))
    if (Array.isArray(position)) return position
  } catch {
    // falls through: not JSON, or not ours
  }
  refuse('cursor_invalid')
}
