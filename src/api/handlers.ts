/** Every endpoint's handler. One that is missing does not compile. */
import type { Handlers } from './handler.ts'
import { accessHandlers } from './handlers/access.ts'
import { approvalHandlers } from './handlers/approvals.ts'
import { auditHandlers } from './handlers/audit.ts'
import { customerHandlers } from './handlers/customers.ts'
import { decisionHandlers } from './handlers/decisions.ts'
import { elsewhereHandlers } from './handlers/elsewhere.ts'
import { factHandlers } from './handlers/facts.ts'
import { householdHandlers } from './handlers/households.ts'
import { loadHandlers } from './handlers/loads.ts'
import { nightHandlers } from './handlers/nights.ts'
import { noteHandlers } from './handlers/notes.ts'
import { paperHandlers } from './handlers/papers.ts'
import { privacyHandlers } from './handlers/privacy.ts'
import { requestHandlers } from './handlers/requests.ts'
import { alertHandlers, ownSecurityHandlers, userHandlers } from './handlers/security.ts'
import { sessionHandlers } from './handlers/session.ts'
import { sightHandlers } from './handlers/sight.ts'
import { singleSignOnHandlers } from './handlers/single-sign-on.ts'
import { systemHandlers } from './handlers/system.ts'
import { tagHandlers } from './handlers/tags.ts'
import { valueStateHandlers } from './handlers/value-states.ts'

export const handlers: Handlers = {
  ...sessionHandlers,
  ...singleSignOnHandlers,
  ...ownSecurityHandlers,
  ...userHandlers,
  ...alertHandlers,
  ...customerHandlers,
  ...householdHandlers,
  ...requestHandlers,
  ...nightHandlers,
  ...loadHandlers,
  ...decisionHandlers,
  ...auditHandlers,
  ...factHandlers,
  ...elsewhereHandlers,
  ...privacyHandlers,
  ...approvalHandlers,
  ...accessHandlers,
  ...sightHandlers,
  ...systemHandlers,
  ...valueStateHandlers,
  ...noteHandlers,
  ...tagHandlers,
  ...paperHandlers,
}
