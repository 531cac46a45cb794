/** `strata login`: a sign-in for one of the bank's people. */
import { makeBreakGlass } from '../access/break-glass.ts'
import { type LoginRequest, setLogin } from '../access/set-login.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { put, putJson, say, table, text } from './print.ts'

/** Makes or changes it and prints the new password, which is kept nowhere. */
export async function login(workplace: Workplace, request: LoginRequest & { json?: boolean }): Promise<void> {
  const { json, ...asked } = request
  const made = await setLogin(workplace.db, workplace.clock, asked)
  if (json) return putJson(made)
  const heads = [text('name', '用户名'), text('role', '角色'), text('unit', '机构'), text('staff', '员工')]
  const columns = [...heads, text('password', '密码')].map((head) => ({ head }))
  const password = made.password ?? text('disabled', '已停用')
  put(table(columns, [[made.name, made.role, made.unit, made.staff ?? '–', password]]))
  if (made.password) say(text('The password is shown this once.', '密码仅显示这一次。'))
}

/** An account for the day on which nothing else opens; its password goes into an envelope. */
export async function breakGlass(workplace: Workplace, name: string, json: boolean): Promise<void> {
  const made = await makeBreakGlass(workplace.db, workplace.clock, { name, ...breakGlassTime })
  if (json) return putJson(made)
  put(made.password)
  const { hours, validUntil } = made
  say(
    text(
      `The password is shown this once. Valid until ${validUntil}; from the first use, ${hours} hours. Each use raises an alert.`,
      `密码仅显示这一次。有效期至 ${validUntil}；首次使用后 ${hours} 小时内有效。每次使用都会告警。`,
    ),
  )
}

const breakGlassTime = { hours: 4, days: 365 }
