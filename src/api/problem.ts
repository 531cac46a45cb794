/** Every "no" over HTTP: problem+json (RFC 9457) with its text in both languages, from the one table of refusals. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { zhCN } from 'zod/locales'
import type { Problem } from '../contract/common.ts'
import { type RefusalCode, type RefusalParams, Refused, refusals, refusalText } from '../kit/refusal.ts'

/** The problem of a refusal. */
export function problemOf(code: RefusalCode, params: RefusalParams = {}): Problem {
  return {
    type: `/api/docs#problem-${code.replaceAll('_', '-')}`,
    title: titles[refusals[code].status].zh,
    titleEn: titles[refusals[code].status].en,
    status: refusals[code].status,
    code,
    detail: refusalText(code, params, 'zh'),
    detailEn: refusalText(code, params, 'en'),
    params: Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
    ),
  }
}

/** Sends it. A refusal is never cached. */
export function sendProblem(reply: FastifyReply, code: RefusalCode, params: RefusalParams = {}): FastifyReply {
  const problem = problemOf(code, params)
  if (code === 'sign_in_throttled' && params.seconds !== undefined) reply.header('retry-after', String(params.seconds))
  if (code === 'not_signed_in' || code === 'key_expired') reply.header('www-authenticate', 'Bearer')
  return reply
    .status(problem.status)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/problem+json; charset=utf-8')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem)
}

/** What Fastify, a plugin or a handler threw, as a refusal; undefined for a bug. */
export function refusalOf(error: unknown): { code: RefusalCode; params: RefusalParams } | undefined {
  if (error instanceof Refused) return { code: error.code, params: error.params }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const first = error.validation[0]
    const field = first?.instancePath.replaceAll('/', '.').replace(/^\./, '') || (error.validationContext ?? 'body')
    return {
      code: 'input_invalid',
      params: { field, reason: first?.message ?? error.message, ...chineseReason(first) },
    }
  }
  const { statusCode, code, message } = error as Partial<FastifyError>
  if (statusCode === 413) return { code: 'body_too_large', params: { limit: '1 MiB' } }
  if (statusCode === 429) return { code: 'too_many_requests', params: {} }
  if (statusCode === 415) return { code: 'input_invalid', params: { field: 'content-type', reason: message ?? '' } }
  // Malformed JSON, an empty body, a broken multipart form.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { code: 'input_invalid', params: { field: 'body', reason: message ?? code ?? '' } }
  }
  return undefined
}

const chinese = zhCN().localeError
const typesZh: Record<string, string> = {
  string: '文本',
  number: '数字',
  int: '整数',
  boolean: '布尔值',
  array: '数组',
  object: '对象',
}

// Zod words an issue in English when it finds it; in Chinese it can do so afterwards, but for the type that came.
export function chineseReason(issue: { keyword?: string; params?: Record<string, unknown> } | undefined): {
  reasonZh?: string
} {
  if (!issue?.keyword) return {}
  const { params = {} } = issue
  const { zh } = (params.params ?? {}) as { zh?: string }
  if (zh !== undefined) return { reasonZh: zh }
  if (issue.keyword === 'invalid_type')
    return { reasonZh: `应为${typesZh[String(params.expected)] ?? `类型 ${String(params.expected)}`}` }
  const said = chinese({ code: issue.keyword, ...params } as Parameters<typeof chinese>[0])
  const reasonZh = typeof said === 'string' ? said : said?.message
  return reasonZh === undefined ? {} : { reasonZh }
}

/** The last resort: says that it failed, and nothing about how. */
export function failed(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.log.error({ err: error }, 'failed')
  return sendProblem(reply, 'internal_failure', { id: request.id })
}

const titles: Record<(typeof refusals)[RefusalCode]['status'] | 500 | 410 | 415 | 423, { zh: string; en: string }> = {
  400: { zh: '请求有误', en: 'Bad request' },
  401: { zh: '未登录', en: 'Not signed in' },
  403: { zh: '不允许', en: 'Not allowed' },
  404: { zh: '没有找到', en: 'Not found' },
  409: { zh: '状态冲突', en: 'Conflict' },
  410: { zh: '已不存在', en: 'Gone' },
  413: { zh: '内容过大', en: 'Too large' },
  415: { zh: '格式不支持', en: 'Format not supported' },
  422: { zh: '不能处理', en: 'Cannot be processed' },
  423: { zh: '已锁定', en: 'Locked' },
  429: { zh: '请求过多', en: 'Too many requests' },
  500: { zh: '系统故障', en: 'Failure' },
  503: { zh: '暂时不可用', en: 'Not available now' },
}
