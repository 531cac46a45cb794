/** The filters of the customers list. Each change is an address. */
import { Button, type InputRef, Popover, Select, Tooltip } from 'antd'
import { lazy, type Ref, Suspense, useState } from 'react'
import { stageWords, stateWords } from '../../src/contract/value-state-words.ts'
import { isFiltered, type ListSearch } from '../customer-search.ts'
import { useCopy } from '../language.ts'
import { useMe, useReads, useTierName, useTiers } from '../session.ts'
import { usePhone } from '../window.ts'
import { useMoney } from './figures.tsx'
import { SearchBox } from './search-box.tsx'
import { useTagName, useTags } from './tag-mark.tsx'
import { UnitSelect } from './unit-select.tsx'
import { useChoices } from './value-position.tsx'

const AssetBounds = lazy(() => import('./asset-bounds.tsx'))

interface FiltersProps {
  search: ListSearch
  onChange: (change: { [K in keyof ListSearch]?: ListSearch[K] | undefined }) => void
  onClear: () => void
  field: Ref<InputRef>
}

export function CustomerFilters({ search, onChange, onClear, field }: FiltersProps) {
  const copy = useCopy()
  const phone = usePhone()
  const [open, setOpen] = useState(false)
  return (
    <div className="filters">
      <Tooltip title={copy.customers.keyboardHint} mouseEnterDelay={0.8}>
        <SearchBox
          label={copy.customers.search}
          q={search.q ?? ''}
          onSearch={(q) => onChange({ q: q || undefined })}
          field={field}
          hint={<kbd>/</kbd>}
        />
      </Tooltip>
      {phone && (
        <Button onClick={() => setOpen(!open)} aria-expanded={open}>
          {copy.customers.filters}
        </Button>
      )}
      {(!phone || open) && <Choices search={search} onChange={onChange} />}
      {isFiltered(search) && (
        <Button type="link" onClick={onClear}>
          {copy.customers.clear}
        </Button>
      )}
    </div>
  )
}

function Choices({ search, onChange }: Pick<FiltersProps, 'search' | 'onChange'>) {
  const copy = useCopy()
  const words = copy.customers
  const name = useTierName()
  const money = useReads()('money')
  const tiers = useTiers().map((tier) => ({ value: String(tier.ordinal), label: name(tier) }))
  const tags = useTags()
  const tagName = useTagName()
  const states = useChoices(stateWords)
  const stages = useChoices(stageWords)
  const withNone = [...tiers].reverse().concat({ value: '0', label: copy.tiers.none ?? '' })
  return (
    <>
      <Many label={words.qualified} value={search.tier} options={withNone} onChange={(tier) => onChange({ tier })} />
      <Many
        label={words.inForce}
        value={search.inForce}
        options={withNone}
        onChange={(inForce) => onChange({ inForce })}
      />
      <UnitSelect value={search.unit} onChange={(unit) => onChange({ unit })} placeholder={words.unit} />
      {money && <AssetRange search={search} onChange={onChange} />}
      <One
        label={words.path}
        value={search.path}
        options={(['individual', 'household', 'entry', 'none'] as const).map((path) => ({
          value: path,
          label: path === 'none' ? words.noPath : copy.paths[path]!,
        }))}
        onChange={(path) => onChange({ path })}
      />
      {money && (
        <One
          label={words.near}
          value={search.near === undefined ? undefined : String(search.near)}
          options={[5, 10, 20, 30].map((percent) => ({ value: String(percent), label: words.nearOption(percent) }))}
          onChange={(near) => onChange({ near: near ? Number(near) : undefined })}
        />
      )}
      <One
        label={words.kind}
        value={search.kind}
        options={(['person', 'company'] as const).map((kind) => ({ value: kind, label: copy.kinds[kind]! }))}
        onChange={(kind) => onChange({ kind })}
      />
      <Many
        label={copy.valueStates.state}
        value={search.state}
        options={states}
        onChange={(state) => onChange({ state })}
      />
      <Many
        label={copy.valueStates.stage}
        value={search.stage}
        options={stages}
        onChange={(stage) => onChange({ stage })}
      />
      {tags.length > 0 && (
        <Many
          label={copy.tags.filter}
          value={search.tag}
          options={tags.map((tag) => ({ value: String(tag.id), label: tagName(tag) }))}
          onChange={(tag) => onChange({ tag })}
        />
      )}
      <Toggle
        label={words.notice}
        on={search.notice === 'true'}
        onChange={(on) => onChange({ notice: on ? 'true' : undefined })}
      />
      <Toggle
        label={words.gapsOnly}
        on={search.confidenceBelow !== undefined}
        onChange={(on) => onChange({ confidenceBelow: on ? 100 : undefined })}
      />
    </>
  )
}

interface Option<V extends string> {
  value: V
  label: string
}

function Many({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: string | undefined
  options: Option<string>[]
  onChange: (value: string | undefined) => void
}) {
  return (
    <Select
      mode="multiple"
      value={value ? value.split(',') : []}
      options={options}
      onChange={(chosen: string[]) => onChange(chosen.length ? chosen.sort().join(',') : undefined)}
      placeholder={label}
      aria-label={label}
      maxTagCount={1}
      maxTagPlaceholder={(hidden) => `+${hidden.length}`}
      allowClear
      showSearch={false}
      style={{ minWidth: 128, maxWidth: 240 }}
    />
  )
}

function One<V extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: V | undefined
  options: Option<V>[]
  onChange: (value: V | undefined) => void
}) {
  return (
    <Select<V>
      value={value as V}
      options={options}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      placeholder={label}
      aria-label={label}
      allowClear
      popupMatchSelectWidth={false}
      style={{ minWidth: 104 }}
    />
  )
}

function Toggle({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <Button aria-pressed={on} {...(on ? { type: 'primary' as const, ghost: true } : {})} onClick={() => onChange(!on)}>
      {label}
    </Button>
  )
}

function AssetRange({ search, onChange }: Pick<FiltersProps, 'search' | 'onChange'>) {
  const copy = useCopy()
  const write = useMoney()
  const { baseDecimals } = useMe()
  const scale = 10 ** baseDecimals
  const shown = (fen: string | undefined) => (fen === undefined ? null : Number(fen) / scale)
  // Whole units of currency as typed, so no fraction is lost on the way to fen
  const asFen = (value: number | null) =>
    value === null ? undefined : String(BigInt(Math.trunc(value)) * BigInt(scale))
  const chosen = [search.minFen, search.maxFen].map((fen) => (fen ? write(fen, 'compact') : '')).join(' – ')
  const set = search.minFen !== undefined || search.maxFen !== undefined
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      content={
        <Suspense>
          <AssetBounds
            min={shown(search.minFen)}
            max={shown(search.maxFen)}
            onMin={(value) => onChange({ minFen: asFen(value) })}
            onMax={(value) => onChange({ maxFen: asFen(value) })}
          />
        </Suspense>
      }
    >
      <Button {...(set ? { type: 'primary' as const, ghost: true } : {})}>
        {set ? chosen : copy.customers.assets}
      </Button>
    </Popover>
  )
}
