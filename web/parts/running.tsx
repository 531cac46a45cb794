/** Loads and nights under way, with their progress. */
import { Progress } from 'antd'
import { useCopy } from '../language.ts'
import { type LoadProgress, percentOf, useProgress } from '../progress.ts'

export function Running({ only }: { only?: 'loads' | 'nights' }) {
  const copy = useCopy()
  const { loads, nights } = useProgress()
  const stepOf = (load: LoadProgress) => {
    if (load.state === 'queued') return copy.loads.waiting
    return copy.loads.steps[load.step ?? ''] ?? copy.home.running
  }
  const lines = [
    ...(only === 'loads' ? [] : nights).map((night) => ({
      key: `night ${night.day}`,
      label: copy.home.nightProgress(
        night.day,
        copy.nights.stepNames[night.step ?? ''] ?? copy.home[night.state === 'queued' ? 'queued' : 'running'],
      ),
      percent: percentOf(night),
    })),
    ...(only === 'nights' ? [] : loads).map((load) => ({
      key: `load ${load.file}`,
      label: `${copy.home.loadProgress(load.file)} · ${stepOf(load)}`,
      percent: percentOf(load),
    })),
  ]
  if (lines.length === 0) return null
  return (
    <div className="running" role="status">
      {lines.map((line) => (
        <div key={line.key} className="running-line">
          <span>{line.label}</span>
          <Progress
            percent={line.percent ?? 100}
            status="active"
            size="small"
            showInfo={line.percent !== undefined}
            aria-label={line.label}
          />
        </div>
      ))}
    </div>
  )
}
