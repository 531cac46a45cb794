/** Papers as a browser sends them: files of each kind that is taken, and the form around them. */
import type { Answer, Person } from './api.ts'

const bytes = (latin1: string) => Buffer.from(latin1, 'latin1')
let made = 0

/** Of every kind that is taken, each time another one: a picture's or a document's first bytes and a number. */
export const file = {
  jpeg: () => bytes(`\xff\xd8\xff\xe0 picture ${++made}`),
  png: () => bytes(`\x89PNG\r\n\x1a\n picture ${++made}`),
  webp: () => bytes(`RIFF\x24\x00\x00\x00WEBPVP8 picture ${++made}`),
  pdf: () => bytes(`%PDF-1.7 document ${++made}`),
}

/** Payload and headers of a multipart form, the file last. */
export function formOf(fields: Record<string, string>, content: Buffer | null, name = 'photo.jpg') {
  const boundary = 'paper-form-boundary'
  const head = Object.entries(fields).map(
    ([field, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  )
  const part = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: image/jpeg\r\n\r\n`
  const payload = Buffer.concat([
    Buffer.from(head.join('')),
    ...(content ? [Buffer.from(part), content, Buffer.from('\r\n')] : []),
    Buffer.from(`--${boundary}--\r\n`),
  ])
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}

export const usualPaper = { kind: 'identityDocument', purpose: 'accountOpening', basis: 'law' }

/** Takes a paper in. */
export function take(
  person: Person,
  customerNo: string,
  fields: Record<string, string> = {},
  content: Buffer | null = file.jpeg(),
): Promise<Answer> {
  const { payload, headers } = formOf({ ...usualPaper, ...fields }, content)
  return person.send('POST', `/api/customers/${customerNo}/papers`, payload, headers)
}
