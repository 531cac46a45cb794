/** An export above the free limit: asking a second person for it, with a reason. */
import { Alert } from 'antd'
import type { ExportChange } from '../../src/contract/changes.ts'
import { proposeExport } from '../../src/contract/exports.ts'
import { ask } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { ChangeDialog } from './change-dialog.tsx'

export interface BigExport {
  rows: number
  limit: number
  /** Undefined for what was found by searching, which is not asked for. */
  change: ExportChange | undefined
}

export default function BigExportDialog({ asked, onClose }: { asked: BigExport; onClose: () => void }) {
  const words = useCopy().bigExport
  return (
    <ChangeDialog
      title={words.title}
      change={asked.change}
      send={(change, reason) => ask(proposeExport, { body: { change, reason } })}
      onClose={onClose}
    >
      <p>{words.asked(countText(asked.rows), countText(asked.limit))}</p>
      {!asked.change && <Alert type="warning" showIcon title={words.noSearch} />}
    </ChangeDialog>
  )
}
