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

/**
 * A page does not wait for the tree: until that is loaded, a field that takes no clicks stands in its place. One that took
 * them would lose the opening to the field that replaces it in the middle of the click.
 */
export function UnitSelect({ value, onChange, placeholder }: UnitSelectProps) {
  const copy = useCopy()
  const label = placeholder ?? copy.common.unit
  return (
    <Suspense fallback={<Select value={value} placeholder={label} aria-label={label} disabled loading style={style} />}>
      <UnitTree value={value} onChange={onChange} label={label} style={style} />
    </Suspense>
  )
}
