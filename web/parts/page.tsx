/** The frame of a page: title, figures beside it, actions; and the panel, its only kind of box. */
import { Button, Tooltip } from 'antd'
import { type ReactNode, useEffect } from 'react'
import type { Permission } from '../../src/contract/permission.ts'
import { type PageAction, usePageActions } from '../actions.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { NoRight } from './state.tsx'

interface PageProps {
  title: string
  /** What stands beside the title, quiet. */
  aside?: ReactNode
  /** Before the title: a way back, previous and next. */
  before?: ReactNode
  actions?: PageAction[]
  needs?: Permission
  /** The page fills the window and scrolls inside itself. */
  fill?: boolean
  children: ReactNode
}

export function Page({ title, aside, before, actions = [], needs, fill = false, children }: PageProps) {
  const copy = useCopy()
  const may = useMay()
  usePageActions(actions)
  useEffect(() => {
    document.title = `${title} · ${copy.product}`
  }, [title, copy])
  const allowed = !needs || may(needs)
  return (
    <div className={fill ? 'page page-fill' : 'page'}>
      <header className="page-head">
        {before}
        <h1>{title}</h1>
        {aside && <div className="page-aside">{aside}</div>}
        <span className="grow" />
        {allowed && <PageButtons actions={actions} />}
      </header>
      {allowed ? children : <NoRight permission={needs} />}
    </div>
  )
}

function PageButtons({ actions }: { actions: PageAction[] }) {
  return (
    <div className="page-actions">
      {actions
        .filter((action) => !action.panelOnly)
        .map((action) => (
          <Tooltip
            key={action.key}
            title={action.disabled ?? (action.hint ? `${action.hint} · ${action.key}` : action.key)}
          >
            <Button
              {...(action.primary ? { type: 'primary' as const } : {})}
              icon={action.icon}
              disabled={Boolean(action.disabled)}
              onClick={action.run}
              aria-keyshortcuts={action.key}
            >
              {action.label}
            </Button>
          </Tooltip>
        ))}
    </div>
  )
}

interface PanelProps {
  title?: ReactNode
  extra?: ReactNode
  children: ReactNode
  className?: string
  /** Without inner padding, for tables. */
  flush?: boolean
}

export function Panel({ title, extra, children, className = '', flush = false }: PanelProps) {
  return (
    <section className={`panel ${className}`}>
      {(title || extra) && (
        <div className="panel-head">
          {title && <h2>{title}</h2>}
          <span className="grow" />
          {extra}
        </div>
      )}
      <div className={flush ? 'panel-flush' : 'panel-body'}>{children}</div>
    </section>
  )
}

/** A figure with its name, and what it is compared with. */
export function Figure({ name, value, note }: { name: ReactNode; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="figure">
      <div className="figure-name">{name}</div>
      <div className="figure-value">{value}</div>
      {note && <div className="figure-note">{note}</div>}
    </div>
  )
}

/** Names left, values right. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

/** One of `Facts`; a dash where there is no value. */
export function Fact({ name, children }: { name: ReactNode; children?: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children ?? <span className="quiet">—</span>}</dd>
    </div>
  )
}
