/** The ledger of consents of a customer, what it allows today, and the forms that add to it. */
import { PlusOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, DatePicker, Form, Input, Modal, Select } from 'antd'
import type { Dayjs } from 'dayjs'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import {
  consentBases,
  consentChannels,
  consentPurposes,
  privacyReasonLengthMin,
  readConsents,
  recordConsent,
  withdrawConsent,
} from '../../src/contract/privacy.ts'
import { forever } from '../../src/kit/day.ts'
import { ask, queries, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { Dash, Instant } from './figures.tsx'
import { isLongEnough } from './length-hint.tsx'
import { Note } from './note.tsx'
import { Panel } from './page.tsx'
import { ProblemNote } from './problem.tsx'
import { Question } from './question.tsx'
import { actColumn, SmallTable } from './small-table.tsx'
import { Answered, Nothing } from './state.tsx'

type Ledger = Output<typeof readConsents>
type Allowed = Ledger['allowed'][number]

export function ConsentsPanel({ no, erased }: { no: string; erased: boolean }) {
  const words = useCopy().privacy
  const may = useMay()
  const ledger = useQuery(reading(readConsents, { params: { no } }))
  const [recording, setRecording] = useState(false)
  const [taking, setTaking] = useState<Allowed>()
  const mayRecord = may('consents.record') && !erased
  return (
    <Answered query={ledger}>
      {(answer) => (
        <>
          {!erased && (
            <Panel
              title={words.allowedToday(answer.today)}
              flush
              extra={
                mayRecord && (
                  <Button size="small" icon={<PlusOutlined />} onClick={() => setRecording(true)}>
                    {words.record}
                  </Button>
                )
              }
            >
              <AllowedTable ledger={answer} onWithdraw={mayRecord ? setTaking : undefined} />
            </Panel>
          )}
          <Panel title={words.consents} extra={<span className="quiet">{words.ledgerHint}</span>} flush>
            <EntriesTable ledger={answer} />
          </Panel>
          {recording && <RecordDialog no={no} onClose={() => setRecording(false)} />}
          {taking && <WithdrawDialog no={no} allowed={taking} onClose={() => setTaking(undefined)} />}
        </>
      )}
    </Answered>
  )
}

function AllowedTable({ ledger, onWithdraw }: { ledger: Ledger; onWithdraw: ((one: Allowed) => void) | undefined }) {
  const copy = useCopy()
  const words = copy.privacy
  const basisOf = (one: Allowed) => ledger.entries.find((entry) => entry.id === one.because)?.basis
  return (
    <SmallTable<Allowed>
      label={words.allowedToday(ledger.today)}
      rows={ledger.allowed}
      keyOf={(one) => `${one.purpose} ${one.channel}`}
      empty={<Nothing title={words.noConsents} detail={words.noConsentsDetail} />}
      columns={[
        { key: 'purpose', title: words.purpose, render: (_, one) => copy.purposes[one.purpose] ?? one.purpose },
        { key: 'channel', title: words.channel, render: (_, one) => copy.channels[one.channel] ?? one.channel },
        {
          key: 'allowed',
          title: words.answer,
          render: (_, one) => (
            <span className={one.allowed ? 'tag tag-good' : 'tag tag-bad'}>
              {one.allowed ? words.allowed : words.notAllowed}
            </span>
          ),
        },
        {
          key: 'basis',
          title: words.basis,
          render: (_, one) => {
            const basis = basisOf(one)
            return basis ? (copy.bases[basis] ?? basis) : <Dash />
          },
        },
        actColumn(
          (one) =>
            onWithdraw &&
            one.allowed &&
            basisOf(one) === 'consent' && (
              <Button size="small" danger onClick={() => onWithdraw(one)}>
                {words.withdraw}
              </Button>
            ),
        ),
      ]}
    />
  )
}

function EntriesTable({ ledger }: { ledger: Ledger }) {
  const copy = useCopy()
  const words = copy.privacy
  return (
    <SmallTable<Ledger['entries'][number]>
      label={words.consents}
      rows={ledger.entries}
      keyOf={(entry) => entry.id}
      empty={<Nothing title={words.noConsents} />}
      columns={[
        { key: 'at', title: words.recordedAt, render: (_, entry) => <Instant at={entry.recordedAt} /> },
        {
          key: 'kind',
          title: words.kind,
          render: (_, entry) => (
            <span className={entry.kind === 'given' ? 'tag tag-good' : 'tag tag-warn'}>{words.kinds[entry.kind]}</span>
          ),
        },
        { key: 'purpose', title: words.purpose, render: (_, entry) => copy.purposes[entry.purpose] ?? entry.purpose },
        { key: 'channel', title: words.channel, render: (_, entry) => copy.channels[entry.channel] ?? entry.channel },
        { key: 'basis', title: words.basis, render: (_, entry) => copy.bases[entry.basis] ?? entry.basis },
        { key: 'from', title: words.from, dataIndex: 'fromDay' },
        {
          key: 'until',
          title: words.until,
          render: (_, entry) => (entry.toDay === forever ? words.forever : entry.toDay),
        },
        { key: 'proof', title: words.proof, render: (_, entry) => entry.proof ?? entry.reason ?? <Dash /> },
        {
          key: 'by',
          title: words.recordedBy,
          render: (_, entry) => (entry.recordedBy === 'consents' ? words.byFeed : entry.recordedBy),
        },
      ]}
    />
  )
}

interface Recorded {
  purpose: string
  channel: (typeof consentChannels)[number]
  basis: (typeof consentBases)[number]
  proof: string
  toDay?: Dayjs | null
}

function RecordDialog({ no, onClose }: { no: string; onClose: () => void }) {
  const copy = useCopy()
  const words = copy.privacy
  const [form] = Form.useForm<Recorded>()
  const sending = useMutation({
    mutationFn: ({ toDay, ...given }: Recorded) =>
      ask(recordConsent, {
        params: { no },
        body: { ...given, ...(toDay && { toDay: toDay.format('YYYY-MM-DD') }) },
      }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['readConsents'] })
      onClose()
    },
  })
  const options = (codes: readonly string[], names: Record<string, string>) =>
    codes.map((value) => ({ value, label: names[value] ?? value }))
  return (
    <Modal
      open
      title={words.record}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={words.record}
      confirmLoading={sending.isPending}
      width={460}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ purpose: 'marketing', channel: 'any', basis: 'consent' }}
        onFinish={(given) => sending.mutate(given)}
      >
        <Form.Item name="purpose" label={words.purpose}>
          <Select options={options(consentPurposes, copy.purposes)} />
        </Form.Item>
        <Form.Item name="channel" label={words.channel}>
          <Select options={options(consentChannels, copy.channels)} />
        </Form.Item>
        <Form.Item name="basis" label={words.basis}>
          <Select options={options(consentBases, copy.bases)} />
        </Form.Item>
        <Form.Item name="toDay" label={words.until}>
          <DatePicker style={{ width: '100%' }} placeholder={words.forever} />
        </Form.Item>
        <Form.Item name="proof" label={words.proof} extra={words.proofHint} rules={[{ required: true, max: 200 }]}>
          <Input maxLength={200} />
        </Form.Item>
        <ProblemNote failure={sending.error} />
      </Form>
    </Modal>
  )
}

function WithdrawDialog({ no, allowed, onClose }: { no: string; allowed: Allowed; onClose: () => void }) {
  const copy = useCopy()
  const words = copy.privacy
  const { purpose, channel } = allowed
  const [reason, setReason] = useState('')
  return (
    <Question
      title={words.withdrawTitle(copy.purposes[purpose] ?? purpose, copy.channels[channel] ?? channel)}
      okText={words.withdraw}
      danger
      ready={isLongEnough(reason, privacyReasonLengthMin)}
      send={() => ask(withdrawConsent, { params: { no }, body: { purpose, channel, reason: reason.trim() } })}
      onDone={() => {
        queries.invalidateQueries({ queryKey: ['readConsents'] })
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <Note
          value={reason}
          onChange={setReason}
          label={words.reason}
          example={words.reasonHint}
          lengthMin={privacyReasonLengthMin}
        />
      )}
    </Question>
  )
}
