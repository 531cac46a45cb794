/** A value state with its stage, a move from one to another, and choosing a loss reason. */
import { ArrowRightOutlined } from '@ant-design/icons'
import { Select } from 'antd'
import type { Label } from '../../src/contract/endpoint.ts'
import { positionWords, reasonWords } from '../../src/contract/value-state-words.ts'
import { type lossReasons, lossReasons as reasons, type valueStates } from '../../src/contract/value-states.ts'
import { useCopy, useLanguage } from '../language.ts'
import { labelOf } from '../session.ts'

export type LossReason = (typeof lossReasons)[number]
export type PositionShown = Parameters<typeof positionWords>[0]

const tone: Record<(typeof valueStates)[number], string> = {
  nonCustomer: 'tag',
  potential: 'tag',
  target: 'tag tag-accent',
  actual: 'tag tag-good',
  lost: 'tag tag-warn',
  permanentlyLost: 'tag tag-bad',
}

/** What a place is called in the language in use. */
export function usePositionName(): (at: PositionShown) => string {
  const { code } = useLanguage()
  return (at) => positionWords(at, code === 'en' ? 'en' : 'zh')
}

export function ValuePosition({ at }: { at: PositionShown }) {
  const name = usePositionName()
  return <span className={tone[at.state]}>{name(at)}</span>
}

export function ValueChange({ from, to }: { from: PositionShown; to: PositionShown }) {
  return (
    <span className="tier-move">
      <ValuePosition at={from} />
      <ArrowRightOutlined />
      <ValuePosition at={to} />
    </span>
  )
}

/** Codes with what they are called, for a choice. */
export function useChoices(words: Record<string, Label>): { value: string; label: string }[] {
  const { code } = useLanguage()
  return Object.entries(words).map(([value, label]) => ({ value, label: labelOf(label, code) }))
}

interface ReasonSelectProps {
  value: LossReason | undefined
  onChange: (reason: LossReason | undefined) => void
  clearable?: boolean
}

export function ReasonSelect({ value, onChange, clearable = false }: ReasonSelectProps) {
  const label = useCopy().valueStates.reason
  const choices = useChoices(reasonWords)
  return (
    <Select<LossReason>
      value={value as LossReason}
      onChange={(chosen) => onChange(reasons.find((one) => one === chosen))}
      options={choices as { value: LossReason; label: string }[]}
      placeholder={label}
      aria-label={label}
      allowClear={clearable}
      popupMatchSelectWidth={false}
      style={{ minWidth: 132 }}
    />
  )
}
