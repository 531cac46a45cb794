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

/** The roles that at head office read every approval, whoever proposed it and whatever its kind. */
export const everyApproval = '........p..u.'

/** The roles that get through; '*' also nobody. */
export const allowed: Record<EndpointName, string> = {
  signIn: '*',
  readSession: everybody,
  signOut: everybody,
  enterCode: everybody,
  reenter: everybody,
  changePassword: everybody,
  signInWays: '*',
  startSingleSignOn: '*',
  finishSingleSignOn: '*',
  singleSignOut: '*',
  listOwnSessions: everybody,
  endOwnSession: everybody,
  endOtherSessions: everybody,
  readSecondFactor: everybody,
  beginSecondFactor: everybody,
  confirmSecondFactor: everybody,
  renewRecoveryCodes: everybody,
  removeSecondFactor: everybody,
  demoSignIns: '*',
  readHealth: '*',
  followEvents: everybody,
  currentPolicy: everybody,

  listKeys: '.ob...akpdsu.',
  createKey: '.ob...akpdsu.',
  revokeKey: '.ob...akpdsu.',

  listPrograms: '........pds..',
  makeProgram: '........pds..',
  makePerson: '..........s..',

  listUsers: '........p.su.',
  readUser: '........p.su.',
  lockUser: '..........s..',
  unlockUser: '..........s..',
  resetPassword: '..........s..',
  takeSecondFactor: '..........s..',
  endUserSessions: '..........s..',
  endUserSession: '..........s..',
  listRoleFactors: '........p.su.',
  setRoleFactor: '..........s..',
  listSecurityAlerts: '........p.su.',
  acknowledgeSecurityAlert: '........p.s..',

  search: 'robtlcakpd.ug',
  listCustomers: 'robtlcakpd.ug',
  countCustomers: 'robtlcakpd.ug',
  readCustomer: 'robtlcakpd.ug',
  // Not for the lobby, which reads no amounts
  explainCustomer: 'robt.cakpd.ug',
  readHistory: 'robt.cakpd.ug',
  readHousehold: 'robtlcakpd.ug',
  readComposition: 'robtlcakpd.ug',
  listHouseholds: 'robtlcakpd.ug',
  readHouseholdRecord: 'robtlcakpd.ug',
  openHousehold: 'rob..........',
  changeHousehold: 'rob..........',
  exportCustomers: '.ob...ak....g',
  proposeExport: '.ob...ak....g',
  proposeBulkReveal: '.ob...ak....g',
  fetchBulkReveal: '.ob...ak....g',
  readFacts: 'robtlcakpd.ug',
  editFacts: 'ro.......d...',
  restoreFact: 'ro.......d...',

  readConsents: 'robtlcakpd.ug',
  recordConsent: 'ro.tlc..p....',
  withdrawConsent: 'ro.tlc..p....',
  discloseCustomer: '........p....',
  proposeErasure: '........p....',
  listErasures: '........p.su.',
  readRetention: '........p.su.',
  setRetention: '........p....',
  readKeys: '........p.su.',
  listPaperKinds: 'robtl...p..u.',
  addPaperKind: '........p....',
  listPapers: 'robtl...p..u.',
  takePaper: 'ro.tl........',
  withdrawPaper: 'ro.tl........',
  openPaper: 'robtl........',
  reusePaper: 'ro.tl........',
  listExpiringPapers: 'robtl...p..u.',
  listPaperReuses: 'robtl...p..u.',
  requestPaper: 'robtl........',
  listPaperRequests: 'robtl........',
  decidePaperRequest: '.ob..........',
  endPaperRequest: 'robtl........',
  listPaperRules: 'robtl...p..u.',
  makePaperRule: '........p....',
  endPaperRule: '........p....',
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
  readValueState: 'robtlcakpd.ug',
  moveValueState: 'rob..........',
  listValueProposals: 'rob...akp..u.',
  decideValueProposals: 'rob..........',
  listWinBacks: 'rob...akp..u.',
  closeWinBack: 'rob..........',
  listLosses: 'rob...akp..u.',
  exportLosses: 'rob...akp..u.',
  listNotes: 'robtlc.kpd.u.',
  writeNote: 'robtlc...d...',
  editNote: 'robtlc...d...',
  readNoteEditions: 'robtlc.kpd.u.',
  pinNote: 'robtlc...d...',
  withdrawNote: 'robtlc..pd...',
  listMentions: 'robtlc.kpd.u.',
  listColleagues: 'robtlc...d...',
  listTags: 'robtlcakpd.ug',
  makeTag: '.........d...',
  editTag: '.........d...',
  readCustomerTags: 'robtlcakpd.ug',
  tagCustomer: 'robtlc...d...',
  previewTagging: 'robtlc...d...',
  tagCustomers: 'robtlc...d...',
  listPolicies: 'rob...akpdsug',
  simulate: '......ak.....',
  draftPolicy: '......a......',
  proposePolicy: '......a......',

  listApprovals: everybody,
  readApproval: everybody,
  withdrawApproval: everybody,
  decideApproval: '..b....kp.s..',
  listDelegations: '..b....kp.s..',
  createDelegation: '..b....kp.s..',
  endDelegation: '..b....kp.s..',

  listRoles: '........p.su.',
  listPosts: '........p.su.',
  listLogins: '..........s..',
  listWalls: '........p.su.',
  proposeRole: '..........s..',
  proposePost: '..........s..',
  proposeWall: '..........s..',
  proposeUnit: '..........s..',
  rehearseChange: '........p.s..',
  explainAccess: '........p.su.',
  listPeople: '........p.su.',
  readPerson: '........p.su.',
  exportPeople: '........p.su.',
  reviewPerson: '........p....',

  listAudit: '........p..u.',
  readAuditEntry: '........p..u.',
  readAuditState: '........p..u.',
  exportAudit: '........p..u.',
  exportAuditList: '........p..u.',
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

/** Whose papers are opened, withdrawn and released: of customers that are seen, those that the outlet holds. */
export const heldSights: Record<string, string> = {
  r: 'o......',
  o: 'os.....',
  b: 'os.....',
  t: 'os.....',
  l: 'os.....',
}

/** Whose papers are asked for: of customers that are seen, those that another unit holds. */
export const askedSights: Record<string, string> = {
  r: '.....g.',
  o: '.....g.',
  b: '.....g.',
  t: '.....g.',
  l: '.....g.',
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

/** Whose notes a role withdraws that others wrote. */
export const othersNotesSights: Record<string, string> = {
  r: '.......',
  o: 'os...g.',
  b: 'os...g.',
  t: '.......',
  l: '.......',
  c: '.......',
  p: 'os..wg.',
  d: '.......',
}

/** Whose erasure a role can ask for: theirs whom its posts reach, not those granted to oneself. */
export const erasureSights: Record<string, string> = { p: 'os..w..' }

/** Whom a role can let others see: not those granted to oneself. */
export const grantSights: Record<string, string> = { r: 'o......', o: 'os.....', b: 'os.....' }
