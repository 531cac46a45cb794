/** A day of a form, as 'YYYY-MM-DD'. */
import { DatePicker } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import type { Day } from '../../src/kit/day.ts'

interface DayFieldProps {
  label: string
  value: string | undefined
  onChange: (day: Day | undefined) => void
  allowClear?: boolean
}

export function DayField({ label, value, onChange, allowClear = false }: DayFieldProps) {
  return (
    <DatePicker
      aria-label={label}
      placeholder={label}
      value={value ? dayjs(value) : null}
      onChange={(chosen) => onChange(chosen ? dayOf(chosen) : undefined)}
      allowClear={allowClear}
    />
  )
}

export function today(): Day {
  return dayOf(dayjs())
}

export function dayOf(date: Dayjs): Day {
  return date.format('YYYY-MM-DD') as Day
}
