/**
 * Exact division of scaled sums in SQL, fast. A HUGEINT division takes DuckDB about half a microsecond a row, so a night
 * over a million customers would spend seconds dividing. A DOUBLE quotient misses by little, one multiplication says by
 * how much, and at most one is left to add or take; only a quotient beyond what a DOUBLE counts exactly needs a second
 * round. It is written in stages, one projection each, because DuckDB computes an expression inside a CASE again wherever
 * it stands.
 */
import { sumScale } from '../kit/money.ts'

const scale = `${sumScale}::hugeint`
// 2^50: up to here a rounded quotient is off by less than one
const exactMax = 1_125_899_906_842_624n
const divided = (column: string) => `(${column}::double / ${Number(sumScale)}::double)::bigint`

/**
 * `source` with further BIGINT columns: by name, ⌊column / sumScale⌋ of a scaled HUGEINT column, that is whole fen·days.
 * Null stays null; what does not fit a BIGINT is an error of the query.
 */
export function withFloorFen(source: string, columns: Readonly<Record<string, string>>): string {
  const names = Object.entries(columns)
  const each = (write: (name: string, column: string) => string) =>
    names.map(([name, column]) => write(name, column)).join(', ')
  return `(
  select * exclude (${each((name) => `${name}_q, ${name}_d, ${name}_r`)}),
    ${each((name) => `${name}_q + ${name}_d + case when ${name}_r < 0 then -1 when ${name}_r >= ${scale} then 1 else 0 end as ${name}`)}
  from (
    select * replace (${each((name) => `case when ${name}_d = 0 then ${name}_r else ${name}_r - ${name}_d::hugeint * ${scale} end as ${name}_r`)})
    from (
      select *, ${each((name) => `case when ${name}_q between -${exactMax} and ${exactMax} then 0 else ${divided(`${name}_r`)} end as ${name}_d`)}
      from (
        select *, ${each((name, column) => `${column} - ${name}_q::hugeint * ${scale} as ${name}_r`)}
        from (select *, ${each((name, column) => `${divided(column)} as ${name}_q`)} from ${source})
      )
    )
  )
)`
}
