/** Notes that mention whoever is signed in, newest first. */
import { Link } from '@tanstack/react-router'
import { noteChannelWords } from '../../src/contract/note-words.ts'
import { listMentions } from '../../src/contract/notes.ts'
import { useCopy, useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { Instant } from '../parts/figures.tsx'
import { More } from '../parts/more.tsx'
import { NoteText } from '../parts/note-text.tsx'
import { Page, Panel } from '../parts/page.tsx'
import { Failed, Loading, Nothing } from '../parts/state.tsx'
import { labelOf } from '../session.ts'

export default function MentionsPage() {
  const words = useCopy().notes
  return (
    <Page title={words.mentions} needs="notes.read" aside={<span>{words.mentionsHint}</span>}>
      <MentionList />
    </Page>
  )
}

function MentionList() {
  const words = useCopy().notes
  const { code } = useLanguage()
  const list = usePaged(listMentions, {})
  if (list.error && list.first === undefined) return <Failed failure={list.error} onRetry={list.reload} />
  if (list.first === undefined) return <Loading rows={5} />
  if (list.rows.length === 0) return <Nothing title={words.noMentions} detail={words.noMentionsDetail} />
  return (
    <Panel flush>
      <ul className="notes">
        {list.rows.map((note) => (
          <li key={note.id}>
            <div className="row note-head">
              <Link to="/customers/$no" params={{ no: note.customerNo }} search={{ tab: 'notes' }}>
                {note.name} <span className="mono">{note.customerNo}</span>
              </Link>
              <span className="quiet">{note.unit.name}</span>
              <span className="grow" />
              <b>{note.author}</b>
              <span className="tag">{labelOf(noteChannelWords[note.channel], code)}</span>
              <span className="quiet">
                <Instant at={note.writtenAt} />
              </span>
            </div>
            <NoteText text={note.text} />
          </li>
        ))}
      </ul>
      <More list={list} />
    </Panel>
  )
}
