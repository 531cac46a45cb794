/** The tables of a customer's tabs: accounts, changes of tier, cards, relations. */

import { ArrowRightOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import type { TierRef } from '../../src/contract/common.ts'
import type { readCustomer } from '../../src/contract/customers.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { forever } from '../../src/kit/day.ts'
import { useCopy, useLanguage } from '../language.ts'
import { Dash, Instant, Tier } from './figures.tsx'
import { Panel } from './page.tsx'
import { SmallTable } from './small-table.tsx'
import { Nothing } from './state.tsx'
import { UnitName } from './unit-name.tsx'

type Customer = Output<typeof readCustomer>
type Account = Customer['accounts'][number]

export function AccountsTable({ customer }: { customer: Customer }) {
  const { copy, code } = useLanguage()
  const words = copy.customer
  return (
    <SmallTable<Account>
      label={words.tabs.accounts}
      rows={customer.accounts}
      keyOf={(account) => account.id}
      empty={<Nothing title={words.noAccounts} />}
      columns={[
        {
          key: 'no',
          title: words.accountNo,
          render: (_, account) => <span className="mono">{account.accountNo}</span>,
        },
        {
          key: 'product',
          title: words.product,
          render: (_, account) => (code === 'en' && account.product.nameEn) || account.product.name,
        },
        {
          key: 'class',
          title: words.productClass,
          render: (_, account) => copy.classes[account.product.class] ?? account.product.class,
        },
        { key: 'currency', title: words.currency, dataIndex: 'currency' },
        {
          key: 'share',
          title: words.share,
          align: 'right',
          render: (_, account) => (
            <>
              {account.owners > 1 && <span className="tag">{words.owners(account.owners)}</span>} {account.share / 100}%
            </>
          ),
        },
        { key: 'unit', title: words.unit, render: (_, account) => <UnitName unit={account.unit} /> },
        { key: 'opened', title: words.openedOn, render: (_, account) => account.openedOn ?? <Dash /> },
        { key: 'matures', title: words.maturesOn, render: (_, account) => account.maturesOn ?? <Dash /> },
        {
          key: 'state',
          title: words.accountFlags,
          render: (_, account) => (
            <>
              {account.flags.map((flag) => (
                <span
                  key={`${flag.kind} ${flag.fromDay}`}
                  className="tag tag-warn"
                  title={period(flag.fromDay, flag.toDay)}
                >
                  {words.flagNames[flag.kind]}
                </span>
              ))}
              {account.closedOn && (
                <span className="tag">
                  {words.closedOn} {account.closedOn}
                </span>
              )}
            </>
          ),
        },
      ]}
    />
  )
}

export function TierMove({ from, to }: { from: TierRef | null; to: TierRef }) {
  return (
    <span className="tier-move">
      <Tier tier={from} />
      <ArrowRightOutlined />
      <Tier tier={to} />
    </span>
  )
}

export function ChangesTable({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const words = copy.customer
  return (
    <SmallTable<Customer['tierChanges'][number]>
      label={words.tabs.changes}
      rows={customer.tierChanges}
      keyOf={(change) => change.id}
      empty={<Nothing title={words.noChanges} />}
      columns={[
        { key: 'on', title: words.effectiveOn, dataIndex: 'effectiveOn' },
        {
          key: 'move',
          title: words.change,
          render: (_, change) => <TierMove from={change.fromTier} to={change.toTier} />,
        },
        { key: 'by', title: words.madeBy, render: (_, change) => words.makers[change.madeBy] },
        { key: 'reason', title: words.reason, render: (_, change) => copy.reasons[change.reason] ?? change.reason },
        { key: 'who', title: words.who, render: (_, change) => change.staff?.name ?? <Dash /> },
        {
          key: 'night',
          title: copy.nav.nights,
          render: (_, { night }) =>
            night ? (
              <Link to="/nights/$id" params={{ id: String(night.id) }}>
                {night.day}
              </Link>
            ) : (
              <Dash />
            ),
        },
        { key: 'at', title: words.recordedAt, render: (_, change) => <Instant at={change.recordedAt} /> },
      ]}
    />
  )
}

export function CardsAndRelations({ customer }: { customer: Customer }) {
  const copy = useCopy()
  const words = copy.customer
  return (
    <div className="stack">
      <Panel title={words.cardNo} flush>
        <SmallTable<Customer['cards'][number]>
          label={words.cardNo}
          rows={customer.cards}
          keyOf={(card) => `${card.cardNo} ${card.issuedOn}`}
          columns={[
            { key: 'no', title: words.cardNo, render: (_, card) => <span className="mono">{card.cardNo}</span> },
            { key: 'face', title: words.face, render: (_, card) => copy.tiers[card.face] ?? card.face },
            { key: 'issued', title: words.issuedOn, render: (_, card) => card.issuedOn ?? <Dash /> },
            { key: 'closed', title: words.closedOn, render: (_, card) => card.closedOn ?? <Dash /> },
          ]}
        />
      </Panel>
      {customer.relations.length > 0 && (
        <Panel title={words.relations} flush>
          <SmallTable<Customer['relations'][number]>
            label={words.relations}
            rows={customer.relations}
            keyOf={(relation) => relation.name}
            columns={[
              {
                key: 'name',
                title: copy.customers.name,
                render: (_, { customerNo, name }) =>
                  customerNo ? (
                    <Link to="/customers/$no" params={{ no: customerNo }}>
                      {name}
                    </Link>
                  ) : (
                    name
                  ),
              },
              { key: 'role', title: words.role, render: (_, relation) => relation.role ?? <Dash /> },
            ]}
          />
        </Panel>
      )}
      {customer.sources.length > 0 && (
        <Panel title={words.sources} flush>
          <SmallTable<Customer['sources'][number]>
            label={words.sources}
            rows={customer.sources}
            keyOf={(source) => `${source.source} ${source.externalId}`}
            columns={[
              { key: 'source', title: words.source, dataIndex: 'source' },
              { key: 'id', title: words.sources, dataIndex: 'externalId', className: 'mono' },
            ]}
          />
        </Panel>
      )}
    </div>
  )
}

function period(from: string, to: string): string {
  return to === forever ? `${from} –` : `${from} – ${to}`
}
