/** A field for a few sentences: a reason, a remark. */
import { Input } from 'antd'

interface NoteProps {
  value: string
  onChange: (value: string) => void
  label: string
  /** What could stand there, where the label does not say it. */
  example?: string
  autoFocus?: boolean
}

export function Note({ value, onChange, label, example = label, autoFocus = false }: NoteProps) {
  return (
    <Input.TextArea
      value={value}
      onChange={(event) => onChange(event.target.value)}
      rows={3}
      maxLength={500}
      showCount
      style={{ marginBottom: 22 }}
      placeholder={example}
      aria-label={label}
      autoFocus={autoFocus}
    />
  )
}
