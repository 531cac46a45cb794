/** What runs right now, gathered from the stream of events: loads by file, nights by day. */
import { useRef, useState } from 'react'
import type { EventMessage } from '../src/contract/system.ts'
import { useLive } from './live.ts'

export type LoadProgress = Extract<EventMessage, { topic: 'load' }>['payload']
export type NightProgress = Extract<EventMessage, { topic: 'night' }>['payload']

export interface Progress {
  loads: LoadProgress[]
  nights: NightProgress[]
}

/** What is queued or running; what ended leaves the list. */
export function useProgress(): Progress {
  const [progress, setProgress] = useState<Progress>({ loads: [], nights: [] })
  const ended = useRef(new Map<string, number>())
  useLive((event) => {
    if (event.topic === 'load') {
      const { payload } = event
      setProgress((now) => ({ ...now, loads: next(now.loads, payload, (one) => one.file === payload.file) }))
    } else if (event.topic === 'night') {
      const { payload } = event
      if (isLate(ended.current, payload)) return
      setProgress((now) => ({ ...now, nights: next(now.nights, payload, (one) => one.day === payload.day) }))
    }
  })
  return progress
}

const lateMs = 5000

/** Whether a step is told after the end of its night: the two come by different ways and may overtake one another. */
function isLate(ended: Map<string, number>, night: NightProgress): boolean {
  if (night.state === 'running') return performance.now() - (ended.get(night.day) ?? -lateMs) < lateMs
  if (night.state === 'queued') ended.delete(night.day)
  else ended.set(night.day, performance.now())
  return false
}

function next<T extends { state: string }>(list: T[], one: T, same: (other: T) => boolean): T[] {
  const others = list.filter((other) => !same(other))
  return one.state === 'running' || one.state === 'queued' ? [...others, one] : others
}

/** Percent done, when the event says so. */
export function percentOf(progress: { done?: number | undefined; total?: number | undefined }): number | undefined {
  if (progress.done === undefined || !progress.total) return undefined
  return Math.round((100 * progress.done) / progress.total)
}
