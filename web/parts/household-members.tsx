/** Today's members of a household: role, consent, figures of the last night, and what can be done. */
import { CheckCircleFilled, EllipsisOutlined, MinusCircleOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button, Dropdown } from 'antd'
import { householdRoleWords } from '../../src/contract/household-words.ts'
import { useLanguage } from '../language.ts'
import { labelOf } from '../session.ts'
import { Money, Tier } from './figures.tsx'
import type { Doing, HouseholdShown, MemberAct } from './household-dialogs.tsx'
import type { NightHousehold } from './household-record.tsx'
import { actColumn, SmallTable } from './small-table.tsx'

type Member = HouseholdShown['members'][number]

interface MembersProps {
  household: HouseholdShown
  night: NightHousehold | undefined
  onAct: (doing: Doing) => void
}

export function HouseholdMembers({ household, night, onAct }: MembersProps) {
  const { copy } = useLanguage()
  const words = copy.household
  const roleText = useRoleText()
  const figuresOf = ({ customerNo }: Member) => night?.members.find((one) => one.customerNo === customerNo)
  const alone = household.members.length + household.hiddenMembers === 1
  return (
    <SmallTable<Member>
      label={words.members}
      rows={household.members}
      keyOf={(member) => member.customerNo}
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
              {member.isHead && <span className="tag tag-accent kind">{copy.customer.head}</span>}
            </>
          ),
        },
        { key: 'role', title: copy.customer.role, render: (_, { role }) => roleText(role) },
        {
          key: 'consent',
          title: copy.customer.consents,
          render: (_, { consentFrom }) =>
            consentFrom === null ? (
              <span className="quiet">
                <MinusCircleOutlined /> {words.notConsenting}
              </span>
            ) : (
              <span className="good">
                <CheckCircleFilled /> {words.consentSince(consentFrom)}
              </span>
            ),
        },
        {
          key: 'tier',
          title: copy.customers.qualified,
          render: (_, member) => <Tier tier={figuresOf(member)?.qualifiedTier ?? null} />,
        },
        {
          key: 'average',
          title: copy.customers.average,
          align: 'right',
          render: (_, member) => <Money fen={figuresOf(member)?.averageFen} />,
        },
        { key: 'from', title: words.joinedOn, render: (_, { fromDay }) => fromDay },
        ...(household.may ? [actColumn<Member>((member) => <Acts {...{ member, alone, onAct }} />)] : []),
      ]}
    />
  )
}

interface ActsProps {
  member: Member
  alone: boolean
  onAct: (doing: Doing) => void
}

/** Only what can be done: the head leads until somebody else does, and leaves last. */
function Acts({ member, alone, onAct }: ActsProps) {
  const { copy } = useLanguage()
  const words = copy.household
  const acts: MemberAct[] = [
    member.consentFrom === null ? 'consent' : 'withdrawConsent',
    ...(member.isHead ? [] : (['role', 'head'] as const)),
    ...(member.isHead && !alone ? [] : (['leave'] as const)),
  ]
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: acts.map((act) => ({
          key: act,
          label: words.acts[act],
          danger: act === 'leave',
          onClick: () => onAct({ act, ...member }),
        })),
      }}
    >
      <Button size="small" icon={<EllipsisOutlined />} aria-label={`${words.actions} · ${member.name}`} />
    </Dropdown>
  )
}

/** What a role is called; a word that a feed brought and nobody knows stands as it is. */
export function useRoleText(): (role: string) => string {
  const { code } = useLanguage()
  const words = householdRoleWords as Record<string, (typeof householdRoleWords)['head']>
  return (role) => (words[role] ? labelOf(words[role], code) : role)
}
