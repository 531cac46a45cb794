/** Where a command writes its result: asked before the work is done and before the audit says that it was. */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { refuse } from '../kit/refusal.ts'

/** Refuses `out_unwritable` for a folder, for a file in a folder that does not take one, and for one that must be new. */
export function mustBeWritable(path: string, isNew = false): void {
  const file = resolve(path)
  const folder = dirname(file)
  const cannot = (reason: string, reasonZh: string) => refuse('out_unwritable', { file, reason, reasonZh })
  if (!existsSync(folder)) cannot(`there is no folder ${folder}`, `没有文件夹 ${folder}`)
  if (existsSync(file)) {
    if (statSync(file).isDirectory()) cannot('it is a folder', '它是文件夹')
    if (isNew) cannot('it exists already, and is not written over', '文件已存在，不会覆盖')
  }
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    cannot(`nothing may be written to ${folder}`, `没有写入 ${folder} 的权限`)
  }
}
