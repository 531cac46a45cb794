/**
 * What somebody has typed and not sent yet, kept in the browser's session, so that neither a refusal nor an ended session
 * nor a look at another page loses it. By sign-in name: whoever comes next at this window does not find it.
 */
import { useState } from 'react'
import { useMe } from './session.ts'

/** The draft of that place, and how it is changed; empty when there is none. */
export function useDraft(place: string): [text: string, change: (text: string) => void] {
  const { name } = useMe()
  const key = `strata.draft.${name}.${place}`
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? '')
  const change = (typed: string) => {
    setText(typed)
    if (typed.trim() === '') sessionStorage.removeItem(key)
    else keep(key, typed)
  }
  return [text, change]
}

function keep(key: string, typed: string): void {
  try {
    sessionStorage.setItem(key, typed)
  } catch {
    // A full store loses the draft, not what is on the screen
  }
}
