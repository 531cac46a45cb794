/** Every address of the page. Pages are split off and loaded when they are first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { problemFrom, queries } from './api.ts'
import { type AuditSearch, readAuditSearch } from './audit-search.ts'
import { type ListSearch, readListSearch } from './customer-search.ts'
import { listQuery } from './list-cache.ts'
import { Failed, Loading, NotFound } from './parts/state.tsx'
import { sessionQuery, whoIsIn } from './session.ts'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { to?: string; refused?: string; ended?: number } => ({
    ...(typeof search.to === 'string' && /^\/(?![/\\])/.test(search.to) ? { to: search.to } : {}),
    ...text(search, 'refused'),
    ...whole(search, 'ended'),
  }),
  // Whoever is in already goes on; a refused re-entry is told to them first.
  beforeLoad: async ({ search }) => {
    const me = await whoIsIn()
    if (me?.awaits === null && search.refused === undefined) throw redirect({ href: search.to ?? '/' })
  },
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx')),
})
const proved = createRoute({
  getParentRoute: () => root,
  path: '/proved',
  component: lazyRouteComponent(() => import('./pages/proved.tsx')),
})

const desk = createRoute({
  getParentRoute: () => root,
  id: 'desk',
  beforeLoad: async ({ location }) => {
    try {
      const { awaits } = await queries.ensureQueryData(sessionQuery)
      if (awaits === null) return
    } catch (failure) {
      if (problemFrom(failure).status !== 401) throw failure
    }
    throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { to: location.href } })
  },
  component: lazyRouteComponent(() => import('./parts/shell.tsx'), 'Shell'),
})

const home = createRoute({
  getParentRoute: () => desk,
  path: '/',
  validateSearch: (search: Record<string, unknown>): { unit?: string; night?: number; from?: number } => ({
    ...text(search, 'unit'),
    ...whole(search, 'night'),
    ...whole(search, 'from'),
  }),
  // At the counter and on the phone the day begins with a customer, and sums are nobody's business.
  beforeLoad: async () => {
    const { permissions } = await queries.ensureQueryData(sessionQuery)
    if (!permissions.includes('pyramid.read') && permissions.includes('customers.read')) {
      throw redirect({ to: '/customers', replace: true })
    }
  },
  component: lazyRouteComponent(() => import('./pages/home.tsx')),
})
const customers = createRoute({
  getParentRoute: () => desk,
  path: '/customers',
  validateSearch: (search: Record<string, unknown>): ListSearch => readListSearch(search),
  // Read while the page itself is made; not waited for, so that the page stands meanwhile
  loader: ({ cause, location }) => {
    const me = queries.getQueryData(sessionQuery.queryKey)
    if (cause !== 'enter' || !me?.permissions.includes('customers.read')) return
    queries.prefetchInfiniteQuery(listQuery(readListSearch(location.search)))
  },
  component: lazyRouteComponent(() => import('./pages/customers.tsx')),
})
const customer = createRoute({
  getParentRoute: () => desk,
  path: '/customers/$no',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => text(search, 'tab'),
  component: lazyRouteComponent(() => import('./pages/customer.tsx')),
})
const elsewhere = createRoute({
  getParentRoute: () => desk,
  path: '/elsewhere',
  validateSearch: (search: Record<string, unknown>): { box?: string; q?: string } => ({
    ...text(search, 'box'),
    ...text(search, 'q'),
  }),
  component: lazyRouteComponent(() => import('./pages/elsewhere.tsx')),
})
const households = createRoute({
  getParentRoute: () => desk,
  path: '/households',
  validateSearch: (search: Record<string, unknown>): { q?: string } => text(search, 'q'),
  component: lazyRouteComponent(() => import('./pages/households.tsx')),
})
const household = createRoute({
  getParentRoute: () => desk,
  path: '/households/$no',
  component: lazyRouteComponent(() => import('./pages/household.tsx')),
})
const units = createRoute({
  getParentRoute: () => desk,
  path: '/units',
  validateSearch: (search: Record<string, unknown>): { day?: string } => text(search, 'day'),
  component: lazyRouteComponent(() => import('./pages/units.tsx')),
})
const proposals = createRoute({
  getParentRoute: () => desk,
  path: '/proposals',
  validateSearch: (
    search: Record<string, unknown>,
  ): { status?: string; direction?: string; unit?: string; toTier?: string } => ({
    ...text(search, 'status'),
    ...text(search, 'direction'),
    ...text(search, 'unit'),
    ...text(search, 'toTier'),
  }),
  component: lazyRouteComponent(() => import('./pages/proposals.tsx')),
})
const valueStates = createRoute({
  getParentRoute: () => desk,
  path: '/value-states',
  validateSearch: (search: Record<string, unknown>) => ({
    ...text(search, 'tab'),
    ...text(search, 'status'),
    ...text(search, 'cause'),
    ...text(search, 'reason'),
    ...text(search, 'unit'),
    ...text(search, 'overdue'),
    ...text(search, 'order'),
    ...text(search, 'from'),
    ...text(search, 'to'),
  }),
  component: lazyRouteComponent(() => import('./pages/value-states.tsx')),
})
const mentions = createRoute({
  getParentRoute: () => desk,
  path: '/mentions',
  component: lazyRouteComponent(() => import('./pages/mentions.tsx')),
})
const tags = createRoute({
  getParentRoute: () => desk,
  path: '/tags',
  component: lazyRouteComponent(() => import('./pages/tags.tsx')),
})
const policy = createRoute({
  getParentRoute: () => desk,
  path: '/policy',
  component: lazyRouteComponent(() => import('./pages/policy.tsx')),
})
const loads = createRoute({
  getParentRoute: () => desk,
  path: '/loads',
  validateSearch: (search: Record<string, unknown>): { feed?: string; status?: string } => ({
    ...text(search, 'feed'),
    ...text(search, 'status'),
  }),
  component: lazyRouteComponent(() => import('./pages/loads.tsx')),
})
const load = createRoute({
  getParentRoute: () => desk,
  path: '/loads/$id',
  component: lazyRouteComponent(() => import('./pages/load.tsx')),
})
const feeds = createRoute({
  getParentRoute: () => desk,
  path: '/feeds',
  validateSearch: (search: Record<string, unknown>): { feed?: string } => text(search, 'feed'),
  component: lazyRouteComponent(() => import('./pages/feeds.tsx')),
})
const nights = createRoute({
  getParentRoute: () => desk,
  path: '/nights',
  component: lazyRouteComponent(() => import('./pages/nights.tsx')),
})
const night = createRoute({
  getParentRoute: () => desk,
  path: '/nights/$id',
  component: lazyRouteComponent(() => import('./pages/night.tsx')),
})
const quality = createRoute({
  getParentRoute: () => desk,
  path: '/quality',
  validateSearch: (search: Record<string, unknown>): { feed?: string; unit?: string } => ({
    ...text(search, 'feed'),
    ...text(search, 'unit'),
  }),
  component: lazyRouteComponent(() => import('./pages/quality.tsx')),
})
const privacy = createRoute({
  getParentRoute: () => desk,
  path: '/privacy',
  component: lazyRouteComponent(() => import('./pages/privacy.tsx')),
})
const approvals = createRoute({
  getParentRoute: () => desk,
  path: '/approvals',
  validateSearch: (search: Record<string, unknown>): { view?: string; what?: string; id?: number } => ({
    ...text(search, 'view'),
    ...text(search, 'what'),
    ...whole(search, 'id'),
  }),
  component: lazyRouteComponent(() => import('./pages/approvals.tsx')),
})
const access = createRoute({
  getParentRoute: () => desk,
  path: '/access',
  validateSearch: (search: Record<string, unknown>): { tab?: string } => text(search, 'tab'),
  component: lazyRouteComponent(() => import('./pages/access.tsx')),
})
const people = createRoute({
  getParentRoute: () => desk,
  path: '/people',
  validateSearch: (
    search: Record<string, unknown>,
  ): { tab?: string; login?: string; customer?: string; q?: string } => ({
    ...text(search, 'tab'),
    ...text(search, 'login'),
    ...text(search, 'customer'),
    ...text(search, 'q'),
  }),
  component: lazyRouteComponent(() => import('./pages/people.tsx')),
})
const person = createRoute({
  getParentRoute: () => desk,
  path: '/people/$login',
  component: lazyRouteComponent(() => import('./pages/person.tsx')),
})
const audit = createRoute({
  getParentRoute: () => desk,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): AuditSearch => readAuditSearch(search),
  component: lazyRouteComponent(() => import('./pages/audit.tsx')),
})
const profile = createRoute({
  getParentRoute: () => desk,
  path: '/profile',
  component: lazyRouteComponent(() => import('./pages/profile.tsx')),
})

const mySecurity = createRoute({
  getParentRoute: () => desk,
  path: '/my-security',
  component: lazyRouteComponent(() => import('./pages/my-security.tsx')),
})
const users = createRoute({
  getParentRoute: () => desk,
  path: '/users',
  validateSearch: (
    search: Record<string, unknown>,
  ): { tab?: string; q?: string; what?: string; state?: string; role?: string; order?: string } => ({
    ...text(search, 'tab'),
    ...text(search, 'q'),
    ...text(search, 'what'),
    ...text(search, 'state'),
    ...text(search, 'role'),
    ...text(search, 'order'),
  }),
  component: lazyRouteComponent(() => import('./pages/users.tsx')),
})
const user = createRoute({
  getParentRoute: () => desk,
  path: '/users/$id',
  component: lazyRouteComponent(() => import('./pages/user.tsx')),
})
const alerts = createRoute({
  getParentRoute: () => desk,
  path: '/security-alerts',
  validateSearch: (search: Record<string, unknown>): { state?: string } => text(search, 'state'),
  component: lazyRouteComponent(() => import('./pages/security-alerts.tsx')),
})

const pages = [
  home,
  customers,
  customer,
  elsewhere,
  household,
  households,
  units,
  proposals,
  valueStates,
  mentions,
  tags,
  policy,
  loads,
  load,
  feeds,
  nights,
  night,
  quality,
  privacy,
  approvals,
  access,
  people,
  person,
  audit,
  profile,
  mySecurity,
  users,
  user,
  alerts,
]

export const router = createRouter({
  routeTree: root.addChildren([signIn, proved, desk.addChildren(pages)]),
  // Plain addresses: a tier is 4 and not "4" in quotes; every page reads its own from text.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== null)
    const written = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
    return written && `?${written.replaceAll('%2C', ',')}`
  },
  // What no page reads is dropped: else it came back as a filter that the server refuses.
  search: { strict: true },
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultPendingMs: 150,
  defaultErrorComponent: ({ error, reset }) => <Failed failure={error} onRetry={reset} />,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

function text<Name extends string>(search: Record<string, unknown>, name: Name): { [N in Name]?: string } {
  const value = search[name]
  if (typeof value === 'string' && value !== '') return { [name]: value } as { [N in Name]?: string }
  return typeof value === 'number' ? ({ [name]: String(value) } as { [N in Name]?: string }) : {}
}

function whole<Name extends string>(search: Record<string, unknown>, name: Name): { [N in Name]?: number } {
  const value = Number(search[name])
  return Number.isInteger(value) && value > 0 ? ({ [name]: value } as { [N in Name]?: number }) : {}
}
