/** A field for a few sentences: a reason, a remark. */
import { Input } from 'antd'
import { useId } from 'react'
import { LengthHint } from './length-hint.tsx'

interface NoteProps {
  value: string
  onChange: (value: string) => void
  label: string
  /** What could stand there, where the label does not say it. */
  example?: string
  /** How long it must be at least, where it must be there. */
  lengthMin?: number
  autoFocus?: boolean
}

export function Note({ value, onChange, label, example = label, lengthMin = 0, autoFocus = false }: NoteProps) {
  const hint = useId()
  return (
    <div>
      <Input.TextArea
        value={value}
        onChange={(event) => onChange(event.target.value)}
        rows={3}
        maxLength={500}
        showCount
        // The count stands below the field, beside the hint
        style={{ marginBottom: lengthMin > 0 ? 0 : 22 }}
        placeholder={example}
        aria-label={label}
        aria-describedby={lengthMin > 0 ? hint : undefined}
        autoFocus={autoFocus}
      />
      {lengthMin > 0 && <LengthHint id={hint} text={value} lengthMin={lengthMin} />}
    </div>
  )
}
