/**
 * An endpoint is one value: where it is, what it takes and answers, who may call it and how it may refuse. The server
 * registers and validates with it, the web calls through it, and the OpenAPI page is derived from it.
 */
import { z } from 'zod'
import type { RefusalCode } from '../kit/refusal.ts'
import type { Permission } from './permission.ts'

/** What a person reads, in both languages. */
export interface Label {
  zh: string
  en: string
}

/**
 * 'public' asks for no sign-in, 'entering' for one that may not be finished, 'signedIn' for any; else the permission, or
 * any one of several.
 */
export type Access = Permission | readonly Permission[] | Unnamed

type Unnamed = 'public' | 'entering' | 'signedIn'
const unnamed: ReadonlySet<unknown> = new Set<Unnamed>(['public', 'entering', 'signedIn'])

/** No permission is named. */
export const isUnnamed = (permission: Access): permission is Unnamed => unnamed.has(permission)

export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  /** Unique; also the operationId of OpenAPI. */
  name: string
  /** The noun it belongs to. */
  tag: string
  method: 'GET' | 'POST' | 'DELETE'
  /** From the root, with parameters as ':no'. */
  path: `/api/${string}`
  label: Label
  permission: Access
  params: Params
  query: Query
  body: Body
  output: Answer
  /** HTTP status of success. */
  status: 200 | 201 | 202 | 302
  /**
   * 'file': bytes with a content type of their own; 'events': server-sent events, each shaped like `output`;
   * 'redirect': a browser is sent elsewhere, with status 302.
   */
  answers: 'json' | 'file' | 'events' | 'redirect'
  /** 'file': the raw bytes of a file or a multipart form with one file; 'form': fields of a form. */
  takes: 'json' | 'file' | 'form'
  /** Beyond those that `refusalsOf` in api/openapi.ts adds to any endpoint. */
  refusals: readonly RefusalCode[]
}

/** No input of this kind. */
export const none = z.object({})

interface Asked<P, Q, B, O> {
  name: string
  tag: string
  method: Endpoint['method']
  path: Endpoint['path']
  label: Label
  permission: Access
  params?: P
  query?: Q
  body?: B
  output: O
  status?: Endpoint['status']
  answers?: Endpoint['answers']
  takes?: Endpoint['takes']
  refusals?: readonly RefusalCode[]
}

/** Fills in what is usual: no input, status 200, JSON both ways. */
export function endpoint<
  P extends z.ZodType = typeof none,
  Q extends z.ZodType = typeof none,
  B extends z.ZodType = typeof none,
  O extends z.ZodType = z.ZodType,
>(asked: Asked<P, Q, B, O>): Endpoint<P, Q, B, O> {
  return {
    status: 200,
    answers: 'json',
    takes: 'json',
    refusals: [],
    ...asked,
    params: (asked.params ?? none) as P,
    query: (asked.query ?? none) as Q,
    body: (asked.body ?? none) as B,
  }
}

/** What a caller gives: before defaults and coercion. */
export interface Input<E extends Endpoint> {
  params: z.input<E['params']>
  query: z.input<E['query']>
  body: z.input<E['body']>
}

/** What a handler gets: checked, with defaults. */
export interface Checked<E extends Endpoint> {
  params: z.output<E['params']>
  query: z.output<E['query']>
  body: z.output<E['body']>
}

export type Output<E extends Endpoint> = z.output<E['output']>

/** Whether no page of another site may ask it. A file that is fetched is counted, audited, and may spend an approval. */
export function leavesTraces({ method, answers }: Pick<Endpoint, 'method' | 'answers'>): boolean {
  return method !== 'GET' || answers === 'file'
}
