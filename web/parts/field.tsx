/** A named control of a form. */
import type { ReactNode } from 'react'

export function Field({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="field">
      <span className="field-name" aria-hidden>
        {name}
      </span>
      {children}
    </div>
  )
}
