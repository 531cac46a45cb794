/** Ctrl-K: this page's actions first, each with its key, then pages, then customers, companies and households found. */
import { SearchOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Input, Modal } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { search } from '../../src/contract/search.ts'
import { useShownActions } from '../actions.ts'
import { reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { Money, Tier } from './figures.tsx'
import { useNavGroups } from './nav.tsx'
import { ProblemNote } from './problem.tsx'

interface Entry {
  id: string
  group: string
  label: string
  note?: ReactNode
  run: () => void
}

const foundMax = 8
const searchDelayMs = 150

export default function CommandPanel({ onClose }: { onClose: () => void }) {
  const copy = useCopy()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const [composing, setComposing] = useState(false)
  const { entries, waiting, error } = useEntries(typed, composing)
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
        onCompositionStart={() => setComposing(true)}
        onCompositionEnd={() => setComposing(false)}
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
        {entries.length === 0 && !error && (
          <p className="command-nothing">{waiting ? copy.palette.waiting : copy.palette.nothing}</p>
        )}
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
              <span className="command-label">
                <Marked text={entry.label} part={typed} />
              </span>
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

/** The text with the typed part of it marked, where it stands in it as typed: a masked name may not show it. */
function Marked({ text, part }: { text: string; part: string }) {
  const wanted = part.normalize('NFKC').trim().toLowerCase()
  const at = wanted === '' ? -1 : text.toLowerCase().indexOf(wanted)
  if (at < 0) return text
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + wanted.length)}</mark>
      {text.slice(at + wanted.length)}
    </>
  )
}

/** What was typed, once nobody has typed on for a moment; in the middle of a character being composed what was before. */
function useSettled(typed: string, composing: boolean): string {
  const [settled, setSettled] = useState(typed)
  useEffect(() => {
    if (composing) return
    const timer = setTimeout(() => setSettled(typed), searchDelayMs)
    return () => clearTimeout(timer)
  }, [typed, composing])
  return settled
}

/** What is offered, whether more may come, and what came in the way. An answer to something else is not offered. */
function useEntries(typed: string, composing: boolean): { entries: Entry[]; waiting: boolean; error: unknown } {
  const may = useMay()
  const q = useSettled(typed.trim(), composing)
  const asks = q.length > 0 && may('customers.read')
  const found = useQuery({ ...reading(search, { query: { q, limit: foundMax } }), enabled: asks })
  const current = asks && q === typed.trim()
  const own = useOwnEntries(typed.trim().toLowerCase())
  const hits = useHitEntries(current ? found.data : undefined)
  return {
    entries: [...own, ...hits],
    waiting: typed.trim() !== '' && may('customers.read') && (!current || found.isFetching),
    error: current && found.error,
  }
}

/** This page's actions and the pages whose name holds what is wanted. */
function useOwnEntries(wanted: string): Entry[] {
  const copy = useCopy()
  const groups = useNavGroups()
  const navigate = useNavigate()
  const actions = useShownActions()
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
  return [...onPage, ...pages]
}

/** Customers, companies and households, in the order of the answer. */
function useHitEntries(found: Output<typeof search> | undefined): Entry[] {
  const copy = useCopy()
  const navigate = useNavigate()
  if (!found) return []
  const customers = (kind: 'person' | 'company', group: string): Entry[] =>
    found.customers
      .filter((hit) => hit.kind === kind)
      .map((hit) => ({
        id: hit.customerNo,
        group,
        label: `${hit.name}　${hit.customerNo}`,
        note: (
          <>
            <span className="command-found">{copy.palette.foundBy[hit.foundBy]}</span>
            <span className="command-money">
              <Money fen={hit.averageFen} as="compact" />
            </span>
            <Tier tier={hit.tierInForce} />
          </>
        ),
        run: () => navigate({ to: '/customers/$no', params: { no: hit.customerNo } }),
      }))
  const households: Entry[] = found.households.map(({ householdNo }) => ({
    id: `household ${householdNo}`,
    group: copy.palette.households,
    label: householdNo,
    run: () => navigate({ to: '/households/$no', params: { no: householdNo } }),
  }))
  return [
    ...customers('person', copy.palette.customers),
    ...customers('company', copy.palette.companies),
    ...households,
  ]
}
