/** The settings of signing in: passwords, sessions, and the bank's own sign-on by OpenID Connect. */
import { z } from 'zod'
import { refuse } from '../kit/refusal.ts'

/** A group of the bank's own sign-on, and the post that whoever is in it holds. */
export interface GroupPost {
  group: string
  role: string
  unit: string
}

export interface OidcConfig {
  issuer: string
  clientId: string
  clientSecret: string
  groups: readonly GroupPost[]
  /** Names of the claims that hold groups and staff code. */
  groupsClaim: string
  staffClaim: string
}

export interface SignInConfig {
  /** False: people come by the bank's own sign-on only; break-glass accounts keep their passwords. */
  peopleByPassword: boolean
  passwordLengthMin: number
  idleMinutes: number
  hours: number
  sessionsMax: number
  oidc: OidcConfig | null
}

const whole = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((value) => value >= low && value <= high)

/** An address to which secrets are sent: they may pass open on this machine only. */
export const secretAddress = z.string().refine((text) => {
  const url = URL.parse(text)
  if (!url || url.search || url.hash) return false
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
  )
})

const claim = z.string().regex(/^[A-Za-z0-9_.:/-]{1,120}$/)

// The last = parts: a group of a directory is itself full of them, 'CN=crm-managers,OU=Groups=branchManager@0101'
const groupPost = /^(.{1,300})=([a-z][A-Za-z0-9]{1,39})@([\w.-]{1,40})$/

/** Rules parted by semicolons. */
const groups = z
  .string()
  .transform((text) => text.split(';').map((rule) => groupPost.exec(rule.trim())))
  .refine((rules) => rules.every((rule) => rule !== null))
  .transform((rules) => rules.map((rule) => ({ group: rule![1]!, role: rule![2]!, unit: rule![3]! })))

export const signInSettings = [
  {
    name: 'STRATA_PASSWORD_LENGTH_MIN',
    allowed: '12 to 64',
    default: '12',
    zh: '密码最少字符数',
    en: 'characters that a password has at least',
    read: whole(12, 64),
  },
  {
    name: 'STRATA_SESSION_IDLE_MINUTES',
    allowed: '5 to 1440',
    default: '60',
    zh: '会话无请求多少分钟后结束',
    en: 'minutes without a request after which a session ends',
    read: whole(5, 1440),
  },
  {
    name: 'STRATA_SESSION_HOURS',
    allowed: '1 to 168',
    default: '12',
    zh: '会话最长多少小时',
    en: 'hours after which a session ends in any case',
    read: whole(1, 168),
  },
  {
    name: 'STRATA_SESSIONS_MAX',
    allowed: '1 to 100',
    default: '10',
    zh: '同一人同时有效的会话上限；超过时结束最久未用的会话',
    en: 'open sessions of one person; one more ends the one that was used longest ago',
    read: whole(1, 100),
  },
  {
    name: 'STRATA_LOCAL_SIGN_IN',
    allowed: 'on; off only with STRATA_OIDC_ISSUER',
    default: 'on',
    zh: '员工可否用密码登录；off 时仅应急账户可用',
    en: 'whether people sign in by password; off leaves that to break-glass accounts',
    read: z.enum(['on', 'off']) as z.ZodType<unknown, string>,
  },
  {
    name: 'STRATA_OIDC_ISSUER',
    allowed: 'https://…, http:// on this machine only; together with STRATA_OIDC_CLIENT_ID and _SECRET, or none',
    default: '',
    zh: '单点登录（OpenID Connect）服务的 issuer 地址',
    en: "issuer of the bank's own sign-on (OpenID Connect)",
    read: secretAddress,
  },
  {
    name: 'STRATA_OIDC_CLIENT_ID',
    allowed: 'a text',
    default: '',
    zh: '本系统在单点登录服务的客户端标识',
    en: 'by which the sign-on knows this system',
    read: z.string().min(1).max(200),
  },
  {
    name: 'STRATA_OIDC_CLIENT_SECRET',
    allowed: 'a text',
    default: '',
    zh: '客户端密钥',
    en: 'its secret',
    read: z.string().min(1).max(500),
  },
  {
    name: 'STRATA_OIDC_GROUPS',
    allowed: 'group=role@unit, several parted by ;',
    default: '',
    zh: '用户组对应的岗位：用户组=角色@机构代码，以分号分隔；每次登录时更新',
    en: 'the post of whoever is in a group, brought up to date at each sign-in',
    read: groups as z.ZodType<unknown, string>,
  },
  {
    name: 'STRATA_OIDC_GROUPS_CLAIM',
    allowed: 'name of a claim',
    default: 'groups',
    zh: '含用户组的声明（claim）名称',
    en: 'the claim that holds the groups',
    read: claim,
  },
  {
    name: 'STRATA_OIDC_STAFF_CLAIM',
    allowed: 'name of a claim',
    default: 'staff_code',
    zh: '含员工代码的声明名称，用于确定名下客户',
    en: 'the claim that holds the staff code, which says whose book it is',
    read: claim,
  },
] as const

type Name = (typeof signInSettings)[number]['name']

/** From the settings, each checked. Refuses config_invalid where they do not go together. */
export function signInConfig(read: (name: Name) => unknown): SignInConfig {
  const oidc = oidcConfig(read)
  const peopleByPassword = read('STRATA_LOCAL_SIGN_IN') !== 'off'
  if (!peopleByPassword && oidc === null) {
    refuse('config_invalid', { name: 'STRATA_LOCAL_SIGN_IN', value: 'off', expected: allowed('STRATA_LOCAL_SIGN_IN') })
  }
  return {
    peopleByPassword,
    passwordLengthMin: Number(read('STRATA_PASSWORD_LENGTH_MIN')),
    idleMinutes: Number(read('STRATA_SESSION_IDLE_MINUTES')),
    hours: Number(read('STRATA_SESSION_HOURS')),
    sessionsMax: Number(read('STRATA_SESSIONS_MAX')),
    oidc,
  }
}

function oidcConfig(read: (name: Name) => unknown): OidcConfig | null {
  const needed = ['STRATA_OIDC_ISSUER', 'STRATA_OIDC_CLIENT_ID', 'STRATA_OIDC_CLIENT_SECRET'] as const
  const missing = needed.find((name) => read(name) === undefined)
  const groupPosts = read('STRATA_OIDC_GROUPS') as GroupPost[] | undefined
  if (missing !== undefined) {
    const isSet = needed.some((name) => read(name) !== undefined) || groupPosts !== undefined
    if (isSet)
      refuse('config_invalid', {
        name: missing,
        value: '',
        expected: `${allowed(missing)}, as another STRATA_OIDC_ setting is there`,
      })
    return null
  }
  return {
    issuer: String(read('STRATA_OIDC_ISSUER')),
    clientId: String(read('STRATA_OIDC_CLIENT_ID')),
    clientSecret: String(read('STRATA_OIDC_CLIENT_SECRET')),
    groups: groupPosts ?? [],
    groupsClaim: String(read('STRATA_OIDC_GROUPS_CLAIM')),
    staffClaim: String(read('STRATA_OIDC_STAFF_CLAIM')),
  }
}

const allowed = (name: Name) => signInSettings.find((one) => one.name === name)!.allowed
