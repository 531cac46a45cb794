/** Putting a tag on all customers under the filter, or taking it off: what would change is said first. */
import { useQuery } from '@tanstack/react-query'
import { App, Segmented, Select } from 'antd'
import { useState } from 'react'
import { reasonLengthMin } from '../../src/contract/common.ts'
import { previewTagging, tagCustomers } from '../../src/contract/tags.ts'
import { ask, queries, reading } from '../api.ts'
import { filterOf, type ListSearch } from '../customer-search.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { Field } from './field.tsx'
import { isLongEnough } from './length-hint.tsx'
import { Note } from './note.tsx'
import { ProblemNote } from './problem.tsx'
import { Question } from './question.tsx'
import { useTagName, useTags } from './tag-mark.tsx'

export default function BulkTags({ search, onClose }: { search: ListSearch; onClose: () => void }) {
  const words = useCopy().tags
  const { message } = App.useApp()
  const name = useTagName()
  const [act, setAct] = useState<'put' | 'take'>('put')
  const [id, setId] = useState<number>()
  const [reason, setReason] = useState('')
  const tags = useTags().filter((tag) => tag.may || (act === 'take' && tag.retired))
  const filter = filterOf(search)
  const preview = useQuery({
    ...reading(previewTagging, { params: { id: id ?? 0 }, query: { ...filter, act } }),
    enabled: id !== undefined,
    staleTime: 0,
  })
  const changes = preview.data?.changes
  return (
    <Question
      title={words.bulk}
      okText={words.bulkOk[act]}
      ready={Boolean(changes) && isLongEnough(reason, reasonLengthMin)}
      send={async () => {
        try {
          const body = { filter, act, changes: changes ?? 0, reason: reason.trim() }
          return await ask(tagCustomers, { params: { id: id ?? 0 }, body })
        } catch (failure) {
          // The list may have changed: what is said below must be of now
          void preview.refetch()
          throw failure
        }
      }}
      onDone={({ changed }) => {
        message.success(words.bulkDone(countText(changed)))
        queries.invalidateQueries()
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="quiet">{words.bulkHint}</p>
          <Field name={words.act}>
            <Segmented
              value={act}
              onChange={setAct}
              aria-label={words.act}
              options={[
                { value: 'put', label: words.put },
                { value: 'take', label: words.take },
              ]}
            />
          </Field>
          <Field name={words.title}>
            <Select<number>
              value={id as number}
              onChange={setId}
              showSearch={{ optionFilterProp: 'label' }}
              placeholder={words.choose}
              aria-label={words.choose}
              style={{ width: '100%' }}
              options={tags.map((tag) => ({ value: tag.id, label: name(tag) }))}
            />
          </Field>
          {preview.data && (
            <p className="note" role="status">
              {words.preview(countText(preview.data.customers), countText(preview.data.changes))}
            </p>
          )}
          <ProblemNote failure={preview.error} />
          <Note value={reason} onChange={setReason} label={words.reason} lengthMin={reasonLengthMin} />
        </>
      )}
    </Question>
  )
}
