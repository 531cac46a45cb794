/** The language of the page: Chinese first; the chosen one is kept in the browser, and switched without a reload. */
import dayjs from 'dayjs'
import { useSyncExternalStore } from 'react'
import type { Copy } from './copy/zh-CN.ts'
import { type LanguageCode, languagePacks, type Pack, preferLanguage } from './language-packs.ts'

const listeners = new Set<() => void>()
let pack: Pack | undefined

/** Loads a language and shows it everywhere at once. */
export async function switchLanguage(code: LanguageCode): Promise<void> {
  // Kept first: whoever leaves the page while its texts are on the way has chosen all the same
  preferLanguage(code)
  pack = await languagePacks[code]()
  document.documentElement.lang = code
  dayjs.locale(code === 'en' ? 'en' : 'zh-cn')
  for (const listener of listeners) listener()
}

/** The language in use. Only called under `main.tsx`, which waits for the first one. */
export function useLanguage(): Pack {
  return useSyncExternalStore(subscribe, currentLanguage)
}

/** All texts of the language in use. */
export function useCopy(): Copy {
  return useLanguage().copy
}

export function currentLanguage(): Pack {
  if (!pack) throw new Error('no language has been loaded')
  return pack
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
