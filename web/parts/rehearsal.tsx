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
            wraps
            label={words.title}
            rows={trial.data.people}
            keyOf={(row) => row.login}
            columns={columns}
            below={(row) => changesRights(row) && <RightsChanged effect={row} />}
            empty={<p className="quiet">{words.nobody}</p>}
          />
          <p className="quiet">{words.unchanged(trial.data.unchanged)}</p>
        </>
      )}
    </div>
  )
}

function useEffectColumns(): TableColumnsType<Effect> {
  const words = useCopy().rehearsal
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
    ],
    [words],
  )
}

function changesRights(effect: Effect): boolean {
  const { permissionsGained, permissionsLost, fieldsGained, fieldsLost, editsGained, editsLost } = effect
  return [permissionsGained, permissionsLost, fieldsGained, fieldsLost, editsGained, editsLost].some(
    (changed) => changed.length > 0,
  )
}

/** Below a person's numbers, on as many lines as it needs. */
function RightsChanged({ effect }: { effect: Effect }) {
  const copy = useCopy()
  const words = copy.rehearsal
  const field = (one: Effect['fieldsGained'][number]) =>
    `${copy.people.fields[one.field]}: ${copy.people.fieldRules[one.before]} → ${copy.people.fieldRules[one.after]}`
  const edit = (one: Effect['editsGained'][number]) => words.edit(copy.facts.fields[one])
  return (
    <div className="tags-lines">
      <Changed
        name={words.permissions}
        gained={effect.permissionsGained.map((one) => `+${copy.permissions[one]}`)}
        lost={effect.permissionsLost.map((one) => `−${copy.permissions[one]}`)}
      />
      <Changed
        name={words.fields}
        gained={[...effect.fieldsGained.map(field), ...effect.editsGained.map((one) => `+${edit(one)}`)]}
        lost={[...effect.fieldsLost.map(field), ...effect.editsLost.map((one) => `−${edit(one)}`)]}
      />
    </div>
  )
}

function Changed({ name, gained, lost }: { name: string; gained: string[]; lost: string[] }) {
  if (gained.length + lost.length === 0) return null
  return (
    <div className="row tags">
      <span className="quiet">{name}</span>
      {gained.map((text) => (
        <span key={text} className="tag tag-good tag-long">
          {text}
        </span>
      ))}
      {lost.map((text) => (
        <span key={text} className="tag tag-warn tag-long">
          {text}
        </span>
      ))}
    </div>
  )
}
