/** `strata login`: a sign-in for one of the bank's people. */
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
