/** What stands around every page: navigation beside it, the bar above with search, language and account, and the command panel. */
import { GlobalOutlined, MenuFoldOutlined, MenuOutlined, MenuUnfoldOutlined, SearchOutlined } from '@ant-design/icons'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { Button, Tooltip } from 'antd'
import { lazy, Suspense, useEffect, useState } from 'react'
import { readSession } from '../../src/contract/session.ts'
import { actionOfKey, isTyping } from '../actions.ts'
import { ask, guardWith, queries } from '../api.ts'
import { switchLanguage, useCopy, useLanguage } from '../language.ts'
import { useLive, useLiveState } from '../live.ts'
import { leaveFor, useMe } from '../session.ts'
import { Account } from './account.tsx'
import { AlertBanner } from './alert-banner.tsx'
import { FiguresProvider } from './figures.tsx'
import { Marks } from './marks.tsx'
import { Nav } from './nav.tsx'
import { Reentry } from './reentry.tsx'
import { Waiting } from './waiting.tsx'

// Loaded when first opened, which most days of a desk never see
const Drawer = lazy(() => import('antd/es/drawer'))
const CommandPanel = lazy(() => import('./command-panel.tsx'))

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
