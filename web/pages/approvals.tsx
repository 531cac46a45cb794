/** The checker's inbox and one's own proposals: what changes, field by field, and deciding it. */
import { SwapOutlined } from '@ant-design/icons'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Segmented, Select } from 'antd'
import { lazy, Suspense, useMemo, useState } from 'react'
import type { z } from 'zod'
import {
  type ApprovalKind,
  type approval,
  approvalKindNames,
  checkPermissions,
  listApprovals,
} from '../../src/contract/approvals.ts'
import { useLanguage } from '../language.ts'
import { useSubject } from '../naming.ts'
import { usePaged } from '../paged.ts'
import { ApprovalDrawer, ApprovalStatus } from '../parts/approval.tsx'
import { Dash, Instant } from '../parts/figures.tsx'
import { Page } from '../parts/page.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { Nothing } from '../parts/state.tsx'
import { useMay } from '../session.ts'

const Delegations = lazy(() => import('../parts/delegations.tsx'))

type Approval = z.output<typeof approval>
const views = ['toCheck', 'mine', 'decided', 'all'] as const
type View = (typeof views)[number]

export default function Approvals() {
  const { copy } = useLanguage()
  const words = copy.approvals
  const may = useMay()
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/approvals' })
  const mayCheck = may(checkPermissions)
  const open = viewsOf(mayCheck, may('audit.read'))
  const view = open.find((one) => one === search.view) ?? open[0]
  const kind = approvalKindNames.find((one) => one === search.what)
  const go = (change: { view?: string; what?: string | undefined; id?: number | undefined }) =>
    navigate({ to: '/approvals', search: { ...search, ...change } as typeof search, replace: true })
  const [delegating, setDelegating] = useState(false)
  const list = usePaged(listApprovals, { query: { view, ...(kind ? { kind } : {}) } })
  const columns = useColumns(view)
  const actions = mayCheck
    ? [{ key: 'D', label: words.delegations, icon: <SwapOutlined />, run: () => setDelegating(true) }]
    : []
  return (
    <Page title={words.title} actions={actions}>
      {list.first && !list.first.fourEyes && <div className="note note-warn">{words.fourEyesOff}</div>}
      <RecordTable<Approval>
        name="approvals"
        label={words.title}
        columns={columns}
        list={list}
        keyOf={(row) => row.id}
        onOpen={(row) => go({ id: Number(row.id) })}
        tools={
          <div className="row">
            <Segmented<View>
              value={view}
              onChange={(chosen) => go({ view: chosen, id: undefined })}
              options={open.map((one) => ({ value: one, label: words.views[one] }))}
            />
            <Select<ApprovalKind | ''>
              value={kind ?? ''}
              onChange={(chosen) => go({ what: chosen || undefined })}
              aria-label={words.kind}
              options={[
                { value: '' as const, label: words.allKinds },
                ...approvalKindNames.map((one) => ({ value: one, label: words.kinds[one] })),
              ]}
              style={{ minWidth: 130 }}
            />
          </div>
        }
        empty={<Nothing title={words.empty[view]} />}
      />
      {search.id !== undefined && <ApprovalDrawer id={search.id} onClose={() => go({ id: undefined })} />}
      <Suspense>{delegating && <Delegations onClose={() => setDelegating(false)} />}</Suspense>
    </Page>
  )
}

/** An auditor who checks nothing begins with everybody's. */
function viewsOf(mayCheck: boolean, mayAudit: boolean): [View, ...View[]] {
  if (mayCheck) return mayAudit ? [...views] : ['toCheck', 'mine', 'decided']
  return mayAudit ? ['all', 'mine'] : ['mine']
}

function useColumns(view: View): RecordColumn<Approval>[] {
  const { copy } = useLanguage()
  const words = copy.approvals
  const subject = useSubject()
  return useMemo(
    () => [
      { key: 'kind', title: words.kind, render: (_, row) => <span className="tag">{words.kinds[row.kind]}</span> },
      {
        key: 'subject',
        title: words.subject,
        render: (_, row) => (
          <a href={`/approvals?view=${view}&id=${row.id}`} onClick={(event) => event.preventDefault()}>
            {subject(row)}
          </a>
        ),
      },
      { key: 'reason', title: words.reason, render: (_, row) => <span className="clipped">{row.reason}</span> },
      { key: 'by', title: words.proposedBy, render: (_, row) => row.proposedBy.name },
      { key: 'at', title: words.proposedAt, render: (_, row) => <Instant at={row.proposedAt} /> },
      { key: 'status', title: copy.common.status, render: (_, row) => <ApprovalStatus approval={row} /> },
      { key: 'decidedBy', title: words.decidedBy, render: (_, row) => row.decidedBy?.name ?? <Dash /> },
      { key: 'decidedAt', title: words.decidedAt, render: (_, row) => <Instant at={row.decidedAt} /> },
    ],
    [copy, words, view, subject],
  )
}
