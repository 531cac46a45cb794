/** A household: its figures of the last night, today's members as a table or a graph, invitations, changes, history. */
import { BranchesOutlined, MergeCellsOutlined, UserAddOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Segmented } from 'antd'
import { useState } from 'react'
import { readHousehold } from '../../src/contract/customers.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { householdActWords, householdRoleWords } from '../../src/contract/household-words.ts'
import { readHouseholdRecord } from '../../src/contract/households.ts'
import { reading } from '../api.ts'
import { useLanguage } from '../language.ts'
import { labelOf } from '../session.ts'
import { BestComposition } from './composition.tsx'
import { Instant, Money, Tier } from './figures.tsx'
import {
  type Doing,
  type HouseholdShown,
  InviteDialog,
  MemberActDialog,
  MergeDialog,
  SplitDialog,
} from './household-dialogs.tsx'
import { HouseholdGraph } from './household-graph.tsx'
import { HouseholdMembers, useRoleText } from './household-members.tsx'
import { Figure, Panel } from './page.tsx'
import { actColumn, SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

export type NightHousehold = Output<typeof readHousehold>

export function HouseholdRecord({ no }: { no: string }) {
  const { copy } = useLanguage()
  const record = useQuery(reading(readHouseholdRecord, { params: { no } }))
  return (
    <Answered query={record}>
      {(household) =>
        household.closed ? (
          <div className="stack">
            <p className="note">{copy.household.closed}</p>
            <Former household={household} />
            <History household={household} />
          </div>
        ) : (
          <Standing household={household} />
        )
      }
    </Answered>
  )
}

function Standing({ household }: { household: HouseholdShown }) {
  const { copy } = useLanguage()
  const words = copy.household
  const { householdNo } = household
  const figures = useQuery({ ...reading(readHousehold, { params: { no: householdNo } }), retry: false })
  const [view, setView] = useState<'table' | 'graph'>('table')
  const [asking, setAsking] = useState<'invite' | 'split' | 'merge' | Doing>()
  const close = () => setAsking(undefined)
  const night = figures.data
  return (
    <div className="stack">
      <Figures household={household} night={night} />
      <Panel
        flush
        title={words.members}
        extra={
          <span className="row wrap">
            <Segmented
              size="small"
              value={view}
              onChange={setView}
              options={(['table', 'graph'] as const).map((one) => ({ value: one, label: words.views[one] }))}
            />
            {household.may && (
              <>
                <Button size="small" icon={<UserAddOutlined />} onClick={() => setAsking('invite')}>
                  {words.invite}
                </Button>
                <Button
                  size="small"
                  icon={<BranchesOutlined />}
                  disabled={household.members.length + household.hiddenMembers < 2}
                  onClick={() => setAsking('split')}
                >
                  {words.split}
                </Button>
                <Button size="small" icon={<MergeCellsOutlined />} onClick={() => setAsking('merge')}>
                  {words.merge}
                </Button>
              </>
            )}
          </span>
        }
      >
        {view === 'table' ? (
          <HouseholdMembers household={household} night={night} onAct={setAsking} />
        ) : (
          <HouseholdGraph household={household} night={night} />
        )}
      </Panel>
      {household.hiddenMembers > 0 && <p className="note">{copy.customer.hidden(household.hiddenMembers)}</p>}
      <Invitations household={household} onAct={setAsking} />
      {night?.asOf && <BestComposition householdNo={householdNo} />}
      <Former household={household} />
      <History household={household} />
      {asking === 'invite' && <InviteDialog household={household} onClose={close} />}
      {asking === 'split' && <SplitDialog household={household} onClose={close} />}
      {asking === 'merge' && <MergeDialog household={household} onClose={close} />}
      {typeof asking === 'object' && <MemberActDialog doing={asking} household={household} onClose={close} />}
    </div>
  )
}

function Figures({ household, night }: { household: HouseholdShown; night: NightHousehold | undefined }) {
  const { copy } = useLanguage()
  const words = copy.household
  const consenting = household.members.filter(({ consentFrom }) => consentFrom !== null).length
  return (
    <>
      <div className="figures">
        <Figure
          name={copy.why.householdTotal}
          value={<Money fen={night?.totalFen} />}
          note={
            <>
              {copy.why.sum} <Money fen={night?.sumFen} /> {copy.why.yuanDays}
            </>
          }
        />
        <Figure name={copy.why.householdMean} value={<Money fen={night?.averageFen} />} />
        <Figure
          name={words.consenting}
          value={`${consenting} / ${household.members.length + household.hiddenMembers}`}
        />
        <Figure name={words.tier} value={<Tier tier={night?.tier ?? null} />} />
      </div>
      <p className="quiet">{night?.asOf ? words.asOf(night.asOf) : words.noNight}</p>
    </>
  )
}

function Invitations({ household, onAct }: { household: HouseholdShown; onAct: (doing: Doing) => void }) {
  const { copy } = useLanguage()
  const words = copy.household
  const roleText = useRoleText()
  if (household.invitations.length === 0) return null
  return (
    <Panel flush title={words.invitations}>
      <SmallTable<HouseholdShown['invitations'][number]>
        label={words.invitations}
        rows={household.invitations}
        keyOf={(one) => one.customerNo}
        columns={[
          { key: 'who', title: copy.customers.name, render: (_, one) => <Who {...one} /> },
          { key: 'role', title: copy.customer.role, render: (_, { role }) => roleText(role) },
          { key: 'by', title: words.invitedBy, render: (_, { by }) => by },
          { key: 'until', title: words.invitedUntil, render: (_, { until }) => until },
          ...(household.may
            ? [
                actColumn<HouseholdShown['invitations'][number]>((one) => (
                  <span className="row">
                    {(['join', 'decline', 'withdraw'] as const).map((act) => (
                      <Button
                        key={act}
                        size="small"
                        {...(act === 'join' ? { type: 'primary' as const } : {})}
                        onClick={() => onAct({ act, ...one })}
                      >
                        {words.acts[act]}
                      </Button>
                    ))}
                  </span>
                )),
              ]
            : []),
        ]}
      />
    </Panel>
  )
}

function Former({ household }: { household: HouseholdShown }) {
  const { copy } = useLanguage()
  const words = copy.household
  const roleText = useRoleText()
  if (household.former.length === 0) return null
  return (
    <Panel flush title={words.former}>
      <SmallTable<HouseholdShown['former'][number]>
        label={words.former}
        rows={household.former}
        keyOf={(one) => `${one.customerNo} ${one.fromDay}`}
        columns={[
          { key: 'who', title: copy.customers.name, render: (_, one) => <Who {...one} /> },
          { key: 'role', title: copy.customer.role, render: (_, { role }) => roleText(role) },
          { key: 'from', title: words.joinedOn, render: (_, { fromDay }) => fromDay },
          { key: 'to', title: words.leftOn, render: (_, { toDay }) => toDay },
        ]}
      />
    </Panel>
  )
}

function History({ household }: { household: HouseholdShown }) {
  const { copy, code } = useLanguage()
  const words = copy.household
  const acts = householdActWords as Record<string, (typeof householdActWords)['open']>
  const roles = householdRoleWords as Record<string, (typeof householdRoleWords)['head']>
  return (
    <Panel title={words.history}>
      {household.acts.length === 0 && (
        <p className="quiet">
          {words.noActs} · {words.noActsDetail}
        </p>
      )}
      <ul className="notes">
        {household.acts.map((act) => (
          <li key={`${act.at} ${act.act} ${act.member?.customerNo}`}>
            <div className="row note-head wrap">
              <b>{acts[act.act] ? labelOf(acts[act.act]!, code) : act.act}</b>
              {act.member && <Who {...act.member} />}
              {act.role && roles[act.role] && <span className="tag">{labelOf(roles[act.role]!, code)}</span>}
              {act.other && (
                <Link to="/households/$no" params={{ no: act.other }}>
                  {words.withOther(act.other)}
                </Link>
              )}
              <span className="grow" />
              <span className="quiet">
                {act.by} · <Instant at={act.at} />
              </span>
            </div>
            {act.note && <p>{act.note}</p>}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Who({ customerNo, name }: { customerNo: string; name: string }) {
  return (
    <>
      <Link to="/customers/$no" params={{ no: customerNo }}>
        {name}
      </Link>{' '}
      <span className="quiet mono">{customerNo}</span>
    </>
  )
}
