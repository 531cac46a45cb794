/** A reply as a test of the suite got it, and the endpoint of the contract that gave it. */
import type { Endpoint } from '../../src/contract/endpoint.ts'
import { contract } from '../../src/contract/index.ts'

export interface Heard {
  method: string
  url: string
  status: number
  headers: object
  text: string
}

/** By the path without its query; undefined for what the contract does not name. */
export function endpointOf(method: string, path: string): Endpoint | undefined {
  return Object.values<Endpoint>(contract).find((one) => one.method === method && fits(one.path, path))
}

function fits(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  return wanted.length === given.length && wanted.every((part, at) => part.startsWith(':') || part === given[at])
}
