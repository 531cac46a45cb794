/**
 * The "no" of the business. A refusal has a code from one closed table, which also gives its HTTP status and its text
 * in both languages; nothing else in the program words a refusal. A bug is an assertion, not a refusal.
 */

import { householdRefusals } from './refusals-households.ts'
import { noteRefusals } from './refusals-notes.ts'
import { paperRefusals } from './refusals-papers.ts'
import { valueStateRefusals } from './refusals-value-states.ts'

export interface Wording {
  /** HTTP status. */
  status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 415 | 422 | 423 | 429 | 500 | 503
  zh: string
  en: string
}

/** `{name}` in a text is replaced by the parameter of that name. */
export const refusals = {
  // configuration and machine
  config_invalid: {
    status: 400,
    zh: '设置 {name} 的值“{value}”无效，应为：{expected}',
    en: 'Setting {name} has the value "{value}"; allowed: {expected}',
  },
  database_failed: { status: 503, zh: '数据库无法启动：{reason}', en: 'The database did not start: {reason}' },
  home_busy: {
    status: 409,
    zh: '{home} 正被另一个 Strata（{verb}，进程 {pid}）使用',
    en: '{home} is in use by another Strata ({verb}, process {pid})',
  },
  machine_unfit: { status: 503, zh: '本机不能运行：{reason}', en: 'This machine cannot run it: {reason}' },
  out_unwritable: { status: 422, zh: '无法写入 {file}：{reason}', en: '{file} cannot be written: {reason}' },
  schema_foreign: {
    status: 503,
    zh: '数据库结构由另一版本的 Strata 建立（{name}）：请改用该版本，或恢复升级前的备份',
    en: 'The database has the schema of another version of Strata ({name}): run that version, or restore the backup made before the upgrade',
  },
  lake_foreign: {
    status: 503,
    zh: '数据湖 {lake} 不属于这个数据库：请把 STRATA_HOME 与数据库地址配成一套',
    en: 'The lake {lake} does not belong to this database: point STRATA_HOME and the database addresses at one installation',
  },
  master_key_wrong: {
    status: 503,
    zh: '主密钥不是建立本安装时的那一把：请恢复 keys/master.key 或 STRATA_MASTER_KEY',
    en: 'The master key is not the one that this installation was made with: restore keys/master.key or STRATA_MASTER_KEY',
  },
  master_key_missing: {
    status: 503,
    zh: '缺少第 {generation} 代主密钥：{where} 中没有',
    en: 'Generation {generation} of the master key is missing: it is not in {where}',
  },
  kms_failed: {
    status: 503,
    zh: '密钥管理服务 {url} 没有应答：{reason}',
    en: 'The key management service {url} failed: {reason}',
  },
  rotation_busy: { status: 409, zh: '另一次密钥轮换正在进行', en: 'Another rotation of keys is running' },
  // asking
  input_invalid: { status: 400, zh: '请求有误：{field} {reason}', en: 'The request is wrong: {field} {reason}' },
  not_found: { status: 404, zh: '没有找到 {what}', en: '{what} was not found' },
  not_signed_in: { status: 401, zh: '请先登录', en: 'Sign in first' },
  sign_in_failed: { status: 401, zh: '用户名或密码不正确', en: 'The name or the password is wrong' },
  sign_in_throttled: {
    status: 429,
    zh: '尝试次数过多，请在 {seconds} 秒后再试',
    en: 'Too many attempts; try again in {seconds} seconds',
  },
  sign_in_locked: {
    status: 423,
    zh: '该账户已被锁定，请联系管理员',
    en: 'This account is locked; ask an administrator',
  },
  sign_in_unfinished: {
    status: 403,
    zh: '登录尚未完成，还差一步：{step}',
    en: 'Signing in is not finished; the step left is {step}',
  },
  local_sign_in_off: {
    status: 403,
    zh: '本行不使用密码登录，请使用单点登录',
    en: "Passwords are switched off; use the bank's own sign-on",
  },
  break_glass_spent: { status: 423, zh: '该应急账户已用完或已到期', en: 'This break-glass account is used up' },
  code_wrong: {
    status: 422,
    zh: '验证码不正确或已使用过',
    en: 'The code is wrong or has been used',
  },
  second_factor_there: { status: 409, zh: '已启用两步验证', en: 'A second factor is enrolled already' },
  second_factor_missing: { status: 409, zh: '尚未启用两步验证', en: 'No second factor is enrolled' },
  second_factor_required: {
    status: 409,
    zh: '您的角色要求两步验证，不能停用',
    en: 'Your role asks for a second factor; it stays',
  },
  reentry_needed: {
    status: 403,
    zh: '此操作须在 {minutes} 分钟内输入过密码或验证码，请再次确认身份',
    en: 'This needs your password or code, given within the last {minutes} minutes',
  },
  own_account: { status: 403, zh: '不能对自己的账户执行此操作', en: 'Nobody does this to their own account' },
  password_elsewhere: {
    status: 409,
    zh: '该账户没有本地密码',
    en: 'This account has no password here',
  },
  name_taken: { status: 409, zh: '用户名 {name} 已被使用', en: 'The name {name} is taken' },
  staff_taken: {
    status: 409,
    zh: '员工代码 {staff} 已属于用户 {name}；其名下客户会同时被两人看到',
    en: 'The staff code {staff} belongs to the user {name}: two people would see one book',
  },
  scope_beyond: {
    status: 422,
    zh: '密钥不能含有此权限：{permission}',
    en: 'The key cannot have the permission {permission}: you or its program do not have it',
  },
  security_alert_acknowledged: { status: 409, zh: '该告警已确认', en: 'This alert has been acknowledged' },
  sso_off: { status: 404, zh: '未配置单点登录', en: 'There is no single sign-on here' },
  sso_unreachable: {
    status: 503,
    zh: '单点登录服务无法访问，请稍后再试',
    en: 'The single sign-on service cannot be reached; try again shortly',
  },
  sso_failed: { status: 401, zh: '单点登录未成功：{reason}', en: 'Single sign-on failed: {reason}' },
  sso_no_post: {
    status: 403,
    zh: '您所在的用户组在本系统没有岗位，请联系管理员',
    en: 'None of your groups has a post here; ask an administrator',
  },
  password_wrong: { status: 422, zh: '原密码不正确', en: 'The old password is wrong' },
  password_weak: { status: 422, zh: '新密码不可用：{reason}', en: 'The new password cannot be taken: {reason}' },
  permission_missing: { status: 403, zh: '需要权限：{permission}', en: 'This needs the permission {permission}' },
  head_office_only: {
    status: 403,
    zh: '{permission} 权限仅在总行有效，而您的岗位在下级机构',
    en: 'The permission {permission} counts at head office only, and your post is at a unit below it',
  },
  too_many_requests: { status: 429, zh: '请求过多，请稍后再试', en: 'Too many requests; try again later' },
  internal_failure: {
    status: 500,
    zh: '系统出现故障，请把编号 {id} 告知管理员',
    en: 'Something failed; tell an administrator the number {id}',
  },
  origin_refused: {
    status: 403,
    zh: '来源 {origin} 不被允许，请从本系统页面操作',
    en: 'Requests from {origin} are not allowed; use the pages of this system',
  },
  cursor_invalid: {
    status: 400,
    zh: '翻页位置无效，请从第一页重新读取',
    en: 'The cursor is invalid; start at the first page',
  },
  key_needs_person: {
    status: 403,
    zh: '接口密钥不能办理此事，请本人登录后操作',
    en: 'A key cannot do this; sign in yourself',
  },
  export_too_large: {
    status: 422,
    zh: '导出 {rows} 行超过该格式上限 {limit} 行，请改用 CSV 或缩小范围',
    en: 'An export of {rows} rows is above the limit of {limit} of this format; take CSV or fewer rows',
  },
  body_too_large: { status: 413, zh: '内容超过上限 {limit}', en: 'The body is larger than {limit}' },
  key_expired: { status: 401, zh: '接口密钥已失效', en: 'The key has expired or was revoked' },
  already_erased: {
    status: 409,
    zh: '客户 {customer} 的个人信息已删除',
    en: 'Customer {customer} has been erased already',
  },
  erasure_needs_person: {
    status: 422,
    zh: '客户 {customer} 不是自然人',
    en: 'Customer {customer} is not a natural person',
  },
  erasure_under_way: {
    status: 409,
    zh: '删除客户 {customer} 的个人信息已获批准，正在执行',
    en: 'The erasure of customer {customer} has been approved and is under way',
  },
  nothing_to_withdraw: {
    status: 409,
    zh: '没有可撤回的本人同意',
    en: 'There is no consent in force that could be withdrawn',
  },
  retention_fixed: { status: 422, zh: '{noun} 的保存期限不可更改', en: 'How long {noun} is kept cannot be set' },
  erasures_invalid: {
    status: 503,
    zh: '删除台账 {file} 第 {line} 行不是本安装所写：请从备份恢复该文件',
    en: 'Line {line} of the ledger of erasures {file} was not written by this installation: restore the file from its backup',
  },
  // files and loads
  file_refused: {
    status: 422,
    zh: '文件 {file} 被整体拒收：{reasonZh}。应为：{expectedZh}。处理办法：{adviceZh}',
    en: 'File {file} is refused whole: {reason}. Expected: {expected}. What to do: {advice}',
  },
  feed_unknown: { status: 404, zh: '没有名为 {feed} 的数据接口', en: 'There is no feed called {feed}' },
  mapping_invalid: {
    status: 422,
    zh: '映射 {file} 第 {line} 行第 {column} 列：{reason}',
    en: 'Mapping {file}, line {line}, column {column}: {reason}',
  },
  too_many_bad_rows: {
    status: 422,
    zh: '{file}：{read} 行中有 {bad} 行不合格，超过上限 {limit}；最常见的是 {worst}',
    en: '{file}: {bad} of {read} rows are bad, above the limit of {limit}; most often {worst}',
  },
  currency_differs: {
    status: 409,
    zh: '{what} 以 {currency} 计，而本安装的本位币是 {base}，首次装载后不能更改；不同本位币请各用一个 STRATA_HOME',
    en: '{what} counts in {currency}, but this installation keeps its totals in {base}, which cannot change after the first load; use a STRATA_HOME of its own for each base currency',
  },
  currency_set: {
    status: 409,
    zh: '{what} 以 {currency} 计，而 STRATA_BASE_CURRENCY 设为 {base}；请改为 {currency} 或不设置',
    en: '{what} counts in {currency}, but STRATA_BASE_CURRENCY is set to {base}; set it to {currency} or not at all',
  },
  load_busy: { status: 409, zh: '另一批数据正在装载', en: 'Another load is under way' },
  // nights and tiers
  rate_missing: {
    status: 422,
    zh: '{day} 没有 {currency} 的可用汇率（最近一条：{last}，最多可早 {limit} 天）',
    en: 'No usable {currency} rate on {day} (last one: {last}; at most {limit} days old)',
  },
  night_busy: { status: 409, zh: '另一个跑批正在进行：{run}', en: 'Another night is running: {run}' },
  night_day_invalid: { status: 422, zh: '不能为 {day} 跑批：{reason}', en: 'No night can run for {day}: {reason}' },
  night_pruned: {
    status: 410,
    zh: '跑批 {night} 的输入已不再保留，不能重放：保留最近 7 次跑批与 27 个月末',
    en: 'The inputs of night {night} are not kept any more, so it cannot be replayed: 7 nights and 27 month-ends are',
  },
  night_missing: { status: 404, zh: '还没有已发布的跑批', en: 'No night has been published yet' },
  policy_invalid: { status: 422, zh: '政策第 {line} 行：{reason}', en: 'Policy line {line}: {reason}' },
  policy_day_past: {
    status: 422,
    zh: '政策不能自 {day} 起执行：{night} 的跑批已发布，请取其后的日期',
    en: 'A policy cannot count from {day}: the night of {night} is published; take a later day',
  },
  policy_unchanged: {
    status: 409,
    zh: '与届时执行的第 {version} 版相同，没有变化',
    en: 'Nothing would change: version {version}, which counts then, says the same',
  },
  policy_tiers_differ: {
    status: 422,
    zh: '第 {place} 级原为 {before}，现为 {after}：已发布跑批后只能在最高一级之上增加等级',
    en: 'Tier {place} was {before} and would be {after}: once a night is published, tiers can only be added above the highest',
  },
  engine_busy: { status: 503, zh: '计算引擎繁忙，请稍后再试', en: 'The engine is busy; try again shortly' },
  engine_timeout: {
    status: 503,
    zh: '计算超过 {seconds} 秒，已停止',
    en: 'The computation took longer than {seconds} seconds and was stopped',
  },
  policy_missing: { status: 404, zh: '还没有生效的分级政策', en: 'No tier policy is in force yet' },
  difference_decided: { status: 409, zh: '该差异已处理', en: 'This difference has been decided already' },
  quarantine_row_settled: {
    status: 409,
    zh: '第 {line} 行已改正或已决定不予改正',
    en: 'Line {line} has been mended or dismissed already',
  },
  proposal_decided: { status: 409, zh: '该定级建议已处理', en: 'This proposal has been decided already' },
  approval_decided: { status: 409, zh: '该事项已处理', en: 'This has been decided already' },
  approval_expired: {
    status: 409,
    zh: '该事项等待超过 {days} 天，已过期，请重新提交',
    en: 'This proposal has waited for more than {days} days and has expired; propose it again',
  },
  approval_stale: {
    status: 409,
    zh: '{subject} 在提交后已变更，请退回并重新提交',
    en: '{subject} has changed since this was proposed; return it and propose again',
  },
  approval_open: {
    status: 409,
    zh: '{subject} 已有待复核的变更，请先处理',
    en: 'A change of {subject} waits for its checker; decide that one first',
  },
  check_needs_person: {
    status: 403,
    zh: '复核须由本人登录后进行，接口密钥不能复核',
    en: 'A key checks nothing; sign in yourself',
  },
  export_needs_approval: {
    status: 422,
    zh: '导出 {rows} 行超过 {limit} 行，须先提交复核',
    en: 'An export of {rows} rows is above {limit} and needs the approval of a second person',
  },
  export_waits: { status: 409, zh: '该导出尚未批准', en: 'This export has not been approved' },
  export_spent: {
    status: 410,
    zh: '该导出已下载，或批准已超过一天；请重新提交',
    en: 'This export was fetched already, or its day is over; ask again',
  },
  last_administrator: {
    status: 409,
    zh: '变更后将无人可以管理权限，或无人可以复核',
    en: 'After this nobody could change rights any more, or nobody could check it',
  },
  unit_closed: { status: 409, zh: '机构 {unit} 已撤销', en: 'Unit {unit} is closed' },
  unit_misplaced: {
    status: 409,
    zh: '机构 {unit} 不能移到 {parent}：{reason}',
    en: 'Unit {unit} cannot go to {parent}: {reason}',
  },
  unit_known: { status: 409, zh: '机构号 {unit} 已存在', en: 'There is a unit {unit} already' },
  facts_changed: {
    status: 409,
    zh: '资料刚被他人修改，请重新打开后再试',
    en: 'Somebody changed these facts meanwhile; read them again',
  },
  occupation_of_company: { status: 422, zh: '企业客户没有职业', en: 'A company has no occupation' },
  field_not_editable: {
    status: 403,
    zh: '您的岗位不能修改该项信息（{field}）',
    en: 'Your posts do not edit this fact ({field})',
  },
  field_hidden: {
    status: 403,
    zh: '您的岗位不能查看该类信息（{field}），也不能据此筛选或排序',
    en: 'Your posts do not read these fields ({field}), nor may they be filtered or sorted by',
  },
  volume_unusual: {
    status: 429,
    zh: '一小时内此类操作已达 {limit} 次上限，已记录，请稍后再试',
    en: 'This was done {limit} times within an hour, which is the most; it is on record, try again later',
  },
  request_open: { status: 409, zh: '对该客户的申请正在等待处理', en: 'A request for this customer is waiting already' },
  request_decided: { status: 409, zh: '该申请已处理', en: 'This request has been decided already' },
  customer_visible: { status: 409, zh: '该客户已在可见范围内', en: 'This customer is visible already' },
  own_proposal: { status: 403, zh: '不能复核自己提出的事项', en: 'Nobody checks their own proposal' },
  ...householdRefusals,
  ...noteRefusals,
  ...paperRefusals,
  ...valueStateRefusals,
} as const satisfies Record<string, Wording>

export type RefusalCode = keyof typeof refusals
export type Language = 'zh' | 'en'
export type RefusalParams = Record<string, string | number | bigint>

/** A refusal on its way to whoever asked. Thrown by `refuse`; caught once, at the edge (API, command line). */
export class Refused extends Error {
  readonly code: RefusalCode
  readonly params: RefusalParams

  constructor(code: RefusalCode, params: RefusalParams = {}) {
    super(refusalText(code, params, 'en'))
    this.name = 'Refused'
    this.code = code
    this.params = params
  }
}

/** Says no. */
export function refuse(code: RefusalCode, params: RefusalParams = {}): never {
  throw new Refused(code, params)
}

/**
 * The sentence for a person. Parameters that are missing stay as `{name}`, which a test forbids. In Chinese a parameter
 * `nameZh` stands in for `name`.
 */
export function refusalText(code: RefusalCode, params: RefusalParams, language: Language): string {
  return refusals[code][language].replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (language === 'zh' && `${name}Zh` in params) return String(params[`${name}Zh`])
    return name in params ? String(params[name]) : whole
  })
}
