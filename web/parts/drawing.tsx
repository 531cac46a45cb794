/** The drawing of a chart: only the kinds we use are in the bundle. Split off; import `chart.tsx` instead. */
import type { EChartsOption } from 'echarts'
import { BarChart, LineChart, SankeyChart } from 'echarts/charts'
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { fontFamily, ink } from '../theme.ts'

use([
  BarChart,
  LineChart,
  SankeyChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  MarkAreaComponent,
  MarkLineComponent,
  CanvasRenderer,
])

interface DrawingProps {
  option: EChartsOption
  height: number
  onPick?: (name: string) => void
}

export default function Drawing({ option, height, onPick }: DrawingProps) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<ReturnType<typeof init>>(null)
  const pick = useRef(onPick)
  pick.current = onPick
  useEffect(() => {
    if (!box.current) return
    const made = init(box.current)
    chart.current = made
    made.on('click', (event) => pick.current?.(event.name))
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    const common = { animation: !still, animationDuration: 300, textStyle: { fontFamily, color: ink.text } }
    chart.current?.setOption({ ...common, ...option } as EChartsOption, true)
  }, [option])
  return <div ref={box} style={{ height, width: '100%' }} />
}
