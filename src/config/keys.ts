/** Settings of the master key of personal data. */
import { z } from 'zod'
import { refuse } from '../kit/refusal.ts'
import { secretAddress } from './sign-in.ts'

export interface KmsConfig {
  url: string
  key: string
  token: string
}

export const keySettings = [
  {
    name: 'STRATA_MASTER_KEY',
    allowed: '32 bytes in base64; several generations as 1:…,2:…',
    default: '',
    zh: '个人信息主密钥；不设置则使用 keys/master.key',
    en: 'master key of personal data; not set = keys/master.key under STRATA_HOME',
    read: z.string().regex(/^(\d{1,5}:)?[A-Za-z0-9+/]{43}=(,\d{1,5}:[A-Za-z0-9+/]{43}=)*$/),
  },
  {
    name: 'STRATA_KMS_URL',
    allowed: 'https://…/v1/transit, http:// on this machine only; together with STRATA_KMS_TOKEN',
    default: '',
    zh: '密钥管理服务（Vault 或 OpenBao 的 transit 接口）的地址；不设置则主密钥由环境变量或文件给出',
    en: 'a key management service (transit of Vault or OpenBao); not set = masters come from environment or file',
    read: secretAddress,
  },
  {
    name: 'STRATA_KMS_KEY',
    allowed: 'a name of letters, digits, - and _',
    default: 'strata',
    zh: '该服务中所用密钥的名称',
    en: "the name of the service's key",
    read: z.string().regex(/^[\w-]{1,80}$/),
  },
  {
    name: 'STRATA_KMS_TOKEN',
    allowed: 'what the service gave',
    default: '',
    zh: '访问该服务的令牌',
    en: 'the token by which the service knows this installation',
    read: z.string().regex(/^[\x21-\x7e]{1,4096}$/),
  },
] as const

type Name = (typeof keySettings)[number]['name']

/** The key service, from the settings. Refuses config_invalid where one stands without the other. */
export function kmsAddress(read: (name: Name) => unknown): KmsConfig | undefined {
  const url = read('STRATA_KMS_URL') as string | undefined
  const token = read('STRATA_KMS_TOKEN') as string | undefined
  if (!url && !token) return undefined
  if (!url || !token) {
    const name = url ? 'STRATA_KMS_TOKEN' : 'STRATA_KMS_URL'
    refuse('config_invalid', { name, value: '', expected: 'a value, as the other STRATA_KMS_ setting is given' })
  }
  return { url, token, key: String(read('STRATA_KMS_KEY')) }
}
