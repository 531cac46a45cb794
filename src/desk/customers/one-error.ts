/** A word as it may have been meant. Pure. */

const letters = [...'abcdefghijklmnopqrstuvwxyz']
/** Longer ones are no word of a name but pinyin. */
const wordLengthMax = 16

/**
 * Every spelling that one typing error lies between: a letter too many, too few, another, or two the wrong way round; some
 * 55 for each letter. So many look-ups in an index cost the same however many names there are, which a measure of
 * likeness over all names would not.
 */
export function oneErrorAway(word: string): string[] {
  if (word.length > wordLengthMax) return []
  const all = new Set<string>()
  for (let i = 0; i <= word.length; i++) {
    const before = word.slice(0, i)
    const after = word.slice(i)
    for (const letter of letters) {
      all.add(before + letter + after)
      if (after !== '') all.add(before + letter + after.slice(1))
    }
    all.add(before + after.slice(1))
    if (after.length > 1) all.add(`${before}${after[1]}${after[0]}${after.slice(2)}`)
  }
  all.delete(word)
  return [...all]
}
