/** `strata keys`: a new master key while everybody goes on working, and what is wrapped under which. */
import { keyStatus, rotateKeys } from '../access/rotate.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { put, putJson, say, table, text } from './print.ts'

/** Makes a new generation of the master, or goes on with a rotation that was cut off. */
export async function rotate(workplace: Workplace): Promise<void> {
  const { db, keys, masters, report } = workplace
  const done = await rotateKeys(db.owner, keys, masters, (rewrapped, total) =>
    report({ step: 'rewrap', done: rewrapped, total }),
  )
  const { generation, rewrapped, resumed, retired } = done
  say(
    resumed
      ? text(`went on with generation ${generation}`, `继续轮换到第 ${generation} 代`)
      : text(`generation ${generation} is in use`, `第 ${generation} 代已启用`),
  )
  say(text(`${rewrapped} keys wrapped anew`, `重新封装 ${rewrapped} 把密钥`))
  say(
    retired.length > 0
      ? text(
          `nothing needs generation ${retired.join(', ')} any more; keep it with the backups that were made under it`,
          `第 ${retired.join('、')} 代已无人使用；请与当时的备份一同保管`,
        )
      : text(
          'a load that began before still writes: run it again when that has ended, to retire the old generation',
          '轮换前开始的装载仍在写入：请在其结束后再次执行，以停用旧的一代',
        ),
  )
  await status(workplace, {})
}

/** Every generation with what is wrapped under it. */
export async function status(workplace: Workplace, options: { json?: boolean }): Promise<void> {
  const generations = await keyStatus(workplace.db.owner)
  if (options.json) return putJson(generations)
  const right = true
  const columns = [
    { head: text('generation', '代'), right },
    { head: text('made', '建立') },
    { head: text('retired', '停用') },
    { head: text('kept by', '保管') },
    { head: text('keys of customers', '客户密钥'), right },
    { head: text('keys of purposes', '用途密钥'), right },
  ]
  const rows = generations.map((one) => [
    String(one.generation),
    one.madeAt.toISOString().slice(0, 10),
    one.retiredAt?.toISOString().slice(0, 10) ?? '–',
    one.keptBy === 'service' ? text('key service', '密钥服务') : text('file or environment', '文件或环境变量'),
    String(one.parties),
    String(one.purposes),
  ])
  put(table(columns, rows))
}
