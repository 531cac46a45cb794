/**
 * Names of people and companies, taken apart: Chinese names of one string, names in pinyin, names whose parts came apart,
 * and the part of a company's name that is its own.
 */
import { pinyin } from 'pinyin-pro'
import { simplified } from './simplified.ts'

export interface NameParts {
  given: string
  surname: string
  /** As it is spoken, in letters without tones; a name in letters sounds as it is written. */
  givenSound: string
  surnameSound: string
}

const compound =
  '欧阳 司马 上官 诸葛 皇甫 尉迟 夏侯 东方 公孙 慕容 令狐 宇文 长孙 司徒 端木 南宫 轩辕 独孤 闻人 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 司空 万俟 赫连 呼延 百里 东郭 西门 南门 第五 司寇 拓跋'.split(
    ' ',
  )
const single =
  '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜肖詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边仇区'

const compoundSet = new Set(compound)
const hanOnly = /^\p{Script=Han}+$/u
const soundOf = new Map<string, string>()
let surnameSounds: ReadonlySet<string> | undefined

/** Letters and digits of a text in one case, width and script: what two spellings of a word have in common. */
export function plain(text: string): string {
  return simplified(text.normalize('NFKC').toLowerCase()).replace(/[^\p{L}\p{N}]+/gu, '')
}

/** Given name and surname of a person, as the source has them apart or as one name. */
export function personName(name: { name?: string; givenName?: string; surname?: string }): NameParts {
  if (name.givenName || name.surname) return spoken(plain(name.givenName ?? ''), plain(name.surname ?? ''))
  const text = name.name ?? ''
  const whole = plain(text)
  return hanOnly.test(whole) ? chineseName(whole) : letteredName(text, whole)
}

function chineseName(whole: string): NameParts {
  const characters = [...whole]
  if (characters.length > 1 && compoundSet.has(characters.slice(0, 2).join('')))
    return spoken(characters.slice(2).join(''), characters.slice(0, 2).join(''))
  // Names of five characters and more are those of peoples without surnames; their middle dot is often left out.
  if (characters.length > 4) return spoken(whole, '')
  return spoken(characters.slice(1).join(''), characters[0] ?? '')
}

function letteredName(text: string, whole: string): NameParts {
  surnameSounds ??= new Set([...compound, ...single].map(soundOfSurname))
  const words = text
    .split(/[\s,·.]+/u)
    .map(plain)
    .filter(Boolean)
  if (words.length > 1) {
    const first = surnameSounds.has(words[0]!) || !surnameSounds.has(words.at(-1)!)
    return first ? spoken(words.slice(1).join(''), words[0]!) : spoken(words.slice(0, -1).join(''), words.at(-1)!)
  }
  for (let length = Math.min(9, whole.length - 1); length > 1; length--)
    if (surnameSounds.has(whole.slice(0, length))) return spoken(whole.slice(length), whole.slice(0, length))
  return spoken(whole, '')
}

function spoken(given: string, surname: string): NameParts {
  return { given, surname, givenSound: sound(given), surnameSound: soundOfSurname(surname) }
}

/** How a text is read: 建国 is jianguo; letters stay. */
export function sound(text: string): string {
  let read = ''
  for (const character of text) {
    if (character < '\u2e80') read += character
    else {
      let known = soundOf.get(character)
      if (known === undefined) {
        known = letters(pinyin(character, { toneType: 'none', v: true }))
        soundOf.set(character, known)
      }
      read += known
    }
  }
  return read.replace(/([ln])yu/g, '$1v')
}

const surnameSound = new Map<string, string>()

// 单, 解, 查, 区 and 仇 are read otherwise as surnames.
function soundOfSurname(surname: string): string {
  if (surname === '' || surname < '\u2e80') return surname.replace(/([ln])yu/g, '$1v')
  let known = surnameSound.get(surname)
  if (known === undefined) {
    known = letters(pinyin(surname, { mode: 'surname', toneType: 'none', v: true }))
    if (surnameSound.size < 20_000) surnameSound.set(surname, known)
  }
  return known
}

function letters(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase()
}

const legalForm =
  /(股份有限公司|有限责任公司|有限公司|股份公司|集团公司|总公司|分公司|公司|集团|合作社|经营部|商行|coltd|limited|ltd|inc|corp)$/u
const legalFormInside = /(控股)?集团(?=.)/u

// What companies do, as their names say it; the longest that fits is taken.
const lineOfBusiness =
  /(?<=.{2})((?:信息|网络|电子|生物|环保|农业|教育|智能|新能源)?(?:科技|技术)(?:发展|开发|服务)?|电子商务|电子|机械(?:制造|设备)?|设备|制造|(?:国际)?(?:商贸|贸易)|进出口|实业|(?:建筑|建设|装饰)?工程|(?:建筑)?装饰|建筑|建设|物流|运输|货运|供应链(?:管理)?|餐饮(?:管理|服务)?|酒店(?:管理)?|食品|农业(?:发展|开发)?|农产品|企业管理(?:咨询)?|管理咨询|咨询(?:服务)?|文化(?:传媒|传播|发展)?|传媒|广告(?:传媒)?|教育(?:咨询)?|置业|房地产(?:开发)?|地产|物业(?:管理|服务)?|投资(?:管理|发展)?|资产管理|检测(?:技术)?|医药|医疗(?:器械)?|能源|电力|化工|纺织|服装|家具|汽车(?:销售|服务)?|五金|建材|塑料|印刷|包装|超市|百货|旅游|旅行社|保险代理|(?:融资)?租赁|小额贷款|典当|(?:融资)?担保|服务|管理|发展)$/u

/**
 * A company's own words in the place of a given name and its line of business in that of a surname: 江州恒信商贸（集团）
 * 有限公司 in 江州 is 恒信 and 商贸. So a short name lacks one part, and a sister company contradicts in it.
 */
export function companyName(name: string, region: string): NameParts {
  let own = plain(name)
  for (let shorter = own.replace(legalForm, ''); shorter.length > 1 && shorter !== own; ) {
    own = shorter
    shorter = own.replace(legalForm, '')
  }
  own = own.replace(legalFormInside, '')
  const place = region.replace(/[市省]$/u, '')
  const rest = own.replace(/^\p{Script=Han}{2,3}[省市]/u, '').replace(/^\p{Script=Han}{2,3}[市区县]/u, '')
  if (rest.length > 1) own = rest
  if (place.length > 1 && own.startsWith(place) && own.length > place.length + 1) own = own.slice(place.length)
  const line = lineOfBusiness.exec(own)?.[0] ?? ''
  const words = own.slice(0, own.length - line.length)
  return { given: words, surname: line, givenSound: sound(words), surnameSound: sound(line) }
}
