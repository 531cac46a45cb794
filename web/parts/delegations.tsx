/** Who checks in whose place: given and received delegations, and giving one. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input, Modal, Select } from 'antd'
import dayjs from 'dayjs'
import { useId, useState } from 'react'
import { createDelegation, endDelegation, listDelegations } from '../../src/contract/approvals.ts'
import { reasonLengthMin } from '../../src/contract/common.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { ask, queries, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { DayField, today } from './day-field.tsx'
import { isLongEnough, LengthHint } from './length-hint.tsx'
import { ProblemNote } from './problem.tsx'
import { actColumn, SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

type Delegation = Output<typeof listDelegations>['rows'][number]
type Colleagues = Output<typeof listDelegations>['colleagues']

const refresh = () => queries.invalidateQueries({ queryKey: ['listDelegations'] })

export default function Delegations({ onClose }: { onClose: () => void }) {
  const words = useCopy().approvals
  const list = useQuery(reading(listDelegations))
  return (
    <Modal open title={words.delegations} onCancel={onClose} footer={null} width={760}>
      <Answered query={list}>
        {({ rows, colleagues }) => (
          <div className="stack">
            <NewDelegation colleagues={colleagues} />
            <Given rows={rows} />
          </div>
        )}
      </Answered>
    </Modal>
  )
}

function Given({ rows }: { rows: Delegation[] }) {
  const words = useCopy().approvals
  const ending = useMutation({
    mutationFn: (id: number) => ask(endDelegation, { params: { id } }),
    onSuccess: refresh,
  })
  return (
    <>
      <ProblemNote failure={ending.error} />
      <SmallTable<Delegation>
        label={words.delegations}
        rows={rows}
        keyOf={(row) => String(row.id)}
        empty={<p className="quiet">{words.noDelegations}</p>}
        columns={[
          { key: 'from', title: words.delegatedFrom, render: (_, row) => row.from.name },
          { key: 'to', title: words.delegateTo, render: (_, row) => row.to.name },
          {
            key: 'days',
            title: words.days,
            render: (_, row) => `${row.fromDay} – ${dayjs(row.toDay).subtract(1, 'day').format('YYYY-MM-DD')}`,
          },
          { key: 'reason', title: words.reason, render: (_, row) => row.reason },
          actColumn((row) => {
            if (row.endedAt) return <span className="tag">{words.ended}</span>
            return (
              row.isMine && (
                <Button
                  size="small"
                  loading={ending.isPending && ending.variables === row.id}
                  onClick={() => ending.mutate(row.id)}
                >
                  {words.end}
                </Button>
              )
            )
          }),
        ]}
      />
    </>
  )
}

function NewDelegation({ colleagues }: { colleagues: Colleagues }) {
  const words = useCopy().approvals
  const [to, setTo] = useState<string | undefined>(undefined)
  const [from, setFrom] = useState(today())
  const [last, setLast] = useState(dayjs().add(7, 'day').format('YYYY-MM-DD'))
  const [reason, setReason] = useState('')
  const hint = useId()
  const giving = useMutation({
    mutationFn: () => {
      const toDay = dayjs(last).add(1, 'day').format('YYYY-MM-DD')
      return ask(createDelegation, { body: { to: to!, fromDay: from, toDay, reason: reason.trim() } })
    },
    onSuccess: () => {
      setReason('')
      refresh()
    },
  })
  return (
    <>
      <div className="row" style={{ alignItems: 'flex-start' }}>
        <Select
          value={to as string}
          onChange={setTo}
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={words.delegateTo}
          aria-label={words.delegateTo}
          options={colleagues.map((one) => ({ value: one.login, label: `${one.name} · ${one.login}` }))}
          style={{ minWidth: 180 }}
        />
        <DayField label={words.days} value={from} onChange={(day) => day && setFrom(day)} />
        <DayField label={words.lastDay} value={last} onChange={(day) => day && setLast(day)} />
        <div style={{ width: 160 }}>
          <Input
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            placeholder={words.reason}
            aria-label={words.reason}
            aria-describedby={hint}
            maxLength={500}
          />
          <LengthHint id={hint} text={reason} lengthMin={reasonLengthMin} />
        </div>
        <Button
          type="primary"
          disabled={!to || !isLongEnough(reason, reasonLengthMin)}
          loading={giving.isPending}
          onClick={() => giving.mutate()}
        >
          {words.delegate}
        </Button>
      </div>
      <ProblemNote failure={giving.error} />
    </>
  )
}
