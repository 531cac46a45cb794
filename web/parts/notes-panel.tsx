/** Notes on a customer: writing one, the pinned ones above, the rest newest first. */
import { PushpinFilled } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button } from 'antd'
import { useState } from 'react'
import { noteChannelWords } from '../../src/contract/note-words.ts'
import { listNotes, noteChannels, pinNote, writeNote } from '../../src/contract/notes.ts'
import { ask, queries } from '../api.ts'
import { useDraft } from '../drafts.ts'
import { useCopy, useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { labelOf, useMay } from '../session.ts'
import { Instant } from './figures.tsx'
import { More } from './more.tsx'
import { EditionsDialog, EditNoteDialog, type NoteShown, WithdrawNoteDialog } from './note-dialogs.tsx'
import { ChannelSelect, type NoteChannel, NoteField, NoteText } from './note-text.tsx'
import { Panel } from './page.tsx'
import { ProblemNote, useRefusal } from './problem.tsx'
import { Failed, Loading, Nothing } from './state.tsx'

const renew = () => queries.invalidateQueries({ queryKey: ['listNotes'] })

export function NotesPanel({ no, erased }: { no: string; erased: boolean }) {
  const words = useCopy().notes
  const may = useMay()
  const list = usePaged(listNotes, { params: { no } })
  const [doing, setDoing] = useState<{ act: 'edit' | 'withdraw' | 'editions'; note: NoteShown }>()
  if (list.error && list.first === undefined) return <Failed failure={list.error} onRetry={list.reload} />
  if (list.first === undefined) return <Loading rows={5} />
  const all = [...list.first.pinned, ...list.rows]
  const close = () => setDoing(undefined)
  const done = () => {
    void renew()
    close()
  }
  const latest = all.find(({ id }) => id === doing?.note.id)
  return (
    <div className="stack">
      {may('notes.write') && !erased && <NewNote no={no} />}
      <Panel title={words.title} flush>
        {all.length === 0 ? (
          <Nothing title={words.none} detail={words.noneDetail} />
        ) : (
          <ul className="notes">
            {all.map((note) => (
              <OneNote key={note.id} note={note} onAct={(act) => setDoing({ act, note })} />
            ))}
          </ul>
        )}
        <More list={list} />
      </Panel>
      {doing?.act === 'edit' && <EditNoteDialog note={doing.note} latest={latest} onDone={done} onClose={close} />}
      {doing?.act === 'withdraw' && <WithdrawNoteDialog note={doing.note} onDone={done} onClose={close} />}
      {doing?.act === 'editions' && <EditionsDialog note={doing.note} onClose={close} />}
    </div>
  )
}

function NewNote({ no }: { no: string }) {
  const words = useCopy().notes
  const { message } = App.useApp()
  const [text, setText] = useDraft(`note.${no}`)
  const [kept, setKept] = useDraft(`note.${no}.channel`)
  const channel: NoteChannel = noteChannels.find((one) => one === kept) ?? 'phone'
  const sending = useMutation({
    mutationFn: () => ask(writeNote, { params: { no }, body: { channel, text: text.trim() } }),
    onSuccess: () => {
      setText('')
      setKept('')
      message.success(words.saved)
      void renew()
    },
  })
  return (
    <Panel title={words.write} extra={<ChannelSelect value={channel} onChange={setKept} />}>
      <div className="stack">
        <NoteField label={words.write} value={text} onChange={setText} />
        <ProblemNote failure={sending.error} />
        <div className="row note-foot">
          <span className="quiet">{text.trim() ? words.draft : words.hidden}</span>
          <span className="grow" />
          {text.trim() && <Button onClick={() => setText('')}>{words.clear}</Button>}
          <Button
            type="primary"
            disabled={!text.trim()}
            loading={sending.isPending}
            title={words.mentionHint}
            onClick={() => sending.mutate()}
          >
            {words.save}
          </Button>
        </div>
      </div>
    </Panel>
  )
}

function OneNote({ note, onAct }: { note: NoteShown; onAct: (act: 'edit' | 'withdraw' | 'editions') => void }) {
  const words = useCopy().notes
  const { code } = useLanguage()
  const refused = useRefusal()
  const pinning = useMutation({
    mutationFn: () => ask(pinNote, { params: { id: note.id }, body: { pinned: !note.pinned } }),
    onSuccess: renew,
    onError: refused,
  })
  const { may, withdrawn, edition } = note
  return (
    <li>
      <div className="row note-head">
        {note.pinned && <PushpinFilled className="note-pin" aria-label={words.pinned} />}
        <b>{note.author}</b>
        <span className="tag">{labelOf(noteChannelWords[note.channel], code)}</span>
        <span className="quiet">
          <Instant at={note.writtenAt} />
        </span>
        {note.recordedAt !== note.writtenAt && <span className="tag">{words.brought}</span>}
        {edition > 1 && (
          <Button size="small" type="link" onClick={() => onAct('editions')}>
            {words.edited(edition - 1)}
          </Button>
        )}
        <span className="note-acts">
          {may.pin && (
            <Button size="small" type="text" loading={pinning.isPending} onClick={() => pinning.mutate()}>
              {note.pinned ? words.unpin : words.pin}
            </Button>
          )}
          {may.edit && (
            <Button size="small" type="text" onClick={() => onAct('edit')}>
              {words.edit}
            </Button>
          )}
          {may.withdraw && (
            <Button size="small" type="text" onClick={() => onAct('withdraw')}>
              {words.withdraw}
            </Button>
          )}
        </span>
      </div>
      <NoteText text={note.text} struck={withdrawn !== null} />
      {withdrawn && (
        <p className="quiet">
          {words.withdrawn(withdrawn.by, withdrawn.reason)} · <Instant at={withdrawn.at} />
        </p>
      )}
    </li>
  )
}
