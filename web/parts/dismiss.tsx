/** Deciding that a quarantined row will not be mended: a reason is asked for, and kept. */
import { App } from 'antd'
import { useState } from 'react'
import { reasonLengthMin } from '../../src/contract/common.ts'
import { dismissQuarantine } from '../../src/contract/loads.ts'
import { ask, queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { isLongEnough } from './length-hint.tsx'
import { Note } from './note.tsx'
import { Question } from './question.tsx'

interface DismissProps {
  load: number
  line: string
  onDone: () => void
  onClose: () => void
}

export function DismissDialog({ load, line, onDone, onClose }: DismissProps) {
  const words = useCopy().loads
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  return (
    <Question
      title={words.dismissTitle(line)}
      okText={words.dismiss}
      danger
      ready={isLongEnough(reason, reasonLengthMin)}
      send={() => ask(dismissQuarantine, { params: { id: load }, body: { lines: [line], reason: reason.trim() } })}
      onDone={() => {
        message.success(words.dismissDone(line))
        for (const name of ['readLoad', 'listQuarantine', 'mendFirst']) queries.invalidateQueries({ queryKey: [name] })
        onDone()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="quiet">{words.dismissHint}</p>
          <Note value={reason} onChange={setReason} label={words.dismissReason} lengthMin={reasonLengthMin} />
        </>
      )}
    </Question>
  )
}
