/**
 * The shipped roles: what each may do, and whose customers it sees. They are rows of the record, so that a bank edits
 * them or adds its own; the program writes them after each migration and leaves alone what a person has edited.
 */
import type pg from 'pg'
import type { Label } from '../contract/endpoint.ts'
import { type CustomerScope, type FieldRights, type Permission, permissions } from '../contract/permission.ts'
import { ownerTransaction } from '../db/database.ts'

interface ShippedRole {
  label: Label
  customers: CustomerScope
  permissions: readonly Permission[]
  /** What is read otherwise than usual. */
  fields?: Partial<FieldRights>
}

const looking: readonly Permission[] = ['customers.read', 'pyramid.read', 'nights.read', 'policies.read']
const data: readonly Permission[] = ['loads.read', 'quality.read']
const counter: readonly Permission[] = ['customers.find']
/** What everybody who meets customers keeps of it. */
const noting: readonly Permission[] = ['notes.read', 'notes.write', 'tags.use']
const papers: readonly Permission[] = ['papers.read', 'papers.open']

export const shippedRoles = {
  relationshipManager: {
    label: { zh: '客户经理', en: 'Relationship manager' },
    customers: 'book',
    permissions: [
      ...looking,
      ...counter,
      'customers.edit',
      'households.edit',
      'customers.reveal',
      'access.grant',
      'proposals.read',
      'valueStates.read',
      'valueStates.move',
      ...papers,
      'papers.take',
      'consents.record',
      ...noting,
    ],
  },
  outletManager: {
    label: { zh: '网点负责人', en: 'Outlet manager' },
    customers: 'subtree',
    permissions: [
      ...looking,
      ...data,
      ...counter,
      'customers.edit',
      'households.edit',
      'customers.export',
      'customers.reveal',
      'access.grant',
      'proposals.read',
      'valueStates.read',
      'valueStates.move',
      ...papers,
      'papers.take',
      'papers.release',
      'keys.own',
      'consents.record',
      ...noting,
      'notes.manage',
    ],
  },
  branchManager: {
    label: { zh: '分行负责人', en: 'Branch manager' },
    customers: 'subtree',
    permissions: [
      ...looking,
      ...data,
      ...counter,
      'households.edit',
      'customers.export',
      'customers.reveal',
      'access.grant',
      'proposals.read',
      'valueStates.read',
      'valueStates.move',
      ...papers,
      'papers.release',
      'proposals.decide',
      'exports.check',
      'keys.own',
      ...noting,
      'notes.manage',
    ],
  },
  teller: {
    label: { zh: '柜员', en: 'Teller' },
    customers: 'subtree',
    permissions: ['customers.read', ...counter, ...papers, 'papers.take', 'consents.record', ...noting],
  },
  lobbyManager: {
    label: { zh: '大堂经理', en: 'Lobby manager' },
    customers: 'subtree',
    permissions: ['customers.read', 'pyramid.read', ...counter, ...papers, 'papers.take', 'consents.record', ...noting],
    // Greets by tier; amounts are no business of the lobby
    fields: { money: 'hidden' },
  },
  callCentreAgent: {
    label: { zh: '客服坐席', en: 'Call centre agent' },
    customers: 'subtree',
    permissions: ['customers.read', ...counter, 'customers.reveal', 'consents.record', ...noting],
  },
  analyst: {
    label: { zh: '分析人员', en: 'Analyst' },
    customers: 'subtree',
    permissions: [
      ...looking,
      ...data,
      'customers.export',
      'proposals.read',
      'valueStates.read',
      'policies.simulate',
      'policies.manage',
      'keys.own',
    ],
  },
  riskOfficer: {
    label: { zh: '风险管理', en: 'Risk officer' },
    customers: 'subtree',
    permissions: [
      ...looking,
      ...data,
      'customers.export',
      'proposals.read',
      'valueStates.read',
      'proposals.decide',
      'nights.decide',
      'policies.simulate',
      'policies.check',
      'exports.check',
      'keys.own',
      'walls.cross',
      'notes.read',
    ],
  },
  complianceOfficer: {
    label: { zh: '合规管理', en: 'Compliance officer' },
    customers: 'subtree',
    permissions: [
      ...looking,
      ...data,
      'quarantine.read',
      'proposals.read',
      'valueStates.read',
      'papers.read',
      'papers.rule',
      'customers.reveal',
      'policies.check',
      'exports.check',
      'keys.own',
      'keys.manage',
      'audit.read',
      'programs.manage',
      'users.read',
      'securityAlerts.read',
      'securityAlerts.acknowledge',
      'walls.cross',
      'consents.record',
      'privacy.disclose',
      'privacy.erase',
      'privacy.read',
      'privacy.manage',
      'access.read',
      'access.check',
      'access.review',
      'units.check',
      'notes.read',
      'notes.manage',
    ],
  },
  dataSteward: {
    label: { zh: '数据管理', en: 'Data steward' },
    customers: 'subtree',
    permissions: [
      ...looking,
      ...data,
      'customers.edit',
      'loads.upload',
      'quarantine.read',
      'nights.run',
      'nights.decide',
      'keys.own',
      'programs.manage',
      ...noting,
      'tags.manage',
    ],
  },
  // Runs the machine and sees counts; no person, no row of one.
  administrator: {
    label: { zh: '系统管理员', en: 'System administrator' },
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
      'privacy.read',
      'access.read',
      'access.manage',
      'access.check',
      'units.manage',
      'units.check',
      'programs.manage',
      'users.read',
      'users.manage',
      'securityAlerts.read',
      'securityAlerts.acknowledge',
    ],
  },
  // Reads everything, changes nothing.
  auditor: {
    label: { zh: '审计', en: 'Auditor' },
    customers: 'subtree',
    permissions: [
      ...looking,
      ...data,
      'quarantine.read',
      'proposals.read',
      'papers.read',
      'valueStates.read',
      'keys.own',
      'audit.read',
      'users.read',
      'securityAlerts.read',
      'walls.cross',
      'access.read',
      'privacy.read',
      'notes.read',
    ],
  },
  // Another system of the bank: reads, and delivers files.
  program: {
    label: { zh: '系统接口', en: 'Program' },
    customers: 'subtree',
    permissions: [...looking, ...data, 'customers.export', 'loads.upload'],
  },
} as const satisfies Record<string, ShippedRole>

export type ShippedRoleCode = keyof typeof shippedRoles
export const shippedRoleCodes = Object.keys(shippedRoles) as ShippedRoleCode[]

/** Writes the shipped roles, but for those that a person has edited. Called after each migration. */
export async function shipRoles(owner: pg.Pool): Promise<void> {
  await ownerTransaction(owner, async (client) => {
    for (const [code, role] of Object.entries<ShippedRole>(shippedRoles)) {
      await client.query(
        `insert into role (code, name_zh, name_en, customers, permissions, fields, shipped)
           values ($1, $2, $3, $4, $5, $6, true)
         on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
           customers = excluded.customers, permissions = excluded.permissions,
           fields = excluded.fields, shipped = true
         where role.edited_at is null`,
        [code, role.label.zh, role.label.en, role.customers, role.permissions, JSON.stringify(role.fields ?? {})],
      )
    }
  })
}

/** The permissions of a stored role that this program knows; one of a newer version counts for nothing. */
export function knownPermissions(stored: readonly string[]): Permission[] {
  return permissions.filter((permission) => stored.includes(permission))
}
