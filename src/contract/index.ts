/** Every endpoint. The server registers exactly these; the OpenAPI page lists exactly these. */
import { listPosts, listRoles, listWalls, proposePost, proposeRole, proposeWall, rehearseChange } from './access.ts'
import {
  createDelegation,
  decideApproval,
  endDelegation,
  listApprovals,
  listDelegations,
  readApproval,
  withdrawApproval,
} from './approvals.ts'
import { exportAudit, listAudit, readAuditEntry, readAuditState } from './audit.ts'
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
import { proposeExport } from './exports.ts'
import { editFacts, readFacts, restoreFact } from './facts.ts'
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
  proposeUnit,
  readFlows,
  readNight,
  readPyramid,
  startNight,
} from './nights.ts'
import { currentPolicy, draftPolicy, listPolicies, proposePolicy, simulate } from './policies.ts'
import { decideProposals, listProposals } from './proposals.ts'
import { mendFirst, readQuality } from './quality.ts'
import { changePassword, demoSignIns, readSession, signIn, signOut } from './session.ts'
import { explainAccess, exportPeople, listPeople, readPerson, reviewPerson } from './sight.ts'
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
  proposeExport,
  readCustomer,
  explainCustomer,
  readHistory,
  readHousehold,
  readFacts,
  editFacts,
  restoreFact,
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
  draftPolicy,
  proposePolicy,
  currentPolicy,
  simulate,
  listApprovals,
  readApproval,
  decideApproval,
  withdrawApproval,
  listDelegations,
  createDelegation,
  endDelegation,
  listRoles,
  proposeRole,
  listPosts,
  proposePost,
  listWalls,
  proposeWall,
  proposeUnit,
  rehearseChange,
  explainAccess,
  listPeople,
  readPerson,
  exportPeople,
  reviewPerson,
  listAudit,
  readAuditEntry,
  readAuditState,
  exportAudit,
  followEvents,
  readHealth,
} as const satisfies Record<string, Endpoint>

export type Contract = typeof contract
export type EndpointName = keyof Contract
