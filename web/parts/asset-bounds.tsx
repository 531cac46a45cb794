/** The least and the most assets of a filter, in whole units of currency. */
import { InputNumber } from 'antd'
import { useCopy } from '../language.ts'

interface AssetBoundsProps {
  min: number | null
  max: number | null
  onMin: (value: number | null) => void
  onMax: (value: number | null) => void
}

export default function AssetBounds({ min, max, onMin, onMax }: AssetBoundsProps) {
  const words = useCopy().customers
  return (
    <div className="row">
      <Bound label={words.assetsFrom} value={min} onChange={onMin} />
      <span>–</span>
      <Bound label={words.assetsTo} value={max} onChange={onMax} />
    </div>
  )
}

interface BoundProps {
  label: string
  value: number | null
  onChange: (value: number | null) => void
}

function Bound({ label, value, onChange }: BoundProps) {
  return (
    <InputNumber<number>
      aria-label={label}
      placeholder={label}
      value={value}
      min={0}
      max={1e13}
      step={10_000}
      precision={0}
      onChange={onChange}
    />
  )
}
