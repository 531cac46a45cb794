/** What happens right now, and whether the program is well. */
import { z } from 'zod'
import { instant } from './common.ts'
import { endpoint } from './endpoint.ts'

/** One thing that happened. `id` rises; give the last one back as Last-Event-ID to miss nothing. */
export const eventMessage = z.discriminatedUnion('topic', [
  z.object({
    id: z.string(),
    at: instant,
    topic: z.literal('load'),
    payload: z.object({
      state: z.enum(['queued', 'running', 'loaded', 'alreadyLoaded', 'refused', 'failed']),
      feed: z.string().optional(),
      file: z.string(),
      step: z.string().optional(),
      done: z.number().optional(),
      total: z.number().optional(),
      loadId: z.int().optional(),
      rowsRead: z.int().optional(),
      rowsAccepted: z.int().optional(),
      rowsQuarantined: z.int().optional(),
    }),
  }),
  z.object({
    id: z.string(),
    at: instant,
    topic: z.literal('night'),
    payload: z.object({
      state: z.enum(['queued', 'running', 'published', 'failed']),
      nightId: z.int().optional(),
      day: z.string(),
      step: z.string().optional(),
      done: z.number().optional(),
      total: z.number().optional(),
    }),
  }),
  z.object({
    id: z.string(),
    at: instant,
    topic: z.literal('proposals'),
    payload: z.object({ decided: z.int() }),
  }),
  z.object({
    id: z.string(),
    at: instant,
    topic: z.literal('approvals'),
    payload: z.object({ state: z.enum(['proposed', 'approved', 'returned', 'withdrawn', 'expired']) }),
  }),
  z.object({
    id: z.string(),
    at: instant,
    topic: z.literal('accessRequests'),
    payload: z.object({ state: z.enum(['asked', 'decided', 'ended']) }),
  }),
  z.object({
    id: z.string(),
    at: instant,
    topic: z.literal('paperRequests'),
    payload: z.object({ state: z.enum(['asked', 'decided', 'ended']) }),
  }),
  z.object({
    id: z.string(),
    at: instant,
    topic: z.literal('securityAlert'),
    payload: z.object({ id: z.int(), kind: z.string() }),
  }),
  // Told to the person's own browsers only: sessions of theirs ended
  z.object({
    id: z.string(),
    at: instant,
    topic: z.literal('session'),
    payload: z.object({ loginId: z.int() }),
  }),
])
export type EventMessage = z.output<typeof eventMessage>

export const followEvents = endpoint({
  name: 'followEvents',
  tag: 'system',
  method: 'GET',
  path: '/api/events',
  label: { zh: '实时事件', en: 'Events as they happen' },
  permission: 'signedIn',
  output: eventMessage,
  answers: 'events',
})

export const readHealth = endpoint({
  name: 'readHealth',
  tag: 'system',
  method: 'GET',
  path: '/api/health',
  label: { zh: '健康检查', en: 'Health' },
  permission: 'public',
  output: z.object({
    status: z.enum(['ok', 'failing']),
    database: z.boolean(),
    version: z.string(),
    uptimeSeconds: z.int(),
  }),
})
