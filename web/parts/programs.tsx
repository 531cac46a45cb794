/** Programs with their keys, as whoever gives them keys sees them. */

import { KeyOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listPrograms } from '../../src/contract/users.ts'
import { reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { Instant } from './figures.tsx'
import { KeyTable, NewKey } from './keys.tsx'
import { actColumn, SmallTable } from './small-table.tsx'
import { Answered, Nothing } from './state.tsx'
import { UnitName } from './unit-name.tsx'
import { StateTag } from './user-tags.tsx'

type Program = Output<typeof listPrograms>['rows'][number]

export function Programs() {
  const copy = useCopy()
  const words = copy.users
  const list = useQuery(reading(listPrograms))
  const [keyFor, setKeyFor] = useState<Program>()
  return (
    <>
      <Answered query={list}>
        {({ rows }) => (
          <div className="panel panel-clip">
            <SmallTable<Program>
              label={words.programs}
              rows={rows}
              keyOf={(row) => String(row.id)}
              empty={<Nothing title={words.noPrograms} detail={words.programHint} />}
              expandable={{
                expandedRowRender: (row) => <KeyTable label={copy.moreKeys.of(row.displayName)} rows={row.keys} />,
                rowExpandable: (row) => row.keys.length > 0,
              }}
              columns={[
                { key: 'name', title: words.programName, render: (_, row) => <b>{row.name}</b> },
                { key: 'label', title: words.programLabel, dataIndex: 'displayName' },
                { key: 'state', title: words.state, render: (_, row) => <StateTag state={row.state} /> },
                { key: 'unit', title: words.unit, render: (_, row) => row.unit && <UnitName unit={row.unit} /> },
                {
                  key: 'keys',
                  title: copy.profile.keys,
                  align: 'right',
                  render: (_, row) => countText(row.keys.filter((key) => key.revokedAt === null).length),
                },
                { key: 'used', title: words.lastUse, render: (_, row) => <Instant at={lastUse(row)} /> },
                actColumn((row) => (
                  <Button size="small" icon={<KeyOutlined />} onClick={() => setKeyFor(row)}>
                    {words.newKey}
                  </Button>
                )),
              ]}
            />
          </div>
        )}
      </Answered>
      {keyFor && <NewKey grantable={keyFor.grantable} program={keyFor.name} onClose={() => setKeyFor(undefined)} />}
    </>
  )
}

function lastUse({ keys }: Program): string | null {
  const used = keys.flatMap((key) => key.usedAt ?? [])
  return used.toSorted().at(-1) ?? null
}
