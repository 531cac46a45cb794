/** Beside a name of the navigation: how much waits there for the person to decide. Nothing where nothing does. */
import { useQuery } from '@tanstack/react-query'
import { checkPermissions, listApprovals } from '../../src/contract/approvals.ts'
import { listAccessRequests } from '../../src/contract/elsewhere.ts'
import { reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'

/** Requests are counted as they are read; beyond these it says 'and more'. */
const requestsShownMax = 20

interface WaitingProps {
  /** 'all': wherever something may wait. */
  at: '/approvals' | '/elsewhere' | 'all'
  /** By which `aria-describedby` finds it. */
  id?: string
}

export function Waiting({ at, id }: WaitingProps) {
  const copy = useCopy()
  const may = useMay()
  const approvals = useQuery({
    ...reading(listApprovals, { query: { view: 'toCheck', limit: 1 } }),
    enabled: at !== '/elsewhere' && may(checkPermissions),
  })
  const requests = useQuery({
    ...reading(listAccessRequests, { query: { box: 'others', status: 'open', limit: requestsShownMax } }),
    enabled: at !== '/approvals' && may('access.grant') && may('customers.find'),
  })
  const toCheck = at === '/elsewhere' ? 0 : (approvals.data?.toCheck ?? 0)
  const asked = at === '/approvals' ? undefined : requests.data
  const count = toCheck + (asked?.rows.length ?? 0)
  if (count === 0) return null
  const text = asked?.next ? `${countText(count)}+` : countText(count)
  const said = copy.shell.waiting(text)
  return (
    <span id={id} className="waiting" role="img" aria-label={said} title={said}>
      {text}
    </span>
  )
}
