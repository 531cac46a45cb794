/** Personal data under law: how long things are kept (rehearsed), who was erased, and the generations of the master key. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Form, Input, InputNumber, Modal } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listErasures, type RetentionLine, readKeys, readRetention, setRetention } from '../../src/contract/privacy.ts'
import { ask, queries, reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { usePaged } from '../paged.ts'
import { Dash, Instant } from '../parts/figures.tsx'
import { More } from '../parts/more.tsx'
import { Page, Panel } from '../parts/page.tsx'
import { ProblemNote } from '../parts/problem.tsx'
import { actColumn, SmallTable } from '../parts/small-table.tsx'
import { Answered, Failed, Nothing } from '../parts/state.tsx'
import { useMay } from '../session.ts'

/** Kept by number, not by age. */
const counted = ['nights', 'monthEnds']

export default function PrivacyPage() {
  const words = useCopy().privacy
  return (
    <Page title={words.title} needs="privacy.read">
      <div className="stack">
        <Retention />
        <Erasures />
        <MasterKeys />
      </div>
    </Page>
  )
}

function Retention() {
  const words = useCopy().privacy
  const may = useMay()
  const [editing, setEditing] = useState<RetentionLine>()
  const retention = useQuery(reading(readRetention))
  return (
    <Panel title={words.retention} extra={<span className="quiet">{words.retentionHint}</span>} flush>
      <Answered query={retention}>
        {({ lines, appliedOn }) => (
          <>
            <SmallTable<RetentionLine>
              label={words.retention}
              rows={lines}
              keyOf={(line) => line.noun}
              columns={[
                { key: 'noun', title: words.noun, render: (_, line) => <Noun line={line} /> },
                {
                  key: 'goes',
                  title: words.goes,
                  align: 'right',
                  render: (_, line) =>
                    line.goes > 0 ? <span className="tag tag-warn">{countText(line.goes)}</span> : countText(0),
                },
                { key: 'held', title: words.held, align: 'right', render: (_, line) => countText(line.held) },
                {
                  key: 'oldest',
                  title: words.oldest,
                  render: (_, line) => (line.oldest ? <Instant at={line.oldest} /> : <Dash />),
                },
                { key: 'edited', title: words.edited, render: (_, line) => line.editedBy ?? <Dash /> },
                actColumn(
                  (line) =>
                    may('privacy.manage') &&
                    !line.fixed && (
                      <Button size="small" onClick={() => setEditing(line)}>
                        {words.edit}
                      </Button>
                    ),
                ),
              ]}
            />
            <p className="quiet panel-body">{appliedOn ? words.appliedOn(appliedOn) : words.neverApplied}</p>
          </>
        )}
      </Answered>
      {editing && <EditDialog line={editing} onClose={() => setEditing(undefined)} />}
    </Panel>
  )
}

/** With how long it is kept below, so that a phone has room for what would go. */
function Noun({ line }: { line: RetentionLine }) {
  const words = useCopy().privacy
  return (
    <span className="retained">
      {words.nouns[line.noun]}
      <small className="quiet">
        {words.keep} <Keep line={line} />
      </small>
    </span>
  )
}

function Keep({ line }: { line: RetentionLine }) {
  const words = useCopy().privacy
  if (line.keep === null) return words.keepForever
  return counted.includes(line.noun) ? words.keepCount(line.keep) : words.keepDays(line.keep)
}

function EditDialog({ line, onClose }: { line: RetentionLine; onClose: () => void }) {
  const copy = useCopy()
  const words = copy.privacy
  const [form] = Form.useForm<{ keep: number; reason: string }>()
  const setting = useMutation({
    mutationFn: (given: { keep: number; reason: string }) => ask(setRetention, { body: { noun: line.noun, ...given } }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['readRetention'] })
      onClose()
    },
  })
  return (
    <Modal
      open
      title={words.editTitle(words.nouns[line.noun] ?? line.noun)}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={words.edit}
      confirmLoading={setting.isPending}
      width={460}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ keep: line.keep }}
        onFinish={(given) => setting.mutate(given)}
      >
        <Form.Item name="keep" label={words.keepField} rules={[{ required: true }]}>
          <InputNumber<number> min={counted.includes(line.noun) ? 1 : 0} max={36_500} precision={0} />
        </Form.Item>
        <Form.Item name="reason" label={words.reason} rules={[{ required: true, min: 2, max: 500 }]}>
          <Input maxLength={500} placeholder={words.reasonHint} />
        </Form.Item>
        <ProblemNote failure={setting.error} />
      </Form>
    </Modal>
  )
}

function Erasures() {
  const copy = useCopy()
  const words = copy.privacy
  const list = usePaged(listErasures, {})
  if (list.error && list.rows.length === 0) return <Failed failure={list.error} onRetry={list.reload} />
  return (
    <Panel title={words.erasures} extra={<span className="quiet">{words.erasuresHint}</span>} flush>
      <SmallTable<Output<typeof listErasures>['rows'][number]>
        label={words.erasures}
        rows={list.rows}
        keyOf={(row) => row.customerNo}
        empty={list.loading ? ' ' : <Nothing title={words.noErasures} />}
        columns={[
          {
            key: 'no',
            title: copy.customers.no,
            render: (_, erasure) => <span className="mono">{erasure.customerNo}</span>,
          },
          { key: 'at', title: words.erasedAt, render: (_, row) => <Instant at={row.erasedAt} /> },
          { key: 'by', title: words.by, dataIndex: 'erasedBy' },
          { key: 'checkedBy', title: words.checkedBy, render: (_, row) => row.checkedBy ?? <Dash /> },
          { key: 'reason', title: words.reason, dataIndex: 'reason' },
          {
            key: 'again',
            title: words.reapplied,
            render: (_, row) => (row.reappliedAt ? <Instant at={row.reappliedAt} /> : <Dash />),
          },
        ]}
      />
      <More list={list} />
    </Panel>
  )
}

function MasterKeys() {
  const words = useCopy().privacy
  const keys = useQuery(reading(readKeys))
  return (
    <Panel title={words.keys} extra={<span className="quiet">{words.keysHint}</span>} flush>
      <Answered query={keys}>
        {({ generations }) => (
          <SmallTable<Output<typeof readKeys>['generations'][number]>
            label={words.keys}
            rows={generations}
            keyOf={(one) => String(one.generation)}
            columns={[
              { key: 'generation', title: words.generation, dataIndex: 'generation' },
              { key: 'made', title: words.made, render: (_, one) => <Instant at={one.madeAt} /> },
              {
                key: 'retired',
                title: words.retired,
                render: (_, one) =>
                  one.retiredAt ? <Instant at={one.retiredAt} /> : <span className="tag tag-good">{words.inUse}</span>,
              },
              { key: 'by', title: words.keptBy, render: (_, one) => words.keepers[one.keptBy] },
              { key: 'parties', title: words.parties, align: 'right', render: (_, one) => countText(one.parties) },
              { key: 'purposes', title: words.purposes, align: 'right', render: (_, one) => countText(one.purposes) },
            ]}
          />
        )}
      </Answered>
    </Panel>
  )
}
