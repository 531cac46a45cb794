/** Asks who it is once more before a sensitive act; the act that was refused is then tried again. */
import { lazy, Suspense, useEffect, useState } from 'react'
import { guardWith, queries } from '../api.ts'
import { sessionQuery } from '../session.ts'

const ReentryDialog = lazy(() => import('./reentry-dialog.tsx'))

/** Stands ready wherever acts are asked for. */
export function Reentry() {
  const [answer, setAnswer] = useState<(proved: boolean) => void>()
  useEffect(() => {
    const prove = () => new Promise<boolean>((resolve) => setAnswer(() => resolve))
    return guardWith({ prove })
  }, [])
  if (!answer) return null
  const close = (proved: boolean) => {
    setAnswer(undefined)
    answer(proved)
  }
  return (
    <Suspense>
      <ReentryDialog
        onProved={(me) => {
          queries.setQueryData(sessionQuery.queryKey, me)
          close(true)
        }}
        onClose={() => close(false)}
      />
    </Suspense>
  )
}
