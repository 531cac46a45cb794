/** Codes of roles and units in words, by the names that a reply carries with them. */
import { useCallback } from 'react'
import { subjectZh } from '../src/contract/approvals.ts'
import { type Named, nameText, type Rename, renameSubject } from '../src/contract/naming.ts'
import { useLanguage } from './language.ts'

/** Puts the name in the reader's language in the place of a code, which stays where it is needed or has no name. */
export function useRename(): (names: readonly Named[]) => Rename {
  const { code: reads } = useLanguage()
  return useCallback(
    (names) => (noun, code) => {
      const known = names.find((one) => one.noun === noun && one.code === code)
      return nameText(known, code, reads === 'en' ? 'en' : 'zh')
    },
    [reads],
  )
}

/** What an approval is about, in the reader's language. */
export function useSubject(): (approval: { subject: string; names: readonly Named[] }) => string {
  const { code: reads } = useLanguage()
  const rename = useRename()
  return useCallback(
    ({ subject, names }) => {
      const named = renameSubject(subject, rename(names))
      return reads === 'en' ? named : subjectZh(named)
    },
    [reads, rename],
  )
}
