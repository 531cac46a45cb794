/** Who reviewed a person's rights and when, and whether they have changed since. */
import type { Output } from '../../src/contract/endpoint.ts'
import type { reviewPerson } from '../../src/contract/sight.ts'
import { instantText } from '../figures.ts'
import { useCopy } from '../language.ts'

export function ReviewMark({ review }: { review: Output<typeof reviewPerson> | null }) {
  const words = useCopy().people
  if (!review) return <span className="quiet">{words.never}</span>
  return (
    <span className="row">
      {words.reviewedBy(review.by.name, instantText(review.at))}
      {review.changedSince && <span className="tag tag-warn">{words.changedSince}</span>}
    </span>
  )
}
