/** The state of a night as tags: its status, and whether it is the current one, a cut-off, or touched by a correction. */
import type { Night } from '../../src/contract/nights.ts'
import { useCopy } from '../language.ts'

const tones: Record<Night['status'], string> = {
  running: 'tag tag-accent',
  published: 'tag tag-good',
  failed: 'tag tag-bad',
  abandoned: 'tag',
  replayed: 'tag',
}

export function NightStatus({ night }: { night: Night }) {
  const copy = useCopy()
  return (
    <span className="row">
      <span className={tones[night.status]}>{copy.nights.statuses[night.status]}</span>
      {night.isCurrent && <span className="tag tag-accent">{copy.nights.current}</span>}
      {night.isCutOff && <span className="tag">{copy.nights.cutOff}</span>}
      {night.staleSince && <span className="tag tag-warn">{copy.nights.stale}</span>}
    </span>
  )
}
