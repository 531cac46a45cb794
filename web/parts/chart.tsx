/** A chart with a name for those who do not see it. The chart library is loaded with the first chart. */
import { Skeleton } from 'antd'
import type { EChartsOption } from 'echarts'
import { lazy, Suspense } from 'react'

const Drawing = lazy(() => import('./drawing.tsx'))

interface ChartProps {
  option: EChartsOption
  /** What the chart says, in a sentence. */
  label: string
  height: number
  onPick?: (name: string) => void
}

export function Chart({ option, label, height, onPick }: ChartProps) {
  return (
    <figure className="chart" role="img" aria-label={label} style={{ height }}>
      <Suspense fallback={<Skeleton.Node active style={{ width: '100%', height }} />}>
        <Drawing option={option} height={height} {...(onPick ? { onPick } : {})} />
      </Suspense>
    </figure>
  )
}
