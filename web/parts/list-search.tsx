/** The box above a list in which a part of a name is looked for by the server. */
import { SearchOutlined } from '@ant-design/icons'
import { Input } from 'antd'
import { useDeferredValue, useEffect, useState } from 'react'

/** What is typed goes into the address once the person pauses. */
export function ListSearch({ label, q, onSearch }: { label: string; q: string; onSearch: (q: string) => void }) {
  const [typed, setTyped] = useState(q)
  const settled = useDeferredValue(typed.trim())
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed moves the address
  useEffect(() => {
    if (settled === q) return
    const timer = setTimeout(() => onSearch(settled), 250)
    return () => clearTimeout(timer)
  }, [settled])
  return (
    <Input
      allowClear
      prefix={<SearchOutlined />}
      placeholder={label}
      aria-label={label}
      className="list-search"
      maxLength={80}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
    />
  )
}
