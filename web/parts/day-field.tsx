/** A day of a form, as 'YYYY-MM-DD'. */
import { DatePicker } from 'antd'
import dayjs from 'dayjs'

interface DayFieldProps {
  label: string
  value: string | undefined
  onChange: (day: string | undefined) => void
  allowClear?: boolean
}

export function DayField({ label, value, onChange, allowClear = false }: DayFieldProps) {
  return (
    <DatePicker
      aria-label={label}
      placeholder={label}
      value={value ? dayjs(value) : null}
      onChange={(chosen) => onChange(chosen ? chosen.format('YYYY-MM-DD') : undefined)}
      allowClear={allowClear}
    />
  )
}

export function today(): string {
  return dayjs().format('YYYY-MM-DD')
}
