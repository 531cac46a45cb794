/** Accepting or declining a selection, with a note; the same dialog for proposals and corrected nights. */
import { App } from 'antd'
import { useState } from 'react'
import { queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { Note } from './note.tsx'
import { Question } from './question.tsx'

export type Decision = 'accepted' | 'declined'

interface DecideProps {
  decision: Decision
  count: number
  decide: (decision: Decision, note: string | undefined) => Promise<{ decided: number }>
  onDone: () => void
  onClose: () => void
}

export function DecideDialog({ decision, count, decide, onDone, onClose }: DecideProps) {
  const words = useCopy().proposals
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  return (
    <Question
      title={decision === 'accepted' ? words.acceptTitle(count) : words.declineTitle(count)}
      okText={decision === 'accepted' ? words.accept : words.decline}
      danger={decision === 'declined'}
      send={() => decide(decision, note.trim() || undefined)}
      onDone={({ decided }) => {
        message.success(words.done(decided))
        queries.invalidateQueries()
        onDone()
      }}
      onClose={onClose}
    >
      {() => <Note value={note} onChange={setNote} label={words.note} />}
    </Question>
  )
}
