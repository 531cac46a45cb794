/** Why a customer has the tier: the sum, the bars, the parts that add up to the unit, the distance both ways, the gaps. */
import {
  ArrowDownOutlined,
  ArrowUpOutlined,
  CheckCircleFilled,
  CopyOutlined,
  MinusCircleOutlined,
} from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { App, Button } from 'antd'
import type { ReactNode } from 'react'
import { explainCustomer, type Why } from '../../src/contract/why.ts'
import { reading } from '../api.ts'
import { useLanguage } from '../language.ts'
import { useTierName } from '../session.ts'
import { Confidence, Money, Tier, useMoney } from './figures.tsx'
import { Figure, Panel } from './page.tsx'
import { SmallTable } from './small-table.tsx'
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
      <Said
        why={why}
        title={
          why.applies ? words.headline(name(why.qualifiedTier), copy.paths[why.path] ?? why.path) : copy.tiers.outside!
        }
      />
      <Paths why={why} />
      {why.applies && (
        <>
          <Distances why={why} />
          {why.criteria.length > 0 && <Criteria why={why} />}
          <Bars why={why} />
        </>
      )}
      <Panel title={words.parts} extra={<span className="quiet">{words.partsAddUp}</span>} flush>
        <WhyParts why={why} />
      </Panel>
      <Gaps why={why} />
    </div>
  )
}

/** The whole reason in sentences, as one would say it to the customer. */
function Said({ why, title }: { why: Why; title: string }) {
  const { copy, code } = useLanguage()
  const { message } = App.useApp()
  const sentences = code === 'en' ? why.sentences.en : why.sentences.zh
  const copied = () => navigator.clipboard?.writeText(sentences.join('\n')).then(() => message.success(copy.why.copied))
  return (
    <section className="why-said">
      <div className="why-head">
        <h3>{title}</h3>
        <span className="grow" />
        {navigator.clipboard && (
          <Button size="small" type="text" icon={<CopyOutlined />} onClick={copied}>
            {copy.why.copy}
          </Button>
        )}
      </div>
      <ul className="why-sentences">
        {sentences.map((sentence) => (
          <li key={sentence}>{fixed(sentence)}</li>
        ))}
      </ul>
    </section>
  )
}

/** A date is never broken at its hyphens. */
function fixed(sentence: string): string {
  return sentence.replace(/(\d{4})-(\d\d)-(\d\d)/g, '$1\u2011$2\u2011$3')
}

/** In place of a tier, where the scheme is not for this kind of customer. */
const outside = { ordinal: 0, code: 'outside' }

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
            {why.applies ? words.individual : copy.common.average} {why.applies && mark(why.path === 'individual')}
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
              {why.household.rule === 'mean' ? words.householdMean : words.householdTotal}{' '}
              {why.household.counts ? (
                mark(why.path === 'household')
              ) : (
                <span className="tag">{words.tooFewConsent}</span>
              )}
            </span>
          }
          value={<Money fen={why.household.rule === 'mean' ? why.household.averageFen : why.household.totalFen} />}
          note={
            <>
              {why.household.rule === 'mean' ? words.householdTotal : words.householdMean}{' '}
              <Money fen={why.household.rule === 'mean' ? why.household.totalFen : why.household.averageFen} /> ·{' '}
              {words.consenting(why.household.consenting)}
            </>
          }
        />
      )}
      <Figure
        name={words.inForce}
        value={<Tier tier={why.applies ? why.tierInForce : outside} />}
        note={
          <>
            {words.qualified} <Tier tier={why.applies ? why.qualifiedTier : outside} quiet />
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
  const { toNext, toKeep } = why
  // One step below the tier in force, the next tier is the one to regain
  const again = why.toHold !== null && why.toHold.tier.ordinal === toNext?.tier.ordinal
  const toHold = again ? null : why.toHold
  const whole = (fen: string) => write(fen).replace(/\.0+$/, '')
  return (
    <div className="distances">
      <Distance
        icon={<ArrowUpOutlined />}
        title={toNext ? (again ? words.toHold : words.toNext)(name(toNext.tier)) : words.top}
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
  const household = why.bars.some((bar) => bar.householdFen !== null)
  return (
    <Panel title={words.bars} extra={<span className="quiet">{words.compare}</span>}>
      <div className="bars">
        {[...why.bars].reverse().map((bar) => (
          <div
            key={bar.tier.ordinal}
            className={bar.tier.ordinal === why.qualifiedTier.ordinal ? 'bar-row bar-at' : 'bar-row'}
          >
            <span className="row">
              <Tier tier={bar.tier} />
              {!bar.confirmed && <span className="tag tag-warn">{words.unconfirmed}</span>}
            </span>
            {bar.entry ? (
              <span className="bar-cell bar-entry">
                <span>{words.entry[bar.entry]}</span>
                <Met met={bar.entryMet} />
              </span>
            ) : bar.points === null ? (
              <Bar label={words.individualBar} bar={bar.individualFen} met={bar.individualMet} />
            ) : (
              <span className="bar-cell">
                <span className="quiet">{words.pointsBar}</span>
                <span>{scaled(bar.points)}</span>
                <Met met={bar.individualMet} />
              </span>
            )}
            {!bar.entry && household && (
              <Bar
                label={words.householdBar}
                bar={bar.householdFen}
                met={bar.householdMet}
                off={!why.household?.counts}
              />
            )}
          </div>
        ))}
      </div>
      {why.unconfirmed.length > 0 && <p className="quiet gap">{words.unconfirmedNote}</p>}
    </Panel>
  )
}

function Bar({ label, bar, met, off = false }: { label: string; bar: string | null; met: boolean; off?: boolean }) {
  const { copy } = useLanguage()
  return (
    <span className={off ? 'bar-cell quiet' : 'bar-cell'}>
      <span className="quiet">{label}</span>
      {bar === null ? <span>{copy.why.noBar}</span> : <Money fen={bar} />}
      {!off && bar !== null && <Met met={met} />}
    </span>
  )
}

function Met({ met }: { met: boolean }) {
  const { copy } = useLanguage()
  return met ? (
    <span className="good">
      <CheckCircleFilled /> {copy.why.met}
    </span>
  ) : (
    <span className="quiet">
      <MinusCircleOutlined /> {copy.why.notMet}
    </span>
  )
}

/** Points and weights are × 10,000. */
function scaled(value: number): string {
  return (value / 10_000).toLocaleString('en-US', { maximumFractionDigits: 4 })
}

/** Of a scheme of points: each criterion's value, points and weight. */
function Criteria({ why }: { why: Why }) {
  const { copy, code } = useLanguage()
  const words = copy.why
  return (
    <Panel title={words.criteria} extra={why.points !== null && <b>{scaled(why.points)}</b>} flush>
      <SmallTable<Why['criteria'][number]>
        label={words.criteria}
        rows={why.criteria}
        keyOf={(row) => row.measure}
        columns={[
          { key: 'name', title: words.criterion, render: (_, row) => (code === 'en' ? row.en : row.zh) },
          {
            key: 'value',
            title: words.criterionValue,
            align: 'right',
            render: (_, row) => (row.measure === 'averageAssets' ? <Money fen={row.value} /> : row.value),
          },
          { key: 'points', title: words.points, align: 'right', dataIndex: 'points' },
          { key: 'weight', title: words.weight, align: 'right', render: (_, row) => scaled(row.weight) },
          {
            key: 'weighted',
            title: words.weightedPoints,
            align: 'right',
            render: (_, row) => scaled(row.contribution),
          },
        ]}
      />
    </Panel>
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
