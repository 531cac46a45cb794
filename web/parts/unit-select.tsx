/** Choosing a unit from the organisation tree; a unit stands for itself and everything below. */
import { Select } from 'antd'
import { lazy, Suspense } from 'react'
import { useCopy } from '../language.ts'
import type { UnitTreeProps } from './unit-tree.tsx'

const UnitTree = lazy(() => import('./unit-tree.tsx'))

const style = { minWidth: 150, maxWidth: 240 }

interface UnitSelectProps extends Omit<UnitTreeProps, 'label' | 'style'> {
  placeholder?: string
}

/** A page does not wait for the tree: until that is loaded, the same field stands there and opens nothing. */
export function UnitSelect({ value, onChange, placeholder }: UnitSelectProps) {
  const copy = useCopy()
  const label = placeholder ?? copy.common.unit
  return (
    <Suspense
      fallback={<Select value={value} open={false} placeholder={label} aria-label={label} loading style={style} />}
    >
      <UnitTree value={value} onChange={onChange} label={label} style={style} />
    </Suspense>
  )
}
