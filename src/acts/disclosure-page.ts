/** A person's own data as a page that is read or printed without anything else: no script, no address to load from. */
import { forever } from '../kit/day.ts'
import type { Disclosure, Facts } from './disclosure.ts'
import { fields, sections, values, valuesOf } from './disclosure-words.ts'

export interface PageLook {
  language: 'zh' | 'en'
  bank: string
  /** Shows minor units of the base currency with their sign and places. */
  money(fen: bigint): string
  /** The code of a tier by its place. */
  tier(ordinal: number): string
}

/** The whole page as HTML. */
export function disclosurePage(disclosure: Disclosure, look: PageLook): string {
  const { language } = look
  const title = language === 'zh' ? '您的个人信息' : 'Your personal data'
  const lists = [
    'edits',
    'accounts',
    'cards',
    'household',
    'householdActs',
    'relations',
    'flags',
    'tiers',
    'valueStates',
    'tags',
    'notes',
  ] as const
  const later = ['nights', 'winBacks', 'papers', 'consents', 'elsewhere', 'sources', 'looked'] as const
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(title)} ${safe(disclosure.customerNo)}</title><style>${style}</style></head>
<body><main>
<h1>${safe(title)}</h1>
<p>${safe(look.bank)} · ${safe(instant(disclosure.madeAt))}</p>
<p>${safe(preface[language])}</p>
${section('person', [...factsTable(disclosure.person, look)], look)}
${lists.map((name) => section(name, rowsTable(disclosure[name], look), look)).join('\n')}
${section('why', reasons(disclosure.why[language]), look)}
${later.map((name) => section(name, rowsTable(disclosure[name], look), look)).join('\n')}
</main></body></html>
`
}

const preface = {
  zh: '以下是本行在客户分级系统中保存的与您有关的全部信息，应您的请求提供。内容如有错误，您可以要求更正；您也可以要求删除或撤回同意。',
  en: 'This is everything that the bank keeps about you in its system of customer tiers, given at your request. You may ask for corrections and for erasure, and you may withdraw consent.',
}

function section(name: keyof typeof sections, body: readonly string[], { language }: PageLook): string {
  const empty = language === 'zh' ? '没有记录' : 'Nothing on record'
  const [zh, en] = sections[name]!
  return `<section><h2>${safe(language === 'zh' ? zh : en)}</h2>${body.length > 0 ? body.join('') : `<p>${empty}</p>`}</section>`
}

function* factsTable(facts: Facts, look: PageLook): Generator<string> {
  yield '<table><tbody>'
  for (const [name, value] of Object.entries(facts)) {
    if (value === null) continue
    yield `<tr><th scope="row">${safe(word(fields, name, look))}</th><td>${safe(shown(name, value, look))}</td></tr>`
  }
  yield '</tbody></table>'
}

function rowsTable(rows: readonly Facts[], look: PageLook): string[] {
  const [first] = rows
  if (!first) return []
  const names = Object.keys(first).filter((name) => rows.some((row) => row[name] !== null))
  const head = names.map((name) => `<th scope="col">${safe(word(fields, name, look))}</th>`).join('')
  const body = rows.map(
    (row) => `<tr>${names.map((name) => `<td>${safe(shown(name, row[name] ?? null, look))}</td>`).join('')}</tr>`,
  )
  return [`<table><thead><tr>${head}</tr></thead><tbody>`, ...body, '</tbody></table>']
}

function reasons(sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : ['<ul>', ...sentences.map((one) => `<li>${safe(one)}</li>`), '</ul>']
}

function shown(name: string, value: Facts[string], look: PageLook): string {
  if (value === null) return '–'
  if (name.endsWith('Fen')) return look.money(BigInt(value))
  if (name.endsWith('Tier')) return word(values, look.tier(Number(value)), look)
  if (name.endsWith('At')) return instant(String(value))
  if (name === 'toDay' && value === forever) return '–'
  return asWritten.has(name) ? String(value) : word(valuesOf[name] ?? values, String(value), look)
}

/** What people and systems wrote, which may happen to be a code of ours. */
const asWritten = new Set([
  ...[
    'name',
    'company',
    'occupation',
    'industry',
    'address',
    'email',
    'unit',
    'manager',
    'product',
    'proof',
    'note',
    'tag',
  ],
  ...['source', 'externalId', 'feed', 'file', 'was', 'is', 'brought'],
])

function word(words: typeof fields, name: string, { language }: PageLook): string {
  const found = Object.hasOwn(words, name) ? words[name] : undefined
  return found ? found[language === 'zh' ? 0 : 1] : name
}

const instant = (text: string) => `${text.slice(0, 16).replace('T', ' ')} UTC`

function safe(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (character) => named[character]!)
}

const style = `body{font:15px/1.5 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1a1f2b;margin:0}
main{max-width:1000px;margin:0 auto;padding:24px}h1{font-size:24px;margin:0}h2{font-size:17px;margin:28px 0 8px}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{border:1px solid #c9ced8;padding:4px 8px;text-align:left;
vertical-align:top;overflow-wrap:anywhere}th{background:#f2f4f8;font-weight:600}tbody th{width:min(220px,38%)}
@media print{main{padding:0}section{break-inside:auto}tr{break-inside:avoid}}`
