/** Which members should consent so that the household reaches a tier, and what each gains and gives up. */
import { useQuery } from '@tanstack/react-query'
import { readComposition } from '../../src/contract/customers.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { Money, Tier } from './figures.tsx'
import { Panel } from './page.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

type Compositions = Output<typeof readComposition>
type One = Compositions['compositions'][number]
type Member = Compositions['members'][number]
type Place = Member & One['members'][number]

export function BestComposition({ householdNo }: { householdNo: string }) {
  const words = useCopy().household.composition
  const found = useQuery(reading(readComposition, { params: { no: householdNo } }))
  return (
    <Panel title={words.title}>
      <Answered query={found}>{(read) => <Offered read={read} />}</Answered>
    </Panel>
  )
}

function Offered({ read }: { read: Compositions }) {
  const words = useCopy().household.composition
  if (read.hiddenMembers > 0) return <p className="note">{words.hidden(read.hiddenMembers)}</p>
  if (read.compositions.length === 0) return <p className="note">{words.none}</p>
  return (
    <div className="stack">
      <p className="note">
        {words.note(read.night.day)}
        {!read.exact && ` ${words.inexact}`}
      </p>
      {read.compositions.map((one) => (
        <OneComposition key={`${one.tier.code} ${countOf(one)}`} one={one} members={read.members} />
      ))}
    </div>
  )
}

function OneComposition({ one, members }: { one: One; members: readonly Member[] }) {
  const copy = useCopy()
  const words = copy.household.composition
  const places = members.map((member, at) => ({ ...member, ...one.members[at]! }))
  const asked = places.filter((place) => place.counts && !place.consenting).map(({ name }) => name)
  const left = places.filter((place) => !place.counts && place.consenting).map(({ name }) => name)
  return (
    <div>
      <p className="composition-head">
        <Tier tier={one.tier} /> <b>{words.counted(countOf(one), members.length)}</b>{' '}
        {one.isCurrent && <span className="tag tag-accent">{words.current}</span>}{' '}
        {[asked.length > 0 && words.ask(asked), left.length > 0 && words.leave(left)].filter(Boolean).join(words.and)}
      </p>
      <SmallTable<Place>
        label={words.counted(countOf(one), members.length)}
        rows={places}
        keyOf={(place) => place.customerNo}
        columns={[
          { key: 'name', title: copy.customers.name, render: (_, place) => place.name },
          {
            key: 'counts',
            title: words.counts,
            render: (_, place) =>
              place.counts ? <span className="good">{words.yes}</span> : <span className="quiet">{words.no}</span>,
          },
          {
            key: 'sum',
            title: words.sum,
            align: 'right',
            render: (_, place) =>
              place.counts ? <Money fen={place.sumFen} /> : <span className="quiet">{words.ownOnly}</span>,
          },
          { key: 'today', title: words.today, render: (_, place) => <Tier tier={place.qualifiedTier} /> },
          { key: 'after', title: words.after, render: (_, place) => <Then place={place} /> },
        ]}
        summary={() => <Total one={one} />}
      />
    </div>
  )
}

/** The tier in the composition, and whether that is more or less than today. */
function Then({ place }: { place: Place }) {
  const words = useCopy().household.composition
  const change = place.tier.ordinal - place.qualifiedTier.ordinal
  return (
    <>
      <Tier tier={place.tier} /> {change > 0 && <span className="rise">{words.gains}</span>}
      {change < 0 && <span className="fall">{words.givesUp}</span>}
    </>
  )
}

/** The parts of those who count, what truncating them left over, and what they come to on average. */
function Total({ one }: { one: One }) {
  const words = useCopy().household.composition
  return (
    <tr>
      <td colSpan={2}>{words.total}</td>
      <td className="right">
        <Money fen={one.sumFen} />
        {one.roundingFen !== null && one.roundingFen !== '0' && (
          <div className="quiet">
            {words.rounding} <Money fen={one.roundingFen} />
          </div>
        )}
      </td>
      <td colSpan={2}>
        {words.average} <Money fen={one.averageFen} />
      </td>
    </tr>
  )
}

function countOf(one: One): number {
  return one.members.filter(({ counts }) => counts).length
}
