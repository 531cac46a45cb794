/** The text of a note: sealed under the party's key, and whom it mentions. */
import { openBytes, sealBytes } from '../../access/seal.ts'
import { mention } from '../../contract/notes.ts'

/** A note that names more is no note to somebody. */
export const mentionsMax = 20

/** Bound to the note and the edition, so that no text can be put in another's place. */
export function sealNote(key: Buffer, place: NotePlace, text: string): Buffer {
  return sealBytes(key, contextOf(place), text)
}

/** The inverse of `sealNote`. */
export function openNote(key: Buffer, place: NotePlace, sealed: Buffer): string {
  return openBytes(key, contextOf(place), sealed).toString('utf8')
}

export interface NotePlace {
  noteId: bigint
  edition: number
}

const contextOf = ({ noteId, edition }: NotePlace) => `note:${noteId}:${edition}`

/** The sign-in names behind an '@', each once, in the order of the text. */
export function mentionsIn(text: string): string[] {
  // A full stop or hyphen at the end belongs to the sentence
  const names = [...text.matchAll(mention)].map(([, name = '']) => name.toLowerCase().replace(/[._-]+$/, ''))
  return [...new Set(names)]
}
