/** `strata retention`: what is kept how long, what would go now, and letting it go. */
import { applyRetention, rehearseRetention } from '../nightly/retention.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { put, putJson, table, text } from './print.ts'

const names: Record<string, string> = {
  originals: text('original files of loads', '装载的原始文件'),
  quarantine: text('quarantined rows', '隔离行'),
  sessions: text('ended sessions', '已结束的会话'),
  events: text('events', '事件'),
  nights: text('nights, customer by customer', '逐客户的跑批'),
  monthEnds: text('month-ends, customer by customer', '逐客户的月末跑批'),
  audit: text('audit entries', '留痕'),
}

/** With `dryRun` only says what would go. */
export async function retention(workplace: Workplace, options: { dryRun?: boolean; json?: boolean }): Promise<void> {
  const rehearsal = options.dryRun ? await rehearseRetention(workplace) : await applyRetention(workplace)
  if (options.json) return putJson(rehearsal)
  const right = true
  const columns = [
    { head: text('what', '内容') },
    { head: text('kept', '保存'), right },
    { head: text('there are', '现有'), right },
    { head: options.dryRun ? text('would go', '将删除') : text('went', '已删除'), right },
    { head: text('oldest', '最早') },
  ]
  const counted = ['nights', 'monthEnds']
  const kept = (noun: string, keep: number | null) =>
    keep === null
      ? text('for ever', '永久')
      : counted.includes(noun)
        ? String(keep)
        : text(`${keep} days`, `${keep} 天`)
  const rows = rehearsal.lines.map((line) => [
    names[line.noun] ?? line.noun,
    kept(line.noun, line.keep),
    String(line.held),
    String(line.goes),
    line.oldest?.slice(0, 10) ?? '–',
  ])
  put(table(columns, rows))
}
