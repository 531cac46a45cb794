/**
 * What may be wrong with a row: one list per feed of small objects, each with its SQL and its words. Rules of one row
 * are conditions on that row; rules across rows (keys, shares) stand in row-sets.ts.
 */

import type { Column, Feed, Reference } from '../feeds/feed.ts'
import type { Day } from '../kit/day.ts'
import { checkFails, currencyColumnOf, decimalShape } from './cells.ts'
import { literal } from './engine.ts'

export interface Words {
  expectedZh: string
  expectedEn: string
  adviceZh: string
  adviceEn: string
}

export interface Rule extends Words {
  rule: string
  /** Column of the feed; '' for the row. */
  column: string
  /** True or NULL-safe false: `sql` is wrapped in coalesce(…, false). */
  sql: string
  /** A cheaper condition that holds whenever `sql` does and only for rows that break some rule. */
  broad?: string
  /** 'report' lets the row in. */
  onFailure: 'quarantine' | 'report'
  /** Counts as missing rather than wrong. */
  missing?: boolean
}

export interface RuleContext {
  today: Day
  /** Columns of the feed that the file has. */
  present: ReadonlySet<string>
  /** References that can be checked. */
  known: ReadonlySet<Reference>
  /** The account map knows currencies. */
  accountCurrency: boolean
}

/** SQL names of one column's cleaned text, typed value and found id. */
export const textOf = (column: string) => `"t_${column}"`
export const typedOf = (column: string) => `"v_${column}"`
export const idOf = (column: string) => `"i_${column}"`

/** All rules of one row of the feed, in the order of its columns. */
export function rowRules(feed: Feed, context: RuleContext): Rule[] {
  const columns = feed.columns.filter((column) => context.present.has(column.name))
  const rules = columns.flatMap((column) => columnRules(column, feed, context))
  return [...rules, ...orderRules(feed, context), ...futureRule(feed, context), ...currencyRule(feed, context)]
}

function columnRules(column: Column, feed: Feed, context: RuleContext): Rule[] {
  const [text, value] = [textOf(column.name), typedOf(column.name)]
  const rules: Rule[] = []
  const add = (rule: string, sql: string, words: Words, more: Partial<Rule> = {}) =>
    rules.push({ rule, column: column.name, sql, onFailure: 'quarantine', ...words, ...more })
  if (column.required) add('required', `${text} is null`, requiredWords(column), { missing: true })
  else if (column.wanted) {
    add('wanted', `${text} is null`, requiredWords(column), { missing: true, onFailure: 'report' })
  }
  // A birth date that cannot be read does not keep a customer out; the checks say which columns may.
  const onFailure = column.onFailure ?? 'quarantine'
  const wrong = `${text} is not null and ${value} is null`
  if (column.type.kind === 'amount') {
    const currency = currencyColumnOf(column, feed)
    // Without a known currency the places are unknown: the currency's own rule says so.
    const readable = currency
      ? ` and not coalesce(${checkFails(currency, typedOf(currency.name), context.today, undefined)}, true)`
      : ''
    add('places', `${wrong}${readable} and ${decimalShape(text, 15)}`, placesWords(currency !== undefined), {
      broad: wrong,
    })
    add('type', `${wrong} and not ${decimalShape(text, 15)}`, typeWords(column), { broad: wrong })
  } else add('type', wrong, typeWords(column), { onFailure })
  if (column.check) {
    const kind =
      column.check === 'identityNo' && context.present.has('identity_kind') ? typedOf('identity_kind') : undefined
    add(
      column.check,
      `${value} is not null and ${checkFails(column, value, context.today, kind)}`,
      checkWords(column),
      { onFailure },
    )
  }
  if (column.references && context.known.has(column.references)) {
    add(`unknown_${column.references}`, `${value} is not null and ${idOf(column.name)} is null`, referenceWords(column))
  }
  return rules
}

/** Pairs of days that must stand in order; the second may equal the first only where nothing lies between. */
const orders: readonly (readonly [string, string, 'after' | 'notBefore'])[] = [
  ['from_day', 'to_day', 'after'],
  ['opened_on', 'closed_on', 'notBefore'],
  ['opened_on', 'matures_on', 'notBefore'],
  ['joined_on', 'left_on', 'notBefore'],
  ['issued_on', 'closed_on', 'notBefore'],
  ['started_on', 'ends_on', 'notBefore'],
  ['consent_from', 'consent_to', 'after'],
]

function orderRules(feed: Feed, context: RuleContext): Rule[] {
  const has = (name: string) => context.present.has(name) && feed.columns.some((column) => column.name === name)
  return orders
    .filter(([from, to]) => has(from) && has(to))
    .map(([from, to, kind]) => ({
      rule: 'order',
      column: to,
      sql: `${typedOf(to)} ${kind === 'after' ? '<=' : '<'} ${typedOf(from)}`,
      onFailure: 'quarantine',
      expectedZh: `${kind === 'after' ? '晚于' : '不早于'} ${from}`,
      expectedEn: `a day ${kind === 'after' ? 'after' : 'not before'} ${from}`,
      adviceZh: '请核对两个日期',
      adviceEn: 'Compare the two days with the core system',
    }))
}

function futureRule(feed: Feed, context: RuleContext): Rule[] {
  if (!feed.dayColumn) return []
  return [
    {
      rule: 'future',
      column: feed.dayColumn,
      sql: `${typedOf(feed.dayColumn)} > date ${literal(context.today)}`,
      onFailure: 'quarantine',
      expectedZh: `不晚于 ${context.today}`,
      expectedEn: `a day not after ${context.today}`,
      adviceZh: '请核对业务日期',
      adviceEn: 'Check the business day',
    },
  ]
}

/** An account has one currency; only units and prices of a holding may be in another. */
function currencyRule(feed: Feed, context: RuleContext): Rule[] {
  const account = feed.columns.find((column) => column.name === 'account_no' && column.references === 'account')
  const oneCurrency = ['balances', 'balance-changes', 'loans'].includes(feed.name)
  if (!account || !context.accountCurrency || !oneCurrency || !context.present.has('currency')) return []
  return [
    {
      rule: 'currency_differs',
      column: 'currency',
      sql: `${typedOf('currency')} <> "account_currency"`,
      onFailure: 'quarantine',
      expectedZh: '账户的币种',
      expectedEn: 'the currency of the account',
      adviceZh: '请核对账户币种；多币种账户应按币种分户给出',
      adviceEn: 'Compare with the account; an account of several currencies is given as one account per currency',
    },
  ]
}

const fromCore = {
  adviceZh: '请在核心系统中更正后重新导出该行',
  adviceEn: 'Correct it in the core system and export the row again',
}

function requiredWords(column: Column): Words {
  return {
    expectedZh: `${column.zh}不能为空`,
    expectedEn: `a value: ${column.en}`,
    adviceZh: `请补录，例如 ${column.example}`,
    adviceEn: `Fill it in, for example ${column.example}`,
  }
}

function placesWords(byCurrency: boolean): Words {
  return {
    expectedZh: byCurrency ? '小数位数不超过该币种的最小单位' : '小数位数不超过本位币的最小单位',
    expectedEn: `no more decimal places than the ${byCurrency ? "row's" : 'base'} currency has`,
    adviceZh: '金额不做四舍五入：请按币种的小数位导出',
    adviceEn: 'Amounts are not rounded on the way in: export them with the places of the currency',
  }
}

function typeWords(column: Column): Words {
  const type = column.type
  switch (type.kind) {
    case 'text':
      return {
        expectedZh: `不超过 ${type.lengthMax} 个字`,
        expectedEn: `at most ${type.lengthMax} characters`,
        ...fromCore,
      }
    case 'day':
      return {
        expectedZh: '存在的日期：YYYY-MM-DD、YYYYMMDD 或 YYYY/M/D',
        expectedEn: 'an existing day: YYYY-MM-DD, YYYYMMDD or YYYY/M/D',
        ...fromCore,
      }
    case 'amount':
      return {
        expectedZh: '金额，如 -1234.50，不含千分位',
        expectedEn: 'an amount such as -1234.50, without separators of thousands',
        adviceZh: '请以纯数字导出',
        adviceEn: 'Export plain numbers',
      }
    case 'integer':
      return {
        expectedZh: `整数${type.min === undefined ? '' : `，不小于 ${type.min}`}${type.max === undefined ? '' : `，不大于 ${type.max}`}`,
        expectedEn: `a whole number${type.min === undefined ? '' : `, at least ${type.min}`}${type.max === undefined ? '' : `, at most ${type.max}`}`,
        ...fromCore,
      }
    case 'decimal':
      return {
        expectedZh: `${type.positive ? '大于零的' : ''}小数，最多 ${type.places} 位`,
        expectedEn: `a ${type.positive ? 'positive ' : ''}decimal of at most ${type.places} places`,
        ...fromCore,
      }
    case 'boolean':
      return { expectedZh: '是或否：Y/N、true/false、1/0', expectedEn: 'Y/N, true/false or 1/0', ...fromCore }
    case 'choice':
      return {
        expectedZh: `${type.values.join('、')} 之一`,
        expectedEn: `one of ${type.values.join(', ')}`,
        ...fromCore,
      }
  }
}

function checkWords(column: Column): Words {
  switch (column.check) {
    case 'identityNo':
      return {
        expectedZh: '有效的证件号码：身份证号须通过 GB 11643 校验，统一社会信用代码须通过 GB 32100 校验',
        expectedEn: 'a valid number: GB 11643 for resident identity cards, GB 32100 for credit codes',
        adviceZh: '请与客户的证件核对',
        adviceEn: 'Compare with the document of the customer',
      }
    case 'creditCode':
      return {
        expectedZh: '有效的统一社会信用代码（GB 32100）',
        expectedEn: 'a valid credit code (GB 32100)',
        ...fromCore,
      }
    case 'mobile':
      return {
        expectedZh: '11 位手机号码',
        expectedEn: 'a mobile number of 11 digits',
        adviceZh: '请与客户联系更正',
        adviceEn: 'Ask the customer',
      }
    case 'cardNo':
      return {
        expectedZh: '通过 Luhn 校验的 12 至 19 位卡号',
        expectedEn: 'a card number of 12 to 19 digits whose check digit is right (Luhn)',
        ...fromCore,
      }
    case 'email':
      return {
        expectedZh: '电子邮箱地址',
        expectedEn: 'an e-mail address',
        adviceZh: '请与客户联系更正',
        adviceEn: 'Ask the customer',
      }
    case 'currency':
      return {
        expectedZh: 'ISO 4217 币种代码，如 CNY、USD',
        expectedEn: 'an ISO 4217 code such as CNY or USD',
        ...fromCore,
      }
    default:
      return { expectedZh: '不晚于今天的日期', expectedEn: 'a day not after today', ...fromCore }
  }
}

const nouns: Record<Reference, { zh: string; en: string; feed: string }> = {
  unit: { zh: '机构', en: 'unit', feed: 'units' },
  staff: { zh: '员工', en: 'staff member', feed: 'staff' },
  customer: { zh: '客户', en: 'customer', feed: 'customers' },
  account: { zh: '账户', en: 'account', feed: 'accounts' },
  product: { zh: '产品', en: 'product', feed: 'products' },
  household: { zh: '家庭', en: 'household', feed: 'household-members' },
}

function referenceWords(column: Column): Words {
  const noun = nouns[column.references ?? 'unit']
  return {
    expectedZh: `已装载的${noun.zh}`,
    expectedEn: `${/^[aeio]/.test(noun.en) ? 'an' : 'a'} ${noun.en} that has been loaded`,
    adviceZh: `请先装载包含它的 ${noun.feed} 文件，再重新装载该行`,
    adviceEn: `First load the file of ${noun.feed} that has it, then this row again`,
  }
}
