/** Rules across the rows of one file: a key occurs once, an account's rows agree and its shares make a whole. */

import type { Feed } from '../feeds/feed.ts'
import { shareScale } from '../kit/money.ts'
import type { Words } from './rules.ts'

export interface RowSetRule extends Words {
  rule: string
  column: string
}

export const rowSetRules = {
  duplicate_row: {
    rule: 'duplicate_row',
    column: '',
    expectedZh: '每个主键在文件中只出现一次',
    expectedEn: 'each key only once in a file',
    adviceZh: '内容与前一行相同，已只取第一行；请检查导出程序',
    adviceEn: 'It says the same as an earlier row, which was taken; look at the export',
  },
  contradictory_key: {
    rule: 'contradictory_key',
    column: '',
    expectedZh: '同一主键只有一种说法',
    expectedEn: 'rows of one key that agree',
    adviceZh: '同一主键的各行互相矛盾，均未采用；请更正后重新传送这些行',
    adviceEn: 'Rows of one key contradict each other, so none was taken; correct them and send them again',
  },
  account_contradicts: {
    rule: 'account_contradicts',
    column: 'account_no',
    expectedZh: '同一账户各行的产品、币种、机构和日期一致',
    expectedEn: 'the same product, currency, unit and days in all rows of an account',
    adviceZh: '请统一该账户各所有人的行',
    adviceEn: 'Make the rows of all owners of the account agree',
  },
  shares_not_whole: {
    rule: 'shares_not_whole',
    column: 'share',
    expectedZh: '同一账户各所有人的份额之和为 1',
    expectedEn: 'shares of all owners of an account that add up to 1',
    adviceZh: '请核对该账户的所有人与份额；其中一行不合格时整个账户都不采用',
    adviceEn: 'Correct owners and shares; when one owner is kept out, the whole account is',
  },
} as const satisfies Record<string, RowSetRule>

export type RowSetRuleName = keyof typeof rowSetRules

/** Output columns that make up the key; a reference counts by what was found. */
export function keyColumns(feed: Feed, outputNames: ReadonlySet<string>): string[] {
  return feed.key.flatMap((name) => {
    const id = name.replace(/_(no|code)$/, '_id')
    if (outputNames.has(`${name}_hi`)) return [`"${name}_hi"`, `"${name}_lo"`]
    return [outputNames.has(name) ? `"${name}"` : `"${id}"`]
  })
}

/**
 * SQL of each set rule, to be run in order over `rows` (columns of the output, `line` and `_ok`): gives `line` and `rule` of
 * the rows that a rule keeps out; `taken` is a table of those kept out before.
 */
export function rowSetSql(feed: Feed, keys: readonly string[], content: readonly string[], rows: string): string[] {
  const key = keys.join(', ')
  const statements = [
    `with groups as (select ${key}, hash(${content.join(', ')}) as content, line from ${rows} where _ok),
      repeated as (select ${key}, count(distinct content) as kinds, min(line) as first
        from groups group by ${key} having count(*) > 1)
      select g.line, case when r.kinds > 1 then 'contradictory_key' else 'duplicate_row' end as rule
      from groups g join repeated r on ${keys.map((k) => `g.${k} is not distinct from r.${k}`).join(' and ')}
      where r.kinds > 1 or g.line > r.first`,
  ]
  if (feed.name === 'accounts') statements.push(...accountSql(rows))
  return statements
}

function accountSql(rows: string): string[] {
  const account = '"account_no_hi", "account_no_lo"'
  const same = ['product_code', 'currency', 'unit_code', 'opened_on', 'closed_on', 'matures_on'].map((c) => `"${c}"`)
  const inGroups = (rule: string, having: string) => `with live as (select * from ${rows}
      where _ok and line not in (select line from taken)),
    broken as (select ${account} from live group by ${account} having ${having})
    select live.line, '${rule}' as rule from live join broken using (${account})`
  return [
    inGroups('account_contradicts', `count(distinct (${same.join(', ')})) > 1`),
    inGroups('shares_not_whole', `sum(coalesce("share", ${shareScale})) <> ${shareScale}`),
  ]
}
