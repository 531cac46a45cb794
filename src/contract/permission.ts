/** What a role can be granted. Roles themselves stand in access/roles.ts; their names are here because pages show them. */
import type { Label } from './endpoint.ts'

export const permissions = [
  /** Lists, pages, reasons and histories of customers and households. */
  'customers.read',
  'customers.export',
  /** Counts and sums without a person in them: pyramid, flows, organisation tree. */
  'pyramid.read',
  'nights.read',
  'nights.run',
  /** Accepting or declining what a corrected file would have changed. */
  'nights.decide',
  'loads.read',
  'loads.upload',
  /** Rows that were kept out, with masked values. */
  'quarantine.read',
  'quality.read',
  'proposals.read',
  'proposals.decide',
  'policies.read',
  'policies.simulate',
  /** A key that acts as oneself. */
  'keys.own',
  /** Seeing and revoking everybody's keys. */
  'keys.manage',
] as const

export type Permission = (typeof permissions)[number]

export const roleLabels = {
  relationshipManager: { zh: '客户经理', en: 'Relationship manager' },
  outletManager: { zh: '网点负责人', en: 'Outlet manager' },
  branchManager: { zh: '分行负责人', en: 'Branch manager' },
  teller: { zh: '柜员', en: 'Teller' },
  lobbyManager: { zh: '大堂经理', en: 'Lobby manager' },
  callCentreAgent: { zh: '客服坐席', en: 'Call centre' },
  analyst: { zh: '分析人员', en: 'Analyst' },
  riskOfficer: { zh: '风险管理', en: 'Risk officer' },
  complianceOfficer: { zh: '合规管理', en: 'Compliance officer' },
  dataSteward: { zh: '数据管理', en: 'Data steward' },
  administrator: { zh: '系统管理员', en: 'System administrator' },
  auditor: { zh: '审计', en: 'Auditor' },
} as const satisfies Record<string, Label>

export type Role = keyof typeof roleLabels
export const roles = Object.keys(roleLabels) as [Role, ...Role[]]
