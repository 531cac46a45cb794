/** A household: its members with consent and figures, and what they come to together. */
import { CheckCircleFilled, MinusCircleOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import type { readHousehold } from '../../src/contract/customers.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { useCopy } from '../language.ts'
import { BestComposition } from './composition.tsx'
import { Money, Tier } from './figures.tsx'
import { Figure } from './page.tsx'
import { SmallTable } from './small-table.tsx'

type Household = Output<typeof readHousehold>
type Member = Household['members'][number]

export function HouseholdPanel({ household }: { household: Household }) {
  const copy = useCopy()
  const words = copy.customer
  return (
    <div className="stack">
      <div className="figures">
        <Figure
          name={copy.why.householdTotal}
          value={<Money fen={household.totalFen} />}
          note={
            <>
              {copy.why.sum} <Money fen={household.sumFen} /> {copy.why.yuanDays}
            </>
          }
        />
        <Figure name={copy.why.householdMean} value={<Money fen={household.averageFen} />} />
        <Figure
          name={copy.household.consenting}
          value={`${household.consenting ?? '—'} / ${household.members.length + household.hiddenMembers}`}
        />
        <Figure name={copy.household.tier} value={<Tier tier={household.tier} />} />
      </div>
      <div className="panel panel-clip">
        <SmallTable<Member>
          label={copy.household.members}
          rows={household.members}
          keyOf={(member) => `${member.customerNo} ${member.fromDay}`}
          columns={[
            {
              key: 'name',
              title: copy.customers.name,
              render: (_, member) => (
                <>
                  <Link to="/customers/$no" params={{ no: member.customerNo }}>
                    {member.name}
                  </Link>{' '}
                  <span className="quiet mono">{member.customerNo}</span>
                  {member.isHead && <span className="tag tag-accent kind">{words.head}</span>}
                </>
              ),
            },
            { key: 'role', title: words.role, render: (_, member) => copy.memberRoles[member.role] ?? member.role },
            {
              key: 'consent',
              title: words.consents,
              render: (_, member) =>
                member.consenting ? (
                  <span className="good">
                    <CheckCircleFilled /> {words.consenting}
                  </span>
                ) : (
                  <span className="quiet">
                    <MinusCircleOutlined /> {words.notConsenting}
                  </span>
                ),
            },
            {
              key: 'tier',
              title: copy.customers.qualified,
              render: (_, member) => <Tier tier={member.qualifiedTier} />,
            },
            {
              key: 'average',
              title: copy.customers.average,
              align: 'right',
              render: (_, member) => <Money fen={member.averageFen} />,
            },
            { key: 'from', title: words.joined, render: (_, member) => member.fromDay },
          ]}
        />
      </div>
      {household.hiddenMembers > 0 && <p className="note">{words.hidden(household.hiddenMembers)}</p>}
      {household.consenting !== null && <BestComposition householdNo={household.householdNo} />}
    </div>
  )
}
