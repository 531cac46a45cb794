/** Open sessions of one person, each with a way to end it. */
import { useMutation } from '@tanstack/react-query'
import { App, Button, Popconfirm } from 'antd'
import type { Output } from '../../src/contract/endpoint.ts'
import type { listOwnSessions } from '../../src/contract/own-security.ts'
import { agentText } from '../agent.ts'
import { useCopy } from '../language.ts'
import { Instant } from './figures.tsx'
import { ProblemNote } from './problem.tsx'
import { actColumn, SmallTable } from './small-table.tsx'

export type OpenSession = Output<typeof listOwnSessions>['rows'][number]

interface SessionTableProps {
  label: string
  rows: readonly OpenSession[]
  /** Ends one; without it the list only shows. */
  end?: ((id: number) => Promise<{ ended: number }>) | undefined
  onEnded: () => void
}

export function SessionTable({ label, rows, end, onEnded }: SessionTableProps) {
  const words = useCopy().sessions
  const { message } = App.useApp()
  const ending = useMutation({
    mutationFn: (id: number) => end?.(id) ?? Promise.resolve({ ended: 0 }),
    onSuccess: ({ ended }) => {
      message.success(words.ended(ended))
      onEnded()
    },
  })
  return (
    <>
      <ProblemNote failure={ending.error} />
      <SmallTable<OpenSession>
        label={label}
        rows={rows}
        keyOf={(row) => String(row.id)}
        empty={<p className="quiet">{words.none}</p>}
        columns={[
          {
            key: 'agent',
            title: words.agent,
            render: (_, row) => (
              <span title={row.agent ?? undefined}>
                {agentText(row.agent) ?? words.unknown}
                {row.current && <span className="tag tag-good kind">{words.current}</span>}
              </span>
            ),
          },
          { key: 'address', title: words.address, render: (_, row) => row.address ?? '—' },
          { key: 'origin', title: words.origin, render: (_, row) => words.origins[row.origin] },
          { key: 'since', title: words.since, render: (_, row) => <Instant at={row.createdAt} /> },
          { key: 'seen', title: words.seen, render: (_, row) => <Instant at={row.seenAt} /> },
          { key: 'until', title: words.until, render: (_, row) => <Instant at={row.expiresAt} /> },
          actColumn(
            (row) =>
              end &&
              !row.current && (
                <Popconfirm title={words.end} description={words.endAsk} onConfirm={() => ending.mutate(row.id)}>
                  <Button size="small" danger>
                    {words.end}
                  </Button>
                </Popconfirm>
              ),
          ),
        ]}
      />
    </>
  )
}
