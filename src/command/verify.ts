/** `strata verify`: checks an audit file on any machine, without server, database or secret. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Head } from '../access/audit-chain.ts'
import { signedHead } from '../access/audit-file.ts'
import { type AuditFault, type AuditVerdict, verifyAudit } from '../access/audit-verify.ts'
import { put, putJson, say, text } from './print.ts'

export interface VerifyChoices {
  /** A file with a head that was kept elsewhere. */
  head?: string
  /** A file with the public key, kept elsewhere. */
  key?: string
  json?: boolean
}

/** 0: nothing was changed; 1: something was; 2: this is no audit file, head or key. */
export type VerifyCode = 0 | 1 | 2

/** Checks the file and says what it found. */
export async function verify(file: string, choices: VerifyChoices): Promise<VerifyCode> {
  const head = choices.head === undefined ? undefined : headIn(choices.head)
  const publicKey = choices.key === undefined ? undefined : keyIn(choices.key)
  if (head === null) return unusable(choices.head, text('holds no signed head', '不含已签名的链头'))
  if (publicKey === null)
    return unusable(choices.key, text('holds no Ed25519 public key in PEM', '不含 Ed25519 公钥（PEM）'))
  if (!existsSync(file)) return unusable(file, text('does not exist', '不存在'))
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  const verdict = await verifyAudit(lines, { ...(head && { head }), ...(publicKey && { publicKey }) })
  if (!verdict) return unusable(file, text('is no audit file', '不是审计文件'))
  if (choices.json) putJson(verdict)
  else tell(verdict)
  if (head && !verdict.headCompared) {
    say(text('The head lies before the first entry of this file: not compared', '链头早于文件的第一条记录，未作比较'))
  }
  return verdict.holds ? 0 : 1
}

function tell(verdict: AuditVerdict): void {
  const { firstSeq, lastSeq, entries, unsealed, head, keyIds } = verdict
  put(
    text(
      `entries ${firstSeq} to ${lastSeq}: ${entries} sealed, ${unsealed} not yet sealed`,
      `第 ${firstSeq} 至 ${lastSeq} 条：已封存 ${entries} 条，待封存 ${unsealed} 条`,
    ),
  )
  if (head)
    put(
      text(
        `signed head: ${head.seq}, ${head.sealedAt}, ${head.hash}`,
        `链头签名：第 ${head.seq} 条，${head.sealedAt}，${head.hash}`,
      ),
    )
  put(text(`key: ${keyIds.join(', ') || 'none'}`, `密钥：${keyIds.join('，') || '无'}`))
  for (const { fault, line, seq, detail } of verdict.findings) {
    const place = [
      line === null ? '' : text(`line ${line}`, `第 ${line} 行`),
      seq === null ? '' : text(`entry ${seq}`, `第 ${seq} 条`),
    ]
    put(`! ${place.filter(Boolean).join(text(', ', '，'))}: ${text(faults[fault].en, faults[fault].zh)} (${detail})`)
  }
  if (verdict.more > 0) put(text(`! and ${verdict.more} more`, `! 另有 ${verdict.more} 处`))
  put(verdict.holds ? text('nothing was changed', '未发现改动') : text('the file does not hold', '核验未通过'))
  if (!verdict.keyGiven) {
    say(
      text(
        'The key was taken from the file itself. Give one that was kept elsewhere: --key PUBLIC.pem',
        '公钥取自文件本身。请用另行保存的公钥核验：--key PUBLIC.pem',
      ),
    )
  }
}

const faults: Record<AuditFault, { zh: string; en: string }> = {
  changed: { zh: '内容被改动', en: 'its content was changed' },
  missing: { zh: '缺少记录', en: 'entries are missing' },
  misplaced: { zh: '位置不对：重复或被移动', en: 'in the wrong place: repeated or moved' },
  unlinked: { zh: '起点不对', en: 'the chain does not begin where it must' },
  unreadable: { zh: '不是审计文件的一行', en: 'no line of an audit file' },
  headDiffers: { zh: '与已签名的链头不符', en: 'differs from the signed head' },
  badSignature: { zh: '签名无效', en: 'the signature does not hold' },
  unknownKey: { zh: '由别的密钥签名', en: 'signed with another key' },
  unsigned: { zh: '没有签名覆盖', en: 'no signed head covers these' },
  cut: { zh: '结尾被截去', en: 'the end was cut off' },
  leftOut: { zh: '早于链头却不在链中', en: 'older than the head, yet outside the chain' },
}

function headIn(path: string): Head | null {
  try {
    return signedHead.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

function keyIn(path: string): KeyObject | null {
  try {
    const key = createPublicKey(readFileSync(path, 'utf8'))
    return key.asymmetricKeyType === 'ed25519' ? key : null
  } catch {
    return null
  }
}

function unusable(path: string | undefined, why: string): 2 {
  say(`strata: ${path} ${why}`)
  return 2
}
