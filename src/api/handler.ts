/** What a handler is: checked input and a scope in, the contract's output out. It holds no rule of its own. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Session } from '../access/session.ts'
import type { Checked, Endpoint, Output } from '../contract/endpoint.ts'
import type { Contract, EndpointName } from '../contract/index.ts'
import type { Scope } from '../db/database.ts'
import type { RecordState } from '../desk/nights/current.ts'
import type { Site } from './site.ts'

export interface Ask<E extends Endpoint> extends Checked<E> {
  site: Site
  scope: Scope
  /** Address of the caller, for audit entries. */
  address: string
  request: FastifyRequest
  reply: FastifyReply
  /** Who asks; a bug when the endpoint is public. */
  session: Session
  /** What the record was like when the session was found; a bug for anything but a read of somebody signed in. */
  state: RecordState
}

/**
 * What a handler returns that has answered through the reply: a file, events, "not modified". Never the reply itself,
 * which is thenable: awaiting it would wait for the last byte, and hold a transaction open until then.
 */
export const sent = Symbol('sent')

/** Answers JSON by value. */
export type Handler<E extends Endpoint> = (ask: Ask<E>) => Promise<Output<E> | typeof sent>

export type Handlers = { [Name in EndpointName]: Handler<Contract[Name]> }

/** Handlers of one noun. */
export type Some<Names extends EndpointName> = Pick<Handlers, Names>
