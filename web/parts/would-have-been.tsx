/** What a corrected file would have changed in a published night; a person accepts or declines each. */
import { Link } from '@tanstack/react-router'
import { Button, Table } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { decideWouldHaveBeen, listWouldHaveBeen } from '../../src/contract/nights.ts'
import { ask } from '../api.ts'
import { useCopy } from '../language.ts'
import { usePaged } from '../paged.ts'
import { useMay } from '../session.ts'
import { TierMove } from './customer-tables.tsx'
import { DecideDialog, type Decision } from './decide.tsx'
import { Money } from './figures.tsx'
import { More } from './more.tsx'
import { Panel } from './page.tsx'
import { Failed, Loading, Nothing } from './state.tsx'

type Row = Output<typeof listWouldHaveBeen>['rows'][number]

export function WouldHaveBeen({ night }: { night: number }) {
  const copy = useCopy()
  const words = copy.nights
  const may = useMay()
  const [chosen, setChosen] = useState<string[]>([])
  const [deciding, setDeciding] = useState<Decision | undefined>(undefined)
  const list = usePaged(listWouldHaveBeen, { params: { id: night }, query: {} })
  if (list.error && list.rows.length === 0) return <Failed failure={list.error} onRetry={list.reload} />
  const buttons = may('nights.decide') && (
    <span className="row">
      <Button size="small" disabled={chosen.length === 0} onClick={() => setDeciding('accepted')}>
        {copy.proposals.accept}
      </Button>
      <Button size="small" disabled={chosen.length === 0} onClick={() => setDeciding('declined')}>
        {copy.proposals.decline}
      </Button>
    </span>
  )
  return (
    <Panel title={words.would} extra={buttons} flush>
      <Table<Row>
        size="small"
        aria-label={words.would}
        rowKey="customerNo"
        dataSource={list.rows}
        pagination={false}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: list.loading ? <Loading rows={3} /> : <Nothing title={words.wouldEmpty} /> }}
        rowSelection={{
          selectedRowKeys: chosen,
          onChange: (keys) => setChosen(keys.map(String)),
          getCheckboxProps: (row) => ({ disabled: row.decision !== null, 'aria-label': row.customerNo }),
        }}
        columns={[
          {
            key: 'customer',
            title: copy.proposals.customer,
            render: (_, row) => (
              <Link to="/customers/$no" params={{ no: row.customerNo }}>
                {row.name} <span className="mono quiet">{row.customerNo}</span>
              </Link>
            ),
          },
          {
            key: 'move',
            title: copy.proposals.change,
            render: (_, row) => <TierMove from={row.publishedTier} to={row.wouldTier} />,
          },
          {
            key: 'published',
            title: words.publishedAverage,
            align: 'right',
            render: (_, row) => <Money fen={row.publishedAverageFen} />,
          },
          {
            key: 'would',
            title: words.wouldAverage,
            align: 'right',
            render: (_, row) => <Money fen={row.wouldAverageFen} />,
          },
          {
            key: 'decision',
            title: words.decision,
            render: (_, row) => <span className="tag">{words.decisions[row.decision ?? 'open']}</span>,
          },
        ]}
      />
      <More list={list} />
      {deciding && (
        <DecideDialog
          decision={deciding}
          count={chosen.length}
          decide={(decision, note) =>
            ask(decideWouldHaveBeen, {
              params: { id: night },
              body: { decision, customerNos: chosen, ...(note ? { note } : {}) },
            })
          }
          onDone={() => {
            setDeciding(undefined)
            setChosen([])
          }}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </Panel>
  )
}
