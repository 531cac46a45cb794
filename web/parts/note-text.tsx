/** The text of a note as it is read and typed: lines kept, mentions marked; typing '@' offers colleagues. */
import { useQuery } from '@tanstack/react-query'
import { Mentions, Select } from 'antd'
import { useState } from 'react'
import { noteChannelWords } from '../../src/contract/note-words.ts'
import { listColleagues, mention, noteChannels, noteLengthMax } from '../../src/contract/notes.ts'
import { reading } from '../api.ts'
import { useCopy, useLanguage } from '../language.ts'
import { labelOf } from '../session.ts'

export type NoteChannel = (typeof noteChannels)[number]

export function NoteText({ text, struck = false }: { text: string; struck?: boolean }) {
  return <p className={struck ? 'note-text note-struck' : 'note-text'}>{withMentions(text)}</p>
}

function withMentions(text: string) {
  const parts = []
  let at = 0
  for (const found of text.matchAll(mention)) {
    parts.push(text.slice(at, found.index))
    parts.push(
      <b key={found.index} className="note-mention">
        {found[0]}
      </b>,
    )
    at = found.index + found[0].length
  }
  return [...parts, text.slice(at)]
}

interface NoteFieldProps {
  label: string
  value: string
  onChange: (text: string) => void
  autoFocus?: boolean
}

export function NoteField({ label, value, onChange, autoFocus = false }: NoteFieldProps) {
  const words = useCopy().notes
  const [searched, setSearched] = useState<string>()
  const found = useQuery({
    ...reading(listColleagues, { query: { q: searched ?? '' } }),
    enabled: searched !== undefined,
  })
  return (
    <Mentions
      value={value}
      onChange={onChange}
      onSearch={setSearched}
      rows={3}
      maxLength={noteLengthMax}
      autoFocus={autoFocus}
      placeholder={words.placeholder}
      aria-label={label}
      loading={found.isFetching}
      // The server has searched by sign-in name and by name
      filterOption={false}
      options={(found.data?.rows ?? []).map(({ login, name, unit }) => ({
        value: login,
        key: login,
        label: (
          <span>
            {name} <span className="quiet">{[login, unit.name].join(' · ')}</span>
          </span>
        ),
      }))}
    />
  )
}

export function ChannelSelect({ value, onChange }: { value: NoteChannel; onChange: (channel: NoteChannel) => void }) {
  const words = useCopy().notes
  const { code } = useLanguage()
  return (
    <Select<NoteChannel>
      value={value}
      onChange={onChange}
      aria-label={words.channel}
      style={{ minWidth: 120 }}
      options={noteChannels.map((one) => ({ value: one, label: labelOf(noteChannelWords[one], code) }))}
    />
  )
}
