/** Every endpoint's handler. One that is missing does not compile. */
import type { Handlers } from './handler.ts'
import { customerHandlers } from './handlers/customers.ts'
import { decisionHandlers } from './handlers/decisions.ts'
import { elsewhereHandlers } from './handlers/elsewhere.ts'
import { loadHandlers } from './handlers/loads.ts'
import { nightHandlers } from './handlers/nights.ts'
import { requestHandlers } from './handlers/requests.ts'
import { alertHandlers, ownSecurityHandlers, userHandlers } from './handlers/security.ts'
import { sessionHandlers } from './handlers/session.ts'
import { singleSignOnHandlers } from './handlers/single-sign-on.ts'
import { systemHandlers } from './handlers/system.ts'

export const handlers: Handlers = {
  ...sessionHandlers,
  ...singleSignOnHandlers,
  ...ownSecurityHandlers,
  ...userHandlers,
  ...alertHandlers,
  ...customerHandlers,
  ...requestHandlers,
  ...nightHandlers,
  ...loadHandlers,
  ...decisionHandlers,
  ...elsewhereHandlers,
  ...systemHandlers,
}
