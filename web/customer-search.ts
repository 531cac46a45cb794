/** The state of the customers list, which is its address: filters, sort and columns. Nothing of it lives elsewhere. */
import type { CustomerFilter } from '../src/contract/customer-filter.ts'
import { customerSorts } from '../src/contract/customer-filter.ts'
import { lifeStages, valueStates } from '../src/contract/value-states.ts'

type Sort = (typeof customerSorts)[number]

export interface ListSearch {
  q?: string
  /** Ordinals, '3,4'. */
  tier?: string
  inForce?: string
  unit?: string
  path?: NonNullable<CustomerFilter['path']>
  kind?: NonNullable<CustomerFilter['kind']>
  near?: number
  minFen?: string
  maxFen?: string
  notice?: 'true' | 'false'
  confidenceBelow?: number
  /** Codes, 'lost,actual'. */
  state?: string | undefined
  stage?: string
  /** Ids, '3,17'. */
  tag?: string
  sort?: Sort
  dir?: 'asc' | 'desc'
  /** Shown columns, comma separated; absent for the usual ones. */
  cols?: string
}

/** Reads an address; what is no filter is dropped rather than refused. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const found: ListSearch = {}
  const text = (name: string) => {
    const value = search[name]
    return value === undefined || value === null || value === '' ? undefined : String(value)
  }
  const matching = (name: string, pattern: RegExp) => {
    const value = text(name)
    return value && pattern.test(value) ? value : undefined
  }
  const put = <K extends keyof ListSearch>(name: K, value: ListSearch[K] | undefined) => {
    if (value !== undefined) found[name] = value
  }
  put('q', text('q')?.slice(0, 80))
  put('tier', matching('tier', /^\d{1,2}(,\d{1,2})*$/))
  put('inForce', matching('inForce', /^\d{1,2}(,\d{1,2})*$/))
  put('unit', text('unit')?.slice(0, 32))
  put('path', matching('path', /^(individual|household|entry|none)$/) as ListSearch['path'])
  put('kind', matching('kind', /^(person|company)$/) as ListSearch['kind'])
  put('near', number(matching('near', /^\d{1,3}$/), 1, 100))
  put('minFen', matching('minFen', /^-?\d{1,18}$/))
  put('maxFen', matching('maxFen', /^-?\d{1,18}$/))
  put('notice', matching('notice', /^(true|false)$/) as ListSearch['notice'])
  put('confidenceBelow', number(matching('confidenceBelow', /^\d{1,3}$/), 1, 100))
  put('state', someOf(text('state'), valueStates))
  put('stage', someOf(text('stage'), lifeStages))
  put('tag', matching('tag', /^\d{1,9}(,\d{1,9}){0,49}$/))
  put(
    'sort',
    customerSorts.find((sort) => sort === search.sort),
  )
  put('dir', matching('dir', /^(asc|desc)$/) as ListSearch['dir'])
  put('cols', matching('cols', /^[a-zA-Z,]{1,400}$/))
  return found
}

/** The filters alone, as list, count and export take them. */
export function filterOf(search: ListSearch) {
  const { sort: _sort, dir: _dir, cols: _cols, ...filter } = search
  return filter
}

export function isFiltered(search: ListSearch): boolean {
  return Object.keys(filterOf(search)).length > 0
}

/** What of a list of codes there is. */
function someOf(text: string | undefined, codes: readonly string[]): string | undefined {
  const known = text?.split(',').filter((code) => codes.includes(code))
  return known?.length ? known.join(',') : undefined
}

function number(text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  return value >= min && value <= max ? value : undefined
}
