/** Nights: what ran, what runs, and running one. */
import { PlayCircleOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Alert, App, Button, DatePicker, Modal } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useMemo, useState } from 'react'
import { listNights, type Night, startNight } from '../../src/contract/nights.ts'
import { ask, problemFrom, queries } from '../api.ts'
import { countText, spanText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { Dash, Instant } from '../parts/figures.tsx'
import { NightStatus } from '../parts/night-status.tsx'
import { Page } from '../parts/page.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { Running } from '../parts/running.tsx'
import { Failed, Nothing } from '../parts/state.tsx'
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
      {list.error && list.rows.length === 0 ? (
        <Failed failure={list.error} onRetry={list.reload} />
      ) : (
        <RecordTable<Night>
          name="nights"
          label={words.title}
          columns={columns}
          rows={list.rows}
          keyOf={(night) => String(night.id)}
          loading={list.loading}
          onReload={list.reload}
          more={list.more}
          onOpen={(night) => navigate({ to: '/nights/$id', params: { id: String(night.id) } })}
          empty={
            <Nothing
              title={words.empty}
              detail={words.emptyDetail}
              action={may('nights.run') && <Button onClick={run}>{words.run}</Button>}
            />
          }
        />
      )}
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
  const { copy, code } = useLanguage()
  const words = copy.nights
  const me = useMe()
  const { message } = App.useApp()
  const [day, setDay] = useState<Dayjs>(
    me.lastNight ? dayjs(me.lastNight.day).add(1, 'day') : dayjs().subtract(1, 'day'),
  )
  const start = useMutation({
    mutationFn: () => ask(startNight, { body: { day: day.format('YYYY-MM-DD') } }),
    onSuccess: (answer) => {
      message.success(words.queued(answer.day))
      queries.invalidateQueries({ queryKey: ['listNights'] })
      onClose()
    },
  })
  const problem = start.error && problemFrom(start.error)
  return (
    <Modal
      open
      title={words.runTitle}
      onCancel={onClose}
      okText={words.run}
      onOk={() => start.mutate()}
      confirmLoading={start.isPending}
      width={420}
    >
      <div className="stack">
        <DatePicker
          value={day}
          onChange={(chosen) => chosen && setDay(chosen)}
          allowClear={false}
          aria-label={words.day}
        />
        <p className="quiet">{words.runHint}</p>
        {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
      </div>
    </Modal>
  )
}
