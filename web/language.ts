/**
 * The language of the page: Chinese first. A language is a copy file, antd's own texts and dayjs's; the chosen one is
 * loaded on demand, kept in the browser, and switched without a reload.
 */
import type { Locale } from 'antd/es/locale'
import dayjs from 'dayjs'
import { useSyncExternalStore } from 'react'
import type { Copy } from './copy/zh-CN.ts'

export type LanguageCode = 'zh-CN' | 'en'

export interface Pack {
  code: LanguageCode
  copy: Copy
  antd: Locale
}

const storageKey = 'strata.language'
const listeners = new Set<() => void>()
let pack: Pack | undefined

/** The language of last time, else Chinese. */
export function preferredLanguage(): LanguageCode {
  const kept = localStorage.getItem(storageKey)
  if (kept === 'zh-CN' || kept === 'en') return kept
  return 'zh-CN'
}

/** Loads a language and shows it everywhere at once. */
export async function switchLanguage(code: LanguageCode): Promise<void> {
  const loaded = await loaders[code]()
  pack = loaded
  localStorage.setItem(storageKey, code)
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

const loaders: Record<LanguageCode, () => Promise<Pack>> = {
  'zh-CN': async () => {
    const [copy, antd] = await Promise.all([
      import('./copy/zh-CN.ts'),
      import('antd/es/locale/zh_CN'),
      import('dayjs/locale/zh-cn'),
    ])
    return { code: 'zh-CN', copy: copy.zhCN, antd: antd.default }
  },
  en: async () => {
    const [copy, antd] = await Promise.all([import('./copy/en.ts'), import('antd/es/locale/en_US')])
    return { code: 'en', copy: copy.en, antd: antd.default }
  },
}
