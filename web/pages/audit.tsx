/** Audit: who did what, found by auditors, opened one by one, with the state of the chain. */
import { DownloadOutlined, FileProtectOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { DatePicker, Input, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useMemo, useState } from 'react'
import { exportAudit, exportAuditList, listAudit, readAuditState } from '../../src/contract/audit.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { addressOf, reading } from '../api.ts'
import type { AuditSearch } from '../audit-search.ts'
import { countText, instantText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { AuditEntryDrawer, RecordLink, WhoDid } from '../parts/audit-entry.tsx'
import { Dash, Instant } from '../parts/figures.tsx'
import { Page } from '../parts/page.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { Nothing } from '../parts/state.tsx'
import { useMay } from '../session.ts'

type Entry = Output<typeof listAudit>['rows'][number]

export default function Audit() {
  const { copy, code } = useLanguage()
  const words = copy.audit
  const language = code === 'en' ? 'en' : 'zh'
  const reads = useMay()('audit.read')
  const search = useSearch({ from: '/desk/audit' })
  const [opened, setOpened] = useState<string | undefined>(undefined)
  const state = useQuery({ ...reading(readAuditState), enabled: reads }).data
  const list = usePaged(listAudit, { query: search }, reads)
  const columns = useAuditColumns()
  const { from, to } = search
  const actions = [
    {
      key: 'E',
      label: words.exportList,
      icon: <DownloadOutlined />,
      hint: words.exportListHint,
      run: () => window.location.assign(addressOf(exportAuditList, { query: { ...search, language } })),
    },
    {
      key: 'C',
      label: words.exportChain,
      icon: <FileProtectOutlined />,
      hint: words.exportChainHint,
      run: () => window.location.assign(addressOf(exportAudit, { query: { from, to } })),
    },
  ]
  const aside = state && (
    <>
      {words.summary(countText(state.sealed), countText(state.pending))}
      {state.head && (
        <span title={state.head.hash}>{words.head(countText(state.head.seq), instantText(state.head.sealedAt))}</span>
      )}
      {state.head && <span className="mono">{state.head.keyId}</span>}
    </>
  )
  return (
    <Page title={words.title} needs="audit.read" actions={actions} aside={aside}>
      <RecordTable<Entry>
        name="audit"
        label={words.title}
        columns={columns}
        list={list}
        keyOf={(entry) => entry.id}
        onOpen={(entry) => setOpened(entry.id)}
        empty={<Nothing title={words.empty} />}
        tools={<Tools actions={state?.actions ?? []} nouns={state?.nouns ?? []} />}
      />
      {opened && <AuditEntryDrawer id={opened} onClose={() => setOpened(undefined)} />}
    </Page>
  )
}

function Tools({ actions, nouns }: { actions: string[]; nouns: string[] }) {
  const words = useCopy().audit
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/audit' })
  const go = (change: AuditSearch) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    navigate({ to: '/audit', search: Object.fromEntries(next), replace: true })
  }
  const choice = (name: 'action' | 'noun' | 'state', label: string, options: { value: string; label: string }[]) => (
    <Select
      value={search[name] as string}
      onChange={(value: string | undefined) => go({ [name]: value })}
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      placeholder={label}
      aria-label={label}
      popupMatchSelectWidth={false}
      style={{ minWidth: 120 }}
      options={options}
    />
  )
  const typed = (name: 'who' | 'customer', label: string) => (
    <Input.Search
      key={search[name]}
      defaultValue={search[name]}
      onSearch={(value) => go({ [name]: value.trim() || undefined })}
      allowClear
      placeholder={label}
      aria-label={label}
      style={{ width: 180 }}
    />
  )
  return (
    <div className="row">
      {typed('who', words.whoHint)}
      {choice(
        'action',
        words.action,
        actions.map((one) => ({ value: one, label: words.actions[one] ?? one })),
      )}
      {choice(
        'noun',
        words.noun,
        nouns.map((one) => ({ value: one, label: words.nouns[one] ?? one })),
      )}
      {typed('customer', words.customer)}
      <DatePicker.RangePicker
        value={[dayOf(search.from), dayOf(search.to)]}
        onChange={(_, [from, to] = ['', '']) => go({ from: from || undefined, to: to || undefined })}
        allowEmpty={[true, true]}
        placeholder={[words.from, words.to]}
        aria-label={words.from}
        style={{ width: 230 }}
      />
      {choice(
        'state',
        words.seal,
        (['sealed', 'pending'] as const).map((one) => ({ value: one, label: words.states[one] })),
      )}
    </div>
  )
}

function dayOf(text: string | undefined): Dayjs | null {
  return text === undefined ? null : dayjs(text)
}

function useAuditColumns(): RecordColumn<Entry>[] {
  const words = useCopy().audit
  return useMemo(
    () => [
      { key: 'at', title: words.at, render: (_, entry) => <Instant at={entry.at} /> },
      { key: 'who', title: words.who, render: (_, entry) => <WhoDid entry={entry} /> },
      {
        key: 'action',
        title: words.action,
        render: (_, entry) => <b>{words.actions[entry.action] ?? entry.action}</b>,
      },
      { key: 'noun', title: words.noun, render: (_, entry) => words.nouns[entry.noun] ?? entry.noun },
      { key: 'record', title: words.record, render: (_, entry) => <RecordLink entry={entry} /> },
      { key: 'address', title: words.address, render: (_, entry) => entry.address ?? <Dash /> },
      {
        key: 'seal',
        title: words.seal,
        render: (_, entry) =>
          entry.sealed ? (
            <span className="tag tag-good" title={entry.sealed.hash}>
              {words.sealed(countText(entry.sealed.seq))}
            </span>
          ) : (
            <span className="tag tag-warn">{words.pending}</span>
          ),
      },
    ],
    [words],
  )
}
