/** Trying other bars: sliders, and who would move. Asked a moment after the last change; nothing is published. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Button, InputNumber, Segmented, Slider } from 'antd'
import type { EChartsOption } from 'echarts'
import { useEffect, useMemo, useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { type currentPolicy, simulate } from '../../src/contract/policies.ts'
import { ask } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { useMe, useTierName } from '../session.ts'
import { ink, tierLook } from '../theme.ts'
import { Chart } from './chart.tsx'
import { TierMove } from './customer-tables.tsx'
import { Money, Tier } from './figures.tsx'
import { Panel } from './page.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

type Current = Output<typeof currentPolicy>
type Result = Output<typeof simulate>
type Field = 'individualFen' | 'householdFen'

/** Whole units of the base currency, by '<tier> <field>'. */
type Bars = Record<string, number>

const askDelayMs = 250
const sliderStepsMax = 3

export function Simulate({ current }: { current: Current }) {
  const copy = useCopy()
  const words = copy.policy
  const { baseDecimals } = useMe()
  const start = useMemo(() => barsOf(current, baseDecimals), [current, baseDecimals])
  const [bars, setBars] = useState(start)
  const [rule, setRule] = useState(current.householdRule)
  const asked = useDelayed(
    useMemo(() => ({ bars, rule }), [bars, rule]),
    askDelayMs,
  )
  const result = useQuery({
    queryKey: ['simulate', asked],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(simulate, { body: { bars: bodyOf(current, asked.bars, baseDecimals), householdRule: asked.rule } }, signal),
  })
  const reset = () => {
    setBars(start)
    setRule(current.householdRule)
  }
  return (
    <Panel
      title={words.simulate}
      extra={
        <Button size="small" onClick={reset}>
          {words.reset}
        </Button>
      }
    >
      <p className="quiet">{words.simulateHint}</p>
      <div className="sliders">
        {[...current.tiers]
          .reverse()
          .map((tier) =>
            (['individualFen', 'householdFen'] as const).map((field) => (
              <BarSlider
                key={`${tier.code} ${field}`}
                tier={tier}
                field={field}
                start={start}
                bars={bars}
                onChange={setBars}
              />
            )),
          )}
      </div>
      <div className="row gap">
        <span className="quiet">{words.householdRule}</span>
        <Segmented
          value={rule}
          onChange={setRule}
          options={(['mean', 'sum'] as const).map((value) => ({ value, label: words.householdRules[value]! }))}
          aria-label={words.householdRule}
        />
      </div>
      <div className="gap">
        <Answered query={result}>{(answer) => <Outcome result={answer} />}</Answered>
      </div>
    </Panel>
  )
}

interface BarSliderProps {
  tier: Current['tiers'][number]
  field: Field
  start: Bars
  bars: Bars
  onChange: (bars: Bars) => void
}

function BarSlider({ tier, field, start, bars, onChange }: BarSliderProps) {
  const copy = useCopy()
  const name = useTierName()
  const key = `${tier.code} ${field}`
  const usual = start[key]
  if (usual === undefined) return null
  const label = `${name(tier)} ${field === 'individualFen' ? copy.policy.individual : copy.policy.household}`
  const value = bars[key] ?? usual
  const step = Math.max(1, 10 ** Math.floor(Math.log10(Math.max(usual, 10)) - 1))
  const change = (next: number | null) => next !== null && onChange({ ...bars, [key]: next })
  return (
    <div className="slider">
      <span className="slider-name">
        <Tier tier={tier} />{' '}
        <span className="quiet">{field === 'individualFen' ? copy.policy.individual : copy.policy.household}</span>
      </span>
      <Slider
        min={step}
        max={usual * sliderStepsMax}
        step={step}
        value={value}
        onChange={change}
        ariaLabelForHandle={label}
        tooltip={{ formatter: (shown) => countText(shown ?? 0) }}
      />
      <InputNumber<number>
        size="small"
        min={1}
        max={1e12}
        step={step}
        precision={0}
        value={value}
        onChange={change}
        aria-label={label}
        formatter={(shown) => String(shown ?? '').replace(/\B(?=(\d{3})+$)/g, ',')}
        parser={(text) => Number((text ?? '').replace(/,/g, ''))}
      />
    </div>
  )
}

function Outcome({ result }: { result: Result }) {
  const copy = useCopy()
  const words = copy.policy
  const moves = result.moves.filter((move) => move.fromTier.ordinal !== move.toTier.ordinal)
  return (
    <div className="stack">
      <div className="row">
        <b>
          {result.rises + result.falls === 0
            ? words.noChange
            : words.moved(countText(result.rises), countText(result.falls))}
        </b>
        <span className="quiet">
          {result.night.day} · {words.took(result.milliseconds.toFixed(0))}
        </span>
      </div>
      <BeforeAfter result={result} />
      {moves.length > 0 && (
        <SmallTable<Result['moves'][number]>
          label={words.moves}
          rows={moves}
          keyOf={(move) => `${move.fromTier.ordinal} ${move.toTier.ordinal}`}
          columns={[
            {
              key: 'move',
              title: words.moves,
              render: (_, move) => <TierMove from={move.fromTier} to={move.toTier} />,
            },
            {
              key: 'customers',
              title: copy.common.customers,
              align: 'right',
              render: (_, move) => countText(move.customers),
            },
            {
              key: 'assets',
              title: copy.common.assets,
              align: 'right',
              render: (_, move) => <Money fen={move.assetsFen} as="compact" />,
            },
          ]}
        />
      )}
    </div>
  )
}

function BeforeAfter({ result }: { result: Result }) {
  const copy = useCopy()
  const words = copy.policy
  const name = useTierName()
  const option = useMemo<EChartsOption>(() => {
    const tiers = [...result.tiers].sort((a, b) => a.tier.ordinal - b.tier.ordinal)
    const bar = (field: 'before' | 'after') => ({
      name: words[field],
      type: 'bar' as const,
      barMaxWidth: 16,
      data: tiers.map((row) => ({
        value: row[field],
        itemStyle: { color: tierLook(row.tier.ordinal, row.tier.code).solid, opacity: field === 'before' ? 0.4 : 1 },
      })),
      label: {
        show: true,
        position: 'right' as const,
        color: ink.quiet,
        formatter: (given: { dataIndex: number }) => {
          const row = tiers[given.dataIndex]!
          const change = row.after - row.before
          return field === 'before'
            ? countText(row.before)
            : `${countText(row.after)}${change ? ` (${change > 0 ? '+' : '−'}${countText(Math.abs(change))})` : ''}`
        },
      },
    })
    return {
      grid: { left: 4, right: 110, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: 'value', axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: 'category',
        data: tiers.map((row) => name(row.tier)),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: { color: ink.text },
      },
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
      series: [bar('after'), bar('before')],
    }
  }, [result, words, name])
  return <Chart option={option} height={44 * result.tiers.length + 16} label={words.simulateLabel} />
}

function barsOf(current: Current, decimals: number): Bars {
  const bars: Bars = {}
  for (const tier of current.tiers) {
    for (const field of ['individualFen', 'householdFen'] as const) {
      const fen = tier[field]
      if (fen !== null) bars[`${tier.code} ${field}`] = Number(BigInt(fen) / 10n ** BigInt(decimals))
    }
  }
  return bars
}

/** The bars as the endpoint takes them; tiers without a bar are left as they are. */
function bodyOf(current: Current, bars: Bars, decimals: number) {
  const fen = (units: number | undefined) =>
    units === undefined ? undefined : String(BigInt(Math.round(units)) * 10n ** BigInt(decimals))
  return current.tiers.flatMap((tier) => {
    const individualFen = fen(bars[`${tier.code} individualFen`])
    const householdFen = fen(bars[`${tier.code} householdFen`])
    if (!individualFen && !householdFen) return []
    return [{ tier: tier.code, ...(individualFen ? { individualFen } : {}), ...(householdFen ? { householdFen } : {}) }]
  })
}

function useDelayed<T>(value: T, delayMs: number): T {
  const [late, setLate] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return late
}
