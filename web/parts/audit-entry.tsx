/** One audit entry: who it was, where it leads, and opened with what differs before and after. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Drawer } from 'antd'
import { type listAudit, readAuditEntry } from '../../src/contract/audit.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { renameField, renameValue } from '../../src/contract/naming.ts'
import { reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { useRename, useSubject } from '../naming.ts'
import { labelOf } from '../session.ts'
import { Dash, Instant } from './figures.tsx'
import { Fact, Facts } from './page.tsx'
import { Failed, Loading, Nothing } from './state.tsx'

type Entry = Output<typeof listAudit>['rows'][number]
type Opened = Output<typeof readAuditEntry>

/** The name behind an entry, with its code. */
export function WhoDid({ entry }: { entry: Entry }) {
  const words = useCopy().audit
  if (entry.who === 'strata') return <span>{words.program}</span>
  if (entry.who === 'nobody') return <span className="quiet">{words.nobody}</span>
  return (
    <span>
      {entry.whoName} <span className="mono quiet">{entry.who}</span>
    </span>
  )
}

/** What the entry speaks of, as a link where there is a page of it. */
export function RecordLink({ entry }: { entry: Entry }) {
  if (entry.customerNo) {
    return (
      <Link to="/customers/$no" params={{ no: entry.customerNo }} onClick={(event) => event.stopPropagation()}>
        {entry.customerNo}
      </Link>
    )
  }
  if (entry.nounId === null) return <Dash />
  if (entry.noun === 'load' || entry.noun === 'night') {
    return (
      <Link
        to={entry.noun === 'load' ? '/loads/$id' : '/nights/$id'}
        params={{ id: entry.nounId }}
        onClick={(event) => event.stopPropagation()}
      >
        {entry.nounId}
      </Link>
    )
  }
  return <RecordName entry={entry} code={entry.nounId} />
}

/** With its code where the name does not tell which. */
function RecordName({ entry: { nounName }, code }: { entry: Entry; code: string }) {
  const { code: reads } = useLanguage()
  const codeText = <span className="mono quiet">{code}</span>
  if (!nounName) return codeText
  return (
    <span>
      {labelOf(nounName, reads)} {nounName.needsCode && codeText}
    </span>
  )
}

export function AuditEntryDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const words = useCopy().audit
  // Opening is itself an entry, so it is not done again while the drawer stands.
  const entry = useQuery({ ...reading(readAuditEntry, { params: { id } }), staleTime: Number.POSITIVE_INFINITY })
  return (
    <Drawer open title={words.entry(id)} onClose={onClose} size={560}>
      {entry.error ? (
        <Failed failure={entry.error} onRetry={() => void entry.refetch()} />
      ) : entry.data ? (
        <OpenedEntry entry={entry.data} />
      ) : (
        <Loading rows={4} />
      )}
    </Drawer>
  )
}

function OpenedEntry({ entry }: { entry: Opened }) {
  const words = useCopy().audit
  return (
    <>
      <Facts>
        <Fact name={words.action}>{words.actions[entry.action] ?? entry.action}</Fact>
        <Fact name={words.record}>
          <RecordLink entry={entry} />
        </Fact>
        <Fact name={words.who}>
          <WhoDid entry={entry} />
        </Fact>
        <Fact name={words.at}>
          <Instant at={entry.at} />
        </Fact>
        <Fact name={words.address}>{entry.address}</Fact>
        <Fact name={words.reason}>{entry.reason}</Fact>
        <Fact name={words.seal}>{entry.sealed ? words.sealed(countText(entry.sealed.seq)) : words.pending}</Fact>
        {entry.sealed && (
          <Fact name={words.hash}>
            <span className="mono breakable">{entry.sealed.hash}</span>
          </Fact>
        )}
      </Facts>
      {entry.erased && <p className="warn">{words.erased}</p>}
      {entry.differences.length === 0 ? <Nothing title={words.noDifference} /> : <Differences entry={entry} />}
    </>
  )
}

function Differences({ entry }: { entry: Opened }) {
  const words = useCopy().audit
  const rename = useRename()(entry.names)
  return (
    <table className="differences">
      <thead>
        <tr>
          <th scope="col" className="difference-name">
            {words.field}
          </th>
          <th scope="col" className="difference-name">
            {words.before}
          </th>
          <th scope="col" className="difference-name">
            {words.after}
          </th>
        </tr>
      </thead>
      <tbody>
        {entry.differences.map(({ field, before, after }) => (
          <tr key={field}>
            <th scope="row" className="difference-name">
              {renameField(field, rename)}
            </th>
            <td className="difference-value">
              <Value entry={entry} text={before} field={field} />
            </td>
            <td className="difference-value">
              <Value entry={entry} text={after} field={field} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** JSON as people read it: names for codes, a plain text without its quotes. */
function Value({ entry: { names }, text, field }: { entry: Opened; text: string | null; field: string }) {
  const rename = useRename()(names)
  const subject = useSubject()
  if (text === null) return <Dash />
  const value: unknown = JSON.parse(text)
  if (field === 'subject' && typeof value === 'string') return <span>{subject({ subject: value, names })}</span>
  const renamed = renameValue(value, rename, field)
  return <span className="mono">{typeof renamed === 'string' ? renamed : JSON.stringify(renamed)}</span>
}
