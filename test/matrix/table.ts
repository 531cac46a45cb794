/**
 * The permission matrix, written by hand: which roles an endpoint lets in, and which customers each role then sees.
 * test/permissions.test.ts knocks with every role; test/matrix.test.ts asks for a planted record in every cell.
 */
import type { ShippedRoleCode } from '../../src/access/roles.ts'
import type { EndpointName } from '../../src/contract/index.ts'

/** Letters of the columns, in this order. */
export const columns: [letter: string, role: ShippedRoleCode][] = [
  ['r', 'relationshipManager'],
  ['o', 'outletManager'],
  ['b', 'branchManager'],
  ['t', 'teller'],
  ['l', 'lobbyManager'],
  ['c', 'callCentreAgent'],
  ['a', 'analyst'],
  ['k', 'riskOfficer'],
  ['p', 'complianceOfficer'],
  ['d', 'dataSteward'],
  ['s', 'administrator'],
  ['u', 'auditor'],
  ['g', 'program'],
]

const everybody = 'robtlcakpdsug'

/** The roles that get through; '*' also nobody. */
export const allowed: Record<EndpointName, string> = {
  signIn: '*',
  readSession: everybody,
  signOut: everybody,
  changePassword: everybody,
  demoSignIns: '*',
  readHealth: '*',
  followEvents: everybody,
  currentPolicy: everybody,

  listKeys: '.ob...akpdsu.',
  createKey: '.ob...akpdsu.',
  revokeKey: '.ob...akpdsu.',

  listCustomers: 'robtlcakpd.ug',
  countCustomers: 'robtlcakpd.ug',
  readCustomer: 'robtlcakpd.ug',
  // Not for the lobby, which reads no amounts
  explainCustomer: 'robt.cakpd.ug',
  readHistory: 'robt.cakpd.ug',
  readHousehold: 'robtlcakpd.ug',
  exportCustomers: '.ob...ak....g',

  findElsewhere: 'robtlc.......',
  blindCheck: 'robtlc.......',
  requestAccess: 'robtlc.......',
  listAccessRequests: 'robtlc.......',
  endAccess: 'robtlc.......',
  decideAccessRequest: 'rob..........',
  revealField: 'rob..c..p....',

  listUnits: 'rob.l.akpdsug',
  readPyramid: 'rob.l.akpdsug',
  readFlows: 'rob.l.akpdsug',

  listNights: 'rob...akpdsug',
  readNight: 'rob...akpdsug',
  startNight: '.........ds..',
  listWouldHaveBeen: 'robtlcakpd.ug',
  decideWouldHaveBeen: '.......k.d...',

  listLoads: '.ob...akpdsug',
  readLoad: '.ob...akpdsug',
  listFeeds: '.ob...akpdsug',
  uploadFeed: '.........d..g',
  listQuarantine: '........pd.u.',
  exportQuarantine: '........pd.u.',
  dismissQuarantine: '.........d..g',
  readQuality: '.ob...akpdsug',
  mendFirst: '.ob...akpdsug',

  listProposals: 'rob...akp..u.',
  decideProposals: '..b....k.....',
  listPolicies: 'rob...akpdsug',
  simulate: '......ak.....',
}

/**
 * Whom a role with a post at the outlet sees: [o]wn, of the [s]ame outlet, of the same [b]ranch, of another branch [x],
 * behind a [w]all, [g]ranted, grant [e]xpired.
 */
export const sights: Record<string, string> = {
  r: 'o....g.',
  o: 'os...g.',
  b: 'os...g.',
  t: 'os...g.',
  l: 'os...g.',
  c: 'os...g.',
  a: 'os...g.',
  k: 'os..wg.',
  p: 'os..wg.',
  d: 'os...g.',
  s: '.......',
  u: 'os..wg.',
  g: 'os...g.',
}

/** Whom a role finds elsewhere by an exact number, and can ask for: others' customers, but nobody behind a wall. */
export const othersSights: Record<string, string> = {
  r: '.sbx..e',
  o: '..bx..e',
  b: '..bx..e',
  t: '..bx..e',
  l: '..bx..e',
  c: '..bx..e',
}

/** Whom a role can let others see: not those granted to oneself. */
export const grantSights: Record<string, string> = { r: 'o......', o: 'os.....', b: 'os.....' }
