/** A household as a family tree around its head: parents above, children below; dashed is whoever does not count. */
import { Link } from '@tanstack/react-router'
import { useLanguage } from '../language.ts'
import { Tier } from './figures.tsx'
import type { HouseholdShown } from './household-dialogs.tsx'
import { useRoleText } from './household-members.tsx'
import type { NightHousehold } from './household-record.tsx'

type Member = HouseholdShown['members'][number]
type Node = { member: Member | null; key: string; x: number; y: number }

const box = { width: 148, height: 74, gap: 26, rise: 46 }

export function HouseholdGraph({ household, night }: { household: HouseholdShown; night: NightHousehold | undefined }) {
  const { copy } = useLanguage()
  const roleText = useRoleText()
  const { nodes, width, height } = placed(household)
  const head = nodes.find(({ member }) => member?.isHead)
  const tierOf = (member: Member) =>
    night?.members.find((one) => one.customerNo === member.customerNo)?.qualifiedTier ?? null
  return (
    <section className="family" aria-label={copy.household.graphLabel(nodes.length)}>
      <div className="family-canvas" style={{ width, height }}>
        <svg width={width} height={height} aria-hidden>
          {head &&
            nodes
              .filter((node) => node !== head)
              .map((node) => (
                <path
                  key={node.key}
                  d={lineBetween(head, node)}
                  className={node.member?.consentFrom ? 'family-line' : 'family-line family-apart'}
                />
              ))}
        </svg>
        {nodes.map(({ member, key, x, y }) => (
          <div
            key={key}
            className={`family-node${member?.consentFrom ? '' : ' family-apart'}${member?.isHead ? ' family-head' : ''}`}
            style={{ left: x, top: y, width: box.width, height: box.height }}
          >
            {member ? (
              <>
                <Link to="/customers/$no" params={{ no: member.customerNo }}>
                  {member.name}
                </Link>
                <span className="quiet">{roleText(member.role)}</span>
                <Tier tier={tierOf(member)} />
              </>
            ) : (
              <span className="quiet">{copy.customer.hidden(household.hiddenMembers)}</span>
            )}
          </div>
        ))}
      </div>
    </section>
  )
}

/** Rows from above: parents; head, spouse and others; children; whoever is out of sight, as one. Each row is centred. */
function placed({ members, hiddenMembers }: HouseholdShown): { nodes: Node[]; width: number; height: number } {
  const middle = (member: Member) => member.isHead || !['parent', 'child'].includes(member.role)
  const rows: (Member | null)[][] = [
    members.filter((member) => member.role === 'parent' && !member.isHead),
    members.filter(middle),
    members.filter((member) => member.role === 'child' && !member.isHead),
    hiddenMembers > 0 ? [null] : [],
  ].filter((row) => row.length > 0)
  const widthOf = (count: number) => count * box.width + (count - 1) * box.gap
  const width = Math.max(...rows.map((row) => widthOf(row.length)), box.width)
  const nodes = rows.flatMap((row, level) =>
    row.map((member, at) => ({
      member,
      key: member?.customerNo ?? 'hidden',
      x: (width - widthOf(row.length)) / 2 + at * (box.width + box.gap),
      y: level * (box.height + box.rise),
    })),
  )
  return { nodes, width, height: rows.length * (box.height + box.rise) - box.rise }
}

/** Sideways in one row, otherwise from edge to edge. */
function lineBetween(head: Node, { x, y }: Node): string {
  const middleOf = (left: number) => left + box.width / 2
  if (y === head.y) {
    const lane = y + box.height / 2
    return `M${middleOf(head.x)} ${lane}H${middleOf(x)}`
  }
  const [from, to] = y < head.y ? [head.y, y + box.height] : [head.y + box.height, y]
  const turn = (from + to) / 2
  return `M${middleOf(head.x)} ${from}V${turn}H${middleOf(x)}V${to}`
}
