/** Ctrl-K: this page's actions first, each with its key, then pages, then customers found by what is typed. */
import { SearchOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Input, Modal } from 'antd'
import { type ReactNode, useDeferredValue, useEffect, useRef, useState } from 'react'
import { listCustomers } from '../../src/contract/customers.ts'
import { useShownActions } from '../actions.ts'
import { readingOn } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { Money, Tier } from './figures.tsx'
import { ProblemNote } from './problem.tsx'
import { useNavGroups } from './shell.tsx'

interface Entry {
  id: string
  group: string
  label: string
  note?: ReactNode
  run: () => void
}

const foundMax = 8

export default function CommandPanel({ onClose }: { onClose: () => void }) {
  const copy = useCopy()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const { entries, error } = useEntries(typed)
  const chosen = Math.min(at, entries.length - 1)
  const list = useRef<HTMLDivElement>(null)
  const run = (entry: Entry | undefined) => {
    if (!entry) return
    onClose()
    entry.run()
  }
  useEffect(() => {
    list.current?.querySelector(`#panel-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, entries.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0))
    else if (event.key === 'Enter') run(entries[chosen])
    else return
    event.preventDefault()
  }
  return (
    <Modal
      open
      onCancel={onClose}
      footer={null}
      closable={false}
      width={600}
      className="command"
      title={null}
      style={{ top: 80 }}
      aria-label={copy.palette.title}
    >
      <Input
        autoFocus
        size="large"
        variant="borderless"
        prefix={<SearchOutlined />}
        placeholder={copy.palette.placeholder}
        aria-label={copy.palette.placeholder}
        role="combobox"
        aria-expanded="true"
        aria-controls="panel-list"
        aria-activedescendant={entries.length ? `panel-${chosen}` : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div
        className="command-list"
        role="listbox"
        id="panel-list"
        aria-label={copy.palette.title}
        ref={list}
        tabIndex={-1}
      >
        <ProblemNote failure={error} />
        {entries.length === 0 && !error && <p className="command-nothing">{copy.palette.nothing}</p>}
        {entries.map((entry, index) => (
          <div key={entry.id} role="presentation">
            {entries[index - 1]?.group !== entry.group && (
              <div className="command-group" role="presentation">
                {entry.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above moves and opens by keys */}
            <div
              id={`panel-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className="command-entry"
              onMouseMove={() => setAt(index)}
              onClick={() => run(entry)}
            >
              <span>{entry.label}</span>
              <span className="grow" />
              {entry.note}
            </div>
          </div>
        ))}
      </div>
      <div className="command-hint">{copy.palette.hint}</div>
    </Modal>
  )
}

/** What is offered, and what came in the way of finding customers. */
function useEntries(typed: string): { entries: Entry[]; error: unknown } {
  const copy = useCopy()
  const may = useMay()
  const groups = useNavGroups()
  const navigate = useNavigate()
  const actions = useShownActions()
  const q = useDeferredValue(typed.trim())
  const found = useQuery({
    ...readingOn(listCustomers, { query: { q, limit: foundMax } }),
    enabled: q.length > 0 && may('customers.read'),
  })
  const wanted = typed.trim().toLowerCase()
  const matches = (label: string) => label.toLowerCase().includes(wanted)
  const onPage: Entry[] = actions
    .filter((action) => !action.disabled && matches(action.label))
    .map((action) => ({
      id: `action ${action.key}`,
      group: copy.palette.actions,
      label: action.label,
      note: <kbd>{action.key}</kbd>,
      run: action.run,
    }))
  const pages: Entry[] = groups
    .flatMap((group) => group.items)
    .filter((item) => matches(copy.nav[item.name]) || matches(item.to))
    .map((item) => ({
      id: item.to,
      group: copy.palette.pages,
      label: copy.nav[item.name],
      run: () => navigate({ to: item.to }),
    }))
  const people: Entry[] = (q ? (found.data?.rows ?? []) : []).map((row) => ({
    id: row.customerNo,
    group: copy.palette.customers,
    label: `${row.name}　${row.customerNo}`,
    note: (
      <>
        <Money fen={row.averageFen} as="compact" /> <Tier tier={row.tierInForce} />
      </>
    ),
    run: () => navigate({ to: '/customers/$no', params: { no: row.customerNo } }),
  }))
  return { entries: [...onPage, ...pages, ...people], error: q && found.error }
}
