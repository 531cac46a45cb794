/**
 * News from the server (loads, nights, publishing) as they happen: one stream per browser. Of all open tabs the one
 * that holds a lock listens and passes each event on; when it closes, another takes over.
 */
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { readSession } from '../src/contract/session.ts'
import { type EventMessage, followEvents } from '../src/contract/system.ts'
import { ask } from './api.ts'

export type LiveEvent = EventMessage
export type LiveState = 'connecting' | 'live' | 'lost'

/** Named by topic; without a name, 'message'. */
const topics = [
  'message',
  'load',
  'night',
  'proposals',
  'approvals',
  'accessRequests',
  'securityAlert',
  'session',
] as const
const reopenMs = 5000
const listeners = new Set<(event: LiveEvent) => void>()
const stateListeners = new Set<() => void>()
/** What a tab that has just been opened asks the one that listens. */
const asked = 'asked'
type Passed = LiveEvent | LiveState
let state: LiveState = 'connecting'
let started = false
let listening = false

/** Calls `onEvent` for every event while the component is shown. */
export function useLive(onEvent: (event: LiveEvent) => void): void {
  const latest = useRef(onEvent)
  latest.current = onEvent
  useEffect(() => {
    start()
    const listener = (event: LiveEvent) => latest.current(event)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, [])
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    () => state,
  )
}

function start(): void {
  if (started) return
  started = true
  const channel = new BroadcastChannel('strata.live')
  channel.onmessage = ({ data }: MessageEvent<Passed | typeof asked>) => {
    if (data !== asked) take(data)
    else if (listening) channel.postMessage(state)
  }
  channel.postMessage(asked)
  const pass = (what: Passed) => {
    take(what)
    channel.postMessage(what)
  }
  // Locks exist on https and localhost only; elsewhere each tab listens for itself
  if (navigator.locks) navigator.locks.request('strata.live', () => listen(pass)).catch(() => undefined)
  else listen(pass).catch(() => undefined)
}

/** Never settles: the lock is held as long as the tab lives. */
function listen(pass: (what: Passed) => void): Promise<void> {
  listening = true
  return new Promise(() => open(pass))
}

/**
 * A refusal closes the stream for good and does not say why, so we open it again ourselves and ask who is signed in: to
 * nobody that answer is the end of the session, which the shell sees to. Once somebody is, it is not asked again until
 * the stream has stood: each asking counts as use, and would keep the session of an idle page alive.
 */
function open(pass: (what: Passed) => void, isIn = false): void {
  const source = new EventSource(followEvents.path)
  source.onopen = () => {
    isIn = false
    pass('live')
  }
  source.onerror = async () => {
    pass('lost')
    if (source.readyState !== EventSource.CLOSED) return
    const known = isIn || (await isSignedIn())
    setTimeout(() => open(pass, known), reopenMs)
  }
  const onEvent = (message: MessageEvent<string>) => pass(JSON.parse(message.data) as LiveEvent)
  for (const topic of topics) source.addEventListener(topic, onEvent)
}

function isSignedIn(): Promise<boolean> {
  return ask(readSession).then(
    () => true,
    () => false,
  )
}

function take(what: Passed): void {
  if (typeof what !== 'string') {
    for (const listener of listeners) listener(what)
    return
  }
  state = what
  for (const listener of stateListeners) listener()
}
