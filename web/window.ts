/** Sizes of the window and of elements, for what a style sheet cannot decide. */
import { type RefObject, useEffect, useState, useSyncExternalStore } from 'react'

const phone = typeof matchMedia === 'undefined' ? undefined : matchMedia('(max-width: 760px)')

/** True on a phone's width, where tables become cards. */
export function usePhone(): boolean {
  return useSyncExternalStore(
    (listener) => {
      phone?.addEventListener('change', listener)
      return () => phone?.removeEventListener('change', listener)
    },
    () => phone?.matches ?? false,
  )
}

/** Width and height of an element in px; 0 before it is laid out. */
export function useSize(of: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 })
  useEffect(() => {
    const element = of.current
    if (!element) return
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight })
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [of])
  return size
}
