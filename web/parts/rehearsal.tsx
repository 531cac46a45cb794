/** Who would gain and lose what, if a change were made: asked for by a button, shown as a table. */
import { useMutation } from '@tanstack/react-query'
import { Button, type TableColumnsType } from 'antd'
import { useMemo } from 'react'
import { rehearseChange } from '../../src/contract/access.ts'
import type { RightsChange } from '../../src/contract/changes.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { ask } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { ProblemNote } from './problem.tsx'
import { SmallTable } from './small-table.tsx'

type Effect = Output<typeof rehearseChange>['people'][number]

/** What was found goes when the change becomes another. */
export function Rehearsal({ change }: { change: RightsChange | undefined }) {
  return <Trial key={JSON.stringify(change)} change={change} />
}

function Trial({ change }: { change: RightsChange | undefined }) {
  const copy = useCopy()
  const words = copy.rehearsal
  const trial = useMutation({ mutationFn: () => ask(rehearseChange, { body: { change: change! } }) })
  const columns = useEffectColumns()
  return (
    <div className="stack">
      <div className="row">
        <Button onClick={() => trial.mutate()} disabled={!change} loading={trial.isPending}>
          {words.run}
        </Button>
        <span className="quiet">{words.hint}</span>
      </div>
      <ProblemNote failure={trial.error} />
      {trial.data && (
        <>
          <SmallTable<Effect>
            label={words.title}
            rows={trial.data.people}
            keyOf={(row) => row.login}
            columns={columns}
            empty={<p className="quiet">{words.nobody}</p>}
          />
          <p className="quiet">{words.unchanged(trial.data.unchanged)}</p>
        </>
      )}
    </div>
  )
}

function useEffectColumns(): TableColumnsType<Effect> {
  const copy = useCopy()
  const words = copy.rehearsal
  return useMemo(
    () => [
      {
        key: 'person',
        title: words.person,
        render: (_, row) => (
          <>
            {row.name} <span className="quiet mono">{row.login}</span>
          </>
        ),
      },
      { key: 'before', title: words.before, align: 'right', render: (_, row) => countText(row.customersBefore) },
      { key: 'after', title: words.after, align: 'right', render: (_, row) => countText(row.customersAfter) },
      {
        key: 'gained',
        title: words.gained,
        align: 'right',
        render: (_, row) => row.customersGained > 0 && <span className="rise">+{countText(row.customersGained)}</span>,
      },
      {
        key: 'lost',
        title: words.lost,
        align: 'right',
        render: (_, row) => row.customersLost > 0 && <span className="fall">−{countText(row.customersLost)}</span>,
      },
      {
        key: 'permissions',
        title: words.permissions,
        render: (_, row) => (
          <span className="row">
            {row.permissionsGained.map((one) => (
              <span key={one} className="tag tag-good">
                +{copy.permissions[one]}
              </span>
            ))}
            {row.permissionsLost.map((one) => (
              <span key={one} className="tag tag-warn">
                −{copy.permissions[one]}
              </span>
            ))}
          </span>
        ),
      },
      {
        key: 'fields',
        title: words.fields,
        width: 240,
        render: (_, row) => (
          <span className="row tags">
            {row.fieldsGained.map((one) => (
              <span key={one.field} className="tag tag-good">
                {copy.people.fields[one.field]}: {copy.people.fieldRules[one.before]} →{' '}
                {copy.people.fieldRules[one.after]}
              </span>
            ))}
            {row.fieldsLost.map((one) => (
              <span key={one.field} className="tag tag-warn">
                {copy.people.fields[one.field]}: {copy.people.fieldRules[one.before]} →{' '}
                {copy.people.fieldRules[one.after]}
              </span>
            ))}
            {row.editsGained.map((one) => (
              <span key={one} className="tag tag-good">
                +{words.edit(copy.facts.fields[one])}
              </span>
            ))}
            {row.editsLost.map((one) => (
              <span key={one} className="tag tag-warn">
                −{words.edit(copy.facts.fields[one])}
              </span>
            ))}
          </span>
        ),
      },
    ],
    [copy, words],
  )
}
