/** Nights: what ran, what runs, and running one. */
import { PlayCircleOutlined } from '@ant-design/icons'
import { useNavigate } from '@tanstack/react-router'
import { App, Button } from 'antd'
import dayjs from 'dayjs'
import { useMemo, useState } from 'react'
import { listNights, type Night, startNight } from '../../src/contract/nights.ts'
import { ask, queries } from '../api.ts'
import { countText, spanText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { DayField } from '../parts/day-field.tsx'
import { Dash, Instant } from '../parts/figures.tsx'
import { NightStatus } from '../parts/night-status.tsx'
import { Page } from '../parts/page.tsx'
import { Question } from '../parts/question.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { Running } from '../parts/running.tsx'
import { Nothing } from '../parts/state.tsx'
import { useMay, useMe } from '../session.ts'

export default function Nights() {
  const { copy } = useLanguage()
  const words = copy.nights
  const may = useMay()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const list = usePaged(listNights, { query: {} }, may('nights.read'))
  const columns = useNightColumns()
  const run = () => setAsking(true)
  const actions = [
    {
      key: 'N',
      label: words.run,
      icon: <PlayCircleOutlined />,
      primary: true,
      run,
      disabled: may('nights.run') ? undefined : copy.state.noRight,
    },
  ]
  return (
    <Page title={words.title} needs="nights.read" actions={actions}>
      <Running only="nights" />
      <RecordTable<Night>
        name="nights"
        label={words.title}
        columns={columns}
        list={list}
        keyOf={(night) => String(night.id)}
        onOpen={(night) => navigate({ to: '/nights/$id', params: { id: String(night.id) } })}
        empty={
          <Nothing
            title={words.empty}
            detail={words.emptyDetail}
            action={may('nights.run') && <Button onClick={run}>{words.run}</Button>}
          />
        }
      />
      {asking && <RunDialog onClose={() => setAsking(false)} />}
    </Page>
  )
}

function useNightColumns(): RecordColumn<Night>[] {
  const { copy } = useLanguage()
  const words = copy.nights
  return useMemo(
    () => [
      { key: 'day', title: words.day, render: (_, night) => <b>{night.day}</b> },
      { key: 'status', title: words.status, render: (_, night) => <NightStatus night={night} /> },
      {
        key: 'customers',
        title: words.customers,
        align: 'right',
        render: (_, night) => (night.customers === null ? <Dash /> : countText(night.customers)),
      },
      { key: 'policy', title: words.policy, align: 'right', render: (_, night) => night.policyVersion },
      { key: 'started', title: words.started, render: (_, night) => <Instant at={night.startedAt} /> },
      { key: 'published', title: words.published, render: (_, night) => <Instant at={night.publishedAt} /> },
      {
        key: 'took',
        title: words.took,
        align: 'right',
        render: (_, night) => (night.finishedAt ? spanText(night.startedAt, night.finishedAt) : <Dash />),
      },
      {
        key: 'digest',
        title: words.digest,
        render: (_, night) => (night.digest ? <code>{night.digest.slice(0, 16)}</code> : <Dash />),
      },
    ],
    [words],
  )
}

function RunDialog({ onClose }: { onClose: () => void }) {
  const words = useLanguage().copy.nights
  const me = useMe()
  const { message } = App.useApp()
  const [day, setDay] = useState(
    (me.lastNight ? dayjs(me.lastNight.day).add(1, 'day') : dayjs().subtract(1, 'day')).format('YYYY-MM-DD'),
  )
  return (
    <Question
      title={words.runTitle}
      okText={words.run}
      send={() => ask(startNight, { body: { day } })}
      onDone={(answer) => {
        message.success(words.queued(answer.day))
        queries.invalidateQueries({ queryKey: ['listNights'] })
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <DayField label={words.day} value={day} onChange={(chosen) => chosen && setDay(chosen)} />
          <p className="quiet">{words.runHint}</p>
        </>
      )}
    </Question>
  )
}
