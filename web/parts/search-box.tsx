/** The box above a list in which a part of a name is looked for by the server. */
import { SearchOutlined } from '@ant-design/icons'
import { Input, type InputRef } from 'antd'
import { type ReactNode, type Ref, useEffect, useRef, useState } from 'react'

const searchDelayMs = 220

interface SearchBoxProps {
  label: string
  /** As the address has it. */
  q: string
  onSearch: (q: string) => void
  field?: Ref<InputRef>
  /** Stands at the right while the box is empty. */
  hint?: ReactNode
}

/** Asks a moment after the last key, and never in the middle of a Chinese character being composed. */
export function SearchBox({ label, q, onSearch, field, hint }: SearchBoxProps) {
  const [typed, setTyped] = useState(q)
  const [composing, setComposing] = useState(false)
  // Only what came from elsewhere goes into the box: what was sent from here comes back later than the next key
  const sent = useRef(q)
  useEffect(() => {
    if (q === sent.current) return
    sent.current = q
    setTyped(q)
  }, [q])
  useEffect(() => {
    const wanted = typed.trim()
    if (composing || wanted === q) return
    const timer = setTimeout(() => {
      sent.current = wanted
      onSearch(wanted)
    }, searchDelayMs)
    return () => clearTimeout(timer)
  }, [typed, composing, q, onSearch])
  return (
    <Input
      {...(field ? { ref: field } : {})}
      allowClear
      prefix={<SearchOutlined />}
      suffix={typed ? undefined : hint}
      placeholder={label}
      aria-label={label}
      className="search-box"
      maxLength={80}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      onCompositionStart={() => setComposing(true)}
      onCompositionEnd={() => setComposing(false)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  )
}
