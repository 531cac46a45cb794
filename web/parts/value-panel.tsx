/** The value state of a customer: where they stand and since when, what is open about them, the history, and moving them. */
import { SwapOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { App, Button, Radio } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { causeWords, reasonWords } from '../../src/contract/value-state-words.ts'
import { moveValueState, readValueState } from '../../src/contract/value-states.ts'
import { ask, queries, reading } from '../api.ts'
import { useCopy, useLanguage } from '../language.ts'
import { labelOf, useMay } from '../session.ts'
import { DayField } from './day-field.tsx'
import { Dash, Instant } from './figures.tsx'
import { Note } from './note.tsx'
import { Panel } from './page.tsx'
import { Question } from './question.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered, Nothing } from './state.tsx'
import { type LossReason, ReasonSelect, usePositionName, ValuePosition } from './value-position.tsx'

type ValueRecord = Output<typeof readValueState>
type Entry = ValueRecord['history'][number]

export function ValuePanel({ no }: { no: string }) {
  const words = useCopy().valueStates
  const may = useMay()
  const record = useQuery(reading(readValueState, { params: { no } }))
  const [moving, setMoving] = useState(false)
  return (
    <Answered query={record}>
      {(answer) =>
        answer.current === null ? (
          <Nothing title={words.none} detail={words.noneDetail} />
        ) : (
          <div className="stack">
            <Panel
              title={words.now}
              extra={
                may('valueStates.move') && (
                  <Button
                    size="small"
                    icon={<SwapOutlined />}
                    disabled={answer.moves.length === 0}
                    title={answer.moves.length === 0 ? words.noMoves : undefined}
                    onClick={() => setMoving(true)}
                  >
                    {words.move}
                  </Button>
                )
              }
            >
              <div className="row">
                <ValuePosition at={answer.current} />
                <span className="quiet">{words.since(answer.current.fromDay)}</span>
              </div>
              <Open record={answer} />
            </Panel>
            <Panel title={words.history} extra={<span className="quiet">{words.historyHint}</span>} flush>
              <History entries={answer.history} />
            </Panel>
            {moving && <MoveDialog record={answer} onClose={() => setMoving(false)} />}
          </div>
        )
      }
    </Answered>
  )
}

/** What waits for somebody. */
function Open({ record: { proposal, winBack } }: { record: ValueRecord }) {
  const words = useCopy().valueStates
  const { code } = useLanguage()
  const may = useMay()
  const name = usePositionName()
  const mayRead = may('valueStates.read')
  return (
    <>
      {proposal && (
        <p className="note note-warn row gap">
          {words.proposed(labelOf(causeWords[proposal.cause], code), name(proposal.to))}
          {mayRead && (
            <Link to="/value-states" search={{ tab: 'proposals' }}>
              {words.toProposals}
            </Link>
          )}
        </p>
      )}
      {winBack && (
        <p className="note row gap">
          {words.beingWonBack(winBack.dueOn)}
          {mayRead && (
            <Link to="/value-states" search={{ tab: 'winBacks' }}>
              {words.toWinBacks}
            </Link>
          )}
        </p>
      )}
    </>
  )
}

function History({ entries }: { entries: Entry[] }) {
  const words = useCopy().valueStates
  const { code } = useLanguage()
  return (
    <SmallTable<Entry>
      label={words.history}
      rows={entries}
      keyOf={(entry) => entry.id}
      columns={[
        { key: 'from', title: words.from, dataIndex: 'fromDay' },
        { key: 'state', title: words.state, render: (_, entry) => <ValuePosition at={entry} /> },
        {
          key: 'reason',
          title: words.reason,
          render: (_, { reason }) => (reason ? labelOf(reasonWords[reason], code) : <Dash />),
        },
        { key: 'source', title: words.source, render: (_, entry) => words.sources[entry.source] },
        { key: 'by', title: words.by, render: (_, entry) => entry.by ?? <Dash /> },
        { key: 'note', title: words.note, render: (_, entry) => entry.note ?? <Dash /> },
        { key: 'at', title: words.recordedAt, render: (_, entry) => <Instant at={entry.recordedAt} /> },
      ]}
    />
  )
}

/** Offers only what is allowed. The day is left to the server unless it is set: its today is the one that counts. */
function MoveDialog({ record, onClose }: { record: ValueRecord; onClose: () => void }) {
  const words = useCopy().valueStates
  const { message } = App.useApp()
  const name = usePositionName()
  const [at, setAt] = useState<number>()
  const [day, setDay] = useState<string>()
  const [reason, setReason] = useState<LossReason>()
  const [note, setNote] = useState('')
  const move = at === undefined ? undefined : record.moves[at]
  const { customerNo, current } = record
  return (
    <Question
      title={words.move}
      okText={words.move}
      danger={move?.needsReason ?? false}
      ready={move !== undefined && (!move.needsReason || reason !== undefined)}
      send={() =>
        ask(moveValueState, {
          params: { no: customerNo },
          body: {
            entry: current!.id,
            to: { state: move!.state, stage: move!.stage },
            ...(day && { fromDay: day }),
            ...(move!.needsReason && { reason }),
            ...(note.trim() && { note: note.trim() }),
          },
        })
      }
      onDone={() => {
        message.success(words.moved)
        queries.invalidateQueries()
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <Radio.Group
            value={at}
            onChange={(event) => setAt(event.target.value)}
            aria-label={words.to}
            className="stack"
            options={record.moves.map((one, index) => ({ value: index, label: name(one) }))}
          />
          {move?.needsReason && <ReasonSelect value={reason} onChange={setReason} />}
          <DayField label={words.fromDay} value={day} onChange={setDay} allowClear />
          <Note value={note} onChange={setNote} label={words.noteOptional} />
        </>
      )}
    </Question>
  )
}
