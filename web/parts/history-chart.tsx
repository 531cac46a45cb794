/** A customer's assets day by day, the window of the night shaded and the bars of the tiers as lines. */
import { useQuery } from '@tanstack/react-query'
import { Segmented } from 'antd'
import type { EChartsOption } from 'echarts'
import { useMemo, useState } from 'react'
import { readHistory } from '../../src/contract/customers.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { addMonths, day } from '../../src/kit/day.ts'
import { readingOn } from '../api.ts'
import { compactText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { policyQuery, useMe, useTierName } from '../session.ts'
import { ink, tierLook } from '../theme.ts'
import { Chart } from './chart.tsx'
import { useMoney } from './figures.tsx'
import { Panel } from './page.tsx'
import { Answered, Nothing } from './state.tsx'

type History = Output<typeof readHistory>

export function HistoryChart({ no }: { no: string }) {
  const { copy } = useLanguage()
  const me = useMe()
  const [months, setMonths] = useState(6)
  const query = me.lastNight ? { from: addMonths(day(me.lastNight.day), -months) } : {}
  const history = useQuery(readingOn(readHistory, { params: { no }, query }))
  const choice = (
    <Segmented
      value={months}
      onChange={setMonths}
      options={[3, 6, 13].map((value) => ({ value, label: copy.history.months[value] }))}
      aria-label={copy.history.title}
    />
  )
  return (
    <Panel title={copy.history.title} extra={choice}>
      <Answered query={history}>
        {(found) => (found.days.length ? <Lines history={found} /> : <Nothing title={copy.history.empty} />)}
      </Answered>
    </Panel>
  )
}

function Lines({ history }: { history: History }) {
  const { copy } = useLanguage()
  const write = useMoney()
  const option = useHistoryOption(history)
  const last = history.days.at(-1)!
  return (
    <Chart option={option} height={340} label={copy.history.label(history.from, history.to, write(last.valueFen))} />
  )
}

function useHistoryOption(history: History): EChartsOption {
  const { copy, code } = useLanguage()
  const { baseDecimals } = useMe()
  const write = useMoney()
  const name = useTierName()
  const tiers = useQuery(policyQuery).data?.tiers
  return useMemo(() => {
    const scale = 10 ** baseDecimals
    const amount = (value: number) =>
      compactText(BigInt(Math.round(value)) * BigInt(scale), baseDecimals, code).replace(/\.0+(?=\D|$)/, '')
    const values = history.days.map((point) => Number(point.valueFen) / scale)
    const top = Math.max(...values)
    // A bar far above would flatten the line: only those up to the next one in reach
    const bars = (tiers ?? []).filter(
      (tier) => tier.individualFen !== null && Number(tier.individualFen) / scale <= top * 2.2 + 1,
    )
    const { window } = history
    return {
      grid: { left: 8, right: 70, top: 34, bottom: 8, containLabel: true },
      legend: { top: 0, left: 0, icon: 'roundRect', itemHeight: 3, textStyle: { color: ink.quiet } },
      tooltip: {
        trigger: 'axis',
        formatter: (given: unknown) => {
          const at = (given as { dataIndex: number }[])[0]?.dataIndex ?? 0
          const point = history.days[at]
          if (!point) return ''
          const gap = point.gap ? `<br/>${copy.history.gap}` : ''
          return `<b>${point.day}</b><br/>${copy.history.weighted} ${write(point.valueFen)}<br/>${copy.history.aum} ${write(point.aumFen)}${gap}`
        },
      },
      xAxis: {
        type: 'category',
        data: history.days.map((point) => point.day),
        boundaryGap: false,
        axisLine: { lineStyle: { color: ink.line } },
        axisLabel: { color: ink.quiet },
        axisTick: { show: false },
      },
      yAxis: {
        type: 'value',
        axisLabel: { color: ink.quiet, formatter: amount },
        splitLine: { lineStyle: { color: '#edf1f3' } },
      },
      series: [
        {
          name: copy.history.weighted,
          type: 'line',
          step: 'end',
          showSymbol: false,
          data: values,
          lineStyle: { width: 2, color: ink.accent },
          itemStyle: { color: ink.accent },
          markArea: window
            ? {
                silent: true,
                itemStyle: { color: 'rgba(13,100,116,0.08)' },
                label: { color: ink.quiet, position: 'insideTop' },
                data: [
                  [
                    { name: copy.history.window, xAxis: max(window.from, history.from) },
                    { xAxis: min(window.to, history.to) },
                  ],
                ],
              }
            : {},
          markLine: {
            silent: true,
            symbol: 'none',
            data: bars.map((tier) => ({
              yAxis: Number(tier.individualFen) / scale,
              lineStyle: { color: tierLook(tier.ordinal, tier.code).solid, type: 'dashed' as const, width: 1.5 },
              label: { formatter: name(tier), color: ink.quiet },
            })),
          },
        },
        {
          name: copy.history.aum,
          type: 'line',
          step: 'end',
          showSymbol: false,
          data: history.days.map((point) => Number(point.aumFen) / scale),
          lineStyle: { width: 1, color: '#9aabb5' },
          itemStyle: { color: '#9aabb5' },
        },
      ],
    }
  }, [history, tiers, copy, code, baseDecimals, write, name])
}

const max = (a: string, b: string) => (a > b ? a : b)
const min = (a: string, b: string) => (a < b ? a : b)
