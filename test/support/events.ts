/** Follows events as a browser does. */
import { expect } from 'vitest'
import type { Person } from './api.ts'

export interface Listener {
  /** Names of the files that were spoken of, in order. */
  files(): string[]
  /** What was said of one file, in order. */
  payloads(file: string): Record<string, unknown>[]
  ids(): string[]
  leave(): void
}

export async function listen(address: string, person: Person, lastEventId?: string): Promise<Listener> {
  const leaving = new AbortController()
  const headers = { cookie: person.cookie, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) }
  const reply = await fetch(`${address}/api/events`, { headers, signal: leaving.signal })
  expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  let text = ''
  const read = async () => {
    const decoder = new TextDecoder()
    for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>)
      text += decoder.decode(chunk, { stream: true })
  }
  read().catch(() => undefined)
  const messages = () => [...text.matchAll(/^data: (.*)$/gm)].map((found) => JSON.parse(found[1] ?? ''))
  return {
    payloads: (file) => messages().flatMap((message) => (message.payload.file === file ? [message.payload] : [])),
    files: () => messages().map((message) => message.payload.file as string),
    ids: () => messages().map((message) => message.id as string),
    leave: () => leaving.abort(),
  }
}
