/**
 * Names of people: surnames by their real frequency, given names by sex and generation, a few compound surnames, rare
 * characters that break old systems, and long names with a middle dot as some minorities have.
 */
import { type Random, weighted } from './random.ts'

export type Sex = 'male' | 'female'

// Per mille of the population, from the published ranking of surnames; the tail is flattened.
const surnames = weighted<readonly [string, string]>(
  (
    '王wang71 李li70 张zhang65 刘liu53 陈chen47 杨yang31 赵zhao24 黄huang22 周zhou19 吴wu19 徐xu16 孙sun15 胡hu12 朱zhu11 ' +
    '高gao10 林lin10 何he10 郭guo10 马ma9 罗luo8 梁liang8 宋song7 郑zheng7 谢xie7 韩han6 唐tang6 冯feng6 于yu6 董dong6 ' +
    '萧xiao5 程cheng5 曹cao5 袁yuan5 邓deng5 许xu5 傅fu5 沈shen4 曾zeng4 彭peng4 吕lv4 苏su4 卢lu4 蒋jiang4 蔡cai4 贾jia4 ' +
    '丁ding4 魏wei4 薛xue4 叶ye4 阎yan4 余yu4 潘pan4 杜du3 戴dai3 夏xia3 钟zhong3 汪wang3 田tian3 任ren3 姜jiang3 范fan3 ' +
    '方fang3 石shi3 姚yao3 谭tan3 廖liao3 邹zou3 熊xiong3 金jin3 陆lu3 郝hao2 孔kong2 白bai2 崔cui2 康kang2 毛mao2 邱qiu2 ' +
    '秦qin2 江jiang2 史shi2 顾gu2 侯hou2 邵shao2 孟meng2 龙long2 万wan2 段duan2 雷lei2 钱qian2 汤tang2 尹yin2 黎li2 易yi2 ' +
    '常chang2 武wu2 乔qiao2 贺he2 赖lai2 龚gong2 文wen2 单shan1 解xie1 查zha1 区ou1 仇qiu1 欧阳ouyang1 司马sima1 上官shangguan1 ' +
    '诸葛zhuge1 皇甫huangfu1 尉迟yuchi1'
  )
    .split(' ')
    .map((entry) => {
      const [, zh, pinyin, weight] = /^(\p{Script=Han}+)([a-z]+)(\d+)$/u.exec(entry)!
      return [[zh!, pinyin!], Number(weight)] as const
    }),
)

// Three generations: born before 1966, before 1990, since.
const givenNames: Record<Sex, readonly [string, string, string]> = {
  male: [
    '国建文德明志福荣华庆祥生金永忠贵学义宝根林春海山水安民正兴发长树成',
    '伟强勇军磊涛斌波辉刚健峰超亮鹏杰鑫俊飞凯浩龙平东海文志明建华宏斌毅恒',
    '浩宇轩梓睿博子涵泽晨铭俊熙皓嘉懿哲瀚辰逸航乐昊天奕霖皓煜承佑沐言',
  ],
  female: [
    '秀英桂兰玉珍凤梅素芳淑华翠云爱莲金月春香菊花红霞琴美惠琼彩娥芝巧贞',
    '丽娟敏静艳娜芳燕玲婷霞红梅雪莉倩琳颖洁慧晶莹萍蓉丹蕾薇欣佳璐瑶琪',
    '欣怡梓涵诗雨萱语彤若汐可馨雅琪思妍艺晴梦瑶奕桐芷沐清禾苡乐灵悦恬',
  ],
}
const eraNames: Record<Sex, readonly string[]> = {
  male: ['建国', '国庆', '卫东', '援朝', '跃进', '爱国', '志强', '建军', '文革', '红军'],
  female: ['秀英', '桂英', '玉兰', '秀兰', '淑珍', '建华', '红梅', '丽华', '爱华', '海燕'],
}
const rareCharacters = ['䶮', '㛃', '𬭎', '喆', '堃', '翀', '昇', '龑', '赟', '㵆', '𫖯', '祎']
const longFirst = [
  '买买提',
  '阿卜杜拉',
  '古丽娜尔',
  '艾尔肯',
  '热依汗',
  '帕提古丽',
  '迪力夏提',
  '阿依古丽',
  '次仁',
  '扎西',
]
const longLast = [
  '吐尔逊',
  '阿布都热合曼',
  '买合木提',
  '依明江',
  '卡德尔',
  '司马义',
  '多吉',
  '尼玛',
  '玉素甫',
  '艾合买提',
]

export interface FullName {
  name: string
  surname: string
  /** Letters for e-mail addresses. */
  pinyin: string
}

/** A surname as a family shares it. */
export function familySurname(random: Random): readonly [zh: string, pinyin: string] {
  return surnames(random)
}

/** A full name for somebody born in `year`; one in 500 is of the long kind and ignores the surname. */
export function fullName(random: Random, sex: Sex, year: number, surname: readonly [string, string]): FullName {
  if (random.chance(0.002)) {
    return { name: `${random.pick(longFirst)}·${random.pick(longLast)}`, surname: '', pinyin: 'ai' }
  }
  const generation = year < 1966 ? 0 : year < 1990 ? 1 : 2
  return { name: surname[0] + givenName(random, sex, generation), surname: surname[0], pinyin: surname[1] }
}

function givenName(random: Random, sex: Sex, generation: 0 | 1 | 2): string {
  if (random.chance(0.004)) return random.pick(rareCharacters)
  if (generation === 0 && random.chance(0.18)) return random.pick(eraNames[sex])
  const characters = givenNames[sex][generation]
  const first = characters[random.int(characters.length)]!
  // One-character names were the fashion of the middle generation.
  if (random.chance(generation === 1 ? 0.38 : generation === 0 ? 0.2 : 0.1)) return first
  return first + characters[random.int(characters.length)]!
}

const lookalikes: readonly (readonly [string, string])[] = [
  ['国', '國'],
  ['华', '華'],
  ['丽', '麗'],
  ['晓', '小'],
  ['萍', '平'],
  ['建', '健'],
  ['霞', '暇'],
  ['英', '瑛'],
  ['琴', '芹'],
  ['伟', '玮'],
  ['宇', '雨'],
  ['梅', '玫'],
]

/** The same name as another counter may have typed it: traditional or sounding alike, blanks, full width, initials. */
export function nameVariant(random: Random, name: string): string {
  for (const [usual, other] of lookalikes)
    if (name.includes(usual) && random.chance(0.7)) return name.replace(usual, other)
  if (name.includes('·')) return name.replace('·', random.chance(0.5) ? '.' : '')
  if (random.chance(0.5)) return `${name[0]} ${name.slice(1)}`
  return name
}
