/** Choosing a unit from the organisation tree; a unit stands for itself and everything below. */
import { Select } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useCopy } from '../language.ts'
import type { UnitTreeProps } from './unit-tree.tsx'

const UnitTree = lazy(() => import('./unit-tree.tsx'))

const style = { minWidth: 150, maxWidth: 240 }

interface UnitSelectProps extends Omit<UnitTreeProps, 'label' | 'style' | 'opened'> {
  placeholder?: string
}

/** A page does not wait for the tree: until that is loaded, the same field stands there, and it opens as soon as it can. */
export function UnitSelect({ value, onChange, placeholder }: UnitSelectProps) {
  const copy = useCopy()
  const [opened, setOpened] = useState(false)
  const label = placeholder ?? copy.common.unit
  return (
    <Suspense
      fallback={
        <Select
          value={value}
          open={false}
          // Said at once: the tree may take its place before it is told of the opening. Losing the focus to it closes nothing
          onMouseDown={() => setOpened(true)}
          onOpenChange={(open) => open && setOpened(true)}
          placeholder={label}
          aria-label={label}
          loading
          style={style}
        />
      }
    >
      <UnitTree value={value} onChange={onChange} label={label} style={style} opened={opened} />
    </Suspense>
  )
}
