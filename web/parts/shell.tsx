/** What stands around every page: navigation, the bar above with search, language and account, and the command panel. */
import {
  AlertOutlined,
  ApartmentOutlined,
  AuditOutlined,
  CloudUploadOutlined,
  DashboardOutlined,
  DatabaseOutlined,
  FileDoneOutlined,
  FileProtectOutlined,
  FileSearchOutlined,
  GlobalOutlined,
  IdcardOutlined,
  KeyOutlined,
  LockOutlined,
  MenuFoldOutlined,
  MenuOutlined,
  MenuUnfoldOutlined,
  MoonOutlined,
  NodeIndexOutlined,
  SafetyCertificateOutlined,
  SearchOutlined,
  TeamOutlined,
  UserOutlined,
  UserSwitchOutlined,
} from '@ant-design/icons'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { Button, Tooltip } from 'antd'
import { lazy, type ReactNode, Suspense, useEffect, useId, useState } from 'react'
import { approvalKinds } from '../../src/contract/approvals.ts'
import type { Permission } from '../../src/contract/permission.ts'
import { readSession } from '../../src/contract/session.ts'
import { actionOfKey, isTyping } from '../actions.ts'
import { ask, guardWith, queries } from '../api.ts'
import type { Copy } from '../copy/zh-CN.ts'
import { switchLanguage, useCopy, useLanguage } from '../language.ts'
import { useLive, useLiveState } from '../live.ts'
import { leaveFor, useMay, useMayAtTop, useMe } from '../session.ts'
import { Account } from './account.tsx'
import { AlertBanner } from './alert-banner.tsx'
import { FiguresProvider } from './figures.tsx'
import { Marks } from './marks.tsx'
import { Reentry } from './reentry.tsx'
import { Waiting } from './waiting.tsx'

// Loaded when first opened, which most days of a desk never see
const Drawer = lazy(() => import('antd/es/drawer'))
const CommandPanel = lazy(() => import('./command-panel.tsx'))

interface NavItem {
  to:
    | '/'
    | '/customers'
    | '/elsewhere'
    | '/units'
    | '/proposals'
    | '/value-states'
    | '/policy'
    | '/loads'
    | '/feeds'
    | '/nights'
    | '/quality'
    | '/privacy'
    | '/approvals'
    | '/access'
    | '/people'
    | '/audit'
    | '/users'
    | '/security-alerts'
  name: keyof Copy['nav']
  icon: ReactNode
  needs: Permission | readonly Permission[]
  /** Or this one at the top of the tree. */
  orAtTop?: Permission
}

interface NavGroup {
  name: keyof Copy['nav']
  items: NavItem[]
}

/** Whoever proposes or checks something. */
const approving: readonly Permission[] = Object.values(approvalKinds).flatMap(({ propose, check }) => [propose, check])

const navGroups: NavGroup[] = [
  {
    name: 'groupPeople',
    items: [
      { to: '/', name: 'home', icon: <DashboardOutlined />, needs: 'pyramid.read' },
      { to: '/customers', name: 'customers', icon: <TeamOutlined />, needs: 'customers.read' },
      { to: '/elsewhere', name: 'elsewhere', icon: <NodeIndexOutlined />, needs: 'customers.find' },
      { to: '/value-states', name: 'valueStates', icon: <UserOutlined />, needs: 'valueStates.read' },
      { to: '/units', name: 'units', icon: <ApartmentOutlined />, needs: 'pyramid.read' },
    ],
  },
  {
    name: 'groupTiers',
    items: [
      { to: '/proposals', name: 'proposals', icon: <AuditOutlined />, needs: 'proposals.read' },
      { to: '/policy', name: 'policy', icon: <FileProtectOutlined />, needs: 'policies.read' },
    ],
  },
  {
    name: 'groupSource',
    items: [
      { to: '/nights', name: 'nights', icon: <MoonOutlined />, needs: 'nights.read' },
      { to: '/loads', name: 'loads', icon: <CloudUploadOutlined />, needs: 'loads.read' },
      { to: '/quality', name: 'quality', icon: <SafetyCertificateOutlined />, needs: 'quality.read' },
      { to: '/feeds', name: 'feeds', icon: <DatabaseOutlined />, needs: 'loads.read' },
      { to: '/privacy', name: 'privacy', icon: <LockOutlined />, needs: 'privacy.read' },
    ],
  },
  {
    name: 'groupRights',
    items: [
      { to: '/approvals', name: 'approvals', icon: <FileDoneOutlined />, needs: approving, orAtTop: 'audit.read' },
      { to: '/access', name: 'access', icon: <KeyOutlined />, needs: 'access.read' },
      { to: '/people', name: 'people', icon: <IdcardOutlined />, needs: 'access.read' },
      { to: '/users', name: 'users', icon: <UserSwitchOutlined />, needs: ['users.read', 'programs.manage'] },
    ],
  },
  {
    name: 'groupOversight',
    items: [
      { to: '/security-alerts', name: 'securityAlerts', icon: <AlertOutlined />, needs: 'securityAlerts.read' },
      { to: '/audit', name: 'audit', icon: <FileSearchOutlined />, needs: [], orAtTop: 'audit.read' },
    ],
  },
]

/** The pages by group, without those behind which there is nothing for the person signed in. */
export function useNavGroups(): NavGroup[] {
  const may = useMay()
  const mayAtTop = useMayAtTop()
  const opens = ({ needs, orAtTop }: NavItem) => may(needs) || (orAtTop !== undefined && mayAtTop(orAtTop))
  return navGroups
    .map((group) => ({ ...group, items: group.items.filter(opens) }))
    .filter((group) => group.items.length > 0)
}

/** After the first row of the page that was opened. */
const waitingAfterMs = 1500
const pagesAfterMs = 3000
const narrowKey = 'strata.narrow'

export function Shell() {
  const copy = useCopy()
  const [narrow, setNarrow] = useState(localStorage.getItem(narrowKey) === '1')
  const [drawer, setDrawer] = useState<boolean>()
  const [panel, setPanel] = useState(false)
  const settled = useAfter(waitingAfterMs)
  useRefreshByEvents()
  useSessionEnd()
  useAllPages()
  useKeys(() => setPanel(true))
  const toggleNarrow = () => {
    localStorage.setItem(narrowKey, narrow ? '' : '1')
    setNarrow(!narrow)
  }
  return (
    <FiguresProvider>
      <div className={narrow ? 'shell shell-narrow' : 'shell'}>
        <a className="skip" href="#main">
          {copy.nav.skip}
        </a>
        <aside className="side">
          <Brand narrow={narrow} />
          <Nav narrow={narrow} settled={settled} />
          <Tooltip title={narrow ? copy.nav.expand : copy.nav.collapse} placement="right">
            <Button
              className="side-fold"
              type="text"
              icon={narrow ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
              aria-label={narrow ? copy.nav.expand : copy.nav.collapse}
              onClick={toggleNarrow}
            />
          </Tooltip>
        </aside>
        <Bar settled={settled} onMenu={() => setDrawer(true)} onSearch={() => setPanel(true)} />
        <main id="main" className="main" tabIndex={-1}>
          <AlertBanner />
          <Outlet />
        </main>
        <Suspense>
          {drawer !== undefined && (
            <Drawer open={drawer} onClose={() => setDrawer(false)} placement="left" size={248} title={<Brand />}>
              <Nav settled={settled} onGo={() => setDrawer(false)} />
            </Drawer>
          )}
        </Suspense>
        <Marks />
        <Reentry />
        <Suspense>{panel && <CommandPanel onClose={() => setPanel(false)} />}</Suspense>
      </div>
    </FiguresProvider>
  )
}

function Brand({ narrow = false }: { narrow?: boolean }) {
  const { code } = useLanguage()
  const { bank } = useMe()
  return (
    <div className="brand">
      <img src="/icon.svg" alt="" width={26} height={26} />
      {!narrow && (
        <span>
          <b>Strata</b>
          <small>{code === 'en' ? bank.nameEn : bank.name}</small>
        </span>
      )}
    </div>
  )
}

interface NavProps {
  narrow?: boolean
  /** The page stands, so that what waits for the person may be asked for. */
  settled: boolean
  onGo?: () => void
}

function Nav({ narrow = false, settled, onGo }: NavProps) {
  const copy = useCopy()
  const groups = useNavGroups()
  return (
    <nav className="nav" aria-label={copy.nav.label}>
      {groups.map((group) => (
        <div key={group.name} className="nav-group">
          {!narrow && <div className="nav-title">{copy.nav[group.name]}</div>}
          {group.items.map((item) => (
            <NavLink key={item.to} item={item} narrow={narrow} settled={settled} {...(onGo ? { onGo } : {})} />
          ))}
        </div>
      ))}
    </nav>
  )
}

function NavLink({ item, narrow, settled, onGo }: NavProps & { item: NavItem }) {
  const copy = useCopy()
  const waiting = useId()
  const decides = settled && (item.to === '/approvals' || item.to === '/elsewhere') ? item.to : undefined
  const link = (
    <Link
      to={item.to}
      className="nav-item"
      activeOptions={{ exact: item.to === '/', includeSearch: false }}
      aria-label={copy.nav[item.name]}
      aria-describedby={decides && waiting}
      onClick={() => onGo?.()}
    >
      {item.icon}
      {!narrow && <span>{copy.nav[item.name]}</span>}
      {decides && <Waiting at={decides} id={waiting} />}
    </Link>
  )
  // A tooltip costs more than the link it is for: only where the name is not there to be read
  if (!narrow) return link
  return (
    <Tooltip title={copy.nav[item.name]} placement="right">
      {link}
    </Tooltip>
  )
}

interface BarProps {
  settled: boolean
  onMenu: () => void
  onSearch: () => void
}

function Bar({ settled, onMenu, onSearch }: BarProps) {
  const { copy, code } = useLanguage()
  const me = useMe()
  const live = useLiveState()
  return (
    <header className="bar">
      <Button className="bar-menu" type="text" aria-label={copy.nav.open} onClick={onMenu}>
        <MenuOutlined />
        {settled && <Waiting at="all" />}
      </Button>
      <button type="button" className="bar-search" onClick={onSearch}>
        <SearchOutlined />
        <span>{copy.shell.search}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <span className="grow" />
      {me.demo && <span className="bar-demo">{copy.shell.demo}</span>}
      <span className="bar-day">{me.lastNight ? copy.shell.asOf(me.lastNight.day) : copy.shell.noNight}</span>
      <Tooltip title={copy.shell[live]}>
        <span className={`bar-live ${live}`} role="img" aria-label={copy.shell[live]} />
      </Tooltip>
      <Button
        type="text"
        icon={<GlobalOutlined />}
        aria-label={`${copy.otherLanguage} · ${copy.shell.language}`}
        onClick={() => switchLanguage(code === 'en' ? 'zh-CN' : 'en')}
      >
        <span lang={code === 'en' ? 'zh-CN' : 'en'}>{copy.otherLanguage}</span>
      </Button>
      <Account />
    </header>
  )
}

/** A publishing, a load or a decision makes what is shown old: it is read again, quietly. */
function useRefreshByEvents(): void {
  useLive((event) => {
    if (event.topic === 'night' && event.payload.state === 'published') queries.invalidateQueries()
    else if (event.topic === 'approvals') queries.invalidateQueries({ queryKey: ['listApprovals'] })
    else if (event.topic === 'accessRequests') queries.invalidateQueries({ queryKey: ['listAccessRequests'] })
    else if (event.topic === 'securityAlert') queries.invalidateQueries({ queryKey: ['listSecurityAlerts'] })
    else if (event.topic === 'proposals') queries.invalidateQueries({ queryKey: ['listProposals'] })
    else if (event.topic === 'load' && event.payload.state !== 'running' && event.payload.state !== 'queued') {
      for (const name of ['listLoads', 'listFeeds', 'readQuality', 'mendFirst', 'listNights']) {
        queries.invalidateQueries({ queryKey: [name] })
      }
    }
  })
}

/** Whose session ended, by whatever way, is told at once and comes back here after signing in. */
function useSessionEnd(): void {
  useEffect(() => {
    const here = () => new URLSearchParams({ to: location.pathname + location.search, ended: '1' })
    return guardWith({ ended: () => leaveFor(`/sign-in?${here()}`) })
  }, [])
  useLive((event) => {
    // Whoever is still signed in reads who they are and goes on
    if (event.topic === 'session') ask(readSession).catch(() => undefined)
  })
}

/** Whether that time has gone by since it was first drawn. */
function useAfter(ms: number): boolean {
  const [gone, setGone] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setGone(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return gone
}

/** Once the first page stands, the others are fetched too, so that none is missing when the line drops. */
function useAllPages(): void {
  useEffect(() => {
    const timer = setTimeout(async () => {
      for (const page of Object.values(import.meta.glob('../pages/*.tsx'))) await page().catch(() => undefined)
    }, pagesAfterMs)
    return () => clearTimeout(timer)
  }, [])
}

/** Ctrl-K opens the panel; `/` goes to the page's own search, else to the panel; a page's keys run its actions. */
function useKeys(openPanel: () => void): void {
  const path = useRouterState({ select: (state) => state.location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rebinding per page keeps the handler fresh
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        openPanel()
        return
      }
      if (event.defaultPrevented || document.querySelector('[role="dialog"]')) return
      const action = actionOfKey(event)
      if (action) {
        event.preventDefault()
        action.run()
      } else if (event.key === '/' && !isTyping(event.target)) {
        event.preventDefault()
        openPanel()
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [path])
}
