/** Customers of other units: found by an exact number, asked for and granted; and the check of new customers. */

import { SearchOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Button, Input, Segmented } from 'antd'
import { useState } from 'react'
import { blindCheck, findElsewhere, listAccessRequests } from '../../src/contract/elsewhere.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { ask, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { usePaged } from '../paged.ts'
import { type AccessRequest, AskDialog, DecideRequest, useEndAccess } from '../parts/access-dialogs.tsx'
import { Dash, Instant } from '../parts/figures.tsx'
import { Page, Panel } from '../parts/page.tsx'
import { ProblemNote } from '../parts/problem.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { Answered, Nothing } from '../parts/state.tsx'
import { UnitName } from '../parts/unit-name.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { useMay } from '../session.ts'
import { useUnitName } from '../unit-names.ts'

type Found = Output<typeof findElsewhere>['rows'][number]

const numberMin = 4

export default function Elsewhere() {
  const copy = useCopy()
  return (
    <Page title={copy.elsewhere.title} needs="customers.find">
      <div className="grid">
        <div className="span-8">
          <Find />
        </div>
        <div className="span-4">
          <Check />
        </div>
      </div>
      <Requests />
    </Page>
  )
}

function Find() {
  const copy = useCopy()
  const words = copy.elsewhere
  const search = useSearch({ from: '/desk/elsewhere' })
  const navigate = useNavigate()
  const [typed, setTyped] = useState(search.q ?? '')
  const q = search.q ?? ''
  const found = useQuery({ ...reading(findElsewhere, { query: { q } }), enabled: q.length >= numberMin, staleTime: 0 })
  const go = () =>
    typed.trim().length >= numberMin &&
    navigate({ to: '/elsewhere', search: { ...search, q: typed.trim() }, replace: true })
  return (
    <Panel title={words.findTitle}>
      <div className="stack">
        <p className="quiet">{words.findHint}</p>
        <div className="row">
          <Input
            value={typed}
            prefix={<SearchOutlined />}
            placeholder={words.number}
            aria-label={words.number}
            onChange={(event) => setTyped(event.target.value)}
            onPressEnter={go}
            style={{ flex: 1, maxWidth: 320 }}
          />
          <Button type="primary" onClick={go} disabled={typed.trim().length < numberMin}>
            {words.find}
          </Button>
        </div>
        {q.length >= numberMin && (
          <Answered query={found} rows={2}>
            {(answer) => <FoundList rows={answer.rows} onAsked={() => void found.refetch()} />}
          </Answered>
        )}
      </div>
    </Panel>
  )
}

function FoundList({ rows, onAsked }: { rows: Found[]; onAsked: () => void }) {
  const copy = useCopy()
  const words = copy.elsewhere
  const [asking, setAsking] = useState<Found | undefined>(undefined)
  if (rows.length === 0) return <Nothing title={words.nothing} detail={words.nothingDetail} />
  return (
    <>
      <ul className="found">
        {rows.map((row) => (
          <li key={row.customerNo} className="row">
            <b>{row.name}</b>
            <span className="mono">{row.customerNo}</span>
            <span className="quiet">
              <UnitName unit={row.unit} />
              {row.rm && ` · ${row.rm}`}
            </span>
            <span className="grow" />
            {row.asked ? (
              <span className="tag">{words.asked}</span>
            ) : (
              <Button size="small" onClick={() => setAsking(row)}>
                {words.ask}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {asking && (
        <AskDialog
          customerNo={asking.customerNo}
          name={asking.name}
          onDone={() => {
            setAsking(undefined)
            onAsked()
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
    </>
  )
}

function Check() {
  const copy = useCopy()
  const unitName = useUnitName()
  const words = copy.elsewhere
  const [identityNo, setIdentityNo] = useState('')
  const checking = useMutation({ mutationFn: () => ask(blindCheck, { body: { identityNo: identityNo.trim() } }) })
  const enough = identityNo.trim().length >= numberMin
  return (
    <Panel title={words.checkTitle}>
      <div className="stack">
        <p className="quiet">{words.checkHint}</p>
        <div className="row">
          <Input
            value={identityNo}
            placeholder={words.identityNo}
            aria-label={words.identityNo}
            onChange={(event) => {
              setIdentityNo(event.target.value)
              checking.reset()
            }}
            onPressEnter={() => enough && checking.mutate()}
            style={{ flex: 1, maxWidth: 240 }}
          />
          <Button onClick={() => checking.mutate()} loading={checking.isPending} disabled={!enough}>
            {words.check}
          </Button>
        </div>
        {checking.data && (
          <Alert
            showIcon
            type={checking.data.exists ? 'warning' : 'success'}
            title={checking.data.unit ? words.exists(unitName(checking.data.unit)) : words.free}
          />
        )}
        <ProblemNote failure={checking.error} />
      </div>
    </Panel>
  )
}

function Requests() {
  const copy = useCopy()
  const words = copy.elsewhere
  const may = useMay()
  const search = useSearch({ from: '/desk/elsewhere' })
  const navigate = useNavigate()
  const box = search.box === 'others' && may('access.grant') ? 'others' : 'own'
  const list = usePaged(listAccessRequests, { query: { box } }, may('customers.find'))
  const columns = useRequestColumns(box)
  return (
    <RecordTable<AccessRequest>
      name={`access-${box}`}
      label={words[box]}
      columns={columns}
      list={list}
      keyOf={(row) => row.id}
      empty={<Nothing title={words.empty} />}
      tools={
        <Segmented
          value={box}
          aria-label={words.status}
          onChange={(value) => navigate({ to: '/elsewhere', search: { ...search, box: value }, replace: true })}
          options={[
            { value: 'own', label: words.own },
            ...(may('access.grant') ? [{ value: 'others', label: <Others /> }] : []),
          ]}
        />
      }
    />
  )
}

/** Opened at one's own, so that it says where the number of the navigation comes from. */
function Others() {
  const words = useCopy().elsewhere
  return (
    <span className="row">
      {words.others}
      <Waiting at="/elsewhere" />
    </span>
  )
}

function useRequestColumns(box: 'own' | 'others'): RecordColumn<AccessRequest>[] {
  const copy = useCopy()
  const words = copy.elsewhere
  return [
    {
      key: 'customer',
      title: copy.proposals.customer,
      render: (_, row) =>
        box === 'others' || row.status === 'granted' ? (
          <Link to="/customers/$no" params={{ no: row.customerNo }}>
            {row.name} <span className="mono quiet">{row.customerNo}</span>
          </Link>
        ) : (
          <>
            {row.name} <span className="mono quiet">{row.customerNo}</span>
          </>
        ),
    },
    { key: 'unit', title: copy.common.unit, render: (_, row) => <UnitName unit={row.unit} /> },
    ...(box === 'others'
      ? [{ key: 'by', title: words.askedBy, render: (_: unknown, row: AccessRequest) => row.askedBy }]
      : []),
    { key: 'reason', title: words.reason, render: (_, row) => row.reason },
    { key: 'hours', title: words.hours, render: (_, row) => words.hoursOf(row.hours) },
    { key: 'at', title: words.askedAt, render: (_, row) => <Instant at={row.askedAt} /> },
    { key: 'status', title: words.status, render: (_, row) => <Status request={row} /> },
    { key: 'decided', title: words.decided, render: (_, row) => <Decided request={row} /> },
    { key: 'act', title: '', render: (_, row) => <Acts request={row} box={box} /> },
  ]
}

const looks = { open: 'tag tag-warn', granted: 'tag tag-good', declined: 'tag tag-bad', withdrawn: 'tag', ended: 'tag' }

function Status({ request }: { request: AccessRequest }) {
  const words = useCopy().elsewhere
  return (
    <span className="row">
      <span className={looks[request.status]}>{words.statuses[request.status]}</span>
      {request.status === 'granted' && request.until && (
        <span className="quiet">
          – <Instant at={request.until} />
        </span>
      )}
    </span>
  )
}

function Decided({ request }: { request: AccessRequest }) {
  if (!request.decidedBy) return <Dash />
  return (
    <>
      {request.decidedBy} <span className="quiet">{request.note}</span>
    </>
  )
}

function Acts({ request, box }: { request: AccessRequest; box: 'own' | 'others' }) {
  const words = useCopy().elsewhere
  const [deciding, setDeciding] = useState<'granted' | 'declined' | undefined>(undefined)
  const ending = useEndAccess(request.id)
  if (box === 'others' && request.status === 'open') {
    return (
      <span className="row">
        <Button size="small" type="primary" onClick={() => setDeciding('granted')}>
          {words.grant}
        </Button>
        <Button size="small" onClick={() => setDeciding('declined')}>
          {words.decline}
        </Button>
        {deciding && <DecideRequest request={request} decision={deciding} onClose={() => setDeciding(undefined)} />}
      </span>
    )
  }
  if (request.status === 'open' || request.status === 'granted') {
    return (
      <Button size="small" loading={ending.isPending} onClick={() => ending.mutate()}>
        {request.status === 'open' ? words.withdraw : words.end}
      </Button>
    )
  }
  return null
}
