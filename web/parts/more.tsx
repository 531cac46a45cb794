/** Under a list that is read page by page: reading on, and what came in the way of it. */
import { Button } from 'antd'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import type { Paged } from '../paged.ts'
import { ProblemNote } from './problem.tsx'

/** Nothing for a list that has been read to its end, and for one without rows, whose place says what came in the way. */
export function More({ list: { rows, error, loading, more } }: { list: Paged<unknown> }) {
  const words = useCopy().common
  if (rows.length === 0 || !(more || error)) return null
  return (
    <div className="more">
      {more && (
        <Button onClick={more} loading={loading}>
          {words.loadMore}
        </Button>
      )}
      <span className="quiet">{words.rows(countText(rows.length))}</span>
      <ProblemNote failure={error} />
    </div>
  )
}
