/** What a handler is: checked input and a scope in, the contract's output out. It holds no rule of its own. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Session } from '../access/session.ts'
import type { Checked, Endpoint, Output } from '../contract/endpoint.ts'
import type { Contract, EndpointName } from '../contract/index.ts'
import type { Scope } from '../db/database.ts'
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
}

/** Answers JSON by value; files, events and "not modified" through the reply, which it then returns. */
export type Handler<E extends Endpoint> = (ask: Ask<E>) => Promise<Output<E> | FastifyReply>

export type Handlers = { [Name in EndpointName]: Handler<Contract[Name]> }

/** Handlers of one noun. */
export type Some<Names extends EndpointName> = Pick<Handlers, Names>
