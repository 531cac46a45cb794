/**
 * The SQL of a check, in layers over the raw text: cleaned (`t_`), typed (`v_`), references found (`i_`), and on top
 * either the output columns with `_ok`, or the list of broken rules.
 */

import type { Column, Feed, Reference } from '../feeds/feed.ts'
import type { Currency } from '../kit/currency.ts'
import { minorUnits } from '../kit/currency.ts'
import { cleanText, currencyColumnOf, placesOf, typedValue } from './cells.ts'
import type { ReferenceMap } from './check.ts'
import { literal } from './engine.ts'
import { idOf, type Rule, textOf, typedOf } from './rules.ts'

export interface CheckPlan {
  feed: Feed
  present: ReadonlySet<string>
  references: Partial<Record<Reference, ReferenceMap>>
  accountSecret: string
  baseCurrency: Currency
  /** The account map has a column `currency`. */
  accountCurrency: boolean
  rules: readonly Rule[]
}

/** The name of a reference's id column: 'customer_no' → 'customer_id', 'unit_code' → 'unit_id'. */
export function idColumn(column: string): string {
  return column.replace(/_(no|code)$/, '_id')
}

/** Number to token: only who holds the secret can say whose account a fact is. */
export function tokenSql(secret: string, text: string): { hi: string; lo: string } {
  const keyed = `${literal(secret)} || ${text}`
  return { hi: `md5_number_upper(${keyed})`, lo: `md5_number_lower(${keyed})` }
}

/** The relation of typed rows with found references; `raw` gives `c_<column>` and, when `withLine`, `line`. */
export function foundSql(plan: CheckPlan, raw: string, withLine: boolean): string {
  const columns = plan.feed.columns.filter((column) => plan.present.has(column.name))
  const line = withLine ? 'line, ' : ''
  const texts = columns.map((c) => `${cleanText(`"c_${c.name}"`, c)} as ${textOf(c.name)}`)
  const values = columns.map((c) => `${typedValue(c, textOf(c.name), placesSql(plan, c))} as ${typedOf(c.name)}`)
  const tokens = columns.filter(needsToken).flatMap((c) => {
    const token = tokenSql(plan.accountSecret, textOf(c.name))
    return [`${token.hi} as "hi_${c.name}"`, `${token.lo} as "lo_${c.name}"`]
  })
  const joins = columns.filter((c) => c.references && plan.references[c.references])
  return `select typed.*${joins.map((c) => `, ${foundColumns(plan, c)}`).join('')}
    from (select ${['texts.*', ...values, ...tokens].join(', ')}
      from (select ${line}${texts.join(', ')} from ${raw}) texts) typed
    ${joins.map((c) => joinSql(plan, c)).join('\n')}`
}

/** SQL true when the row breaks no rule that keeps it out. */
export function okSql(rules: readonly Rule[]): string {
  const failing = rules.filter((rule) => rule.onFailure === 'quarantine').map((rule) => `coalesce(${rule.sql}, false)`)
  return failing.length === 0 ? 'true' : `not (${failing.join(' or ')})`
}

/** SQL: names of columns whose check failed but which are let in, separated by ','; NULL when none. */
export function reportedSql(rules: readonly Rule[]): string {
  const reports = rules.filter((rule) => rule.onFailure === 'report' && !rule.missing)
  if (reports.length === 0) return 'cast(null as varchar)'
  const names = reports.map((rule) => `case when coalesce(${rule.sql}, false) then ${literal(rule.column)} end`)
  return `nullif(concat_ws(',', ${names.join(', ')}), '')`
}

export interface Output {
  name: string
  sql: string
}

/** The output columns, as CheckedFile documents them. */
export function outputs(plan: CheckPlan): Output[] {
  return plan.feed.columns.flatMap((column) => columnOutputs(plan, column))
}

function columnOutputs(plan: CheckPlan, column: Column): Output[] {
  const present = plan.present.has(column.name)
  const map = column.references && plan.references[column.references]
  const out: Output[] = []
  const clear = column.references !== 'account' && !(column.personal && plan.feed.home === 'lake')
  if (clear) out.push({ name: column.name, sql: present ? typedOf(column.name) : `cast(null as ${sqlType(column)})` })
  if (needsToken(column)) {
    const keep = column.references !== 'account' || !map
    for (const half of ['hi', 'lo']) {
      if (keep)
        out.push({
          name: `${column.name}_${half}`,
          sql: present ? `"${half}_${column.name}"` : 'cast(null as ubigint)',
        })
    }
  }
  if (map && column.references) {
    out.push({ name: idColumn(column.name), sql: present ? idOf(column.name) : 'cast(null as bigint)' })
    for (const carried of map.carry ?? []) {
      const name = carriedName(column, carried)
      if (present) out.push({ name, sql: `"${name}"` })
    }
  }
  return out
}

/** 'account_product_id'; of a column that is not the plain reference ('company_no' to a customer) by its own stem. */
function carriedName(column: Column, carried: string): string {
  return `${idColumn(column.name).replace(/_id$/, '')}_${carried}`
}

/** Account and card numbers travel as tokens beside or instead of the text. */
function needsToken(column: Column): boolean {
  return column.references === 'account' || ['account_no', 'card_no', 'counterparty_account'].includes(column.name)
}

function sqlType(column: Column): string {
  const types = {
    text: 'varchar',
    choice: 'varchar',
    day: 'date',
    boolean: 'boolean',
    integer: 'bigint',
    amount: 'bigint',
    decimal: 'bigint',
  }
  return types[column.type.kind]
}

function placesSql(plan: CheckPlan, column: Column): string {
  const currency = currencyColumnOf(column, plan.feed)
  if (!currency || !plan.present.has(currency.name)) return String(minorUnits[plan.baseCurrency])
  return placesOf(textOf(currency.name))
}

function foundColumns(plan: CheckPlan, column: Column): string {
  const map = column.references && plan.references[column.references]
  const alias = `"m_${column.name}"`
  const carried = new Set(map?.carry ?? [])
  const found = [`${alias}.id as ${idOf(column.name)}`]
  if (plan.accountCurrency && column.name === 'account_no') carried.add('currency')
  for (const name of carried) found.push(`${alias}.${name} as "${carriedName(column, name)}"`)
  return found.join(', ')
}

function joinSql(plan: CheckPlan, column: Column): string {
  const map = column.references && plan.references[column.references]
  const alias = `"m_${column.name}"`
  const on =
    column.references === 'account'
      ? `${alias}.token_hi = typed."hi_${column.name}" and ${alias}.token_lo = typed."lo_${column.name}"`
      : `${alias}.no = typed.${typedOf(column.name)}`
  return `left join ${map?.relation} ${alias} on ${on}`
}
