/** Why a customer has the tier: the sum, the bars, the parts that add up to the unit, the distance both ways, the gaps. */
import { ArrowDownOutlined, ArrowUpOutlined, CheckCircleFilled, MinusCircleOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { explainCustomer, type Why } from '../../src/contract/why.ts'
import { reading } from '../api.ts'
import { useLanguage } from '../language.ts'
import { useTierName } from '../session.ts'
import { Confidence, Money, Tier, useMoney } from './figures.tsx'
import { Figure, Panel } from './page.tsx'
import { Answered } from './state.tsx'
import { WhyParts } from './why-parts.tsx'

export function WhyPanel({ no }: { no: string }) {
  const why = useQuery(reading(explainCustomer, { params: { no } }))
  return (
    <Answered query={why} rows={10}>
      {(answer) => <Explanation why={answer} />}
    </Answered>
  )
}

function Explanation({ why }: { why: Why }) {
  const { copy } = useLanguage()
  const name = useTierName()
  const words = copy.why
  return (
    <div className="stack">
      <div className="why-head">
        <h3>{words.headline(name(why.qualifiedTier), copy.paths[why.path] ?? why.path)}</h3>
        <span className="quiet">
          {words.window(why.window.from, why.window.to, why.window.days)} · {words.policy(why.policyVersion)}
        </span>
      </div>
      <Paths why={why} />
      <Distances why={why} />
      <Bars why={why} />
      <Panel title={words.parts} extra={<span className="quiet">{words.partsAddUp}</span>} flush>
        <WhyParts why={why} />
      </Panel>
      <Gaps why={why} />
    </div>
  )
}

/** Both figures, and which of them counted. */
function Paths({ why }: { why: Why }) {
  const { copy } = useLanguage()
  const words = copy.why
  const mark = (counted: boolean) => (
    <span className={counted ? 'tag tag-accent' : 'tag'}>{counted ? words.counted : words.notReached}</span>
  )
  return (
    <div className="figures">
      <Figure
        name={
          <span className="row">
            {words.individual} {mark(why.path === 'individual')}
          </span>
        }
        value={<Money fen={why.individual.averageFen} />}
        note={
          <>
            {words.sum} <Money fen={why.individual.sumFen} /> {words.yuanDays}
          </>
        }
      />
      {why.household && (
        <Figure
          name={
            <span className="row">
              {words.household}（{words.householdRule[why.household.rule]}）{mark(why.path === 'household')}
            </span>
          }
          value={<Money fen={why.household.averageFen} />}
          note={
            <>
              {words.sum} <Money fen={why.household.sumFen} /> {words.yuanDays} · {why.household.consenting}{' '}
              {words.members}
            </>
          }
        />
      )}
      <Figure
        name={words.inForce}
        value={<Tier tier={why.tierInForce} />}
        note={
          <>
            {words.qualified} <Tier tier={why.qualifiedTier} quiet />
          </>
        }
      />
      <Figure
        name={words.confidence}
        value={<Confidence value={why.confidence} />}
        note={why.gaps.length ? words.gaps : words.noGaps}
      />
    </div>
  )
}

function Distances({ why }: { why: Why }) {
  const { copy } = useLanguage()
  const name = useTierName()
  const write = useMoney()
  const words = copy.why
  const { toNext, toKeep, toHold } = why
  const whole = (fen: string) => write(fen).replace(/\.0+$/, '')
  // A date is never broken at its hyphens
  const fixed = (sentence: string) => sentence.replace(/(\d{4})-(\d\d)-(\d\d)/g, '$1\u2011$2\u2011$3')
  return (
    <div className="distances">
      <Distance
        icon={<ArrowUpOutlined />}
        title={toNext ? words.toNext(name(toNext.tier)) : words.top}
        path={toNext ? copy.paths[toNext.path] : undefined}
        note={toNext ? words.cutOff(toNext.cutOff) : undefined}
      >
        {toNext && fixed(words.toNextSay(whole(toNext.amountFen), toNext.from, toNext.to))}
      </Distance>
      <Distance
        icon={<ArrowDownOutlined />}
        title={toKeep ? words.toKeep(name(toKeep.tier)) : words.bottom}
        path={toKeep ? copy.paths[toKeep.path] : undefined}
        note={toKeep ? words.cutOff(toKeep.cutOff) : undefined}
      >
        {toKeep && fixed(words.toKeepSay(whole(toKeep.amountFen), toKeep.from, toKeep.to))}
      </Distance>
      {toHold && (
        <Distance
          icon={<ArrowUpOutlined />}
          title={words.toHold(name(toHold.tier))}
          path={copy.paths[toHold.path]}
          note={words.cutOff(toHold.cutOff)}
        >
          {fixed(words.toNextSay(whole(toHold.amountFen), toHold.from, toHold.to))}
        </Distance>
      )}
    </div>
  )
}

function Distance({
  icon,
  title,
  path,
  note,
  children,
}: {
  icon: ReactNode
  title: string
  path: string | undefined
  note: string | undefined
  children: ReactNode
}) {
  return (
    <div className="distance">
      <span className="distance-icon" aria-hidden>
        {icon}
      </span>
      <div>
        <div className="distance-title">
          {title} {path && <span className="tag">{path}</span>} {note && <span className="quiet">{note}</span>}
        </div>
        {children && <div className="distance-say">{children}</div>}
      </div>
    </div>
  )
}

function Bars({ why }: { why: Why }) {
  const { copy } = useLanguage()
  const words = copy.why
  return (
    <Panel title={words.bars} extra={<span className="quiet">{words.compare}</span>}>
      <div className="bars">
        {[...why.bars].reverse().map((bar) => (
          <div
            key={bar.tier.ordinal}
            className={bar.tier.ordinal === why.qualifiedTier.ordinal ? 'bar-row bar-at' : 'bar-row'}
          >
            <Tier tier={bar.tier} />
            <Bar label={words.individualBar} bar={bar.individualFen} met={bar.individualMet} />
            <Bar
              label={words.householdBar}
              bar={bar.householdFen}
              met={bar.householdMet}
              off={!why.household?.counts}
            />
          </div>
        ))}
      </div>
    </Panel>
  )
}

function Bar({ label, bar, met, off = false }: { label: string; bar: string | null; met: boolean; off?: boolean }) {
  const { copy } = useLanguage()
  return (
    <span className={off ? 'bar-cell quiet' : 'bar-cell'}>
      <span className="quiet">{label}</span>
      {bar === null ? <span>{copy.why.noBar}</span> : <Money fen={bar} />}
      {!off &&
        bar !== null &&
        (met ? (
          <span className="good">
            <CheckCircleFilled /> {copy.why.met}
          </span>
        ) : (
          <span className="quiet">
            <MinusCircleOutlined /> {copy.why.notMet}
          </span>
        ))}
    </span>
  )
}

function Gaps({ why }: { why: Why }) {
  const { copy, code } = useLanguage()
  if (why.gaps.length === 0) return null
  return (
    <div className="note note-warn">
      <b>{copy.why.gaps}</b>
      <ul className="plain">
        {why.gaps.map((gap) => (
          <li key={gap.code}>{code === 'en' ? gap.en : gap.zh}</li>
        ))}
      </ul>
    </div>
  )
}
