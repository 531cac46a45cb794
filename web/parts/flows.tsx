/** Movements between two nights as a Sankey: tiers then on the left, tiers now on the right. */
import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import type { EChartsOption } from 'echarts'
import { useMemo } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { readFlows } from '../../src/contract/nights.ts'
import { readingOn } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { useTierName } from '../session.ts'
import { ink, tierLook } from '../theme.ts'
import { Chart } from './chart.tsx'
import { Panel } from './page.tsx'
import { Answered, Nothing } from './state.tsx'

type Flows = Output<typeof readFlows>

interface FlowsProps {
  night: number | undefined
  from: number | undefined
  unit: string | undefined
  onFrom: (from: number) => void
}

export function FlowsPanel({ night, from, unit, onFrom }: FlowsProps) {
  const copy = useCopy()
  const words = copy.home
  const flows = useQuery(
    readingOn(readFlows, {
      params: { id: night ?? 'current' },
      query: { ...(from ? { from } : {}), ...(unit ? { unit } : {}) },
    }),
  )
  const found = flows.data
  const choice = found?.from && (
    <span className="row quiet">
      {words.flowsFrom}
      <Select
        size="small"
        value={found.from.id}
        options={found.comparable.map((one) => ({ value: one.id, label: one.day }))}
        onChange={onFrom}
        aria-label={words.flowsFrom}
        popupMatchSelectWidth={false}
      />
      {words.flowsTo} {found.night.day}
    </span>
  )
  return (
    <Panel title={words.flows} extra={choice}>
      <Answered query={flows}>
        {(answer) =>
          answer.from && answer.links.length ? <Sankey flows={answer} /> : <Nothing title={words.flowsEmpty} />
        }
      </Answered>
    </Panel>
  )
}

function Sankey({ flows }: { flows: Flows }) {
  const copy = useCopy()
  const words = copy.home
  const name = useTierName()
  const option = useMemo(() => sankeyOption(flows, name), [flows, name])
  const rises = countText(flows.rises)
  const falls = countText(flows.falls)
  return (
    <>
      <div className="row flow-sums">
        <span>
          {words.rises} <b className="rise">{rises}</b>
        </span>
        <span>
          {words.falls} <b className="fall">{falls}</b>
        </span>
        <span className="quiet">
          {words.same} {countText(flows.same)}
        </span>
      </div>
      <Chart
        option={option}
        height={252}
        label={words.flowsLabel(flows.from?.day ?? '', flows.night.day, rises, falls)}
      />
    </>
  )
}

function sankeyOption(flows: Flows, name: ReturnType<typeof useTierName>): EChartsOption {
  const side = (which: 'from' | 'to') => {
    const tiers = new Map(
      flows.links.map((link) => (which === 'from' ? link.fromTier : link.toTier)).map((tier) => [tier.ordinal, tier]),
    )
    return [...tiers.values()]
      .sort((a, b) => b.ordinal - a.ordinal)
      .map((tier) => ({
        name: `${which} ${tier.ordinal}`,
        depth: which === 'from' ? 0 : 1,
        itemStyle: { color: tierLook(tier.ordinal, tier.code).solid },
        label: { formatter: name(tier), position: which === 'from' ? ('left' as const) : ('right' as const) },
      }))
  }
  const moved = new Map(flows.links.map((link) => [`${link.fromTier.ordinal} ${link.toTier.ordinal}`, link]))
  // Those who stayed are many times more than those who moved; by the root of the count both can be seen
  const links = flows.links.map((link) => {
    const direction = link.toTier.ordinal - link.fromTier.ordinal
    return {
      source: `from ${link.fromTier.ordinal}`,
      target: `to ${link.toTier.ordinal}`,
      value: Math.sqrt(link.customers),
      lineStyle: {
        color: direction > 0 ? ink.good : direction < 0 ? ink.bad : '#9fb0ba',
        opacity: direction === 0 ? 0.25 : 0.42,
      },
    }
  })
  return {
    tooltip: {
      trigger: 'item',
      formatter: (given: unknown) => {
        const { data } = given as { data: { source?: string; target?: string } }
        if (!data.source) return ''
        const link = moved.get(`${data.source.slice(5)} ${data.target!.slice(3)}`)!
        return `${name(link.fromTier)} → ${name(link.toTier)}　<b>${countText(link.customers)}</b>`
      },
    },
    series: [
      {
        type: 'sankey',
        left: 76,
        right: 76,
        top: 6,
        bottom: 6,
        nodeWidth: 12,
        nodeGap: 12,
        layoutIterations: 0,
        draggable: false,
        label: { color: ink.text, fontSize: 12 },
        lineStyle: { curveness: 0.5 },
        emphasis: { focus: 'adjacency' },
        data: [...side('from'), ...side('to')],
        links,
      },
    ],
  }
}
