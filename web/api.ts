/**
 * The one way from the page to the server: an endpoint of the contract, asked. Answers are typed by the contract;
 * refusals come as `Problem` in both languages and are thrown as `Refusal`.
 */
import { keepPreviousData, QueryClient, queryOptions, type UseQueryOptions } from '@tanstack/react-query'
import type { Problem } from '../src/contract/common.ts'
import type { Endpoint, Input, Output } from '../src/contract/endpoint.ts'
import { firstAnswer } from './first-answer.ts'

/** A refusal of the server, or the lack of one (`status` 0: it did not answer). */
export class Refusal extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detailEn)
    this.name = 'Refusal'
    this.problem = problem
  }
}

export type Asked<E extends Endpoint> = Partial<Input<E>>

/** What the page in sight does about two refusals, whoever asked. */
interface Guard {
  /** Asks the person to prove who it is; true when they did. */
  prove?: () => Promise<boolean>
  /** The session is over, or a step of signing in is to be taken. */
  ended?: () => void
}
const guard: Guard = {}
let proving: Promise<boolean> | undefined

/** Sets what happens on `reentry_needed` or when the session is over; returns what takes it back. */
export function guardWith(wanted: Guard): () => void {
  Object.assign(guard, wanted)
  return () => {
    for (const name of Object.keys(wanted) as (keyof Guard)[]) if (guard[name] === wanted[name]) delete guard[name]
  }
}

/**
 * Asks an endpoint. Where it wants the person to prove who it is, they are asked and the act is tried once more. Throws
 * `Refusal`.
 */
export async function ask<E extends Endpoint>(
  endpoint: E,
  input: Asked<E> = {},
  signal?: AbortSignal,
): Promise<Output<E>> {
  return proved(() => askOnce(endpoint, input, signal))
}

async function proved<Answer>(act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act()
  } catch (failure) {
    const code = failure instanceof Refusal ? failure.problem.code : undefined
    if (code === 'not_signed_in' || code === 'sign_in_unfinished') guard.ended?.()
    if (code !== 'reentry_needed' || !guard.prove) throw failure
    proving ??= guard.prove().finally(() => {
      proving = undefined
    })
    if (!(await proving)) throw failure
    return act()
  }
}

async function askOnce<E extends Endpoint>(
  endpoint: E,
  input: Asked<E>,
  signal: AbortSignal | undefined,
): Promise<Output<E>> {
  const body = input.body
  const init: RequestInit = { method: endpoint.method, headers: { accept: 'application/json' }, signal: signal ?? null }
  if (body instanceof Blob || body instanceof FormData) init.body = body
  else if (endpoint.method === 'POST') {
    init.body = JSON.stringify(body ?? {})
    init.headers = { accept: 'application/json', 'content-type': 'application/json' }
  }
  const address = addressOf(endpoint, input)
  const asked = (endpoint.method === 'GET' && firstAnswer(address)) || fetch(address, init)
  const answer = await asked.catch((failure: unknown) => {
    if (signal?.aborted) throw failure
    throw new Refusal(unreachable)
  })
  if (!answer.ok) throw new Refusal(await problemOf(answer))
  return (await answer.json()) as Output<E>
}

/** The address of an endpoint with its parameters; also for links that download. */
export function addressOf<E extends Endpoint>(endpoint: E, input: Asked<E> = {}): string {
  const params = (input.params ?? {}) as Record<string, unknown>
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries((input.query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

/** Sends a file to an endpoint that takes one, reporting the part sent (0 to 1). */
export function sendFile<E extends Endpoint>(
  endpoint: E,
  input: Asked<E>,
  file: File,
  onPart: (part: number) => void,
): Promise<Output<E>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(endpoint.method, addressOf(endpoint, input))
    request.setRequestHeader('accept', 'application/json')
    request.upload.onprogress = (event) => event.lengthComputable && onPart(event.loaded / event.total)
    request.onerror = () => reject(new Refusal(unreachable))
    request.onload = () => {
      const answer = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(answer as Output<E>)
      else reject(new Refusal(asProblem(answer, request.status)))
    }
    // The bytes alone, not a form: a line that drops after the last of them loses nothing.
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.send(file)
  })
}

/** Asks an endpoint that answers with a file, as `ask` does, and hands it to the browser to keep under that name. */
export function download<E extends Endpoint>(endpoint: E, input: Asked<E>, name: string): Promise<void> {
  return proved(() => downloadOnce(endpoint, input, name))
}

async function downloadOnce<E extends Endpoint>(endpoint: E, input: Asked<E>, name: string): Promise<void> {
  const answer = await fetch(addressOf(endpoint, input), {
    method: endpoint.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input.body ?? {}),
  }).catch(() => undefined)
  if (!answer) throw new Refusal(unreachable)
  if (!answer.ok) throw new Refusal(await problemOf(answer))
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** What react-query needs to read an endpoint; the key is the address, so every page shares the answer. */
export function reading<E extends Endpoint>(endpoint: E, input: Asked<E> = {}) {
  return queryOptions({
    queryKey: [endpoint.name, addressOf(endpoint, input)],
    queryFn: ({ signal }) => ask(endpoint, input, signal),
  } satisfies UseQueryOptions<Output<E>>)
}

/** As `reading`, but the answer before stays in sight while the next one comes. */
export function readingOn<E extends Endpoint>(endpoint: E, input: Asked<E> = {}) {
  return { ...reading(endpoint, input), placeholderData: keepPreviousData }
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Without a line a page says so and offers to try again, rather than to wait in silence
      networkMode: 'always',
      refetchOnWindowFocus: false,
      // Only what did not reach the server is asked again; a refusal stays one
      retry: (count, failure) => count < 2 && failure instanceof Refusal && failure.problem.status === 0,
    },
  },
})

/** The problem behind any failure; a fault of the page itself counts as one too. */
export function problemFrom(failure: unknown): Problem {
  if (failure instanceof Refusal) return failure.problem
  const detail = failure instanceof Error ? failure.message : String(failure)
  return {
    ...unreachable,
    status: 500,
    code: 'page_failed',
    title: '页面出错',
    titleEn: 'The page failed',
    detail,
    detailEn: detail,
  }
}

const unreachable: Problem = {
  type: 'about:blank',
  title: '连接不到服务器',
  titleEn: 'The server cannot be reached',
  status: 0,
  code: 'unreachable',
  detail: '请检查网络，然后重试。',
  detailEn: 'Check the network, then try again.',
  params: {},
}

async function problemOf(answer: Response): Promise<Problem> {
  return asProblem(parsed(await answer.text()), answer.status)
}

function asProblem(answer: unknown, status: number): Problem {
  if (answer && typeof answer === 'object' && 'code' in answer) return answer as Problem
  return {
    ...unreachable,
    status: status || 500,
    code: 'unexpected_answer',
    title: `服务器返回 ${status}`,
    titleEn: `The server answered ${status}`,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
