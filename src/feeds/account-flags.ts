/** Frozen, pledged or dormant, from and until. */
import { choice, dayType, type Feed, optional, required, text } from './feed.ts'

export const accountFlags: Feed = {
  name: 'account-flags',
  zh: '账户标识',
  en: 'Account flags',
  meaningZh: '冻结、质押、久悬等状态的起止日。',
  meaningEn: 'Frozen, pledged or dormant, from and until.',
  home: 'record',
  key: ['account_no', 'kind', 'from_day'],
  after: ['accounts'],
  columns: [
    required('account_no', text(40), '账号', 'Account number', '6222020200012345678', {
      references: 'account',
      personal: true,
    }),
    required('kind', choice('frozen', 'pledged', 'dormant'), '标识', 'Flag', 'frozen'),
    required('from_day', dayType, '起始日', 'From', '2026-03-01'),
    optional('to_day', dayType, '解除日', 'Until (first day without)', ''),
  ],
}
