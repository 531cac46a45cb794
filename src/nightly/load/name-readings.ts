/**
 * What a name can be searched by beside itself: pinyin and initials in every reading of its characters, a company's short
 * name, and the words of a Latin name. Pure.
 */
import { pinyin, polyphonic } from 'pinyin-pro'

type Kind = 'person' | 'company'

export interface Spelling {
  /** 'ouyangzhiyuan', the family name read as a family name. */
  full: string
  /** 'oyzy'. */
  initials: string
  /** What party_reading holds: kind and reading, 'pinyin danxiongxin'. */
  others: string[]
}

const spelledNames = new Map<string, Spelling>()
const spelledNamesMax = 50_000
/** Ways to read one name; beyond it one character at a time is read otherwise. */
const combinationsMax = 16

/** The spelling of a name. Names repeat, so those met lately are remembered. */
export function spelled(name: string, kind: Kind): Spelling {
  const key = `${kind} ${name}`
  const known = spelledNames.get(key)
  if (known) return known
  const made = spell(name, kind)
  // Beyond this many the memory is worth more than the time.
  if (spelledNames.size >= spelledNamesMax) spelledNames.clear()
  spelledNames.set(key, made)
  return made
}

function spell(name: string, kind: Kind): Spelling {
  const syllables = syllablesOf(name, kind)
  const [full, initials] = joined(syllables)
  const readings = kind === 'person' ? readingsOf(name, syllables) : []
  const short = kind === 'company' ? shortName(name) : name
  if (short !== name) readings.push(...readingsOf(short, syllablesOf(short, kind)), syllablesOf(short, kind))
  const others = new Set(short === name ? [] : [`short ${short.toLowerCase()}`])
  for (const [pinyinOf, initialsOf] of readings.map(joined)) {
    if (pinyinOf !== full) others.add(`pinyin ${pinyinOf}`)
    if (initialsOf !== initials) others.add(`initials ${initialsOf}`)
  }
  for (const word of latinWords(name)) others.add(`word ${word}`)
  return { full, initials, others: [...others].sort() }
}

/** The Latin words of a text, lower case: what a typing error is forgiven in, and what stands beside it. */
function latinWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[a-z]+/g) ?? []
  )
}

function syllablesOf(name: string, kind: Kind): string[] {
  const mode = kind === 'person' ? 'surname' : 'normal'
  return pinyin(name, { mode, toneType: 'none', type: 'array', v: true }).map((s) => s.trim().toLowerCase())
}

function joined(syllables: readonly string[]): [full: string, initials: string] {
  return [syllables.join(''), syllables.map((syllable) => [...syllable][0] ?? '').join('')]
}

/** The name read otherwise: every combination of the readings of its characters where they are few. */
function readingsOf(name: string, syllables: readonly string[]): string[][] {
  const characters = [...name]
  if (characters.length !== syllables.length) return []
  const choices = characters.map((character, i) => {
    const base = syllables[i] ?? ''
    if (!/\p{Script=Han}/u.test(character)) return [base]
    return [...new Set([base, ...(polyphonic(character, { toneType: 'none', v: true, type: 'array' })[0] ?? [])])]
  })
  const combinations = choices.reduce((product, choice) => product * choice.length, 1)
  if (combinations > combinationsMax) {
    return choices
      .flatMap((choice, i) => choice.slice(1).map((other) => syllables.with(i, other)))
      .slice(0, combinationsMax)
  }
  return choices.reduce<string[][]>((all, choice) => all.flatMap((begun) => choice.map((one) => [...begun, one])), [[]])
}

const brackets = /[（(][^）)]*[）)]/g
const legalForm =
  /(?:集团)?(?:股份有限公司|有限责任公司|有限公司|股份公司|总公司|分公司|公司|普通合伙|有限合伙|合伙企业|集团|厂|店)$/
const place =
  /^(?:北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|中国|广州|深圳|杭州|南京|苏州|成都|武汉|西安|青岛|大连|宁波|厦门)(?:省|市|特别行政区|(?:壮族|回族|维吾尔)?自治区)?|^\p{Script=Han}{2,3}?[省市县区]/u
const shortNameMin = 2

/** A company's name without what stands in brackets, its place and its legal form: 北京华信科技有限公司 → 华信科技. */
export function shortName(name: string): string {
  const bare = name.replace(brackets, '').trim()
  const withoutForm = long(bare.replace(legalForm, ''), bare)
  return long(withoutForm.replace(place, ''), withoutForm)
}

const long = (short: string, otherwise: string) => (short.length >= shortNameMin ? short : otherwise)
