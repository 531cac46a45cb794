/** Which roles ask for a second factor, and how many of their people have one. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Switch } from 'antd'
import type { Output } from '../../src/contract/endpoint.ts'
import { listRoleFactors, setRoleFactor } from '../../src/contract/users.ts'
import { ask, queries, reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { labelOf, useMay } from '../session.ts'
import { ProblemNote } from './problem.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

type RoleFactor = Output<typeof listRoleFactors>['rows'][number]

export function RoleFactors() {
  const { copy, code } = useLanguage()
  const words = copy.users
  const may = useMay()
  const list = useQuery(reading(listRoleFactors))
  const setting = useMutation({
    mutationFn: ({ role, needed }: { role: string; needed: boolean }) =>
      ask(setRoleFactor, { params: { role }, body: { needed } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['listRoleFactors'] }),
  })
  return (
    <div className="stack">
      <p className="quiet">{words.requiredHint}</p>
      <ProblemNote failure={setting.error} />
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
                      loading={setting.isPending && setting.variables.role === row.role.code}
                      onChange={(needed) => setting.mutate({ role: row.role.code, needed })}
                      aria-label={`${words.required}: ${labelOf(row.role, code)}`}
                    />
                  ),
                },
              ]}
            />
          </div>
        )}
      </Answered>
    </div>
  )
}
