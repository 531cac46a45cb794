/** Choosing somebody's sign-in: what is typed is looked for by the server, a few at a time. */
import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useEffect, useState } from 'react'
import { listLogins } from '../../src/contract/access.ts'
import { readingOn } from '../api.ts'

interface LoginSelectProps {
  label: string
  value: string | undefined
  onChange: (login: string) => void
}

export function LoginSelect({ label, value, onChange }: LoginSelectProps) {
  const [typed, setTyped] = useState('')
  const [q, setQ] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), 250)
    return () => clearTimeout(timer)
  }, [typed])
  const found = useQuery(readingOn(listLogins, { query: q ? { q } : {} }))
  return (
    <Select
      value={value as string}
      onChange={onChange}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={found.isFetching}
      placeholder={label}
      aria-label={label}
      options={(found.data?.rows ?? []).map((one) => ({ value: one.login, label: `${one.name}（${one.login}）` }))}
      style={{ minWidth: 200 }}
    />
  )
}
