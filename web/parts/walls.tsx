/** Walls between units, and proposing to draw or end one. */
import { useQuery } from '@tanstack/react-query'
import { Input } from 'antd'
import { useState } from 'react'
import { listWalls, proposeWall } from '../../src/contract/access.ts'
import type { WallChange } from '../../src/contract/changes.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { ask, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { EndButton, EndDialog, fromToday, PeriodFields } from './period.tsx'
import { Rehearsal } from './rehearsal.tsx'
import { actColumn, SmallTable } from './small-table.tsx'
import { Answered, Nothing } from './state.tsx'
import { UnitSelect } from './unit-select.tsx'

type Wall = Output<typeof listWalls>['rows'][number]

export function Walls({ making, onMade }: { making: boolean; onMade: () => void }) {
  const words = useCopy().access
  const list = useQuery(reading(listWalls))
  const [ending, setEnding] = useState<Wall | undefined>(undefined)
  return (
    <Answered query={list}>
      {({ rows }) => (
        <div className="panel panel-clip">
          <SmallTable<Wall>
            label={words.tabs.walls}
            rows={rows}
            keyOf={(wall) => String(wall.id)}
            empty={<Nothing title={words.noWalls} />}
            columns={[
              { key: 'name', title: words.wallName, render: (_, wall) => wall.name },
              { key: 'around', title: words.around, render: (_, wall) => wall.around.name },
              { key: 'against', title: words.against, render: (_, wall) => wall.against.name },
              { key: 'from', title: words.from, render: (_, wall) => wall.fromDay },
              { key: 'to', title: words.to, render: (_, wall) => wall.toDay ?? words.open },
              {
                key: 'stands',
                title: '',
                render: (_, wall) => (
                  <span className={wall.stands ? 'tag tag-good' : 'tag'}>
                    {wall.stands ? words.stands : words.ended}
                  </span>
                ),
              },
              actColumn((wall) => (
                <EndButton toDay={wall.toDay} label={words.endWall} onClick={() => setEnding(wall)} />
              )),
            ]}
          />
          {making && <DrawDialog onClose={onMade} />}
          {ending && (
            <EndDialog<WallChange>
              title={words.endWall}
              changeOn={(to) => ({ kind: 'wall', action: 'end', wall: ending.id, to })}
              send={send}
              onClose={() => setEnding(undefined)}
            >
              {ending.name}
            </EndDialog>
          )}
        </div>
      )}
    </Answered>
  )
}

const send = (change: WallChange, reason: string) => ask(proposeWall, { body: { change, reason } })

function DrawDialog({ onClose }: { onClose: () => void }) {
  const words = useCopy().access
  const [name, setName] = useState('')
  const [around, setAround] = useState<string | undefined>(undefined)
  const [against, setAgainst] = useState<string | undefined>(undefined)
  const [period, setPeriod] = useState(fromToday)
  const change: WallChange | undefined =
    name.trim() && around && against
      ? { kind: 'wall', action: 'draw', name: name.trim(), around, against, ...period }
      : undefined
  return (
    <ChangeDialog title={words.drawWall} change={change} send={send} onClose={onClose}>
      <Input
        value={name}
        onChange={(event) => setName(event.target.value)}
        placeholder={words.wallName}
        aria-label={words.wallName}
        maxLength={80}
      />
      <div className="row">
        <UnitSelect value={around} onChange={setAround} placeholder={words.around} />
        <UnitSelect value={against} onChange={setAgainst} placeholder={words.against} />
      </div>
      <PeriodFields period={period} onChange={setPeriod} />
      <Rehearsal change={change} />
    </ChangeDialog>
  )
}
