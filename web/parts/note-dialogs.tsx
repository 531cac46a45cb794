/** Dialogs about one note: editing it, withdrawing it, reading what it said before. */
import { useQuery } from '@tanstack/react-query'
import { Modal } from 'antd'
import { useState } from 'react'
import { reasonLengthMin } from '../../src/contract/common.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { noteChannelWords } from '../../src/contract/note-words.ts'
import { editNote, type listNotes, readNoteEditions, withdrawNote } from '../../src/contract/notes.ts'
import { ask, problemFrom, reading } from '../api.ts'
import { useCopy, useLanguage } from '../language.ts'
import { labelOf } from '../session.ts'
import { Instant } from './figures.tsx'
import { isLongEnough } from './length-hint.tsx'
import { Note } from './note.tsx'
import { ChannelSelect, NoteField, NoteText } from './note-text.tsx'
import { Question } from './question.tsx'
import { Answered } from './state.tsx'

export type NoteShown = Output<typeof listNotes>['rows'][number]

interface DialogProps {
  note: NoteShown
  onDone: () => void
  onClose: () => void
}

/** Where somebody was faster, what the note says now stands above what was typed, which is kept. */
export function EditNoteDialog({ note, latest, onDone, onClose }: DialogProps & { latest: NoteShown | undefined }) {
  const words = useCopy().notes
  const [text, setText] = useState(note.text)
  const [channel, setChannel] = useState(note.channel)
  const [stale, setStale] = useState(false)
  const now = latest ?? note
  return (
    <Question
      title={words.editTitle}
      okText={words.save}
      ready={text.trim().length > 0}
      send={async () => {
        const edition = stale ? now.edition : note.edition
        try {
          return await ask(editNote, { params: { id: note.id }, body: { edition, channel, text: text.trim() } })
        } catch (failure) {
          if (problemFrom(failure).code === 'note_changed') setStale(true)
          throw failure
        }
      }}
      onDone={onDone}
      onClose={onClose}
    >
      {() => (
        <>
          {stale && now.edition !== note.edition && (
            <div className="note note-warn">
              {words.changedMeanwhile}
              <NoteText text={now.text} />
            </div>
          )}
          <ChannelSelect value={channel} onChange={setChannel} />
          <NoteField label={words.title} value={text} onChange={setText} autoFocus />
        </>
      )}
    </Question>
  )
}

export function WithdrawNoteDialog({ note, onDone, onClose }: DialogProps) {
  const words = useCopy().notes
  const [reason, setReason] = useState('')
  return (
    <Question
      title={words.withdrawTitle}
      okText={words.withdraw}
      danger
      ready={isLongEnough(reason, reasonLengthMin)}
      send={() => ask(withdrawNote, { params: { id: note.id }, body: { reason: reason.trim() } })}
      onDone={onDone}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="quiet">{words.withdrawHint}</p>
          <Note value={reason} onChange={setReason} label={words.reason} lengthMin={reasonLengthMin} autoFocus />
        </>
      )}
    </Question>
  )
}

export function EditionsDialog({ note, onClose }: { note: NoteShown; onClose: () => void }) {
  const words = useCopy().notes
  const { code } = useLanguage()
  const editions = useQuery(reading(readNoteEditions, { params: { id: note.id } }))
  return (
    <Modal open title={words.editions} footer={null} onCancel={onClose} width={560}>
      <Answered query={editions} rows={3}>
        {(answer) => (
          <ul className="notes">
            {answer.editions.map((one) => (
              <li key={one.edition}>
                <p className="quiet">
                  {labelOf(noteChannelWords[one.channel], code)} · {words.replaced} <Instant at={one.replacedAt} />
                </p>
                <NoteText text={one.text} />
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </Modal>
  )
}
