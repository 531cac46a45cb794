/** One customer: fields left; why, history, accounts, household, changes right; previous and next of the list. */
import { ArrowLeftOutlined, LeftOutlined, RightOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Button, Tabs } from 'antd'
import { type ReactNode, useState } from 'react'
import { readCustomer } from '../../src/contract/customers.ts'
import { listAccessRequests } from '../../src/contract/elsewhere.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { neighbours, rememberedList } from '../list-cache.ts'
import { ConsentsPanel } from '../parts/consents-panel.tsx'
import { Fields } from '../parts/customer-fields.tsx'
import { AccountsTable, CardsAndRelations, ChangesTable } from '../parts/customer-tables.tsx'
import { CustomerTags } from '../parts/customer-tags.tsx'
import { FactsPanel } from '../parts/facts-panel.tsx'
import { Instant, Tier } from '../parts/figures.tsx'
import { HistoryChart } from '../parts/history-chart.tsx'
import { OpenHouseholdDialog } from '../parts/household-dialogs.tsx'
import { HouseholdRecord } from '../parts/household-record.tsx'
import { NotesPanel } from '../parts/notes-panel.tsx'
import { OwnDataPanel } from '../parts/own-data-panel.tsx'
import { Page, Panel } from '../parts/page.tsx'
import { Answered, Nothing } from '../parts/state.tsx'
import { ValuePanel } from '../parts/value-panel.tsx'
import { WhyPanel } from '../parts/why-panel.tsx'
import { useMay, useReads, useTierName } from '../session.ts'

type Customer = Output<typeof readCustomer>

const allTabs = [
  'why',
  'history',
  'accounts',
  'household',
  'facts',
  'notes',
  'changes',
  'value',
  'privacy',
  'more',
] as const

/** Without what is made of amounts, for whoever does not read money, and without notes for whoever reads none. */
function useTabs(): readonly (typeof allTabs)[number][] {
  const may = useMay()
  const readable = useReads()('money') ? allTabs : allTabs.slice(2)
  return may('notes.read') ? readable : readable.filter((tab) => tab !== 'notes')
}

export default function CustomerPage() {
  const copy = useCopy()
  const words = copy.customer
  const tabs = useTabs()
  const { no } = useParams({ from: '/desk/customers/$no' })
  const navigate = useNavigate()
  const customer = useQuery(reading(readCustomer, { params: { no } }))
  const { previous, next } = neighbours(no)
  const go = (to: string | undefined) =>
    to && navigate({ to: '/customers/$no', params: { no: to }, search: true, replace: true })
  const back = () => navigate({ to: '/customers', search: rememberedList() })
  const actions = [
    { key: 'B', label: words.back, run: back, panelOnly: true },
    {
      key: 'J',
      label: words.next,
      run: () => go(next),
      panelOnly: true,
      disabled: next ? undefined : copy.state.nothing,
    },
    {
      key: 'K',
      label: words.previous,
      run: () => go(previous),
      panelOnly: true,
      disabled: previous ? undefined : copy.state.nothing,
    },
    ...tabs.map((tab, index) => ({
      // The tenth by 0
      key: String((index + 1) % 10),
      label: words.tabs[tab],
      run: () => navigate({ to: '/customers/$no', params: { no }, search: { tab }, replace: true }),
      panelOnly: true,
    })),
  ]
  const found = customer.data
  return (
    <Page
      title={found?.erasedAt ? copy.privacy.erasedName : (found?.name ?? words.title)}
      needs="customers.read"
      actions={actions}
      before={<Button type="text" icon={<ArrowLeftOutlined />} aria-label={words.back} onClick={back} />}
      aside={
        <>
          <span className="mono">{no}</span>
          {found?.figures && <Tier tier={found.figures.tierInForce} />}
          {found && <CustomerTags no={found.customerNo} erased={found.erasedAt !== null} />}
          <LentUntil no={no} />
          <span className="row">
            <Button
              size="small"
              icon={<LeftOutlined />}
              disabled={!previous}
              aria-label={words.previous}
              onClick={() => go(previous)}
            />
            <Button
              size="small"
              icon={<RightOutlined />}
              disabled={!next}
              aria-label={words.next}
              onClick={() => go(next)}
            />
          </span>
        </>
      }
    >
      <Answered query={customer} rows={12}>
        {/* Nothing that was opened or revealed of one stays for the next */}
        {(answer) => <Record key={answer.customerNo} customer={answer} />}
      </Answered>
    </Page>
  )
}

/** For whoever sees the customer of another unit for a time: until when. */
function LentUntil({ no }: { no: string }) {
  const words = useCopy().elsewhere
  const may = useMay()
  const granted = useQuery({
    ...reading(listAccessRequests, { query: { box: 'own', status: 'decided' } }),
    enabled: may('customers.find'),
  })
  const lent = granted.data?.rows.find((row) => row.customerNo === no && row.status === 'granted')
  if (!lent?.until) return null
  return (
    <span className="tag tag-warn">
      {words.lent} <Instant at={lent.until} />
    </span>
  )
}

function Record({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const words = copy.customer
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/customers/$no' })
  const tabs = useTabs()
  const tab = tabs.find((one) => one === search.tab) ?? tabs[0] ?? 'accounts'
  const { customerNo } = customer
  const shown: Record<(typeof allTabs)[number], ReactNode> = {
    why: customer.figures ? <WhyPanel no={customerNo} /> : <Nothing title={words.noFigures} />,
    history: <HistoryChart no={customerNo} />,
    accounts: (
      <Panel flush>
        <AccountsTable customer={customer} />
      </Panel>
    ),
    household: <Household customer={customer} />,
    facts: customer.erasedAt ? (
      <Nothing title={copy.privacy.erasedTitle} />
    ) : (
      <FactsPanel no={customerNo} kind={customer.kind} />
    ),
    notes: <NotesPanel no={customerNo} erased={customer.erasedAt !== null} />,
    changes: (
      <Panel flush>
        <ChangesTable customer={customer} />
      </Panel>
    ),
    value: <ValuePanel no={customerNo} />,
    privacy: (
      <div className="stack">
        <ConsentsPanel no={customerNo} erased={customer.erasedAt !== null} />
        <OwnDataPanel customer={customer} />
      </div>
    ),
    more: <CardsAndRelations customer={customer} />,
  }
  return (
    <div className="record">
      <aside className="stack">
        <Fields customer={customer} />
      </aside>
      <div className="record-tabs">
        {customer.erasedAt && <p className="note">{copy.privacy.erased(customer.erasedAt.slice(0, 10))}</p>}
        <OpenProposal customer={customer} />
        <Tabs
          activeKey={tab}
          tabBarGutter={16}
          onChange={(key) =>
            navigate({ to: '/customers/$no', params: { no: customerNo }, search: { tab: key }, replace: true })
          }
          items={tabs.map((key) => ({ key, label: words.tabs[key], children: key === tab ? shown[key] : null }))}
        />
      </div>
    </div>
  )
}

function Household({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const may = useMay()
  const [opening, setOpening] = useState(false)
  const { customerNo, household, kind, erasedAt } = customer
  if (household)
    return (
      <div className="stack">
        <HouseholdRecord no={household.householdNo} />
        <Link to="/households/$no" params={{ no: household.householdNo }}>
          {copy.customer.householdPage} {household.householdNo}
        </Link>
      </div>
    )
  return (
    <>
      <Nothing
        title={copy.customer.noHousehold}
        detail={copy.customer.noHouseholdDetail}
        action={
          may('households.edit') &&
          kind === 'person' &&
          !erasedAt && <Button onClick={() => setOpening(true)}>{copy.household.openFor}</Button>
        }
      />
      {opening && <OpenHouseholdDialog head={customerNo} onClose={() => setOpening(false)} />}
    </>
  )
}

function OpenProposal({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const may = useMay()
  const name = useTierName()
  const proposal = customer.openProposal
  if (!proposal) return null
  return (
    <div className="note note-warn row">
      {copy.customer.proposalOpen(
        proposal.fromTier ? name(proposal.fromTier) : copy.tiers.none!,
        name(proposal.toTier),
      )}
      {may('proposals.read') && <Link to="/proposals">{copy.customer.toProposals}</Link>}
    </div>
  )
}
