/** What runs right now, gathered from the stream of events: loads by file, nights by day. */
import { useState } from 'react'
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
  useLive((event) => {
    if (event.topic === 'load') {
      const { payload } = event
      setProgress((now) => ({ ...now, loads: next(now.loads, payload, (one) => one.file === payload.file) }))
    } else if (event.topic === 'night') {
      const { payload } = event
      setProgress((now) => ({ ...now, nights: next(now.nights, payload, (one) => one.day === payload.day) }))
    }
  })
  return progress
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
