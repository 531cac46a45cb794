/** `npm run readme`: writes the table of settings into both READMEs, between its two marks. */
import { readFileSync, writeFileSync } from 'node:fs'
import { settingsTable } from '../src/config.ts'
import { assert } from '../src/kit/assert.ts'

const begin = '<!-- settings -->'
const end = '<!-- end of settings -->'

for (const [name, language] of [
  ['README.md', 'en'],
  ['README.zh-CN.md', 'zh'],
] as const) {
  const path = new URL(`../${name}`, import.meta.url)
  const text = readFileSync(path, 'utf8')
  assert(text.includes(begin) && text.includes(end), `${name} has the marks ${begin} and ${end}`)
  const [before, rest] = text.split(begin)
  writeFileSync(path, `${before}${begin}\n${settingsTable(language)}\n${end}${rest!.split(end)[1]}`)
}
