/** `strata quality`: data quality as the page shows it. */
import { everything } from '../db/database.ts'
import { readQuality } from '../desk/quality/store.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { put, putJson, table, text } from './print.ts'

const trendDays = 30

/** Prints the tallies by feed, column and dimension, worst first. */
export async function quality(workplace: Workplace, choices: { json?: boolean }): Promise<void> {
  const asked = { days: trendDays }
  const found = await workplace.db.withScope(everything, (trx) => readQuality(trx, asked, everything.units))
  if (choices.json) return putJson(found)
  const share = ({ checked, passed }: { checked: number; passed: number }) =>
    checked === 0 ? '–' : `${(Math.floor((passed / checked) * 10_000) / 100).toFixed(2)} %`
  const worst = found.columns.toSorted((a, b) => a.passed / (a.checked || 1) - b.passed / (b.checked || 1))
  const right = true
  put(
    table(
      [
        { head: text('feed', '数据接口') },
        { head: text('column', '字段') },
        { head: text('dimension', '维度') },
        { head: text('checked', '检查'), right },
        { head: text('failed', '不合格'), right },
        { head: text('passed', '合格率'), right },
      ],
      worst.map((row) => [
        row.feed,
        row.column,
        row.dimension,
        String(row.checked),
        String(row.checked - row.passed),
        share(row),
      ]),
    ),
  )
  put(
    text(
      `\nall: ${share(found.total)} of ${found.total.checked} checks`,
      `\n合计：${found.total.checked} 项检查，合格 ${share(found.total)}`,
    ),
  )
}
