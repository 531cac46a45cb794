/** Which roles ask for a second factor, and how many of their people have one. */
import { useQuery } from '@tanstack/react-query'
import { Switch } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listRoleFactors, setRoleFactor } from '../../src/contract/users.ts'
import { ask, queries, reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { labelOf, useMay } from '../session.ts'
import { Question } from './question.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

type RoleFactor = Output<typeof listRoleFactors>['rows'][number]

export function RoleFactors() {
  const { copy, code } = useLanguage()
  const words = copy.users
  const may = useMay()
  // Read again whenever it is opened: its numbers are what is agreed to
  const list = useQuery({ ...reading(listRoleFactors), staleTime: 0 })
  const [asking, setAsking] = useState<string>()
  const asked = list.data?.rows.find((row) => row.role.code === asking)
  return (
    <div className="stack">
      <p className="quiet">{words.requiredHint}</p>
      <Answered query={list} rows={10}>
        {({ rows }) => (
          <div className="panel panel-clip">
            <SmallTable<RoleFactor>
              label={words.tabs.factors}
              rows={rows}
              keyOf={(row) => row.role.code}
              columns={[
                { key: 'role', title: words.role, render: (_, row) => labelOf(row.role, code) },
                { key: 'people', title: words.people, align: 'right', render: (_, row) => countText(row.people) },
                { key: 'enrolled', title: words.enrolled, align: 'right', render: (_, row) => countText(row.enrolled) },
                {
                  key: 'needed',
                  title: words.required,
                  render: (_, row) => (
                    <Switch
                      checked={row.needed}
                      disabled={!may('users.manage')}
                      onChange={() => setAsking(row.role.code)}
                      aria-label={`${words.required}: ${labelOf(row.role, code)}`}
                    />
                  ),
                },
              ]}
            />
          </div>
        )}
      </Answered>
      {asked && <Ask row={asked} onClose={() => setAsking(undefined)} />}
    </div>
  )
}

/** Before it holds for everybody of the role: how many they are, and how many are kept from their work until they enrol. */
function Ask({ row, onClose }: { row: RoleFactor; onClose: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.users
  const needed = !row.needed
  return (
    <Question
      title={(needed ? words.requireTitle : words.requireNoMore)(labelOf(row.role, code))}
      okText={needed ? words.require : words.requireEnd}
      danger
      send={() => ask(setRoleFactor, { params: { role: row.role.code }, body: { needed } })}
      onDone={() => {
        queries.invalidateQueries({ queryKey: ['listRoleFactors'] })
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <p>{words.holders(row.people)}</p>
          <p>{needed ? words.toEnrol(row.toEnrol) : words.notAsked}</p>
        </>
      )}
    </Question>
  )
}
