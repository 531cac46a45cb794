/** Every endpoint. The server registers exactly these; the OpenAPI page lists exactly these. */
import {
  countCustomers,
  exportCustomers,
  listCustomers,
  readCustomer,
  readHistory,
  readHousehold,
} from './customers.ts'
import {
  blindCheck,
  decideAccessRequest,
  endAccess,
  findElsewhere,
  listAccessRequests,
  requestAccess,
  revealField,
} from './elsewhere.ts'
import type { Endpoint } from './endpoint.ts'
import { createKey, listKeys, revokeKey } from './keys.ts'
import {
  dismissQuarantine,
  exportQuarantine,
  listFeeds,
  listLoads,
  listQuarantine,
  readLoad,
  uploadFeed,
} from './loads.ts'
import {
  decideWouldHaveBeen,
  listNights,
  listUnits,
  listWouldHaveBeen,
  readFlows,
  readNight,
  readPyramid,
  startNight,
} from './nights.ts'
import { currentPolicy, listPolicies, simulate } from './policies.ts'
import { decideProposals, listProposals } from './proposals.ts'
import { mendFirst, readQuality } from './quality.ts'
import { changePassword, demoSignIns, readSession, signIn, signOut } from './session.ts'
import { followEvents, readHealth } from './system.ts'
import { explainCustomer } from './why.ts'

export const contract = {
  signIn,
  readSession,
  signOut,
  changePassword,
  demoSignIns,
  listKeys,
  createKey,
  revokeKey,
  listCustomers,
  countCustomers,
  exportCustomers,
  readCustomer,
  explainCustomer,
  readHistory,
  readHousehold,
  findElsewhere,
  blindCheck,
  requestAccess,
  listAccessRequests,
  decideAccessRequest,
  endAccess,
  revealField,
  listUnits,
  listNights,
  readNight,
  startNight,
  readPyramid,
  readFlows,
  listWouldHaveBeen,
  decideWouldHaveBeen,
  listLoads,
  readLoad,
  listQuarantine,
  dismissQuarantine,
  exportQuarantine,
  listFeeds,
  uploadFeed,
  readQuality,
  mendFirst,
  listProposals,
  decideProposals,
  listPolicies,
  currentPolicy,
  simulate,
  followEvents,
  readHealth,
} as const satisfies Record<string, Endpoint>

export type Contract = typeof contract
export type EndpointName = keyof Contract
