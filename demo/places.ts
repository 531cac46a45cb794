/**
 * Invented places of an invented province: cities with districts and streets. Region codes have the form and range of
 * GB/T 2260 but name nothing real here. Births also happen elsewhere, so identity numbers use further prefixes.
 */
import type { Random } from './random.ts'

export interface City {
  name: string
  nameEn: string
  /** Six digits ending in 00. */
  code: string
  /** Income against the average of the bank. */
  wealth: number
  districts: readonly { name: string; code: string }[]
}

const cityList = [
  ['江州', 'Jiangzhou', 1.35],
  ['临江', 'Linjiang', 1.15],
  ['云溪', 'Yunxi', 1],
  ['望海', 'Wanghai', 1.2],
  ['青岑', 'Qingcen', 0.85],
  ['鹤亭', 'Heting', 0.8],
  ['松浦', 'Songpu', 0.95],
  ['安澜', 'Anlan', 1.05],
  ['白渡', 'Baidu', 0.75],
  ['石桥', 'Shiqiao', 0.8],
  ['明川', 'Mingchuan', 0.9],
  ['南屿', 'Nanyu', 0.85],
] as const
const districtNames = ['城中区', '望江区', '新港区', '东湖区', '北原区', '云台县', '平澜县', '高新区'] as const
const streets =
  '望江路 临江大道 人民路 建设路 解放路 中山路 青年路 文化路 新华街 长虹路 春晖路 和平路 科技路 学院路 滨河路 迎宾大道 桃源路 松涛街 荷花池巷 锦绣路'.split(
    ' ',
  )
const estates =
  '阳光花园 翠湖家园 江畔人家 锦绣苑 紫云府 和谐小区 春江花苑 幸福里 金桂园 枫林雅居 碧水湾 东方名都 书香门第 百合苑 丽景新城 梧桐苑'.split(
    ' ',
  )

export const cities: readonly City[] = cityList.map(([name, nameEn, wealth], i) => ({
  name: `${name}市`,
  nameEn,
  code: `36${String(i + 1).padStart(2, '0')}00`,
  wealth,
  districts: districtNames.map((district, j) => ({
    name: district,
    code: `36${String(i + 1).padStart(2, '0')}${String(j + 2).padStart(2, '0')}`,
  })),
}))

// 48 districts at home and 18 prefixes elsewhere: 66 in all, see `identityNo` in people.ts for why that number.
const elsewhere =
  '110105 310104 320583 330106 340111 350203 370202 410105 420106 430104 440305 450103 500103 510107 520103 530102 610113 230103'
export const birthRegions: readonly string[] = [
  ...cities.flatMap((city) => city.districts.slice(0, 4).map((district) => district.code)),
  ...elsewhere.split(' '),
]

/** A street address in a district of a city. */
export function address(random: Random, city: City, district: number): string {
  const street = `${city.name}${city.districts[district]!.name}${random.pick(streets)}${1 + random.int(280)}号`
  if (random.chance(0.12)) return street
  const flat = `${1 + random.int(28)}${String(1 + random.int(6)).padStart(2, '0')}`
  return `${street}${random.pick(estates)}${1 + random.int(32)}幢${1 + random.int(3)}单元${flat}室`
}

export function streetName(random: Random): string {
  return random.pick(streets)
}
