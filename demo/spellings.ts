/** The same name or address as other counters, other systems and other hands write it. */
import { pinyin } from 'pinyin-pro'
import type { Random } from './random.ts'

// Written for the demo alone, so that it checks the table by which the matcher reads it back.
const traditional = new Map(
  (
    '国國华華丽麗张張陈陳刘劉杨楊赵趙黄黃吴吳孙孫马馬罗羅郑鄭谢謝韩韓冯馮萧蕭邓鄧许許吕呂苏蘇卢盧蒋蔣贾賈叶葉阎閻谭譚邹鄒陆陸龙龍' +
    '万萬钱錢汤湯顾顧义義荣榮庆慶贵貴宝寶兴興发發长長树樹伟偉军軍涛濤刚剛鹏鵬杰傑飞飛凯凱东東轩軒泽澤铭銘静靜艳艷红紅琼瓊凤鳳兰蘭' +
    '莲蓮爱愛云雲莹瑩洁潔晓曉颖穎梦夢诗詩语語乐樂灵靈区區号號单單门門县縣园園阳陽湾灣锦錦绣繡书書临臨岚嵐学學设設团團贸貿机機农農' +
    '业業筑築资資询詢饮飲检檢测測术術实實达達远遠创創联聯润潤丰豐恒恆责責厂廠广廣'
  )
    .match(/../gu)!
    .map((pair) => [pair[0]!, pair[1]!] as const),
)

const homophones =
  '伟玮炜 国帼 建健 晓小 萍平 霞侠 英瑛 琴芹 宇雨羽 梅玫 丽莉 军君 敏民 杰洁 明鸣 志智 文雯 燕艳 红宏洪 辉晖 静婧 佳嘉 涵晗 怡仪 欣心昕 梓子 轩宣 浩昊皓 芳方 华骅 飞菲 勇永 刚钢 鹏朋 俊骏 玉钰 兰岚 珍真 秀绣 淑舒 云芸 福富 荣蓉 贵桂 生声 林琳 山珊 祥翔 义毅逸 树书 成城诚'
    .split(' ')
    .map((group) => [...group])

export function traditionalForm(text: string): string {
  return [...text].map((character) => traditional.get(character) ?? character).join('')
}

/** One character of the given name replaced by one that sounds alike; the same name where there is none. */
export function homophone(random: Random, name: string): string {
  const characters = [...name]
  for (let i = characters.length - 1; i > 0; i--) {
    const group = homophones.find((one) => one.includes(characters[i]!))
    if (!group) continue
    characters[i] = random.pick(group.filter((other) => other !== characters[i]))
    break
  }
  return characters.join('')
}

/** Zhang Wei, ZHANG WEI, zhangwei or Wei Zhang. */
export function inLetters(random: Random, surname: readonly [string, string], name: string): string {
  const given = name.slice(surname[0].length)
  const read = pinyin(given, { toneType: 'none', v: true }).replace(/\s+/g, '')
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
  return random.pick([
    `${capital(surname[1])} ${capital(read)}`,
    `${surname[1]} ${read}`.toUpperCase(),
    `${surname[1]}${read}`,
    `${capital(read)} ${capital(surname[1])}`,
  ])
}

/** The last two characters in the other order. */
export function swappedName(name: string): string {
  return name.length < 3 ? name : name.slice(0, -2) + name.at(-1)! + name.at(-2)!
}

/** A slip at the keyboard: a digit wrong, or two neighbours swapped. */
export function slippedDigits(random: Random, digits: string): string {
  const at = 1 + random.int(Math.max(1, digits.length - 3))
  if (random.chance(0.5)) return digits.slice(0, at) + digits[at + 1]! + digits[at]! + digits.slice(at + 2)
  const digit = Number.parseInt(digits[at]!, 36) % 10
  return digits.slice(0, at) + String((digit + 1 + random.int(8)) % 10) + digits.slice(at + 1)
}

export function phoneForm(random: Random, phone: string): string {
  return random.pick([
    `+86 ${phone}`,
    `+86${phone}`,
    `86-${phone}`,
    `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`,
    `${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}`,
  ])
}

/** Places left out, numbers and flats written another way. */
export function addressForm(random: Random, address: string): string {
  let text = address
  const draw = random.unit()
  if (draw < 0.2) text = text.replace(/^.+?市/u, '')
  else if (draw < 0.35) text = text.replace(/^.+?市.+?[区县]/u, '')
  else if (draw < 0.45) text = `江东省${text}`
  if (random.chance(0.3)) text = text.replace('幢', random.pick(['栋', '号楼', '座']))
  if (random.chance(0.3)) text = text.replace(/(\d+)单元(\d+)室/u, '$1-$2')
  if (random.chance(0.05)) text = text.replace(/(路|街|道|巷)(\d+)号/u, '$1$2')
  if (random.chance(0.05)) text = traditionalForm(text)
  if (random.chance(0.05)) text = text.replace(/(市|区|县|号)/u, '$1 ')
  return text
}

/** 有限公司 or 有限责任公司, a group, a bare name, a short one. */
export function companyForm(
  random: Random,
  { place, own, line, form }: { place: string; own: string; line: string; form: string },
): string {
  const whole = `${place}${own}${line}`
  const text = random.pick([
    `${whole}${form === '有限公司' ? '有限责任公司' : '有限公司'}`,
    `${whole}(集团)${form}`,
    `${whole}（集团）有限公司`,
    `${place}市${own}${line}${form}`,
    whole,
    `${own}${line}`,
    `${own}${line}${form}`,
    `${place}${own}`,
  ])
  return random.chance(0.08) ? traditionalForm(text) : text
}
