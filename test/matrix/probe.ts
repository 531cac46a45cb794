/** What a probe is: how an endpoint is asked for a planted record. */

import { contract, type EndpointName } from '../../src/contract/index.ts'
import type { Answer, Person } from '../support/api.ts'
import { type MatrixBank, type Relation, relationLetters, relations } from './bank.ts'
import { sights } from './table.ts'

export interface Asking {
  bank: MatrixBank
  /** The role's letter in the table. */
  letter: string
  person: Person
  /** Notes each answer for the test. */
  get(url: string): Promise<Answer>
  send(method: 'POST' | 'DELETE', url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** Where the person's post is: what speaks of the whole bank wants the top. */
export type Probe =
  | { about: 'customers'; sights: Record<string, string>; seen(asking: Asking): Promise<Relation[]> }
  | { about: 'record'; at: 'outlet' | 'top'; found(asking: Asking): Promise<boolean> }

export const record = (found: (asking: Asking) => Promise<boolean>, at: 'outlet' | 'top' = 'outlet'): Probe => ({
  about: 'record',
  at,
  found,
})

export const customers = (seen: (asking: Asking) => Promise<Relation[]>, of = sights): Probe => ({
  about: 'customers',
  sights: of,
  seen,
})

/** Those for whom the request answers with the record. */
export async function each(ask: (relation: Relation) => Promise<boolean>): Promise<Relation[]> {
  const seen: Relation[] = []
  for (const relation of relationLetters) if (await ask(relation)) seen.push(relation)
  return seen
}

export const pageOf = (name: EndpointName, relation: Relation) =>
  contract[name].path.replace(':no', relations[relation].customerNo)
