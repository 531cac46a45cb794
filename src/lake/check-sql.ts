/**
 * The SQL of a check, in layers over the raw text: cleaned (`t_`), typed (`v_`), references found (`i_`), and on top
 * either the output columns with `_ok`, or the list of broken rules.
 */

import type { Column, Feed, Reference } from '../feeds/feed.ts'
import { present } from '../kit/assert.ts'
import type { Currency } from '../kit/currency.ts'
import { minorUnits } from '../kit/currency.ts'
import { cleanText, currencyColumnOf, placesColumn, placesOf, typedValue } from './cells.ts'
import type { ReferenceMap } from './check.ts'
import { literal } from './engine.ts'
import type { Texture } from './format.ts'
import { idOf, type Rule, textOf, typedOf } from './rules.ts'

export interface CheckPlan {
  feed: Feed
  present: ReadonlySet<string>
  references: Partial<Record<Reference, ReferenceMap>>
  accountSecret: string
  baseCurrency: Currency
  /** The account map has a column `currency`. */
  accountCurrency: boolean
  texture: Texture
  rules: readonly Rule[]
}

/** The name of a reference's id column: 'customer_no' → 'customer_id', 'unit_code' → 'unit_id'. */
export function idColumn(column: string): string {
  return column.replace(/_(no|code)$/, '_id')
}

/**
 * Number to token: only who holds the secret can say whose account a fact is. The whole 128 bits; `tokenHalf` gives
 * what md5_number_upper and md5_number_lower give, four times as fast (they are macros that go through text).
 */
export function tokenSql(secret: string, text: string): string {
  return `md5_number(${literal(secret)} || ${text})`
}

export function tokenHalf(token: string, half: 'hi' | 'lo'): string {
  return half === 'lo'
    ? `cast(${token} >> 64 as ubigint)`
    : `cast(${token} & 18446744073709551615::uhugeint as ubigint)`
}

/**
 * The relation of typed rows with found references; `raw` gives `line` and `c_<column>`. References are scalar
 * subqueries, not joins: the engine then complains when a number occurs twice in a map, and is as fast.
 */
export function foundSql(plan: CheckPlan, raw: string): string {
  const columns = plan.feed.columns.filter((column) => plan.present.has(column.name))
  const texts = columns.map((c) => `${cleanText(`"c_${c.name}"`, c, plan.texture)} as ${textOf(c.name)}`)
  const places = columns
    .filter((c) => c.check === 'currency')
    .map((c) => `${placesOf(textOf(c.name), plan.baseCurrency)} as ${placesColumn(c.name)}`)
  const values = columns.map((c) => `${typedValue(c, textOf(c.name), placesSql(plan, c))} as ${typedOf(c.name)}`)
  const tokens = columns
    .filter(needsToken)
    .map((c) => `${tokenSql(plan.accountSecret, textOf(c.name))} as "tok_${c.name}"`)
  const found = columns.filter((c) => c.references && plan.references[c.references])
  return `select *${found.map((c) => `, ${foundColumns(plan, c)}`).join('')}
    from (select typed.*${found.map((c) => `, ${foundStruct(plan, c)}`).join('')}
      from (select ${['placed.*', ...values, ...tokens].join(', ')}
        from (select ${['texts.*', ...places].join(', ')}
          from (select line, ${texts.join(', ')} from ${raw}) texts) placed) typed)`
}

/** SQL true when the row breaks no rule that keeps it out. */
export function okSql(rules: readonly Rule[]): string {
  const keepingOut = rules.filter((rule) => rule.onFailure === 'quarantine')
  const failing = [...new Set(keepingOut.map((rule) => rule.broad ?? rule.sql))].map((sql) => `coalesce(${sql}, false)`)
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
    for (const half of ['hi', 'lo'] as const) {
      if (keep)
        out.push({
          name: `${column.name}_${half}`,
          sql: present ? tokenHalf(`"tok_${column.name}"`, half) : 'cast(null as ubigint)',
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
  return placesColumn(currency.name)
}

function carriedColumns(plan: CheckPlan, column: Column): string[] {
  const map = column.references && plan.references[column.references]
  const carried = new Set(map?.carry ?? [])
  if (plan.accountCurrency && column.name === 'account_no') carried.add('currency')
  return [...carried]
}

function foundColumns(plan: CheckPlan, column: Column): string {
  const found = `"found_${column.name}"`
  const carried = carriedColumns(plan, column).map((name) => `${found}."${name}" as "${carriedName(column, name)}"`)
  return [`${found}.id as ${idOf(column.name)}`, ...carried].join(', ')
}

function foundStruct(plan: CheckPlan, column: Column): string {
  const reference = present(column.references, 'reference')
  const fields = ['id', ...carriedColumns(plan, column)].map((name) => `"${name}" := m."${name}"`)
  const own = reference === 'account' ? `"tok_${column.name}"` : typedOf(column.name)
  return `(select struct_pack(${fields.join(', ')}) from ${referenceTable(reference)} m
    where m.number = typed.${own}) as "found_${column.name}"`
}

const referenceTable = (reference: Reference) => `reference_${reference}`

/**
 * The maps that the feed refers to, as temporary tables with one plain column `number` to find a row by. Not optional:
 * compared with an expression, the engine turns the subquery into a cross product.
 */
export function referenceTablesSql(plan: CheckPlan): string {
  const used = new Set(plan.feed.columns.flatMap((column) => (column.references ? [column.references] : [])))
  const tables = [...used].flatMap((reference) => {
    const map = plan.references[reference]
    if (!map) return []
    const number =
      reference === 'account' ? '(cast(m.token_lo as uhugeint) << 64) | m.token_hi' : 'cast(m.no as varchar)'
    const currency = reference === 'account' && plan.accountCurrency ? ['currency'] : []
    const columns = [...new Set(['id', ...(map.carry ?? []), ...currency])].map((name) => `m."${name}"`)
    return `create or replace temp table ${referenceTable(reference)} as
      select ${number} as number, ${columns.join(', ')} from ${map.relation} m;`
  })
  return tables.join('\n')
}

export function dropReferenceTablesSql(plan: CheckPlan): string {
  return Object.keys(plan.references)
    .map((name) => `drop table if exists ${referenceTable(name as Reference)};`)
    .join('\n')
}
