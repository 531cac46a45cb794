/**
 * The text of a policy: versioned YAML, checked whole before anything is computed with it. Bars are whole units of the
 * base currency with decimals ('100000' or '100,000.50'); in a `Policy` they are fen.
 */
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { isCurrency, minorUnits } from '../kit/currency.ts'
import { type Fen, parseAmount, shareScale, weightMax } from '../kit/money.ts'
import {
  assetClasses,
  barKinds,
  type Criterion,
  type Policy,
  type Special,
  type SpecialRule,
  specials,
  type Tier,
  valueClasses,
} from './policy.ts'
import { type Path, refuseBroken, type Say, sayAt, sayIssue } from './policy-refusal.ts'

const specialDefaults: Record<Special, SpecialRule> = {
  minor: { counts: true, rises: true, falls: true },
  guardian: { counts: true, rises: true, falls: true },
  deceased: { counts: true, rises: false, falls: false },
  dormant: { counts: true, rises: false, falls: true },
  staff: { counts: true, rises: true, falls: true },
  staffKin: { counts: true, rises: true, falls: true },
  frozen: { counts: true, rises: false, falls: true },
  pledged: { counts: true, rises: true, falls: true },
}

// The failsafe schema leaves every scalar a text: a bar never passes through a float, and 'no' stays a word.
const word = z.string().trim().min(1, 'blank')
const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const whole = (low: number, high: number) =>
  word.transform((text, context) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (number >= low && number <= high) return number
    context.addIssue({ code: 'custom', message: `range:${low}..${high}` })
    return z.NEVER
  })
/** A decimal of at most `places` places as an integer × 10^places; grouping commas allowed. */
const decimal = (places: number, high = 10n ** 18n) =>
  word.transform((text, context) => {
    const plain = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
    const amount = parseAmount(plain, places)
    if (amount !== undefined && amount >= 0n && amount <= high) return amount
    context.addIssue({ code: 'custom', message: `decimal:${places}` })
    return z.NEVER
  })

const specialRule = z.strictObject({ counts: flag.optional(), rises: flag.optional(), falls: flag.optional() })
const amountText = word

const tierShape = z.strictObject({
  code: word.regex(/^[a-z][a-zA-Z0-9]{0,31}$/, 'code'),
  zh: word,
  en: word,
  valueClass: z.enum(valueClasses).optional(),
  entry: z.enum(['identity', 'everyone']).optional(),
  individual: amountText.optional(),
  household: amountText.optional(),
  points: decimal(4).optional(),
  approval: z.enum(['none', 'secondPerson']).default('none'),
  confirmed: flag.default(true),
})

const criterionShape = z.strictObject({
  measure: z.enum(['averageAssets', 'frequency', 'productClasses']),
  zh: word,
  en: word,
  weight: decimal(4, shareScale),
  bands: z.array(z.strictObject({ from: amountText, points: whole(0, 1000) })).min(1, 'blank'),
})

const shape = z.strictObject({
  scheme: word.regex(/^[a-z][a-zA-Z0-9]{0,31}$/, 'code'),
  name: z.strictObject({ zh: word, en: word }),
  appliesTo: z.enum(['person', 'company', 'everyone']),
  window: z.union([
    z.strictObject({ kind: z.literal('trailing'), days: whole(1, 400) }),
    z.strictObject({ kind: z.enum(['calendarMonth', 'calendarQuarter']) }),
  ]),
  cutOff: z.enum(['monthEnd', 'quarterEnd']).default('monthEnd'),
  measure: z
    .strictObject({
      currency: word.default('CNY'),
      negative: z.enum(['zero', 'subtract']).default('zero'),
      rateAgeDaysMax: whole(0, 366).default(12),
      weights: z.partialRecord(z.enum(assetClasses), decimal(4, weightMax)).default({}),
    })
    .prefault({}),
  household: z
    .union([
      z.literal('none'),
      z.strictObject({
        measure: z.enum(['mean', 'sum']).default('mean'),
        membership: z.enum(['atCutOff', 'byDay']).default('atCutOff'),
        membersMin: whole(2, 100).default(2),
      }),
    ])
    .prefault({}),
  rise: z
    .strictObject({
      effective: z.literal('nextDay').default('nextDay'),
      at: z.enum(['cutOff', 'everyNight']).default('cutOff'),
    })
    .prefault({}),
  fall: z
    .strictObject({
      noticeMonthEnds: whole(1, 60).default(3),
      steps: whole(1, 20).default(1),
      approval: z.enum(['none', 'secondPerson']).default('none'),
    })
    .prefault({}),
  special: z.partialRecord(z.enum(specials), specialRule).default({}),
  nearLine: z
    .union([z.strictObject({ share: decimal(4, shareScale) }), z.strictObject({ amount: amountText })])
    .prefault({ share: '0.1' }),
  confidence: z
    .strictObject({
      carried: whole(0, 100).default(50),
      missingEach: whole(0, 100).default(5),
      missingMax: whole(0, 100).default(20),
      noData: whole(0, 100).default(30),
    })
    .prefault({}),
  criteria: z.array(criterionShape).min(1, 'blank').optional(),
  tiers: z.array(tierShape).min(1, 'blank').max(30, 'range:1..30'),
})
type Shape = z.infer<typeof shape>

/** The policy in a YAML text. Refuses with `policy_invalid` {line, reason}: the first thing that is wrong. */
export function parsePolicy(text: string): Policy {
  const lines = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, uniqueKeys: true })
  refuseBroken(document, lines)
  const say = sayAt(document, lines)
  const checked = shape.safeParse(document.toJS() ?? {})
  if (!checked.success) return sayIssue(document, checked.error.issues, say)
  return build(checked.data, say)
}

function build(given: Shape, say: Say): Policy {
  const currency = given.measure.currency
  if (!isCurrency(currency)) return say(['measure', 'currency'], `没有币种 ${currency}`, `no currency ${currency}`)
  const money = (text: string, path: Path): Fen => {
    const plain = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
    const amount = parseAmount(plain, minorUnits[currency])
    if (amount === undefined || amount < 0n) {
      return say(path, `“${text}”不是金额`, `"${text}" is not an amount of ${currency}`)
    }
    return amount as Fen
  }
  if (given.window.kind === 'calendarQuarter' && given.cutOff !== 'quarterEnd') {
    say(['cutOff'], '按季度计算须在季末定级', 'a window of a quarter needs the cut-off quarterEnd')
  }
  const household = given.household === 'none' ? null : given.household
  const criteria = given.criteria ? buildCriteria(given.criteria, money, say) : null
  const special = { ...specialDefaults }
  for (const kind of specials) special[kind] = { ...special[kind], ...defined(given.special[kind] ?? {}) }
  return {
    scheme: given.scheme,
    name: given.name,
    appliesTo: given.appliesTo,
    window: given.window,
    cutOff: given.cutOff,
    currency,
    negative: given.measure.negative,
    rateAgeDaysMax: given.measure.rateAgeDaysMax,
    weights: defined(given.measure.weights),
    household: criteria ? null : household,
    rise: given.rise,
    fall: given.fall,
    special,
    nearLine:
      'share' in given.nearLine
        ? { share: given.nearLine.share }
        : { amount: money(given.nearLine.amount, ['nearLine', 'amount']) },
    confidence: given.confidence,
    criteria,
    tiers: buildTiers(given, money, say),
  }
}

function buildTiers(given: Shape, money: (text: string, path: Path) => Fen, say: Say): Policy['tiers'] {
  const byPoints = given.criteria !== undefined
  const tiers = given.tiers.map((tier, index): Tier => {
    const at = (key: string): Path => ['tiers', index, key]
    const here: Path = ['tiers', index]
    if (given.tiers.findIndex((other) => other.code === tier.code) !== index) {
      say(at('code'), '等级代码重复', 'this code is used twice')
    }
    const bars = [tier.individual, tier.household, tier.points].filter((bar) => bar !== undefined)
    if (tier.entry !== undefined && index > 0)
      say(at('entry'), '只有最低一级可以直接进入', 'only the lowest tier is entered')
    if (tier.entry !== undefined && bars.length > 0) {
      say(here, '直接进入的等级不能再设门槛', 'a tier that is entered has no bar')
    }
    if (tier.entry === undefined && byPoints && tier.points === undefined) {
      say(here, '缺少分值门槛 points', 'the bar points is missing')
    }
    if (tier.entry === undefined && !byPoints && tier.individual === undefined) {
      say(here, '缺少个人门槛 individual', 'the bar individual is missing')
    }
    if (byPoints !== (tier.points !== undefined) && tier.entry === undefined) {
      say(at('points'), '分值门槛需要 criteria', 'points need criteria')
    }
    if (byPoints && (tier.individual !== undefined || tier.household !== undefined)) {
      say(here, '按分值定级时不能设金额门槛', 'a policy of points has no bars in money')
    }
    if (given.household === 'none' && tier.household !== undefined) {
      say(at('household'), '该政策没有家庭途径', 'this policy has no household path')
    }
    return {
      ordinal: index + 1,
      code: tier.code,
      zh: tier.zh,
      en: tier.en,
      valueClass: tier.valueClass ?? null,
      entry: tier.entry ?? null,
      individual: tier.individual === undefined ? null : money(tier.individual, at('individual')),
      household: tier.household === undefined ? null : money(tier.household, at('household')),
      points: tier.points ?? null,
      approval: tier.approval,
      confirmed: tier.confirmed,
    }
  })
  mustAscend(tiers, say)
  return tiers
}

function mustAscend(tiers: readonly Tier[], say: Say): void {
  for (const key of barKinds) {
    let before: Tier | undefined
    for (const [index, tier] of tiers.entries()) {
      const bar = tier[key]
      if (bar === null) continue
      if (bar === 0n) say(['tiers', index, key], '门槛须大于 0', 'a bar must be above 0')
      if (before && bar <= (before[key] as bigint)) {
        say(['tiers', index, key], `须高于${before.zh}的门槛`, `must be above the bar of ${before.en}`)
      }
      before = tier
    }
  }
}

function buildCriteria(
  given: NonNullable<Shape['criteria']>,
  money: (text: string, path: Path) => Fen,
  say: Say,
): Criterion[] {
  const total = given.reduce((sum, criterion) => sum + criterion.weight, 0n)
  if (total !== shareScale) say(['criteria'], '各项权重之和须为 1', 'the weights must add up to 1')
  return given.map((criterion, index) => {
    if (given.findIndex((other) => other.measure === criterion.measure) !== index) {
      say(['criteria', index, 'measure'], '同一指标出现两次', 'this measure is used twice')
    }
    const bands = criterion.bands.map((band, place) => {
      const path: Path = ['criteria', index, 'bands', place, 'from']
      const from = criterion.measure === 'averageAssets' ? money(band.from, path) : parseAmount(band.from, 0)
      if (from === undefined || from < 0n) return say(path, `“${band.from}”不是数`, `"${band.from}" is not a count`)
      return { from: from as bigint, points: BigInt(band.points) }
    })
    for (const [place, band] of bands.entries()) {
      const before = bands[place - 1]
      if (before && (band.from <= before.from || band.points < before.points)) {
        say(['criteria', index, 'bands', place], '各档须由低到高', 'bands must ascend')
      }
    }
    return { measure: criterion.measure, zh: criterion.zh, en: criterion.en, weight: criterion.weight, bands }
  })
}

/** An object without its undefined members (exactOptionalPropertyTypes). */
function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never
}
