/** Security alerts: what administrators and compliance must look at, and what was found. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { App, Button, Segmented } from 'antd'
import { useMemo, useState } from 'react'
import { reasonLengthMin } from '../../src/contract/common.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { acknowledgeSecurityAlert, listSecurityAlerts } from '../../src/contract/security-alerts.ts'
import { ask, queries } from '../api.ts'
import { countText, instantText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { usePaged } from '../paged.ts'
import { Dash, Instant } from '../parts/figures.tsx'
import { isLongEnough } from '../parts/length-hint.tsx'
import { Note } from '../parts/note.tsx'
import { Page } from '../parts/page.tsx'
import { Question } from '../parts/question.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { Nothing } from '../parts/state.tsx'
import { useMay } from '../session.ts'

type Alert = Output<typeof listSecurityAlerts>['rows'][number]
const states = ['open', 'acknowledged', 'all'] as const

export default function Alerts() {
  const copy = useCopy()
  const words = copy.securityAlerts
  const may = useMay()
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/security-alerts' })
  const state = states.find((one) => one === search.state) ?? 'open'
  const list = usePaged(listSecurityAlerts, { query: { state } }, may('securityAlerts.read'))
  const [taking, setTaking] = useState<Alert>()
  const columns = useColumns(setTaking)
  return (
    <Page title={words.title} needs="securityAlerts.read">
      <RecordTable<Alert>
        name="alerts"
        label={words.title}
        columns={columns}
        list={list}
        keyOf={(row) => String(row.id)}
        empty={<Nothing title={state === 'open' ? words.empty : words.emptyAll} />}
        tools={
          <Segmented<(typeof states)[number]>
            value={state}
            onChange={(chosen) =>
              navigate({ to: '/security-alerts', search: chosen === 'open' ? {} : { state: chosen }, replace: true })
            }
            options={states.map((value) => ({ value, label: words.states[value] }))}
            aria-label={words.state}
          />
        }
      />
      {taking && <Acknowledge alert={taking} onClose={() => setTaking(undefined)} />}
    </Page>
  )
}

function useColumns(onTake: (alert: Alert) => void): RecordColumn<Alert>[] {
  const copy = useCopy()
  const words = copy.securityAlerts
  const may = useMay()
  const noRight = !may('securityAlerts.acknowledge')
  return useMemo(
    () => [
      {
        key: 'kind',
        title: words.kind,
        render: (_, row) => (
          <span className={row.acknowledged ? 'tag' : row.kind === 'breakGlassUsed' ? 'tag tag-bad' : 'tag tag-warn'}>
            {words.kinds[row.kind]}
          </span>
        ),
      },
      { key: 'about', title: words.about, render: (_, row) => <About alert={row} /> },
      { key: 'times', title: words.times, align: 'right', render: (_, row) => countText(row.times) },
      { key: 'last', title: words.last, render: (_, row) => <Instant at={row.lastAt} /> },
      { key: 'first', title: words.first, render: (_, row) => <Instant at={row.firstAt} /> },
      { key: 'address', title: words.address, render: (_, row) => row.address ?? <Dash /> },
      {
        key: 'acknowledged',
        title: words.states.acknowledged,
        render: (_, row) =>
          row.acknowledged ? (
            <span className="wrap-box">
              {row.acknowledged.note}{' '}
              <span className="quiet">{words.by(row.acknowledged.by, instantText(row.acknowledged.at))}</span>
            </span>
          ) : (
            <Button
              size="small"
              disabled={noRight}
              title={noRight ? copy.state.noRight : undefined}
              onClick={() => onTake(row)}
            >
              {words.acknowledge}
            </Button>
          ),
      },
    ],
    [copy, words, noRight, onTake],
  )
}

function About({ alert }: { alert: Alert }) {
  const words = useCopy().securityAlerts
  if (alert.login) {
    return (
      <>
        {alert.login.displayName} <span className="quiet mono">{alert.login.name}</span>
      </>
    )
  }
  return alert.about === 'everywhere' ? words.everywhere : <span className="mono">{alert.about}</span>
}

function Acknowledge({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const words = useCopy().securityAlerts
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  return (
    <Question
      title={`${words.acknowledgeTitle}: ${words.kinds[alert.kind]}`}
      okText={words.acknowledge}
      ready={isLongEnough(note, reasonLengthMin)}
      send={() => ask(acknowledgeSecurityAlert, { params: { id: alert.id }, body: { note: note.trim() } })}
      onDone={() => {
        message.success(words.acknowledged)
        queries.invalidateQueries({ queryKey: ['listSecurityAlerts'] })
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="quiet">{words.acknowledgeHint}</p>
          <Note value={note} onChange={setNote} label={words.note} lengthMin={reasonLengthMin} autoFocus />
        </>
      )}
    </Question>
  )
}
