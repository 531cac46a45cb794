/** By what a note says that staff and customer were in contact, as people read it. */
import type { Label } from './endpoint.ts'
import type { noteChannels } from './notes.ts'

export const noteChannelWords: Record<(typeof noteChannels)[number], Label> = {
  counter: { zh: '柜面', en: 'counter' },
  phone: { zh: '电话', en: 'phone' },
  visit: { zh: '上门拜访', en: 'visit' },
  email: { zh: '邮件', en: 'e-mail' },
  other: { zh: '其他', en: 'other' },
}
