/** What a page shows when it has nothing to show: loading, nothing there, no right, not found, failed. */
import {
  CloudServerOutlined,
  FileSearchOutlined,
  InboxOutlined,
  LockOutlined,
  WarningOutlined,
} from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button, Skeleton } from 'antd'
import type { ReactNode } from 'react'
import type { Permission } from '../../src/contract/permission.ts'
import { problemFrom } from '../api.ts'
import { useCopy, useLanguage } from '../language.ts'
import { useMe } from '../session.ts'

interface PictureProps {
  icon: ReactNode
  title: string
  detail?: ReactNode
  action?: ReactNode
}

/** One picture, one sentence, one button. */
export function Picture({ icon, title, detail, action }: PictureProps) {
  return (
    <div className="picture">
      <span className="picture-icon" aria-hidden>
        {icon}
      </span>
      <p className="picture-title">{title}</p>
      {detail && <p className="picture-detail">{detail}</p>}
      {action}
    </div>
  )
}

export function Loading({ rows = 6 }: { rows?: number }) {
  const copy = useCopy()
  return (
    <div className="loading" role="status" aria-label={copy.state.loading}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  )
}

export function Nothing({ title, detail, action }: Omit<PictureProps, 'icon' | 'title'> & { title?: string }) {
  const copy = useCopy()
  return <Picture icon={<InboxOutlined />} title={title ?? copy.state.nothing} detail={detail} action={action} />
}

/** A refusal in the reader's language with its code, and a way to try again. */
export function Failed({ failure, onRetry }: { failure: unknown; onRetry?: () => void }) {
  const { copy, code } = useLanguage()
  const problem = problemFrom(failure)
  if (problem.code === 'night_missing') return <NoNight />
  const title = code === 'en' ? problem.titleEn : problem.title
  const detail = code === 'en' ? problem.detailEn : problem.detail
  return (
    <div role="alert">
      <Picture
        icon={
          problem.status === 0 ? (
            <CloudServerOutlined />
          ) : problem.status === 403 ? (
            <LockOutlined />
          ) : (
            <WarningOutlined />
          )
        }
        title={title || copy.state.failed}
        detail={
          <>
            {detail !== title && <>{detail} </>}
            <span className="quiet">{copy.state.code(problem.code)}</span>
          </>
        }
        action={
          onRetry &&
          problem.status !== 403 &&
          problem.status !== 404 && <Button onClick={onRetry}>{copy.state.retry}</Button>
        }
      />
    </div>
  )
}

/** Says also whether it is held, but at a unit where it does not count. */
export function NoRight({ permission }: { permission: Permission }) {
  const copy = useCopy()
  const { permissions } = useMe()
  const words = copy.state
  const said = copy.permissions[permission]
  return permissions.includes(permission) ? (
    <Picture icon={<LockOutlined />} title={words.headOfficeOnly} detail={words.headOfficeOnlyDetail(said)} />
  ) : (
    <Picture icon={<LockOutlined />} title={words.noRight} detail={words.noRightDetail(said)} />
  )
}

export function NotFound() {
  const copy = useCopy()
  return (
    <Picture
      icon={<FileSearchOutlined />}
      title={copy.state.notFound}
      detail={copy.state.notFoundDetail}
      action={<Link to="/">{copy.state.home}</Link>}
    />
  )
}

export function NoNight() {
  const copy = useCopy()
  return (
    <Picture
      icon={<InboxOutlined />}
      title={copy.state.noNight}
      detail={copy.state.noNightDetail}
      action={<Link to="/nights">{copy.state.goNights}</Link>}
    />
  )
}

interface AnsweredProps<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown }
  children: (data: T) => ReactNode
  /** Rows of the skeleton, about the height of what comes. */
  rows?: number
}

/** Shows a query's answer, or its skeleton, or its refusal. */
export function Answered<T>({ query, children, rows }: AnsweredProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) return <Failed failure={query.error} onRetry={() => query.refetch()} />
  return <Loading {...(rows === undefined ? {} : { rows })} />
}
