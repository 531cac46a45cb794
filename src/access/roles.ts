/**
 * The shipped roles: what each may do, and whose customers it sees. A role is held at a unit; 'subtree' is that unit
 * and everything below, 'book' only customers assigned to oneself, 'none' no person at all.
 */
import type { Permission, Role } from '../contract/permission.ts'

export interface Grant {
  customers: 'none' | 'book' | 'subtree'
  permissions: readonly Permission[]
}

const looking: readonly Permission[] = ['customers.read', 'pyramid.read', 'nights.read', 'policies.read']
const data: readonly Permission[] = ['loads.read', 'quality.read']

export const grants: Record<Role, Grant> = {
  relationshipManager: { customers: 'book', permissions: [...looking, 'proposals.read'] },
  outletManager: {
    customers: 'subtree',
    permissions: [...looking, ...data, 'customers.export', 'proposals.read', 'keys.own'],
  },
  branchManager: {
    customers: 'subtree',
    permissions: [...looking, ...data, 'customers.export', 'proposals.read', 'proposals.decide', 'keys.own'],
  },
  teller: { customers: 'subtree', permissions: ['customers.read'] },
  lobbyManager: { customers: 'subtree', permissions: ['customers.read', 'pyramid.read'] },
  callCentreAgent: { customers: 'subtree', permissions: ['customers.read'] },
  analyst: {
    customers: 'subtree',
    permissions: [...looking, ...data, 'customers.export', 'proposals.read', 'policies.simulate', 'keys.own'],
  },
  riskOfficer: {
    customers: 'subtree',
    permissions: [
      ...looking,
      ...data,
      'customers.export',
      'proposals.read',
      'proposals.decide',
      'nights.decide',
      'policies.simulate',
      'keys.own',
    ],
  },
  complianceOfficer: {
    customers: 'subtree',
    permissions: [...looking, ...data, 'quarantine.read', 'proposals.read', 'keys.own', 'keys.manage'],
  },
  dataSteward: {
    customers: 'subtree',
    permissions: [...looking, ...data, 'loads.upload', 'quarantine.read', 'nights.run', 'nights.decide', 'keys.own'],
  },
  // Runs the machine and sees counts; no person, no row of one.
  administrator: {
    customers: 'none',
    permissions: [
      'pyramid.read',
      'nights.read',
      'nights.run',
      'loads.read',
      'quality.read',
      'policies.read',
      'keys.own',
      'keys.manage',
    ],
  },
  // Reads everything, changes nothing.
  auditor: {
    customers: 'subtree',
    permissions: [...looking, ...data, 'quarantine.read', 'proposals.read', 'keys.own'],
  },
}

/** Whether the role may do it. */
export function mayDo(role: Role, permission: Permission): boolean {
  return grants[role].permissions.includes(permission)
}
