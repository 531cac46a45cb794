/** The languages of the page, each loaded on demand: a copy file, antd's own texts and dayjs's. */
import type { Locale } from 'antd/es/locale'
import type { Copy } from './copy/zh-CN.ts'

export type LanguageCode = 'zh-CN' | 'en'

export interface Pack {
  code: LanguageCode
  copy: Copy
  antd: Locale
}

const storageKey = 'strata.language'

/** The language of last time, else Chinese. */
export function preferredLanguage(): LanguageCode {
  const kept = localStorage.getItem(storageKey)
  if (kept === 'zh-CN' || kept === 'en') return kept
  return 'zh-CN'
}

/** Keeps a language for the next time. */
export function preferLanguage(code: LanguageCode): void {
  localStorage.setItem(storageKey, code)
}

export const languagePacks: Record<LanguageCode, () => Promise<Pack>> = {
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
