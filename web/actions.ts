/**
 * What can be done on the page in sight. A page names its actions with a key each; the command panel lists them first,
 * and the key alone runs them while nobody is typing.
 */
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react'

export interface PageAction {
  /** One key, 'E' or '/'. */
  key: string
  label: string
  run: () => void
  icon?: ReactNode
  hint?: string
  primary?: boolean
  /** Why it cannot be done now. */
  disabled?: string | undefined
  /** Has its own control on the page. */
  panelOnly?: boolean
}

let shown: PageAction[] = []
const listeners = new Set<() => void>()

/** Makes these the page's actions while it is shown. */
export function usePageActions(actions: PageAction[]): void {
  const latest = useRef(actions)
  latest.current = actions
  const face = actions.map((action) => `${action.key}\t${action.label}\t${action.disabled ?? ''}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `face` says when the list changed; `latest` holds it
  useEffect(() => {
    const list = latest.current.map((action, index) => ({ ...action, run: () => latest.current[index]?.run() }))
    show(list)
    return () => {
      if (shown === list) show([])
    }
  }, [face])
}

export function useShownActions(): PageAction[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => shown,
  )
}

/** The action of a key press, unless the person is typing or a modifier says it is for the browser. */
export function actionOfKey(event: KeyboardEvent): PageAction | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return undefined
  const action = shown.find((one) => one.key.toLowerCase() === event.key.toLowerCase())
  return action?.disabled ? undefined : action
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

function show(actions: PageAction[]): void {
  shown = actions
  for (const listener of listeners) listener()
}
