/** The form that a paper comes in by: fields and one file, held in memory because it is sealed whole, and so limited. */
import type { FastifyRequest } from 'fastify'
import type { Checked } from '../contract/endpoint.ts'
import { paperBytesMax, takePaper } from '../contract/papers.ts'
import { refuse } from '../kit/refusal.ts'
import { chineseReason } from './problem.ts'

export interface PaperForm {
  form: Checked<typeof takePaper>['body']
  file: Buffer
}

const limit = `${paperBytesMax / 1_048_576} MiB`
/** What fields and boundaries of a form take beside its file. */
const fieldBytesMax = 65_536

/** Refuses body_too_large before reading when its length is announced and while reading otherwise, and input_invalid. */
export async function readPaperForm(request: FastifyRequest): Promise<PaperForm> {
  if (Number(request.headers['content-length'] ?? 0) > paperBytesMax + fieldBytesMax)
    refuse('body_too_large', { limit })
  if (!request.isMultipart()) {
    refuse('input_invalid', { field: 'body', reason: 'needs a multipart form', reasonZh: '应为 multipart 表单' })
  }
  const fields: Record<string, string> = {}
  let file: Buffer | undefined
  for await (const part of request.parts({ limits: { fileSize: paperBytesMax + 1 } })) {
    if (part.type === 'file') file = await bytesOf(part.file)
    else if (typeof part.value === 'string' && part.value !== '') fields[part.fieldname] = part.value
  }
  if (file === undefined || file.length === 0) {
    refuse('input_invalid', { field: 'file', reason: 'the form holds no file', reasonZh: '表单中没有文件' })
  }
  return { form: checked(fields), file }
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes > paperBytesMax) refuse('body_too_large', { limit })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function checked(fields: Record<string, string>): PaperForm['form'] {
  const found = takePaper.body.safeParse(fields)
  if (found.success) return found.data
  const [issue] = found.error.issues
  const { code, message = '', path = [], ...params } = issue ?? {}
  refuse('input_invalid', {
    field: path.join('.') || 'body',
    reason: message,
    ...chineseReason({ ...(code && { keyword: code }), params }),
  })
}
