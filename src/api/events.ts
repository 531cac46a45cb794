/**
 * Events to browsers: one LISTEN connection per server, one row read per event, sent as server-sent events to every
 * session that may know of it. A browser that was away gives Last-Event-ID and is told what it missed.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import pg from 'pg'
import { mayDo, type Session } from '../access/session.ts'
import type { Permission } from '../contract/permission.ts'
import { type EventMessage, eventMessage } from '../contract/system.ts'
import { type Database, everything } from '../db/database.ts'

const heartbeatMs = 20_000
const streamsMax = 1000
const streamsPerLoginMax = 12
const missedMax = 500
const reconnectMs = 1000
const sentKept = 5000

/** Null: everybody; such an event says only that something changed. */
const permissionOf: Record<Exclude<EventMessage['topic'], 'session'>, Permission | null> = {
  accessRequests: 'access.grant',
  approvals: null,
  load: 'loads.read',
  night: 'nights.read',
  paperRequests: 'papers.open',
  proposals: 'proposals.read',
  securityAlert: 'securityAlerts.read',
}

interface Stream {
  session: Session
  reply: FastifyReply
  /** While what was missed is read, what happens meanwhile waits here; null when the stream is in step. */
  waiting: EventMessage[] | null
  /** Ids that were read for it and must not come again. */
  told?: Set<string>
}

export class EventHub {
  readonly #db: Database
  readonly #url: string
  readonly #streams = new Set<Stream>()
  readonly #beat: NodeJS.Timeout
  #client: pg.Client | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false
  /** The newest event that was sent; the next notification reads on from here, so that none is missed or doubled. */
  #last = 0n
  #reading: Promise<void> = Promise.resolve()
  /** The latest that were sent: a notification whose event was read along with an earlier one says nothing new. */
  readonly #sent = new Set<bigint>()
  /** Still signed in? Asked at each heartbeat. */
  readonly #holds: (session: Session, request: FastifyRequest) => Promise<boolean>

  constructor(db: Database, directUrl: string, holds: (session: Session, request: FastifyRequest) => Promise<boolean>) {
    this.#db = db
    this.#url = directUrl
    this.#holds = holds
    this.#beat = setInterval(() => void this.#heartbeat(), heartbeatMs)
    this.#beat.unref()
  }

  /** Starts to listen. Throws when the database cannot be reached the first time; later it tries again by itself. */
  async open(): Promise<void> {
    const { rows } = await this.#db.withScope(everything, (trx) =>
      sql<{ last: bigint | null }>`select max(id) as last from event`.execute(trx),
    )
    this.#last = rows[0]?.last ?? 0n
    await this.#listen()
  }

  get streams(): number {
    return this.#streams.size
  }

  /** Takes over the reply and keeps it open. False when there are too many streams already. */
  async follow(session: Session, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const own = [...this.#streams].filter((stream) => stream.session.loginId === session.loginId).length
    if (this.#streams.size >= streamsMax || own >= streamsPerLoginMax) return false
    const headers = reply.getHeaders()
    reply.hijack()
    reply.raw.writeHead(200, {
      ...(headers as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    reply.raw.write('retry: 2000\n\n')
    const stream: Stream = { session, reply, waiting: [] }
    this.#streams.add(stream)
    reply.raw.on('close', () => this.#streams.delete(stream))
    reply.raw.on('error', () => this.#streams.delete(stream))
    await this.#catchUp(stream, request.headers['last-event-id'])
    return true
  }

  /** What the browser missed, then what came while that was read, each once. */
  async #catchUp(stream: Stream, lastEventId: unknown): Promise<void> {
    const known = typeof lastEventId === 'string' && /^\d{1,18}$/.test(lastEventId) ? BigInt(lastEventId) : null
    const missed = known === null ? [] : await this.#read(known, []).catch(() => [])
    const told = new Set(missed.map(({ id }) => String(id)))
    for (const { message } of missed) if (message) write(stream, message)
    for (const message of stream.waiting ?? []) if (!told.has(message.id)) write(stream, message)
    stream.waiting = null
    // A notification can still be on its way for what was just read.
    stream.told = told
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#beat)
    clearTimeout(this.#retry)
    for (const stream of this.#streams) stream.reply.raw.end()
    this.#streams.clear()
    await this.#client?.end().catch(() => undefined)
    await this.#reading.catch(() => undefined)
  }

  async #listen(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url })
    const again = () => {
      if (this.#closed || this.#client !== client) return
      this.#client = undefined
      this.#retry = setTimeout(() => void this.#listen().catch(again), reconnectMs)
      this.#retry.unref()
    }
    this.#client = client
    client.on('error', again)
    client.on('end', again)
    client.on('notification', ({ payload }) => this.#readOn(payload))
    try {
      await client.connect()
      await client.query('listen strata_event')
    } catch (error) {
      await client.end().catch(() => undefined)
      this.#client = client
      throw error
    }
    this.#readOn()
  }

  // One reading at a time. An event that was begun earlier can be committed later: its number is then below the last
  // one sent, so the number of the notification is read too.
  #readOn(told?: string): void {
    this.#reading = this.#reading
      .then(async () => {
        if (told !== undefined && this.#sent.has(BigInt(told))) return
        const late = told !== undefined && BigInt(told) <= this.#last ? [told] : []
        for (const { id, message } of await this.#read(this.#last, late)) {
          if (id > this.#last) this.#last = id
          this.#remember(id)
          if (!message) continue
          for (const stream of this.#streams) send(stream, message)
          if (message.topic === 'session') await this.#endGone(message.payload.loginId)
        }
      })
      .catch(() => undefined)
  }

  #remember(id: bigint): void {
    this.#sent.add(id)
    if (this.#sent.size <= sentKept) return
    for (const oldest of this.#sent) {
      this.#sent.delete(oldest)
      return
    }
  }

  async #read(after: bigint, also: string[]): Promise<{ id: bigint; message: EventMessage | null }[]> {
    const { rows } = await this.#db.withScope(everything, (trx) =>
      sql<{ id: bigint; at: Date; topic: string; payload: unknown }>`select id, at, topic, payload from event
        where id > ${String(after)}::bigint or id = any(${also}::bigint[])
        order by id limit ${missedMax}`.execute(trx),
    )
    return rows.map(({ id, at, topic, payload }) => {
      const message = eventMessage.safeParse({ id: String(id), at: at.toISOString(), topic, payload })
      return { id, message: message.success ? message.data : null }
    })
  }

  async #heartbeat(): Promise<void> {
    for (const stream of [...this.#streams]) {
      if (await this.#isThere(stream)) stream.reply.raw.write(': still here\n\n')
      else stream.reply.raw.end()
    }
  }

  /** A session that was ended hears nothing more. */
  async #endGone(loginId: number): Promise<void> {
    for (const stream of [...this.#streams]) {
      if (stream.session.loginId === loginId && !(await this.#isThere(stream))) stream.reply.raw.end()
    }
  }

  #isThere({ session, reply }: Stream): Promise<boolean> {
    return this.#holds(session, reply.request).catch(() => true)
  }
}

function send(stream: Stream, message: EventMessage): void {
  if (stream.waiting) stream.waiting.push(message)
  else if (!stream.told?.delete(message.id)) write(stream, message)
}

function mayKnow(session: Session, message: EventMessage): boolean {
  if (message.topic === 'session') return message.payload.loginId === session.loginId
  const needed = permissionOf[message.topic]
  return needed === null || mayDo(session, needed)
}

function write(stream: Stream, message: EventMessage): void {
  if (!mayKnow(stream.session, message)) return
  stream.reply.raw.write(`id: ${message.id}\nevent: ${message.topic}\ndata: ${JSON.stringify(message)}\n\n`)
}
