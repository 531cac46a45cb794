/** The households of whom the reader sees a member, and opening one. */
import { PlusOutlined } from '@ant-design/icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listHouseholds } from '../../src/contract/households.ts'
import { useCopy } from '../language.ts'
import { usePaged } from '../paged.ts'
import { Dash, Money, Tier } from '../parts/figures.tsx'
import { OpenHouseholdDialog } from '../parts/household-dialogs.tsx'
import { More } from '../parts/more.tsx'
import { Page } from '../parts/page.tsx'
import { SearchBox } from '../parts/search-box.tsx'
import { SmallTable } from '../parts/small-table.tsx'
import { Failed, Nothing } from '../parts/state.tsx'
import { UnitName } from '../parts/unit-name.tsx'
import { useMay } from '../session.ts'

type Row = Output<typeof listHouseholds>['rows'][number]

export default function HouseholdsPage() {
  const words = useCopy().household
  const may = useMay()
  const [opening, setOpening] = useState(false)
  const open = { key: 'N', label: words.open, icon: <PlusOutlined />, primary: true, run: () => setOpening(true) }
  return (
    <Page
      title={words.listTitle}
      needs="customers.read"
      aside={<span>{words.listHint}</span>}
      actions={may('households.edit') ? [open] : []}
    >
      <HouseholdList />
      {opening && <OpenHouseholdDialog onClose={() => setOpening(false)} />}
    </Page>
  )
}

function HouseholdList() {
  const copy = useCopy()
  const words = copy.household
  const navigate = useNavigate()
  const { q = '' } = useSearch({ from: '/desk/households' })
  const list = usePaged(listHouseholds, { query: q ? { q } : {} })
  if (list.error && list.rows.length === 0) return <Failed failure={list.error} onRetry={list.reload} />
  return (
    <div className="stack">
      <div className="filters">
        <SearchBox
          label={words.search}
          q={q}
          onSearch={(typed) => navigate({ to: '/households', search: typed ? { q: typed } : {}, replace: true })}
        />
      </div>
      <div className="panel panel-clip">
        <SmallTable<Row>
          label={words.listTitle}
          rows={list.rows}
          empty={list.loading ? ' ' : <Nothing title={words.listEmpty} detail={words.listEmptyDetail} />}
          keyOf={(row) => row.householdNo}
          onOpen={({ householdNo }) => navigate({ to: '/households/$no', params: { no: householdNo } })}
          columns={[
            {
              key: 'no',
              title: words.number,
              render: (_, { householdNo }) => (
                <Link className="mono" to="/households/$no" params={{ no: householdNo }}>
                  {householdNo}
                </Link>
              ),
            },
            {
              key: 'head',
              title: words.headOf,
              render: (_, { head }) =>
                head ? (
                  <>
                    {head.name} <span className="quiet mono">{head.customerNo}</span>
                  </>
                ) : (
                  <Dash />
                ),
            },
            { key: 'members', title: words.memberCount, align: 'right', render: (_, row) => row.members },
            { key: 'tier', title: words.tier, render: (_, { tier }) => <Tier tier={tier} /> },
            {
              key: 'average',
              title: words.mean,
              align: 'right',
              render: (_, { averageFen }) => <Money fen={averageFen} />,
            },
            { key: 'unit', title: copy.customers.unit, render: (_, { unit }) => <UnitName unit={unit} /> },
          ]}
        />
        <More list={list} />
      </div>
    </div>
  )
}
