/** Asking for one personal field of the filtered customers in clear: which field, why, and that somebody else decides. */
import { Alert, Segmented } from 'antd'
import { useState } from 'react'
import type { BulkRevealChange } from '../../src/contract/changes.ts'
import { proposeBulkReveal } from '../../src/contract/exports.ts'
import { ask } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { Field } from './field.tsx'

export interface BulkReveal {
  rows: number
  /** Undefined for what was found by searching, which is not asked for. */
  change: Omit<BulkRevealChange, 'field'> | undefined
}

const fields: BulkRevealChange['field'][] = ['phone', 'email', 'address']

export default function BulkRevealDialog({ asked, onClose }: { asked: BulkReveal; onClose: () => void }) {
  const copy = useCopy()
  const words = copy.bulkReveal
  const [field, setField] = useState<BulkRevealChange['field']>('phone')
  return (
    <ChangeDialog<BulkRevealChange>
      title={words.title}
      change={asked.change && { ...asked.change, field }}
      send={(change, reason) => ask(proposeBulkReveal, { body: { change, reason } })}
      onClose={onClose}
    >
      <p>{words.asked(countText(asked.rows))}</p>
      {!asked.change && <Alert type="warning" showIcon title={copy.bigExport.noSearch} />}
      <Field name={words.field}>
        <Segmented
          value={field}
          onChange={setField}
          options={fields.map((one) => ({ value: one, label: copy.facts.fields[one] }))}
          aria-label={words.field}
        />
      </Field>
    </ChangeDialog>
  )
}
