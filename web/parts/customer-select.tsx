/** Choosing a customer: what is typed is looked for by the server, within what the reader may see. */
import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useEffect, useState } from 'react'
import { search } from '../../src/contract/search.ts'
import { readingOn } from '../api.ts'
import { useCopy } from '../language.ts'

interface CustomerSelectProps {
  label: string
  value: string | undefined
  onChange: (customerNo: string) => void
  /** Only persons, or only companies. */
  kind: 'person' | 'company'
}

export function CustomerSelect({ label, value, onChange, kind }: CustomerSelectProps) {
  const { state } = useCopy()
  const [typed, setTyped] = useState('')
  const [q, setQ] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), 250)
    return () => clearTimeout(timer)
  }, [typed])
  const found = useQuery({ ...readingOn(search, { query: { q, limit: 20 } }), enabled: q !== '' })
  const customers = q === '' ? [] : (found.data?.customers ?? []).filter((one) => one.kind === kind)
  return (
    <Select
      value={value as string}
      onChange={onChange}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={found.isFetching}
      placeholder={label}
      aria-label={label}
      notFoundContent={q === '' ? null : state.nothing}
      options={customers.map(({ customerNo, name }) => ({ value: customerNo, label: `${name}（${customerNo}）` }))}
      style={{ width: '100%' }}
    />
  )
}
